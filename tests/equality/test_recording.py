"""One recording gives one set of rows, however it is cut, mixed, handed over or interrupted, and the oracle's rows."""

import random
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from oap.emulator.playback import interleave
from oap.emulator.recording import Kind, Recording
from oap.entity.grouping.endpoint_names import EndpointNames
from tests.equality.conftest import Reference
from tests.equality.recordings import first_messages, halves
from tests.equality.replays import Replayer
from tests.equality.tables import differences, without_shared_pings


def now_and_then(seed: int, share: float) -> Callable[[int], bool]:
    """Hand over after a random share of the blocks."""
    source = random.Random(seed)
    return lambda _: source.random() < share


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


def test_single_messages_give_the_rows_of_large_blocks(replayer: Replayer, recording: Recording) -> None:
    prefix = first_messages(recording, 3000)
    expected = replayer.run("prefix", prefix, batch=3000)
    assert replayer.run("singles", prefix, batch=1, hands_over=now_and_then(1, 0.003)) == expected
    assert differences(replayer.tables("prefix"), replayer.tables("singles")) == []


@pytest.mark.parametrize("batch", [7, 200_000])
def test_block_sizes_do_not_matter(
    batch: int, replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    assert replayer.run(f"batch-{batch}", recording, batch=batch) == reference.totals
    assert differences(reference.tables, replayer.tables(f"batch-{batch}")) == []


@pytest.mark.parametrize(
    ("name", "batch", "hands_over", "lateness_s"),
    [
        ("regular", 1000, lambda number: number % 7 == 6, 120),
        ("random", 333, now_and_then(2, 0.06), 120),
        ("impatient", 500, now_and_then(3, 0.09), 0),
    ],
)
def test_moments_of_hand_over_do_not_matter(
    name: str,
    batch: int,
    hands_over: Callable[[int], bool],
    lateness_s: int,
    replayer: Replayer,
    recording: Recording,
    reference: Reference,
) -> None:
    totals = replayer.run(name, recording, batch=batch, hands_over=hands_over, lateness_s=lateness_s)
    assert totals == reference.totals
    assert differences(reference.tables, replayer.tables(name)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_nodes_does_not_matter(
    seed: int, replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    mixed = interleave(recording, seed)
    totals = replayer.run(f"mixed-{seed}", mixed, batch=911, hands_over=now_and_then(seed, 0.05))
    assert totals == reference.totals
    found = replayer.tables(f"mixed-{seed}")
    assert differences(without_shared_pings(reference.tables), without_shared_pings(found)) == []


def test_small_caches_do_not_matter(replayer: Replayer, recording: Recording, reference: Reference) -> None:
    assert replayer.run("forgetful", recording, connection_limit=50) == reference.totals
    assert differences(reference.tables, replayer.tables("forgetful")) == []


def test_restart_between_streams_does_not_matter(
    replayer: Replayer, recording: Recording, reference: Reference
) -> None:
    before, after = EndpointNames(), EndpointNames()
    first, second = halves(recording)
    totals = replayer.run("restarted", first, hands_over=now_and_then(4, 0.1), names=before)
    after.restore(before.dump())
    totals = totals.plus(replayer.run("restarted", second, hands_over=now_and_then(5, 0.1), names=after))
    assert totals == reference.totals
    assert differences(reference.tables, replayer.tables("restarted")) == []
