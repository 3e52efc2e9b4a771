"""The comparison itself can fail: every planted difference is found and named."""

from collections.abc import Mapping

import pyarrow as pa
import pytest

from tests.equality.tables import Tables, differences, without_shared_pings

MINUTE = "minute_K8SService"
ROWS: Tables = {
    MINUTE: pa.table(
        {
            "time_bucket": [1, 1, 2],
            "entity_id": ["a", "b", "a"],
            "cpm.value": [5, None, 7],
            "percentile.dataset": ["1,2|3,4", "1,1", None],
        }
    ),
    "service_relation_day": pa.table(
        {"bucket": [1], "is_server_side": [True], "entity_id": ["a-b"], "component_ids": ["49|129"]}
    ),
    "instance_traffic": pa.table({"instance_id": ["i", "o"], "name": ["web-0", "odd-client-0"], "last_ping": [1, 2]}),
}


def changed(table: str, column: str, values: list[object]) -> Tables:
    at = ROWS[table].column_names.index(column)
    kind = ROWS[table].schema.field(column).type
    return {**ROWS, table: ROWS[table].set_column(at, column, pa.array(values, kind))}


def test_equal_tables_have_no_differences() -> None:
    empty = pa.table({"bucket": pa.array([], pa.int64())})
    unused = {MINUTE: ROWS[MINUTE].append_column("other.value", pa.array([None, None, None], pa.int64()))}
    assert differences(ROWS, ROWS) == []
    assert differences(ROWS, {**ROWS, "instance_relation_day": empty}) == []
    assert differences({**ROWS, **unused}, ROWS) == []


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            changed(MINUTE, "cpm.value", [5, None, 8]),
            "minute_K8SService: cpm.value differs in 1 rows: (2, 'a') is 8 and should be 7",
        ),
        (
            changed(MINUTE, "cpm.value", [5, 0, 7]),
            "minute_K8SService: cpm.value differs in 1 rows: (1, 'b') is 0 and should be None",
        ),
        (
            changed(MINUTE, "cpm.value", [None, None, 7]),
            "minute_K8SService: cpm.value differs in 1 rows: (1, 'a') is None and should be 5",
        ),
        (
            changed(MINUTE, "percentile.dataset", ["1,2|3,5", "1,1", None]),
            "minute_K8SService: percentile.dataset differs in 1 rows: (1, 'a') is '1,2|3,5' and should be '1,2|3,4'",
        ),
        (
            changed("service_relation_day", "component_ids", ["49"]),
            "service_relation_day: component_ids differs in 1 rows: (1, True, 'a-b') is '49' and should be '49|129'",
        ),
        (
            {**ROWS, MINUTE: ROWS[MINUTE].slice(1)},
            "minute_K8SService: 1 rows are missing: [(1, 'a')]",
        ),
        (
            {**ROWS, MINUTE: pa.concat_tables([ROWS[MINUTE], ROWS[MINUTE].slice(2)])},
            "minute_K8SService: rows occur twice: 4 instead of 3",
        ),
        (
            {**ROWS, MINUTE: ROWS[MINUTE].drop_columns(["cpm.value"])},
            "minute_K8SService: cpm.value differs in 2 rows: (1, 'a') is None and should be 5; (2, 'a') is None and should be 7",
        ),
        (
            {name: table for name, table in ROWS.items() if name != "service_relation_day"},
            "service_relation_day: only expected, with 1 rows",
        ),
        (
            {**ROWS, "endpoint_traffic": ROWS["instance_traffic"]},
            "endpoint_traffic: only found, with 2 rows",
        ),
    ],
)
def test_planted_difference_is_found(found: Mapping[str, pa.Table], text: str) -> None:
    assert differences(ROWS, found) == [text]


def test_surplus_row_is_found() -> None:
    fewer = {**ROWS, MINUTE: ROWS[MINUTE].slice(0, 2)}
    assert differences(fewer, ROWS) == ["minute_K8SService: 1 rows are too many: [(2, 'a')]"]


def test_only_the_last_ping_of_the_shared_pod_is_left_out() -> None:
    shared = changed("instance_traffic", "last_ping", [1, 9])
    own = changed("instance_traffic", "last_ping", [9, 2])
    assert differences(without_shared_pings(ROWS), without_shared_pings(shared)) == []
    assert differences(without_shared_pings(ROWS), without_shared_pings(own)) == [
        "instance_traffic: last_ping differs in 1 rows: ('i',) is 9 and should be 1"
    ]
