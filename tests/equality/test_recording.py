"""One recording gives one set of rows, however it is cut, mixed, handed over or interrupted, and the oracle's rows."""

from concurrent.futures import Future

import numpy as np
import pytest

from oap.emulator.playback import interleave
from oap.emulator.recording import Kind, Recording
from oap.entity.grouping.endpoint_names import EndpointNames
from tests.equality.expected import Reference
from tests.equality.recordings import first_messages, halves
from tests.equality.replays import Replayer, Variation
from tests.equality.tables import differences, without_shared_pings


def moments(seed: int, count: int, blocks: int) -> frozenset[int]:
    """So many block numbers, drawn at random."""
    return frozenset(np.random.default_rng(seed).choice(blocks, count, replace=False).tolist())


def test_recording_has_what_it_must_have(recording: Recording, reference: Reference) -> None:
    tables = reference.tables
    assert recording.messages >= 100_000
    assert len(set(recording.nodes().values())) == 5
    assert set(recording.kinds.tolist()) == {*Kind}
    assert len(set(tables["day_K8SService"]["time_bucket"].to_pylist())) > 1
    assert "_abandoned" in tables["endpoint_traffic"]["name"].to_pylist()
    assert {reason for reason, count in reference.totals.dropped.items() if count} == {
        "no_connection",
        "connection_loss",
        "same_service",
        "unknown_role",
        "no_node",
        "no_operation",
        "no_protocol",
        "expired",
    }


def test_rows_and_totals_are_those_of_the_oracle(reference: Reference, oracle: Future[Reference]) -> None:
    expected = oracle.result()
    assert reference.totals.is_closed
    assert reference.totals == expected.totals
    assert differences(expected.tables, reference.tables) == []


@pytest.mark.parametrize(("batch", "messages"), [(1, 2500), (7, 20_000)])
def test_small_blocks_give_the_rows_of_one_block(
    batch: int, messages: int, replayer: Replayer, recording: Recording
) -> None:
    prefix, whole, parts = first_messages(recording, messages), f"prefix-{messages}", f"by-{batch}"
    expected = replayer.run(whole, prefix, Variation(batch=messages))
    assert replayer.run(parts, prefix, Variation(batch=batch, hand_overs=moments(1, 2, 2500))) == expected
    assert differences(replayer.tables(whole), replayer.tables(parts)) == []


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("one-block", Variation(batch=200_000)),
        ("regular-hand-overs", Variation(hand_overs=range(30, 1000, 40), few_cells=0)),
        ("random-hand-overs", Variation(batch=333, hand_overs=moments(2, 3, 300))),
        ("impatient", Variation(batch=500, hand_overs=moments(3, 3, 200), lateness_s=0, few_cells=0)),
        ("forgetful", Variation(connection_limit=50)),
        ("narrow", Variation(batch=5000, max_open_windows=15, few_cells=0)),
    ],
)
def test_blocks_hand_overs_and_memory_do_not_matter(
    name: str, how: Variation, replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    assert replayer.run(name, recording, how) == reference.totals
    assert differences(reference.tables, replayer.tables(name)) == []


@pytest.mark.parametrize(("seed", "hand_overs"), [(1, 3), (2, 1), (3, 0)])
def test_order_of_nodes_does_not_matter(
    seed: int, hand_overs: int, replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    how = Variation(batch=911, hand_overs=moments(seed, hand_overs, 120))
    assert replayer.run(f"mixed-{seed}", interleave(recording, seed), how) == reference.totals
    found = replayer.tables(f"mixed-{seed}")
    assert differences(without_shared_pings(reference.tables), without_shared_pings(found)) == []


def test_restart_between_streams_does_not_matter(
    replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    before, after = EndpointNames(), EndpointNames()
    first, second = halves(recording)
    totals = replayer.run("restarted", first, Variation(hand_overs=moments(4, 1, 50), names=before))
    after.restore(before.dump())
    totals = totals.plus(replayer.run("restarted", second, Variation(hand_overs=moments(5, 1, 50), names=after)))
    assert totals == reference.totals
    assert differences(reference.tables, replayer.tables("restarted")) == []
