"""The executable schema."""

from importlib.resources import files

from ariadne import ScalarType, make_executable_schema
from graphql import GraphQLError, GraphQLSchema

from oap.query.graphql import (
    dashboards_fields,
    metadata_fields,
    metrics_fields,
    other_features_fields,
    server_fields,
    single_metrics_fields,
    topology_fields,
)

_FIELDS = (
    server_fields.query,
    server_fields.mutation,
    metadata_fields.query,
    topology_fields.query,
    metrics_fields.query,
    single_metrics_fields.query,
    dashboards_fields.query,
    dashboards_fields.mutation,
    other_features_fields.query,
    other_features_fields.mutation,
)
_LONG_LIMIT = 2**63


def build_schema() -> GraphQLSchema:
    """All schema files with their resolvers. Fields and arguments are snake_case on the Python side."""
    folder = files("oap.query.graphql")
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".graphqls")]
    long = ScalarType("Long", value_parser=_long)
    return make_executable_schema(texts, long, *_FIELDS, convert_names_case=True)


def _long(value: object) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not -_LONG_LIMIT <= value < _LONG_LIMIT:  # type: ignore[operator]
        raise GraphQLError(f"Long cannot represent {value!r}")
    return value  # type: ignore[return-value]
