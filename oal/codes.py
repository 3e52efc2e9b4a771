"""All codes of findings, with what each one says (spec oal 6)."""

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "E101": "a character, an escape, a string or a comment that the language does not know or that never ends",
        "E102": "something stands where something else is expected",
        "E103": "a reserved word is used as a name",
        "E104": "text that belongs to no statement, or a missing ';'",
        "E201": "the scope does not exist or has no source in this server",
        "E202": "the scope has no such attribute",
        "E203": "there is no such function",
        "E204": "the function takes another number of arguments",
        "E205": "an argument is not what the function's parameter takes",
        "E206": "the function needs a numeric attribute",
        "E207": "operator and literal do not suit the attribute's type",
        "E208": "a number does not fit 63 bits",
        "E209": "the enum type or its constant does not exist",
        "E210": "two metrics have the same name",
        "E212": "the scope has no such decorator, or the function takes none",
        "E213": "a step, a precision or a limit is less than 1",
        "E214": "a cast stands before something that is no text",
        "W301": "the function is deprecated",
        "W302": "the attribute in from(...) is not used",
        "W303": "the pattern behind like matches nothing",
        "W304": "disable names nothing that exists",
        "W305": "no row can ever reach the metric",
    }
)
"""Code -> one line. E refuses the whole rule set, W does not."""
