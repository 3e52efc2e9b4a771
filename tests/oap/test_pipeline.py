"""The pipeline stores what the specs say, and what the oracle computes, however the stream is cut."""

from collections import Counter
from dataclasses import fields
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from oap.accounting import Outcome
from oap.storage.contract import Storage
from tests.oap.pipeline_run import Run
from tests.oap.random_events import REGISTRY, RandomEvents
from tests.oap.row_store import RowStore
from tests.oracle.acceptance import acceptance_streams
from tests.oracle.fixture import ExpectedStream, differences
from tests.oracle.model import OracleResult
from tests.oracle.oracle import run_oracle
from tests.oracle.worked_examples import whole_stream, worked_examples

STREAMS = (*acceptance_streams(), *worked_examples())
MIDNIGHT = 1714514400  # 2024-05-01 00:00 in Paris
SPRING = 1711846800  # 2024-03-31 03:00 in Paris, an hour after 02:00 was left out
AUTUMN = 1729994400  # 2024-10-27 03:00 in Paris, the second time
THRESHOLDS = {"default": 300, "a.ns": 1, "b.ns": 2_000}


def in_memory() -> Storage:
    return RowStore().as_storage()


@pytest.mark.parametrize("expected", STREAMS, ids=lambda stream: stream.name)
@pytest.mark.parametrize(("batch", "hand_over_every"), [(1000, 0), (1, 1)], ids=["whole", "cut"])
def test_stream_gives_the_rows_of_the_spec(expected: ExpectedStream, batch: int, hand_over_every: int) -> None:
    run = Run(expected.registry, UTC, expected.now, storage=in_memory())
    assert differences(expected, run.feed(expected.events(), batch, hand_over_every).result()) == {}


@pytest.mark.parametrize("expected", [STREAMS[0], whole_stream()], ids=lambda stream: stream.name)
def test_rows_of_the_spec_survive_a_database(expected: ExpectedStream) -> None:
    run = Run(expected.registry, UTC, expected.now).feed(expected.events(), batch=1, hand_over_every=1)
    assert differences(expected, run.result()) == {}


def unequal(expected: OracleResult, found: OracleResult) -> dict[str, dict[object, tuple[object, object]]]:
    """What differs, by part and key, (expected, found); at most five keys of each part."""
    parts: dict[str, dict[object, tuple[object, object]]] = {}
    for part in fields(OracleResult):
        ours, theirs = getattr(found, part.name), getattr(expected, part.name)
        if not isinstance(ours, dict):
            ours, theirs = {"": ours}, {"": theirs}
        wrong = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
        if wrong:
            parts[part.name] = {key: (theirs.get(key), ours.get(key)) for key in wrong[:5]}
    return parts


def check(source: RandomEvents, zone: str, count: int, *, batch: int, every: int, limit: int = 200_000) -> OracleResult:
    """Compare pipeline and oracle over random events, and return what both found."""
    events = source.events(count)
    calendar = ZoneInfo(zone)
    run = Run(REGISTRY, calendar, source.now, thresholds=THRESHOLDS, connection_limit=limit, storage=in_memory())
    found = run.feed(events, batch, every).result()
    expected = run_oracle(events, registry=REGISTRY, zone=calendar, now=source.now, thresholds=THRESHOLDS)
    assert unequal(expected, found) == {}
    outcomes = run.pipeline.accounts.outcomes
    assert found.received == int(outcomes.sum()) == found.folded + found.dropped.total() + found.refused
    return found


CUTS = [(1, 10_000, 0, 200_000), (2, 7, 9, 2), (3, 1, 50, 200_000), (4, 40, 1, 5)]


@pytest.mark.parametrize(("seed", "batch", "every", "limit"), CUTS)
def test_random_streams_give_the_rows_of_the_oracle(seed: int, batch: int, every: int, limit: int) -> None:
    source = RandomEvents(seed, MIDNIGHT + 120)
    found = check(source, "Europe/Paris", 200, batch=batch, every=every, limit=limit)
    assert {bucket for _, _, bucket in found.metrics} >= {20240430, 20240501, 202404302359, 202405010000}


def test_random_streams_have_something_of_every_outcome() -> None:
    outcomes: Counter[str] = Counter()
    for seed, *_ in CUTS:
        source = RandomEvents(seed, MIDNIGHT + 120)
        found = run_oracle(source.events(200), registry=REGISTRY, zone=UTC, now=source.now)
        outcomes += found.dropped
        outcomes += Counter(malformed=found.malformed, refused=found.refused, folded=found.folded)
    bad_connections = {"no_connection", "connection_loss", "same_service", "unknown_role", "lookup_failed"}
    bad_logs = {"no_node", "no_operation", "no_protocol", "expired", "refused"}
    assert set(outcomes) == bad_connections | bad_logs | {"malformed", "folded"}


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Europe/Paris", SPRING),
        ("Europe/Paris", AUTUMN),
        ("Asia/Kolkata", MIDNIGHT),
        ("Australia/Lord_Howe", 1712415600 + 1800),
        ("Pacific/Chatham", MIDNIGHT),
        ("America/St_Johns", MIDNIGHT),
    ],
)
def test_rows_of_any_calendar_are_those_of_the_oracle(zone: str, now: int) -> None:
    check(RandomEvents(now, now, spread_s=3 * 3600), zone, 120, batch=25, every=2)


def test_late_logs_are_merged_with_what_is_stored() -> None:
    source = RandomEvents(5, MIDNIGHT + 7200, spread_s=5400)
    events = source.events(200)
    run = Run(REGISTRY, UTC, source.now, lateness_s=60, storage=in_memory()).feed(events, batch=20, hand_over_every=1)
    expected = run_oracle(events, registry=REGISTRY, zone=UTC, now=source.now)
    assert unequal(expected, run.result()) == {}
    assert run.pipeline.accounts.outcomes[Outcome.LATE] > 50
