from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oap.config.time_zone import time_zone


@pytest.mark.parametrize("name", ["Asia/Shanghai", ":Asia/Shanghai", " Asia/Shanghai "])
def test_a_zone_is_found_by_name(name: str) -> None:
    assert time_zone(name) == ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("name", ["Nowhere", "CET-1CEST", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        time_zone(name)


def test_no_name_means_the_zone_that_the_system_file_points_to(tmp_path: Path) -> None:
    target = tmp_path / "zoneinfo" / "Asia" / "Tokyo"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"")
    link = tmp_path / "localtime"
    link.symlink_to(target)
    assert time_zone("", link) == ZoneInfo("Asia/Tokyo")


def test_a_copied_system_file_is_read(tmp_path: Path) -> None:
    copy = tmp_path / "localtime"
    copy.write_bytes((files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes())
    offset = datetime(2026, 1, 1, tzinfo=time_zone("", copy)).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 9 * 3600


def test_a_system_without_a_zone_is_on_utc(tmp_path: Path) -> None:
    assert time_zone("", tmp_path / "missing") is UTC
