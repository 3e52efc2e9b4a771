"""Buckets are calendar integers of the server's zone; inside, minutes are indices of the local calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oap.timebucket import (
    Precision,
    bucket_array,
    bucket_of,
    buckets_between,
    epoch_ms,
    minute_index,
    minute_of,
    offset_seconds,
    precision_of,
)

T = 1714566899  # 2024-05-01 12:34:59 UTC
PARIS, ST_JOHNS = ZoneInfo("Europe/Paris"), ZoneInfo("America/St_Johns")
KATHMANDU, LORD_HOWE = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("precision", "bucket"),
    [(Precision.MINUTE, 202405011234), (Precision.HOUR, 2024050112), (Precision.DAY, 20240501)],
)
def test_bucket_of_an_instant(precision: Precision, bucket: int) -> None:
    assert bucket_of(minute_index(T, UTC), precision) == bucket
    assert precision_of(bucket) is precision


@pytest.mark.parametrize(
    ("zone", "bucket"),
    [("UTC", 202405011234), ("Europe/Paris", 202405011434), ("Asia/Kolkata", 202405011804),
     ("Asia/Kathmandu", 202405011819), ("America/St_Johns", 202405011004), ("Pacific/Kiritimati", 202405020234)],
)  # fmt: skip
def test_minute_is_that_of_the_zone(zone: str, bucket: int) -> None:
    assert bucket_of(minute_index(T, ZoneInfo(zone)), Precision.MINUTE) == bucket


@pytest.mark.parametrize(
    ("second", "offset", "bucket"),
    [
        (1711846799, 3600, 202403310159),
        (1711846800, 7200, 202403310300),
        (1729990799, 7200, 202410270259),
        (1729990800, 3600, 202410270200),
        (1729994399, 3600, 202410270259),
        (1729994400, 3600, 202410270300),
    ],
)
def test_summer_time_leaves_an_hour_out_and_has_one_twice(second: int, offset: int, bucket: int) -> None:
    assert offset_seconds(second, PARIS) == offset
    assert bucket_of(minute_index(second, PARIS), Precision.MINUTE) == bucket


def test_summer_time_of_half_an_hour() -> None:
    clocks = [
        bucket_of(minute_index(1712415600 + minutes * 60, LORD_HOWE), Precision.MINUTE) for minutes in (-1, 0, 29, 30)
    ]
    assert clocks == [202404070159, 202404070130, 202404070159, 202404070200]


def test_time_before_the_epoch_counts_down() -> None:
    assert minute_index(-1, UTC) == -1
    assert bucket_of(-1, Precision.MINUTE) == 196912312359


@given(st.integers(0, 60_000_000))
def test_minute_survives_its_bucket(minute: int) -> None:
    assert minute_of(bucket_of(minute, Precision.MINUTE)) == minute
    assert minute_of(bucket_of(minute, Precision.HOUR)) == minute // 60 * 60
    assert minute_of(bucket_of(minute, Precision.DAY)) == minute // 1440 * 1440


@given(st.integers(0, 2**32), st.sampled_from([UTC, PARIS, ST_JOHNS, KATHMANDU, LORD_HOWE]))
def test_bucket_is_what_a_calendar_shows(second: int, zone: ZoneInfo) -> None:
    at = datetime.fromtimestamp(second, zone)
    assert bucket_of(minute_index(second, zone), Precision.MINUTE) == int(at.strftime("%Y%m%d%H%M"))


@pytest.mark.parametrize(
    ("first", "last", "buckets"),
    [
        (202402282359, 202402290001, [202402282359, 202402290000, 202402290001]),
        (2023123123, 2024010100, [2023123123, 2024010100]),
        (20240228, 20240301, [20240228, 20240229, 20240301]),
        (20240301, 20240301, [20240301]),
        (20240302, 20240301, []),
    ],
)
def test_buckets_between_are_all_of_the_range(first: int, last: int, buckets: list[int]) -> None:
    assert buckets_between(first, last) == buckets


@pytest.mark.parametrize(
    ("bucket", "second"),
    [(202405011434, T - 59), (2024050114, 1714564800), (20240501, 1714514400), (202410270230, 1729989000)],
)
def test_bucket_starts_at_an_instant(bucket: int, second: int) -> None:
    assert epoch_ms(bucket, PARIS) == 1000 * second


def test_bucket_that_no_clock_shows_lies_where_the_clock_jumped() -> None:
    assert epoch_ms(202403310230, PARIS) == 1000 * (1711846800 + 1800)


def test_other_numbers_have_no_precision() -> None:
    with pytest.raises(KeyError):
        precision_of(2024)


def test_array_of_minutes_becomes_an_array_of_buckets() -> None:
    minutes = np.array([minute_index(T, UTC), 0, minute_index(T, UTC)])
    assert bucket_array(minutes).tolist() == [202405011234, 197001010000, 202405011234]


def test_precisions_say_their_minutes() -> None:
    assert [timedelta(minutes=precision.minutes) for precision in Precision] == [
        timedelta(minutes=1),
        timedelta(hours=1),
        timedelta(days=1),
    ]
