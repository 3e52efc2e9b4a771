"""Lists that are answered by columns look like any others."""

from ariadne import QueryType, make_executable_schema
from graphql import ExecutionResult, execute_sync, parse

from oap.query.columns import ColumnExecutor, Columns

_SCHEMA = "type Query { points: [Point!]!, none: [Point!]! } type Point { id: ID, value: String, owner: Owner } type Owner { id: ID }"
_QUERY = """{
    points { name: id ...rest ... on Point { __typename again: id @skip(if: true) } }
    none { id }
    only: points { value @include(if: false) }
}
fragment rest on Point { value owner { id } }"""


def _answer(points: object, none: object) -> ExecutionResult:
    query = QueryType()
    query.set_field("points", lambda *_: points)
    query.set_field("none", lambda *_: none)
    schema = make_executable_schema(_SCHEMA, query)
    return execute_sync(schema, parse(_QUERY), executor_class=ColumnExecutor)


def test_columns_are_answered_as_rows_are() -> None:
    columns = Columns(2, {"id": ("1", "2"), "value": ["10", None], "owner": [None, None]})
    rows = [{"id": "1", "value": "10", "owner": None}, {"id": "2", "value": None, "owner": None}]
    by_columns, by_rows = _answer(columns, Columns(0, {"id": []})), _answer(rows, [])
    assert by_columns == by_rows
    assert by_columns.data == {
        "points": [
            {"name": "1", "value": "10", "owner": None, "__typename": "Point"},
            {"name": "2", "value": None, "owner": None, "__typename": "Point"},
        ],
        "none": [],
        "only": [{}, {}],
    }
