"""Samples of logs, on demand."""

import pytest

from oap.why.error import TooManySamples, UnknownMetric
from oap.why.sampling import AT_ONCE, HELD, Samples
from tests.oap.why.watched import Watched
from tests.oap.window.calls import BOOT_S, Call
from tests.oap.window.pipeline_rig import plan_of

RULE = """failed = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 400)
    .filter(detectPoint == DetectPoint.SERVER).filter(protocol.http.statusCode >= 500).cpm();
"""
SIDES = "server side of s0.shop/p0 -> s1.shop/p10"


def _sampling(*names: str, rules: str = RULE) -> Watched:
    rig = Watched(rules)
    for name in names or ("failed",):
        rig.pipeline.workings.sampler.switch_on(rig.pipeline.plan.plan, name, BOOT_S)
    return rig


def _samples(rig: Watched, name: str = "failed") -> Samples:
    return rig.pipeline.workings.sampler.samples(name, rig.now_s)


def test_sampling_is_off_by_default() -> None:
    rig = Watched(RULE)
    rig.accept(Call(0, code=500))
    assert not rig.pipeline.workings.sampler
    assert _samples(rig) == Samples()


def test_logs_that_passed_and_that_the_last_filter_refused_are_held() -> None:
    rig = _sampling()
    rig.accept(Call(0, code=503), Call(0, code=404), Call(0), Call(0, kind="read"))
    assert _samples(rig) == Samples(
        is_on=True,
        until_s=BOOT_S + 600,
        passed=(f"00:00:05 http, {SIDES}; protocol.http.statusCode 503, detectPoint SERVER",),
        refused=(f"00:00:05 http, {SIDES}; protocol.http.statusCode 404, detectPoint SERVER",),
        refused_by="protocol.http.statusCode >= 500",
    )


def test_where_no_log_comes_to_the_last_filter_those_that_came_furthest_are_held() -> None:
    rig = _sampling()
    rig.accept(Call(0))
    assert _samples(rig).refused_by == "protocol.http.statusCode >= 400"
    rig.accept(Call(0), Call(0, code=500, role="client"))
    samples = _samples(rig)
    assert samples.refused_by == "detectPoint == DetectPoint.SERVER"
    assert [text.partition("; ")[2] for text in samples.refused] == ["protocol.http.statusCode 500, detectPoint CLIENT"]


def test_few_logs_are_held() -> None:
    rig = _sampling()
    rig.accept(*(Call(0, code=500 + number) for number in range(4)), *(Call(0, code=400) for _ in range(9)))
    rig.accept(*(Call(0, code=510 + number) for number in range(4)))
    samples = _samples(rig)
    assert (len(samples.passed), len(samples.refused), samples.is_complete) == (HELD, HELD, True)
    assert samples.passed[-1].endswith("statusCode 510, detectPoint SERVER")


def test_sampling_ends_by_itself_and_what_is_held_stays() -> None:
    rig = _sampling()
    rig.accept(Call(9, code=500))
    assert _samples(rig).is_on
    rig.accept(Call(10, code=501))
    assert not rig.pipeline.workings.sampler
    samples = _samples(rig)
    assert (samples.is_on, len(samples.passed)) == (False, 1)


def test_it_counts_as_over_though_no_log_came() -> None:
    rig = _sampling()
    assert rig.pipeline.workings.sampler.samples("failed", BOOT_S + 599).is_on
    assert not rig.pipeline.workings.sampler.samples("failed", BOOT_S + 600).is_on


def test_switching_on_again_begins_anew() -> None:
    rig = _sampling()
    rig.accept(Call(0, code=500))
    sampler = rig.pipeline.workings.sampler
    assert sampler.switch_off("failed")
    assert not sampler.switch_off("failed")
    sampler.switch_on(rig.pipeline.plan.plan, "failed", BOOT_S + 60, minutes=2)
    assert _samples(rig) == Samples(is_on=True, until_s=BOOT_S + 180)


def test_operations_of_a_metric_share_the_room() -> None:
    rig = _sampling("all", rules='all = from(K8SServiceRelation.*).filter(type in ["read", "http", "write"]).cpm();')
    rig.accept(Call(0, kind="read"), Call(0, kind="write"), Call(0, kind="read"))
    passed = _samples(rig, "all").passed
    assert [text.split(", ")[0] for text in passed] == ["00:00:05 read", "00:00:05 read", "00:00:05 write"]


def test_endpoints_are_sampled_where_they_are_told() -> None:
    rules = 'slow = from(K8SEndpoint.http.latency).filter(endpointName == "GET:/a").max();'
    rig = _sampling("slow", rules=rules)
    rig.accept(Call(0, path="/a"), Call(0, path="/b"), Call(0, path="/a", role="client"))
    samples = _samples(rig, "slow")
    assert samples.passed == (f"00:00:05 http, {SIDES}; http.latency 10, endpointName GET:/a",)
    assert samples.refused == (f"00:00:05 http, {SIDES}; http.latency 10, endpointName GET:/b",)


def test_so_many_metrics_at_once_and_no_more() -> None:
    names = [f"m{number}" for number in range(AT_ONCE + 1)]
    rig = _sampling(*names[:-1], rules="".join(f"{name} = from(K8SEndpoint.*).cpm();" for name in names))
    plan = rig.pipeline.plan.plan
    with pytest.raises(TooManySamples, match="8 metrics are sampled already, switch one off: m0, m1"):
        rig.pipeline.workings.sampler.switch_on(plan, names[-1], BOOT_S)
    rig.pipeline.workings.sampler.switch_on(plan, "m3", BOOT_S)
    rig.pipeline.workings.sampler.switch_on(plan, names[-1], BOOT_S + 600)


def test_an_unknown_metric_is_not_sampled() -> None:
    with pytest.raises(UnknownMetric):
        _sampling("faild")


def test_rules_that_changed_leave_no_samples() -> None:
    rig = _sampling()
    rig.accept(Call(0))
    rig.pipeline.change_rules(plan_of(RULE.replace("cpm", "count")), lambda _: 500)
    rig.accept(Call(1, code=500))
    assert _samples(rig).passed == ()
