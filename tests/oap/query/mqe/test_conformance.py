"""The conformance table of expressions (spec query 2.7), every row and every expression."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.oap.query.mqe.conformance_store import NOTHING, SERVICE, Evaluator, texts_of

CASES = orjson.loads((Path(__file__).parents[3] / "cases/mqe/conformance.json").read_bytes())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['row']}: {case['expression']}")
def test_expression_gives_the_stated_result(case: Mapping[str, Any], evaluator: Evaluator) -> None:
    entity = NOTHING if case.get("invalid_entity") else SERVICE
    result = evaluator.run(case["expression"], entity, case.get("start", "2024-01-01 0000"))
    if "fails" in case:
        assert (result.type, result.series) == ("UNKNOWN", ())
        assert result.error is not None
        assert result.error.startswith("line 1, column ")
        assert case["fails"] in result.error.partition(": ")[2]
        return
    assert (result.error, result.type) == (None, case["type"])
    assert texts_of(result) == [one["values"] for one in case["series"]]
    assert [dict(one.labels) for one in result.series] == [one.get("labels", {}) for one in case["series"]]
    for found, wanted in zip(result.series, case["series"], strict=True):
        assert list(found.ids) == wanted.get("ids", list(found.ids))


def test_every_row_of_the_table_is_there() -> None:
    assert {case["row"] for case in CASES} == set(range(1, 53))
    assert len({(case["row"], case["expression"]) for case in CASES}) == 90
