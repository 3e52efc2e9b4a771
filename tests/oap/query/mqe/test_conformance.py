from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
import pytest

from oap.entity import ids
from oap.query.duration import parse_duration
from oap.query.entity import EntityInput
from oap.query.mqe.evaluate import execute
from oap.query.mqe.number_text import number_text
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.series import Subject
from oap.query.reads import Reads
from oap.storage.contract import HandOver, MetricModel
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.query.rows import metric, records

CASES = orjson.loads((Path(__file__).parents[3] / "cases/mqe/conformance.json").read_bytes())
BUCKETS = (202401010000, 202401010001, 202401010002, 202401010003)

PLAIN: Mapping[str, tuple[int | None, ...]] = {
    "m1": (10, 20, None, 30),
    "m2": (1, 0, 3, None),
    "z": (0, 0, 0, 0),
    "none": (None, None, None, None),
    "sr": (9876, 10000, 5000, None),
}
LABELLED: Mapping[str, Mapping[str, tuple[int | None, ...]]] = {
    "pct": {"{p=50}": (10, 20, None, 40), "{p=75}": (15, 25, None, 45), "{p=99}": (100, 200, None, 400)},
    "one": {"{p=50}": (2, 2, 2, 2)},
    "lab0": {},
    "st": {
        "{code=2xx,proto=http}": (8, 6, None, 4),
        "{code=5xx,proto=http}": (1, None, 3, 2),
        "{code=2xx,proto=https}": (3, 3, 3, 3),
    },
}
LISTS = {"t1": {"svcA": 30, "svcB": 10, "svcC": 20}, "t2": {"svcD": 25, "svcE": 5}}


def table_at(series: Mapping[str, tuple[int | None, ...]], at: int) -> Mapping[str, int] | None:
    return {key: value for key, values in series.items() if (value := values[at]) is not None} or None


@pytest.fixture(scope="module")
def reads() -> Iterator[Reads]:
    plain = {name: metric(name) for name in PLAIN}
    labelled = {name: metric(name, "labelCount") for name in LABELLED}
    lists = {name: metric(name, scope=f"List{name}", attr0="K8S_SERVICE") for name in LISTS}
    storage = DuckdbStorage(StorageSettings(":memory:", threads=1))
    models: dict[str, MetricModel] = {**plain, **labelled, **lists}
    storage.prepare(list(models.values()))
    service = ids.service_id("svc")
    rows = []
    for at, bucket in enumerate(BUCKETS):
        rows.append(
            records(
                bucket,
                *((plain[name], {service: values[at]}) for name, values in PLAIN.items()),
                *((labelled[name], {service: table_at(series, at)}) for name, series in LABELLED.items()),
            )
        )
        for name, values_ in LISTS.items():
            rows.append(records(bucket, (lists[name], {ids.service_id(one): value for one, value in values_.items()})))
    storage.write(HandOver(metrics=rows))
    yield Reads(storage, models)
    storage.close()


def subject(reads: Reads, *, is_valid: bool = True) -> Subject:
    entity = EntityInput(service_name="svc", normal=True) if is_valid else EntityInput()
    duration = parse_duration({"start": "2024-01-01 0000", "end": "2024-01-01 0003", "step": "MINUTE"})
    return Subject(entity, duration, UTC, reads)


@pytest.fixture(scope="module")
def parser() -> MqeParser:
    return MqeParser()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['row']}: {case['expression']}")
def test_expression_gives_the_stated_result(case: Mapping[str, Any], reads: Reads, parser: MqeParser) -> None:
    result = execute(case["expression"], subject(reads, is_valid=not case.get("invalid_entity")), parser)
    if "fails" in case:
        assert (result.type, result.series) == ("UNKNOWN", ())
        assert case["fails"] in (result.error or "")
        return
    assert (result.error, result.type) == (None, case["type"])
    texts = [
        [number_text(value) if present else None for value, present in zip(one.values, one.present, strict=True)]
        for one in result.series
    ]
    assert texts == [one["values"] for one in case["series"]]
    assert [dict(one.labels) for one in result.series] == [one.get("labels", {}) for one in case["series"]]
    for found, wanted in zip(result.series, case["series"], strict=True):
        assert list(found.ids) == wanted.get("ids", list(found.ids))


@pytest.mark.parametrize(
    ("expression", "function"),
    [
        ("increase(m1,2)", "increase"),
        ("rate(m1,1)", "rate"),
        ("view_as_seq(nosuch,m1)", "view_as_seq"),
        ("is_present(none)", "is_present"),
        ("top_n_of(top_n(t1,2,des),top_n(t2,2,des),3,des)", "top_n_of"),
        ("relabels(pct,p='50',q='P50')", "relabels"),
        ("aggregate_labels(st,sum(code))", "aggregate_labels"),
        ("sort_values(st,2,asc,max)", "sort_values"),
        ("sort_label_values(st,des,code,proto)", "sort_label_values"),
        ("1 + avg(baseline(m1,upper))", "baseline"),
    ],
)
def test_function_that_is_not_evaluated_yet_says_so(
    expression: str, function: str, reads: Reads, parser: MqeParser
) -> None:
    result = execute(expression, subject(reads), parser)
    assert (result.type, result.series) == ("UNKNOWN", ())
    assert result.error == f"the function '{function}' is not available yet"


def test_expression_nested_beyond_measure_is_an_error(reads: Reads, parser: MqeParser) -> None:
    result = execute("+".join(["1"] * 4000), subject(reads), parser)
    assert result.error == "the expression is nested too deeply"


def test_selector_ignores_blanks_and_unites_repeated_labels(reads: Reads, parser: MqeParser) -> None:
    result = execute("pct{p=' 50 , ',p='99',p=''}", subject(reads), parser)
    assert [dict(one.labels)["p"] for one in result.series] == ["50", "99"]
