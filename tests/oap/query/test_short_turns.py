"""Turns are short while a query is answered and as before afterwards."""

import sys
from collections.abc import Iterator

import pytest

from oap.query.short_turns import ShortTurns


@pytest.fixture
def turns() -> Iterator[ShortTurns]:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(0.02)
    yield ShortTurns()
    sys.setswitchinterval(usual_s)


def _turn_ms() -> float:
    return round(sys.getswitchinterval() * 1000, 3)


def test_turns_are_short_until_the_last_one_is_done(turns: ShortTurns) -> None:
    with turns.taken():
        with turns.taken():
            assert _turn_ms() == 0.5
        assert _turn_ms() == 0.5
    assert _turn_ms() == 20


def test_a_failed_answer_ends_its_turns(turns: ShortTurns) -> None:
    with pytest.raises(ValueError, match="planted"), turns.taken():
        raise ValueError("planted")
    assert _turn_ms() == 20


def test_shorter_turns_stay(turns: ShortTurns) -> None:
    sys.setswitchinterval(0.00025)
    with turns.taken():
        assert _turn_ms() == 0.25
