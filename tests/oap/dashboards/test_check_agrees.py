"""The check of dashboards finds what evaluation answers with an error, and does not find what it answers otherwise."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from oap.dashboards.check import check_templates
from oap.dashboards.codes import Code
from oap.dashboards.known_metric import KnownMetric, KnownMetrics
from tests.oap.query.mqe.conformance_store import LABELLED, Evaluator, conformance_store
from tests.oap.query.mqe.random_expressions import expressions

REFUSING = {Code.UNPARSABLE, Code.UNKNOWN_METRIC, Code.WRONG_SCOPE, Code.MISUSE}


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    """Evaluates over the store of the conformance table."""
    with conformance_store() as reads:
        yield Evaluator(reads)


def metrics(evaluator: Evaluator) -> KnownMetrics:
    return {
        name: KnownMetric(model.category, model.value_kind, tuple(LABELLED.get(name, ())))
        for name, model in evaluator.reads.models.items()
    }


def codes(expression: str, known: KnownMetrics) -> set[str]:
    """What is found of a panel of a service with this expression."""
    panel = {"x": 0, "y": 0, "w": 8, "h": 8, "i": "0", "type": "Widget", "expressions": [expression]}
    configuration = {"name": "a", "layer": "A", "entity": "Service", "isRoot": True, "children": [panel]}
    text = json.dumps([{"id": "a", "configuration": configuration}])
    return {found.code for found in check_templates({"a.json": text}, known).findings}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=expressions())
def test_the_check_agrees_with_the_evaluation(text: str, evaluator: Evaluator) -> None:
    found = codes(text, metrics(evaluator)) & REFUSING
    error = evaluator.run(text).error
    if error is not None and "for what has none" not in error:
        assert found, error
    elif found == {Code.MISUSE} and "view_as_seq" not in text and "is_present" not in text:
        assert error is not None, text
