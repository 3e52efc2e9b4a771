"""Lists that are answered by columns look like any others."""

from ariadne import ObjectType, QueryType, make_executable_schema
from graphql import ExecutionResult, execute_sync, parse

from oap.query.columns import ColumnExecutor, Columns, Known
from oap.storage.read_limit import ReadLimit, limited_by

_SCHEMA = """
    type Query { points: [Point!]!, none: [Point!]!, whole: Whole! }
    type Point { id: ID, value: String, owner: Owner }
    type Owner { id: ID }
    type Whole { kind: String!, empty: Owner, owner: Owner, parts: [Part!]!, words: [String!]! }
    type Part { points: [Point!]!, name: String }
"""
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


_WHOLE = """{ whole {
    __typename kind again: kind empty { id } owner { id } words
    parts { name points { id } points { value owner { id } } ... on Part { same: name } }
} }"""
_PARTS: list[dict[str, object]] = [{"name": "a"}, {"name": None}]
_POINTS = Columns(1, {"id": ["1"], "value": ["10"], "owner": [None]})
_REST: dict[str, object] = {"kind": "k", "empty": None, "owner": {"id": "o"}, "words": ["x", "y"]}


def test_a_known_object_is_answered_as_any_other() -> None:
    query = QueryType()
    schema = make_executable_schema(_SCHEMA, query)
    root = schema.query_type
    assert root is not None
    answers = []
    for known in (
        Known({**_REST, "parts": [{**part, "points": _POINTS} for part in _PARTS]}),
        {**_REST, "parts": [{**part, "points": [{"id": "1", "value": "10", "owner": None}]} for part in _PARTS]},
    ):
        root.fields["whole"].resolve = lambda *_, answer=known: answer
        answers.append(execute_sync(schema, parse(_WHOLE), executor_class=ColumnExecutor))
    assert answers[0] == answers[1]
    assert answers[0].errors is None
    points = [{"id": "1", "value": "10", "owner": None}]
    assert answers[0].data == {
        "whole": {
            "__typename": "Whole",
            "kind": "k",
            "again": "k",
            "empty": None,
            "owner": {"id": "o"},
            "words": ["x", "y"],
            "parts": [{"name": name, "points": points, "same": name} for name in ("a", None)],
        }
    }


def test_once_the_limit_stops_work_no_further_object_is_answered() -> None:
    limit, answered = ReadLimit(3600), list[str]()

    def answer(point: dict[str, str], _: object) -> str:
        answered.append(point["id"])
        if point["id"] == "2":
            limit.stop()
        return point["id"]

    query, points = QueryType(), ObjectType("Point")
    query.set_field("points", lambda *_: [{"id": str(number)} for number in range(9)])
    points.set_field("id", answer)
    schema = make_executable_schema(_SCHEMA, query, points)
    with limited_by(limit):
        result = execute_sync(schema, parse("{ points { id } again: points { id } }"), executor_class=ColumnExecutor)
    assert answered == ["0", "1", "2"]
    assert result.data is None
    assert [error.message for error in result.errors or ()] == ["nobody waits for the answer any more"]
