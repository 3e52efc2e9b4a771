"""What the answers of nodes mean: stored, not now, or never."""

from collections.abc import Mapping
from typing import Any, Final

from elastic_transport import OrjsonSerializer

# Passwords and rights change while rows wait, disks are cleared, nodes come back.
_NOT_NOW: Final = frozenset({401, 403, 408, 429})
_BUSY: Final = frozenset({408, 429})
_BROKEN: Final = 500
_HINTS: Final[Mapping[int, str]] = {401: "user and password are refused", 403: "the user may not do this"}
_ALL_STORED: Final = b'{"errors":false,'


class AnswerSerializer(OrjsonSerializer):
    """Leaves the items unread where a bulk request says first that all of them are stored: half of our time, measured."""

    def loads(self, data: bytes) -> Any:
        return {"errors": False} if data.startswith(_ALL_STORED) else super().loads(data)


def is_not_now(status: int, error: Mapping[str, Any]) -> bool:
    """Whether what was refused with this status and error may be taken later."""
    if status in _NOT_NOW or status >= _BROKEN:
        return True
    # A cluster that has all the shards it may have calls the day's new index a bad request.
    return error.get("type") == "validation_exception" and "shards open" in str(error.get("reason"))


def is_busy(status: int, error: Mapping[str, Any]) -> bool:
    """Whether it may be taken in seconds: a queue is full or a shard on its way, but nobody has to do anything."""
    return (status in _BUSY or status >= _BROKEN) and error.get("type") != "cluster_block_exception"


def error_of(answer: object) -> Mapping[str, Any]:
    """What an answer says is wrong, empty if it does not say."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {}


def reason_of(status: int, answer: object) -> str:
    """The same in words."""
    if error := error_of(answer):
        causes = error.get("root_cause") or [error]
        return f"{causes[0].get('type')}: {causes[0].get('reason')} (status {status})"
    said = answer.get("error") if isinstance(answer, dict) else None
    return f"{_HINTS.get(status) or said or answer or 'no reason given'} (status {status})"
