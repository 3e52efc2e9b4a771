from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from oap.query.duration import parse_duration
from oap.query.errors import QueryError


def buckets(start: str, end: str, step: str) -> tuple[int, ...]:
    return parse_duration({"start": start, "end": end, "step": step}).buckets()


def test_both_ends_belong_to_the_range() -> None:
    assert buckets("2026-01-31 2359", "2026-02-01 0000", "MINUTE") == (202601312359, 202602010000)
    assert buckets("2026-01-01 05", "2026-01-01 05", "HOUR") == (2026010105,)
    assert buckets("2026-02-27", "2026-03-01", "DAY") == (20260227, 20260228, 20260301)
    assert buckets("2026-01-01 000059", "2026-01-01 000100", "SECOND") == (20260101000059, 20260101000100)


def test_501_points_are_the_most() -> None:
    assert len(buckets("2026-01-01 0000", "2026-01-01 0820", "MINUTE")) == 501
    with pytest.raises(QueryError, match="502 points"):
        buckets("2026-01-01 0000", "2026-01-01 0821", "MINUTE")


def test_range_that_ends_before_it_starts_has_no_points() -> None:
    with pytest.raises(QueryError, match="ends before it starts"):
        buckets("2026-01-02", "2026-01-01", "DAY")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("2026-01-01", "MINUTE"),
        ("2026-01-01 00:00", "MINUTE"),
        ("2026-01-01 0000", "DAY"),
        ("2026-1-1", "DAY"),
        ("2026-02-30", "DAY"),
        ("", "HOUR"),
        ("0001-01-01", "DAY"),
        ("1969-12-31 23", "HOUR"),
        ("9999-12-31 2359", "MINUTE"),
        ("٢٠٢٦-٠١-٠١", "DAY"),
    ],
)
def test_text_that_does_not_fit_the_step_is_refused(text: str, step: str) -> None:
    with pytest.raises(QueryError):
        parse_duration({"start": text, "end": text, "step": step})


def test_ids_are_real_milliseconds_of_the_zone() -> None:
    at = parse_duration({"start": "2026-07-01 1200", "end": "2026-07-01 1200", "step": "MINUTE"})
    assert at.ids(UTC) == ("1782907200000",)
    assert at.ids(ZoneInfo("Europe/Berlin")) == ("1782900000000",)


def test_minute_range_reaches_one_step_further() -> None:
    assert parse_duration({"start": "2026-01-31", "end": "2026-01-31", "step": "DAY"}).minute_range() == (
        202601310000,
        202602010000,
    )
