from collections.abc import Mapping

import pytest

from oap.entity import ids
from oap.entity.scopes import k8s_catalog
from oap.last_values import LastValue
from oap.query.rule_entries import Entry, RuleEntries, shown_entity
from tests.oap.query.rules import NEW_RULE, compiled, shipped_plan

NOW = 202601011230
REVIEWS, RATINGS = ids.service_id("reviews.bookinfo"), ids.service_id("ratings.bookinfo")


def entry(started: Mapping[str, int] | None = None, latest: Mapping[str, LastValue] | None = None) -> Entry:
    entries = RuleEntries(k8s_catalog()).of(compiled("", NEW_RULE), started or {}, latest or {}, NOW)
    return entries["my_slow_calls_cpm"]


def test_rule_is_told_with_its_place() -> None:
    assert entry() == {
        "name": "my_slow_calls_cpm",
        "scope": "K8SService",
        "file": "ebpf.oal",
        "line": 2,
        "text": NEW_RULE,
        "unit": "rows per minute",
        "function": "cpm",
        "state": "no rows yet",
        "since": None,
        "last": None,
    }


def test_long_rule_is_laid_out() -> None:
    entries = RuleEntries(k8s_catalog()).of(shipped_plan(), {}, {}, NOW)
    assert entries["kubernetes_service_connect_success_cpm"]["text"] == (
        "kubernetes_service_connect_success_cpm = from(K8SService.*)\n"
        '    .filter(type == "connect")\n'
        "    .filter(connect.success == true)\n"
        "    .cpm();"
    )


def test_metric_with_a_value_is_running() -> None:
    found = entry(latest={"my_slow_calls_cpm": LastValue(NOW, 2, REVIEWS, 7)})
    assert found["state"] == "running"
    assert found["last"] == {
        "bucket": NOW,
        "entities": 2,
        "entity": "reviews.bookinfo",
        "entity_id": "cmV2aWV3cy5ib29raW5mbw==.1",
        "value": 7,
    }


def test_added_metric_starts_with_its_minute() -> None:
    found = entry(started={"my_slow_calls_cpm": 202601011231})
    assert (found["state"], found["since"]) == ("starts at 12:31", 202601011231)
    assert entry(started={"my_slow_calls_cpm": NOW})["state"] == "no rows yet"


def test_value_of_an_earlier_meaning_is_not_shown() -> None:
    found = entry({"my_slow_calls_cpm": NOW}, {"my_slow_calls_cpm": LastValue(202601011229, 2, REVIEWS, 7)})
    assert (found["state"], found["last"]) == ("no rows yet", None)


def test_ranks_of_percentiles_are_written_as_people_do() -> None:
    found = entry(latest={"my_slow_calls_cpm": LastValue(NOW, 1, REVIEWS, {"{p=50}": 3, "{p=99}": 40})})
    assert found["last"]["value"] == {"p50": 3, "p99": 40}


def test_disabled_metrics_come_last() -> None:
    plan = compiled(NEW_RULE, "b_cpm = from(K8SService.*).cpm();", "disable(my_slow_calls_cpm);")
    entries = RuleEntries(k8s_catalog()).of(plan, {}, {}, NOW)
    assert list(entries) == ["b_cpm", "my_slow_calls_cpm"]
    assert entries["my_slow_calls_cpm"] == {
        "name": "my_slow_calls_cpm",
        "scope": "",
        "file": "",
        "line": 0,
        "text": "disable(my_slow_calls_cpm);",
        "unit": "",
        "function": "",
        "state": "disabled",
        "since": None,
        "last": None,
    }


def test_new_plan_is_described_anew() -> None:
    entries = RuleEntries(k8s_catalog())
    assert len(entries.of(shipped_plan(), {}, {}, NOW)) == 296
    assert list(entries.of(compiled(NEW_RULE), {}, {}, NOW)) == ["my_slow_calls_cpm"]


def test_explanation_tells_flaws() -> None:
    plan = shipped_plan()
    metric = next(one for one in plan.metrics if one.name == "kubernetes_service_connect_time")
    said = RuleEntries(k8s_catalog()).explained(metric, plan)
    assert said["formula"].startswith("mean of connect.duration")
    assert said["category"] == "SERVICE"
    assert len(said["flaws"]) == 1


@pytest.mark.parametrize(
    ("scope", "entity_id", "text"),
    [
        ("K8SService", REVIEWS, "reviews.bookinfo"),
        ("K8SServiceInstance", ids.instance_id(REVIEWS, "reviews-v1-0"), "reviews.bookinfo/reviews-v1-0"),
        ("K8SEndpoint", ids.endpoint_id(REVIEWS, "GET:/reviews/0"), "reviews.bookinfo GET:/reviews/0"),
        ("K8SServiceRelation", ids.service_relation_id(REVIEWS, RATINGS), "reviews.bookinfo -> ratings.bookinfo"),
        (
            "K8SServiceInstanceRelation",
            ids.instance_relation_id(ids.instance_id(REVIEWS, "a"), ids.instance_id(RATINGS, "b")),
            "reviews.bookinfo/a -> ratings.bookinfo/b",
        ),
        ("K8SService", "no id", "no id"),
        ("Another", "x", "x"),
    ],
)
def test_entities_are_shown_by_name(scope: str, entity_id: str, text: str) -> None:
    assert shown_entity(scope, entity_id) == text
