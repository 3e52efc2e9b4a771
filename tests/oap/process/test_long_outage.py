"""A server whose database is killed under load and stays away for three minutes: MariaDB and Elasticsearch."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from itertools import pairwise

import pytest

from tests.oap.pipeline_run import Run
from tests.oap.process.long_outage import Course, outages
from tests.oap.process.scene import Scene, stored_differently, undisturbed_run
from tests.oap.storage.outages import BACK, LOST

BACKENDS = ("MariaDB", "Elasticsearch")

MOST_MINUTES = 15
MOST_PENDING_BYTES = 8 << 20
MOST_GROWTH = 64 << 20
"""Minutes of 100 KB, each twice while it is stored, and messages that wait as bytes, joined, and decoded: 27 MB, and as
much again for what the allocator keeps."""
BOUNDS = {"OAP_WINDOW_MAX_OPEN": str(MOST_MINUTES), "OAP_EBPF_MAX_PENDING_BYTES": str(MOST_PENDING_BYTES)}

Outages = Mapping[str, "Future[Course]"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    # Old rows are looked for every minute: that fails too while the database is away, and must not add to the log.
    more = {"SW_CORE_DATA_KEEPER_EXECUTE_PERIOD": "1", "SW_CORE_PERSISTENT_PERIOD": "5"}
    return Scene.written(tmp_path_factory.mktemp("outage"), **more, **BOUNDS)


@pytest.fixture(scope="module")
def both(scene: Scene) -> Iterator[Outages]:
    with outages(scene) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(both: Outages, scene: Scene) -> Iterator[Run]:
    del both  # asked for so that the databases are away meanwhile
    with undisturbed_run(scene) as run:
        yield run


@pytest.fixture(params=BACKENDS)
def course(request: pytest.FixtureRequest, both: Outages) -> Course:
    return both[request.param].result()


def test_every_row_is_there_exactly_once(course: Course, undisturbed: Run) -> None:
    assert stored_differently(course.backend, undisturbed) == []


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
