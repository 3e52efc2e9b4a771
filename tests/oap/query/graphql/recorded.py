"""Requests of stock clients: documents and variables in files, sent as those clients send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

CLIENTS = Path(__file__).parents[3] / "cases/clients"
JSON = "application/json"
SWCTL_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one server. ``names`` are what ``$name`` stands for in variables and answers."""

    http: httpx.Client
    names: Mapping[str, Any]
    media_type: str = SWCTL_JSON

    def send(self, document: str, variables: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Data of the answer to a document, which must be free of errors."""
        headers = {"Content-Type": self.media_type, "Accept": self.media_type}
        body = {"query": document, "variables": self.filled(variables)}
        answer = self.http.post("/graphql", json=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, JSON), answer.text
        found: Mapping[str, Any] = answer.json()
        assert found.keys() == {"data"}, found
        data: Mapping[str, Any] = found["data"]
        return data

    def filled(self, tree: Any) -> Any:
        """The same tree with the meaning of each ``$name`` in its place."""
        if isinstance(tree, Mapping):
            return {key: self.filled(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.filled(value) for value in tree]
        if isinstance(tree, str) and tree.startswith("$"):
            return self.names[tree.removeprefix("$")]
        return tree

    def run(self, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """What a command of swctl gets."""
        return self.send(swctl(document), variables)["result"]


def swctl(document: str) -> str:
    """Text of a document that swctl sends."""
    return (CLIENTS / "swctl" / f"{document}.graphql").read_text(encoding="utf-8")


def cases(client: str, name: str) -> list[dict[str, Any]]:
    """List of requests in a file of a client."""
    found: list[dict[str, Any]] = yaml.safe_load((CLIENTS / client / f"{name}.yml").read_text(encoding="utf-8"))
    return found
