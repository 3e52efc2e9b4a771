"""The recorded documents fit the schema, and each is sent by something."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

from oap.query.graphql.schema import build_schema
from tests.oap.query.graphql.recorded import CLIENTS, cases

DOCUMENTS = sorted(CLIENTS.glob("*/*.graphql"))
# Sent before every command.
PREAMBLE = {"time", "version", "find-service"}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_document_fits_the_schema(file: Path, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(file.read_text(encoding="utf-8"))) == []


def test_every_document_is_sent() -> None:
    commands = {case["document"] for case in cases("swctl", "commands")} | PREAMBLE
    pages = {request.get("document", "") for page in cases("ui", "pages") for request in page["requests"]} - {""}
    sent = {f"swctl/{name}" for name in commands} | {f"ui/{name}" for name in pages}
    assert {f"{file.parent.name}/{file.stem}" for file in DOCUMENTS} == sent
