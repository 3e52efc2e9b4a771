import pytest

from oap.telemetry import catalogue
from oap.telemetry.health import Health, HealthBoard
from oap.telemetry.meters import Meter


def test_nothing_has_started_on_an_empty_board() -> None:
    assert HealthBoard().health() == Health(-1, "")


def test_a_component_that_has_not_reported_has_not_started() -> None:
    board = HealthBoard()
    board.component("receiver").ok()
    board.component("storage")
    assert board.health() == Health(-1, "")


def test_all_components_working_is_healthy() -> None:
    board = HealthBoard()
    board.component("receiver").ok()
    board.component("storage").ok()
    assert board.health().is_healthy


def test_failing_components_are_counted_with_their_reasons() -> None:
    board = HealthBoard()
    board.component("storage").failing("disk full")
    board.component("receiver").ok()
    board.component("kubernetes").failing("")
    assert board.health() == Health(2, "kubernetes: no reason given; storage: disk full")
    assert list(board.meters()) == [Meter(catalogue.UNHEALTHY, 2)]


def test_the_latest_report_counts() -> None:
    board = HealthBoard()
    storage = board.component("storage")
    storage.failing("disk full")
    storage.ok()
    assert board.health() == Health(0, "")


def test_a_component_joins_once() -> None:
    board = HealthBoard()
    board.component("storage")
    with pytest.raises(ValueError, match="'storage' is expected already"):
        board.component("storage")
