from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from oap.last_values import LastValues
from tests.oap.query.cluster import dependencies, hand_over, memory_store, serving
from tests.oap.query.rules import Rules, applied, refused, shipped_plan


@pytest.fixture
def rules() -> Rules:
    return Rules(shipped_plan())


@pytest.fixture
def url(rules: Rules) -> Iterator[str]:
    values = LastValues()
    values.take(hand_over())
    with memory_store() as storage, serving(replace(dependencies(storage), rules=rules, last_values=values)) as address:
        yield f"{address}/rules"


def test_all_metrics_are_listed_with_their_last_values(url: str) -> None:
    answer = httpx.get(url).json()
    assert len(answer["metrics"]) == 296
    [cpm] = [entry for entry in answer["metrics"] if entry["name"] == "kubernetes_service_http_call_cpm"]
    assert (cpm["state"], cpm["last"]["bucket"], cpm["last"]["entities"]) == ("running", 202601011230, 5)
    assert (cpm["last"]["entity"], cpm["last"]["value"]) == ("gateway.edge", 529)
    assert (answer["reloads"], answer["refusal"]) == ([], None)


def test_reloads_are_told_newest_first(url: str, rules: Rules) -> None:
    before = httpx.get(url).json()["revision"]
    rules.events = [applied(), refused()]
    answer = httpx.get(url, params={"part": "reloads"}).json()
    assert "metrics" not in answer
    assert answer["revision"] == before
    assert answer["reloads"][0] == {
        "at": 1767270630.0,
        "cause": "signal SIGHUP",
        "outcome": "applied",
        "seconds": 0.524,
        "changes": {
            "added": ["my_slow_calls_cpm"],
            "removed": [],
            "changed": [],
            "rewritten": ["kubernetes_service_write_cpm"],
            "others": [],
        },
        "starts": 202601011231,
    }
    assert [event["outcome"] for event in answer["reloads"]] == ["applied", "refused"]


def test_refusal_stands_with_its_report(url: str, rules: Rules) -> None:
    rules.refusal = refused()
    refusal = httpx.get(url).json()["refusal"]
    assert (refusal["at"], refusal["cause"]) == (1767270620.0, "file ebpf.oal")
    assert "latencie" in refusal["report"]
    assert [(finding["line"], finding["column"]) for finding in refusal["findings"]] == [(2, 53)]


def test_one_metric_is_explained(url: str) -> None:
    answer = httpx.get(f"{url}/kubernetes_service_connect_time").json()
    assert (answer["name"], answer["state"], answer["unit"]) == ("kubernetes_service_connect_time", "no rows yet", "ns")
    assert [operation["table"] for operation in answer["operations"]] == ["connect"]
    assert answer["filters"] == ['type == "connect"']


def test_unknown_metric_has_a_near_one(url: str) -> None:
    answer = httpx.get(f"{url}/kubernetes_service_conect_time")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "there is no metric 'kubernetes_service_conect_time'",
        "hint": "did you mean 'kubernetes_service_connect_time'?",
    }
    assert httpx.get(f"{url}/apdex").json()["hint"].startswith("names with it: kubernetes_service_apdex, ")
    assert httpx.get(f"{url}/xyz").json()["hint"] == ""


def test_disabled_metric_has_an_entry(url: str, rules: Rules) -> None:
    rules.plan = replace(rules.plan, disabled=frozenset({"old_cpm"}))
    assert httpx.get(f"{url}/old_cpm").json()["state"] == "disabled"
