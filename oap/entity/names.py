"""Names as they are shown and stored: length limits, groups, endpoint texts (spec entities 3)."""

from dataclasses import dataclass

_HTTP_METHODS = ("Get", "Post", "Put", "Delete", "Head", "Patch", "Options", "Trace", "Connect")
_UNRECOGNIZED = "UNRECOGNIZED"
_GROUP_SEPARATOR = "::"


@dataclass(frozen=True, slots=True)
class NameLimits:
    """Longest names, in UTF-16 code units."""

    service: int = 70
    instance: int = 70
    endpoint: int = 150


def truncate(name: str, limit: int) -> str:
    """Return the first ``limit`` UTF-16 code units of a name.

    When the cut falls inside a character beyond U+FFFF the whole character goes: upstream keeps half of it, which is no
    text and would turn into ``?`` as soon as it is encoded.
    """
    if len(name) * 2 <= limit or (len(name) <= limit and name.isascii()):
        return name
    if name.isascii():
        return name[:limit]
    units = name.encode("utf-16-le")
    return name if len(units) <= 2 * limit else units[: 2 * limit].decode("utf-16-le", "ignore")


def group_and_short_name(name: str) -> tuple[str | None, str]:
    """Split ``group::name``; without a group, or with an empty one, the short name is the whole name."""
    group, separator, short_name = name.partition(_GROUP_SEPARATOR)
    return (group, short_name) if separator and group else (None, name)


def http_method(number: int) -> str:
    """Enum identifier of an HTTP method number, in the wire enum's mixed case."""
    return _HTTP_METHODS[number] if 0 <= number < len(_HTTP_METHODS) else _UNRECOGNIZED


def endpoint_name(method: int, path: str) -> str:
    """Return the text of an HTTP endpoint, such as ``GET:/reviews/0``; the path is taken as it is, "" included."""
    return f"{http_method(method).upper()}:{path}"
