"""A server whose database is killed under load and stays away for three minutes: MariaDB and Elasticsearch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oap.emulator.recording import load
from tests.equality.recordings import oracle_events, scenario_registry
from tests.oap.pipeline_run import Run
from tests.oap.process.long_outage import Course, Scene, outages
from tests.oracle.model import OracleResult

BACKENDS = ("MariaDB", "Elasticsearch")
LOST, BACK = "storage takes nothing now; results wait in memory", "storage takes results again"

MOST_MINUTES = 15
MOST_PENDING_BYTES = 8 << 20
MOST_GROWTH = 64 << 20
"""Minutes of 100 KB, each twice while it is stored, and messages that wait as bytes, joined, and decoded: 27 MB, and as
much again for what the allocator keeps."""
BOUNDS = {"OAP_WINDOW_MAX_OPEN": str(MOST_MINUTES), "OAP_EBPF_MAX_PENDING_BYTES": str(MOST_PENDING_BYTES)}

Outages = Mapping[str, "Future[Course]"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    # Old rows are looked for every minute: that fails too while the database is away, and must not add to the log. A busy
    # machine may need longer for a request than Elasticsearch is usually given.
    more = {"SW_CORE_DATA_KEEPER_EXECUTE_PERIOD": "1", "SW_STORAGE_ES_RESPONSE_TIMEOUT": "0"}
    more |= {"SW_STORAGE_ES_SOCKET_TIMEOUT": "120000", "SW_CORE_PERSISTENT_PERIOD": "5"}
    return Scene.written(tmp_path_factory.mktemp("outage"), **more, **BOUNDS)


@pytest.fixture(scope="module")
def both(scene: Scene) -> Iterator[Outages]:
    with outages(scene) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(both: Outages, scene: Scene) -> Iterator[Run]:
    """The same messages in this process and into an embedded store; what it handed over says what to read."""
    del both  # asked for so that the databases are away meanwhile
    zone, now_s = ZoneInfo(scene.setting.zone), scene.setting.now_s
    run = Run(registry=scenario_registry(scene.scenario), zone=zone, now=now_s)
    run.feed(list(oracle_events(load(scene.recording))))
    yield run
    run.storage.close()


@pytest.fixture(params=BACKENDS)
def course(request: pytest.FixtureRequest, both: Outages) -> Course:
    return both[request.param].result()


def test_every_row_is_there_exactly_once(course: Course, undisturbed: Run) -> None:
    expected = undisturbed.result()
    embedded, undisturbed.storage = undisturbed.storage, course.backend.opened()
    found = undisturbed.result()
    undisturbed.storage.close()
    undisturbed.storage = embedded
    assert differences(expected, found) == []
    assert len(expected.metrics) > 10_000
    assert course.backend.rows_by_model() == rows_by_model(expected)


def test_no_agent_was_refused(course: Course) -> None:
    code, said = course.replay
    assert code == 0, said


def test_the_metrics_show_age_and_size_of_what_waits(course: Course) -> None:
    assert all(later.age_s > earlier.age_s for earlier, later in pairwise(course.away))
    assert course.away[-1].age_s > 150
    assert all(later.backlog >= earlier.backlog > 0 for earlier, later in pairwise(course.away))
    assert course.away[-1].backlog > 1.5 * course.away[0].backlog
    assert course.away[-1].open_minutes >= course.away[0].open_minutes + 4
    assert course.after is not None
    assert (course.after.age_s, course.after.backlog) == (0, 0)


def test_the_health_check_names_the_storage(course: Course) -> None:
    assert (course.before.health, course.before.details, course.before.answer) == (200, "", "")
    assert {look.health for look in course.away} == {503}
    assert all(look.details.startswith("storage: ") and "127.0.0.1:" in look.details for look in course.away)
    # A list that was read just before is answered once more.
    assert all("127.0.0.1:" in look.answer for look in course.away[len(course.away) // 2 :])
    assert course.after is not None
    assert (course.after.health, course.after.details, course.after.answer) == (200, "", "")


def test_the_log_tells_once_that_it_went_and_once_that_it_is_back(course: Course) -> None:
    assert [entry["event"] for entry in course.told_away] == [LOST]
    assert [entry["event"] for entry in course.told if entry["event"] in (LOST, BACK)] == [LOST, BACK]
    assert [entry["event"] for entry in course.told if entry["level"] != "info"] == [LOST]


def test_memory_stays_bounded(course: Course) -> None:
    assert course.after is not None
    looks = (*course.away, course.after)
    assert max(look.open_minutes for look in looks) <= MOST_MINUTES
    assert max(look.resident for look in looks) - course.before.resident < MOST_GROWTH


def test_everything_was_stored_when_the_server_ended(course: Course) -> None:
    assert course.exit_code == 0


def rows_by_model(expected: OracleResult) -> Mapping[str, int]:
    found = Counter(metric for metric, _entity, _bucket in expected.metrics)
    found.update(f"service_relation_{side}_side" for side, _bucket, _entity in expected.service_relations)
    found.update(f"service_instance_relation_{side}_side" for side, _bucket, _entity in expected.instance_relations)
    found["service_traffic"] = len(expected.service_traffic)
    found["instance_traffic"] = len(expected.instance_traffic)
    found["endpoint_traffic"] = len(expected.endpoint_traffic)
    return found


def differences(expected: OracleResult, found: OracleResult) -> list[object]:
    """The first rows that differ, of each kind."""
    kinds: Sequence[tuple[Mapping[Any, object], Mapping[Any, object]]] = (
        (expected.metrics, found.metrics),
        (expected.service_traffic, found.service_traffic),
        (expected.instance_traffic, found.instance_traffic),
        (expected.endpoint_traffic, found.endpoint_traffic),
        (expected.service_relations, found.service_relations),
        (expected.instance_relations, found.instance_relations),
    )
    return [
        (key, wanted.get(key), there.get(key))
        for wanted, there in kinds
        for key in [key for key in {**wanted, **there} if wanted.get(key) != there.get(key)][:5]
    ]
