"""A server whose database is there and takes nothing, for one reason after another: MariaDB and Elasticsearch."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Future

import pytest

from tests.oap.pipeline_run import Run
from tests.oap.process.scene import Scene, stored_differently, undisturbed_run
from tests.oap.process.store_troubles import TROUBLES, Course, Troubled, troubled_servers
from tests.oap.storage.outages import BACK, LOST

BACKENDS = ("MariaDB", "Elasticsearch")
MOST_MINUTES = 15
MOST_GROWTH = 64 << 20

Servers = Mapping[str, "Future[Troubled]"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.written(tmp_path_factory.mktemp("troubles"), OAP_WINDOW_MAX_OPEN=str(MOST_MINUTES))


@pytest.fixture(scope="module")
def both(scene: Scene) -> Iterator[Servers]:
    with troubled_servers(scene) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(both: Servers, scene: Scene) -> Iterator[Run]:
    del both  # asked for so that the troubles pass meanwhile
    with undisturbed_run(scene) as run:
        yield run


@pytest.fixture(params=BACKENDS)
def troubled(request: pytest.FixtureRequest, both: Servers) -> Troubled:
    return both[request.param].result()


@pytest.fixture(params=TROUBLES)
def course(request: pytest.FixtureRequest, troubled: Troubled) -> Course:
    return troubled.courses[request.param]


def test_every_row_is_there_exactly_once(troubled: Troubled, undisturbed: Run) -> None:
    assert troubled.exit_code == 0
    assert stored_differently(troubled.backend, undisturbed) == []


def test_the_health_check_names_the_reason(course: Course) -> None:
    assert (course.before.health, course.before.details) == (200, "")
    assert {course.early.health, course.late.health} == {503}
    for seen in (course.early, course.late):
        assert seen.details.startswith("storage: ")
        assert re.search(course.reason, seen.details)
    assert (course.after.health, course.after.details) == (200, "")


def test_the_metrics_show_age_and_size_of_what_waits(course: Course) -> None:
    assert course.late.age_s > course.early.age_s > 0
    assert min(course.early.backlog, course.late.backlog) > 0
    for seen in (course.before, course.after):
        assert (seen.age_s, seen.backlog) == (0, 0)


def test_the_log_tells_once_that_it_takes_nothing_and_once_that_it_does_again(course: Course) -> None:
    assert [entry["event"] for entry in course.told if entry["event"] in (LOST, BACK)] == [LOST, BACK]
    assert [entry["event"] for entry in course.told if entry["level"] != "info"] == [LOST]


def test_memory_stays_bounded(troubled: Troubled) -> None:
    courses = troubled.courses.values()
    looks = [seen for course in courses for seen in (course.early, course.late, course.after)]
    assert max(seen.open_minutes for seen in looks) <= MOST_MINUTES
    before = troubled.courses[TROUBLES[0]].before.resident
    assert max(seen.resident for seen in looks) - before < MOST_GROWTH
