"""When windows open and close, and what hours and days hold (design 5)."""

import itertools
from collections.abc import Sequence

import pytest

from oap.timebucket import Precision
from oap.window.book import WindowBook
from tests.oap.window.calls import Call, day, hour, minute
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once
from tests.oap.window.row_fold import RowFold
from tests.oap.window.row_language import parse_rows

S1 = "czEuc2hvcA==.1"
COUNT = "m = from(K8SService.*).count();"


def open_minutes(rig: PipelineRig) -> list[int]:
    return [opened.window.bucket for _, opened in sorted(rig.pipeline.book.minutes.items())]


def open_longer(rig: PipelineRig) -> list[int]:
    return sorted(opened.window.bucket for opened in rig.pipeline.book.longer.values())


def counts(rig: PipelineRig) -> dict[int, object]:
    return {bucket: record["value"] for (_, _, bucket), record in rig.stored().items()}


def test_minute_closes_when_it_is_settled_and_was_quiet_since_the_last_hand_over() -> None:
    rig = PipelineRig(COUNT, lateness_s=120)
    rig.accept(Call(0), Call(3))
    rig.hand_over()
    assert open_minutes(rig) == [minute(0), minute(3)]
    assert rig.hand_over().closed == [minute(0)]
    assert open_minutes(rig) == [minute(3)]


def test_minute_within_the_lateness_stays_open() -> None:
    rig = PipelineRig(COUNT, lateness_s=240)
    rig.accept(Call(0), Call(3))
    rig.hand_over()
    assert rig.hand_over().closed == []


def test_late_rows_open_their_minute_again_and_add_up() -> None:
    rig = PipelineRig(COUNT)
    rig.accept(Call(0), Call(30))
    rig.hand_over()
    assert rig.hand_over().closed == [minute(0)]
    rig.accept(Call(0), Call(0))
    assert open_minutes(rig) == [minute(0), minute(30)]
    assert counts(rig) == {minute(0): 3, minute(30): 1, hour(0): 4, day(0): 4}


def test_hour_and_day_close_after_their_last_minute() -> None:
    rig = PipelineRig(COUNT)
    rig.accept(Call(59), Call(70))
    rig.hand_over()
    assert rig.hand_over().closed == [minute(59), hour(59)]
    assert open_longer(rig) == [day(70), hour(70)]
    rig.accept(Call(1440 + 4))
    assert rig.hand_over().closed == [minute(70), hour(70), day(70)]
    assert open_longer(rig) == [day(1444), hour(1444)]


def test_hour_stays_open_while_one_of_its_minutes_is() -> None:
    rig = PipelineRig(COUNT)
    rig.accept(Call(59), Call(70))
    rig.hand_over()
    rig.accept(Call(59))
    assert rig.hand_over().closed == []
    assert rig.hand_over().closed == [minute(59), hour(59)]


def test_everything_closes_all_windows() -> None:
    rig = PipelineRig(COUNT)
    rig.accept(Call(0), Call(61))
    closed = rig.hand_over(everything=True).closed
    assert sorted(closed) == sorted([minute(0), minute(61), hour(0), hour(61), day(0)])
    assert len(rig.pipeline.book) == 0


@pytest.mark.parametrize("order", list(itertools.permutations([0, 5, 59, 60])), ids=str)
def test_hour_is_the_sum_of_its_minutes_in_any_order_of_arrival(order: Sequence[int]) -> None:
    rig = PipelineRig(COUNT, lateness_s=0)
    for number in order:
        rig.accept(Call(number), Call(number))
        rig.hand_over()
        rig.hand_over()
    expected = {minute(number): 2 for number in order} | {hour(0): 6, hour(60): 2, day(0): 8}
    assert counts(rig) == expected


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_number_of_open_windows_is_bounded(limit: int) -> None:
    rig = PipelineRig(COUNT, max_open_windows=limit)
    stream = [Call(number, server=10 + number % 3) for number in (*range(0, 400, 7), *range(400, 0, -9), 3, 3)]
    for call in stream:
        rig.accept(call)
        if rig.pipeline.needs_hand_over:
            rig.hand_over()
        book = rig.pipeline.book
        assert len(book.minutes) <= limit
        assert len(book.longer) <= limit + 2
    assert rig.stored() == stored_at_once(stream, COUNT)


def test_oldest_minutes_close_first() -> None:
    rig = PipelineRig(COUNT, lateness_s=86400, max_open_windows=2)
    rig.accept(Call(9), Call(4), Call(7), Call(5))
    assert rig.pipeline.needs_hand_over
    assert rig.hand_over().closed == [minute(4), minute(5)]
    assert not rig.pipeline.needs_hand_over


def test_longer_windows_can_be_left_out() -> None:
    fold = RowFold("m = from(K8SService.*).count();")
    book = WindowBook(fold.plan, [Precision.HOUR])
    fold.add_to(book, parse_rows("H(A,0930,1) H(A,0931,1)"))
    records = fold.records(book.collect(fold.sources, 0, everything=True).states)
    assert {key[2]: record["value"] for key, record in records.items()} == {
        202607010930: 1,
        202607010931: 1,
        2026070109: 2,
    }


def test_bytes_are_those_of_all_windows() -> None:
    fold = RowFold("m = from(Service.*).count();")
    book = WindowBook(fold.plan)
    fold.add_to(book, parse_rows("S(A,0930) S(B,0931)"))
    cells, row_count, primitive = 2, 8, 8
    assert book.nbytes == 2 * cells * (row_count + primitive)
    assert len(book) == 4


def test_absorbed_window_comes_before_what_is_open() -> None:
    fold = RowFold("m = from(K8SService.*).labelCount(protocol.http.method, 1);")
    book, elsewhere = WindowBook(fold.plan), WindowBook(fold.plan)
    fold.add_to(elsewhere, parse_rows("H(A,0930,1,method=GET) H(A,0931,1,method=PUT)"))
    fold.add_to(book, parse_rows("H(A,0930,1,method=POST) H(A,0930,1,method=GET)"))
    for opened in elsewhere.minutes.values():
        book.absorb(opened.window)
    records = fold.records(book.collect(fold.sources, 0, everything=True).states)
    assert {key[2]: record["dataset"] for key, record in records.items()} == {
        202607010930: {"GET": 2},
        202607010931: {"PUT": 1},
        2026070109: {"GET": 2},
        20260701: {"GET": 2},
    }
