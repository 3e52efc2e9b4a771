"""Where a copy comes from and goes to: stores named on the command line, with all else from the configuration."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from oap.config.config import Config
from oap.config.finding import near_match
from oap.config.load import load_storage_section
from oap.config.sections import StorageSection
from oap.config.setting import settings_of

CONFIGURED: Final = "config"
FORMS: Final = "config, duckdb:PATH, mysql:JDBC-URL or elasticsearch:URL"

_PASSWORD: Final = re.compile(r"//[^/@?]*:[^/@?]*@")
_WITH_PORT: Final = re.compile(r":\d+$")
_PORT: Final = "9200"
_OF_URL: Final = ("namespace", "logicSharding", "dayStep")


class PlaceError(Exception):
    """A store is named in a way that cannot be understood; the text says how to name it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A store: its backend, its settings, and how it is called in front of people, without secrets."""

    selector: str
    settings: StorageSection
    shown: str


@dataclass(frozen=True, slots=True)
class Places:
    """Understands the names of stores. ``environ`` may name user and password of either side apart."""

    config: Config
    environ: Mapping[str, str]

    def place(self, text: str, side: str = "") -> Place:
        """The store of this name; ``side`` is FROM or TO where there are two.

        Raises PlaceError, and ConfigError for the section of its backend.
        """
        if text == CONFIGURED:
            return _shown(self.config.selectors["storage"], self.config.storage)
        if _PASSWORD.search(text):
            raise PlaceError(
                "a password on the command line is seen by everyone on this machine; leave it out and set"
                f" {f'OAP_COPY_{side}_PASSWORD' if side else 'SW_DATA_SOURCE_PASSWORD or SW_ES_PASSWORD'}"
            )
        kind, separator, rest = text.partition(":")
        if kind == "jdbc":
            kind, rest = "mysql", text
        understood = _KINDS.get(kind)
        if understood is None or not separator or not rest:
            hint = near_match(kind, _KINDS) if separator else f"a file is duckdb:{text}"
            raise PlaceError(f"'{text}' names no store; write {FORMS} ({hint})")
        section = self._with_secrets(load_storage_section(self.config.directory, self.environ, kind), side)
        return _shown(kind, understood(section, rest))

    def _with_secrets(self, section: StorageSection, side: str) -> StorageSection:
        if not side:
            return section
        names = {field.name for field in dataclasses.fields(section)}
        given = {name: self.environ.get(f"OAP_COPY_{side}_{name.upper()}") for name in ("user", "password")}
        changed = {name: value for name, value in given.items() if value is not None and name in names}
        return _replaced(section, changed)


def _duckdb(section: StorageSection, rest: str) -> StorageSection:
    return _replaced(section, {"path": str(Path(rest).expanduser())})


def _mysql(section: StorageSection, rest: str) -> StorageSection:
    url = urlsplit(rest.removeprefix("jdbc:"))
    user, _, host = url.netloc.rpartition("@")
    if url.scheme not in {"", "mysql", "mariadb"} or not host or not url.path.strip("/"):
        raise PlaceError(f"'{rest}' is no URL of a database; write mysql:jdbc:mysql://HOST:3306/DATABASE")
    query = f"?{url.query}" if url.query else ""
    changed = {"jdbc_url": f"jdbc:mysql://{host}{url.path}{query}"}
    return _replaced(section, changed | ({"user": user} if user else {}))


def _elasticsearch(section: StorageSection, rest: str) -> StorageSection:
    url = urlsplit(rest if "//" in rest else f"//{rest}")
    user, _, hosts = url.netloc.rpartition("@")
    if url.scheme not in {"", "http", "https"} or not hosts or url.path.strip("/"):
        raise PlaceError(f"'{rest}' is no URL of a cluster; write elasticsearch:http://HOST:9200")
    nodes = tuple(host if _WITH_PORT.search(host) else f"{host}:{_PORT}" for host in hosts.split(","))
    said = {name: value for name, value in (("protocol", url.scheme), ("user", user)) if value}
    return _replaced(section, {"cluster_nodes": nodes, **said, **_given(section, url.query)})


def _given(section: StorageSection, query: str) -> Mapping[str, object]:
    """Settings behind the question mark of a URL: what tells two sets of indices in one cluster apart."""
    known = {setting.limits.key: setting for setting in settings_of(type(section)) if setting.limits.key in _OF_URL}
    found: dict[str, object] = {}
    for key, text in parse_qsl(query, keep_blank_values=True):
        if key not in known:
            raise PlaceError(f"'{key}' of the URL is no setting here; {near_match(key, known)}")
        try:
            found[known[key].attribute] = known[key].parse(text)
        except ValueError as error:
            raise PlaceError(f"'{key}' of the URL must be {error}, found '{text}'") from None
    return found


_KINDS: Final[Mapping[str, Callable[[StorageSection, str], StorageSection]]] = {
    "duckdb": _duckdb,
    "mysql": _mysql,
    "elasticsearch": _elasticsearch,
}


def _replaced(section: StorageSection, changed: Mapping[str, object]) -> StorageSection:
    return dataclasses.replace(section, **changed)  # type: ignore[arg-type]  # (values are of the settings' own types)


def _shown(selector: str, section: StorageSection) -> Place:
    return Place(selector, section, place_text(selector, section))


def place_text(selector: str, section: object) -> str:
    """Where a store is, as the command line takes it; parameters of a JDBC URL are left out."""
    if selector == "mysql":
        return f"mysql:{str(getattr(section, 'jdbc_url', '')).partition('?')[0]}"
    if selector == "elasticsearch":
        protocol, nodes = getattr(section, "protocol", ""), getattr(section, "cluster_nodes", ())
        namespace = getattr(section, "namespace", "")
        return f"elasticsearch:{protocol}://{','.join(nodes)}" + (f"?namespace={namespace}" if namespace else "")
    return f"duckdb:{Path(getattr(section, 'path', '')).absolute()}"
