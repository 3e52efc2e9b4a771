"""The schema files say what the tables of spec query 1.3 to 1.6 say, name by name."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gql
import httpx
import pytest
import yaml
from gql.transport.httpx import HTTPXTransport
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
    parse_type,
    print_ast,
    print_schema,
)
from graphql import build_schema as build_printed_schema
from graphql.language import FieldDefinitionNode, ObjectTypeDefinitionNode
from graphql.language import parse as parse_document

from oap.query.graphql.schema import build_schema

TABLES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases/graphql/schema.yml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


def listed_signatures(table: Mapping[str, str]) -> Mapping[str, str]:
    """Fields of a table in the same form as those of the schema, whatever the order of arguments."""
    return {name: _listed(text) for name, text in table.items()}


def _listed(text: str) -> str:
    definition = text if text.startswith("(") else f": {text}"
    [parsed] = parse_document(f"type T {{ f{definition} }}").definitions
    assert isinstance(parsed, ObjectTypeDefinitionNode)
    assert parsed.fields is not None
    field: FieldDefinitionNode = parsed.fields[0]
    return _signature({one.name.value: print_ast(one.type) for one in field.arguments or ()}, print_ast(field.type))


def found_signatures(fields: Mapping[str, GraphQLField]) -> Mapping[str, str]:
    """Fields of a type of the schema with arguments and type."""
    return {
        name: _signature({key: str(value.type) for key, value in field.args.items()}, str(field.type))
        for name, field in fields.items()
    }


def _signature(arguments: Mapping[str, str], of: str) -> str:
    return f"({', '.join(sorted(f'{name}: {type_}' for name, type_ in arguments.items()))}): {of}"


def test_queries_are_exactly_those_of_the_tables(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    assert found_signatures(schema.query_type.fields) == listed_signatures(TABLES["queries"])


def test_mutations_are_exactly_those_of_the_tables(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    assert found_signatures(schema.mutation_type.fields) == listed_signatures(TABLES["mutations"])


@pytest.mark.parametrize("name", TABLES["types"])
def test_type_has_exactly_the_fields_of_the_table(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    assert {key: str(field.type) for key, field in found.fields.items()} == _typed(TABLES["types"][name])
    assert not any(field.args for field in found.fields.values())


@pytest.mark.parametrize("name", TABLES["inputs"])
def test_input_has_exactly_the_members_of_the_table(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLInputObjectType)
    assert {key: str(field.type) for key, field in found.fields.items()} == _typed(TABLES["inputs"][name])


def _typed(table: Mapping[str, str]) -> Mapping[str, str]:
    return {name: print_ast(parse_type(text)) for name, text in table.items()}


@pytest.mark.parametrize("name", TABLES["enums"])
def test_enum_has_exactly_the_values_of_the_table(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLEnumType)
    assert set(found.values) == set(TABLES["enums"][name])


@pytest.mark.parametrize("name", TABLES["members"])
def test_type_without_a_table_has_exactly_the_members_that_are_named(name: str, schema: GraphQLSchema) -> None:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInputObjectType)
    # Traces of how logs were read can be asked for although only their lists are named.
    assert set(found.fields) - {"debuggingTrace"} == set(TABLES["members"][name])


def test_every_query_and_mutation_has_a_resolver(schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    fields = {**schema.query_type.fields, **schema.mutation_type.fields}
    assert [
        name for name, field in fields.items() if not getattr(field.resolve, "__module__", "").startswith("oap.")
    ] == []


def test_introspection_over_http_gives_the_whole_schema(cluster_url: str, schema: GraphQLSchema) -> None:
    query = get_introspection_query(descriptions=True)
    answer = httpx.post(f"{cluster_url}/graphql", json={"query": query}, timeout=60).json()
    assert "errors" not in answer
    assert print_schema(build_client_schema(answer["data"])) == print_schema(schema)


@pytest.fixture
def session(cluster_url: str) -> gql.Client:
    """A public client that fetches the schema by introspection and checks requests against it."""
    transport = HTTPXTransport(url=f"{cluster_url}/graphql")
    return gql.Client(transport=transport, fetch_schema_from_transport=True)


def test_a_public_client_introspects_and_asks(session: gql.Client, schema: GraphQLSchema) -> None:
    with session as connected:
        assert connected.client.schema is not None
        assert print_schema(connected.client.schema) == print_schema(schema)
        request = gql.gql("query ($name: String!) { findService(serviceName: $name) { name } }")
        request.variable_values = {"name": "details.bookinfo"}
        found = connected.execute(request)
    assert found == {"findService": {"name": "details.bookinfo"}}


def test_a_program_of_its_own_prints_the_schema(cluster_url: str, schema: GraphQLSchema) -> None:
    program = Path(sys.executable).with_name("gql-cli")
    command = [
        str(program),
        f"{cluster_url}/graphql",
        "--transport",
        "httpx",
        "--print-schema",
        "--execute-timeout",
        "60",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert print_schema(build_printed_schema(done.stdout)) == print_schema(schema)
