"""Stored rows depend on the calls alone: not on batches, hand-overs, lateness, bounds or restarts (design 1, 5)."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oap.window.call_strategies import calls
from tests.oap.window.calls import Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once

HAND_OVER, RESTART, COMPACT = "hand over", "restart", "compact"
Step = Sequence[Call] | str

_FEW_LABELS = """
counts = from(K8SService.*).labelCount(protocol.http.method, 2);
means = from(K8SService.*).labelAvg(protocol.http.method, protocol.http.latency, 1);
"""
_STEPS = st.lists(
    st.one_of(
        st.lists(calls(), min_size=1, max_size=5),
        st.lists(calls(), min_size=1, max_size=5),
        st.sampled_from([HAND_OVER, HAND_OVER, RESTART, COMPACT]),
    ),
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(_STEPS, st.sampled_from([0, 120, 7200]), st.sampled_from([0, 1, 15]))
def test_rows_are_those_of_one_uninterrupted_run(steps: Sequence[Step], lateness_s: int, open_windows: int) -> None:
    rig = PipelineRig(lateness_s=lateness_s, max_open_windows=open_windows)
    taken: list[Call] = []
    for step in steps:
        if step == HAND_OVER:
            rig.hand_over()
        elif step == RESTART:
            rig.restart()
        elif step == COMPACT:
            rig.pipeline.compact()
        else:
            batch = [call for call in step if isinstance(call, Call)]
            rig.accept(*batch)
            taken += batch
    assert rig.stored() == stored_at_once(taken)


@settings(max_examples=15, deadline=None)
@given(st.lists(calls(last_minute=0), min_size=1, max_size=12), st.integers(0, 12))
def test_first_labels_of_a_minute_are_kept_over_a_restart(stream: Sequence[Call], cut: int) -> None:
    rig = PipelineRig(_FEW_LABELS)
    for part in (stream[:cut], stream[cut:]):
        if part:
            rig.accept(*part)
        rig.restart()
    assert rig.stored() == stored_at_once(stream, _FEW_LABELS)
