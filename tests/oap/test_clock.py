from oap.clock import Clock, SystemClock
from tests.clock import HandClock


def test_the_system_clock_does_not_go_back() -> None:
    clock: Clock = SystemClock()
    first = clock.monotonic_s()
    assert clock.monotonic_s() >= first
    assert clock.now_s() > 1_700_000_000


def test_a_hand_clock_moves_only_by_hand() -> None:
    clock: Clock = HandClock("12:02:31")
    assert (clock.now_s(), clock.monotonic_s()) == (1767268951.0, 0.0)
    assert clock.now_s() == 1767268951.0


def test_a_hand_clock_set_back_keeps_its_monotonic_reading() -> None:
    clock = HandClock("12:00:00")
    clock.set("12:00:10")
    clock.set("11:00:00")
    clock.advance(5)
    assert (clock.now_s(), clock.monotonic_s()) == (1767265205.0, 15.0)
