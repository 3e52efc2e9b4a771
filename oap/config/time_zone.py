"""The time zone whose calendar all buckets follow."""

from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_SYSTEM_ZONE = Path("/etc/localtime")


def time_zone(name: str, system_zone: Path = _SYSTEM_ZONE) -> tzinfo:
    """Zone by its name in the tz database, as ``TZ`` holds it (a leading colon is ignored); the system's when empty.

    Raises ValueError when there is no such zone.
    """
    wanted = name.strip().removeprefix(":")
    if not wanted:
        return _zone_of_file(system_zone)
    try:
        return ZoneInfo(wanted)
    except (OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError, caught below
        raise ValueError(f"'{name}' is no time zone") from error
    except KeyError as error:
        raise ValueError(f"there is no time zone '{name}'") from error


def _zone_of_file(path: Path) -> tzinfo:
    try:
        _, found, key = str(path.resolve()).partition("/zoneinfo/")
        if found:
            return ZoneInfo(key)
        with path.open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError, KeyError):
        return UTC
