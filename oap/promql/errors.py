"""What clients of this API can get wrong, by the names that Prometheus has for it."""

from enum import StrEnum


class ErrorType(StrEnum):
    """``errorType`` of an answer."""

    BAD_DATA = "bad_data"
    EXECUTION = "execution"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    NOT_FOUND = "not_found"


class PromqlError(Exception):
    """The request cannot be answered; the message, a line for each finding, is what the client reads."""

    def __init__(self, message: str, type_: ErrorType = ErrorType.BAD_DATA) -> None:
        super().__init__(message)
        self.type = type_
