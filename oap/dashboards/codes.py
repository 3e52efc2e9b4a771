"""What can be wrong with templates, and what of it keeps a server from starting."""

from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """Kinds of findings: 1 the text and its shape, 2 layout, 3 expressions, 4 what belongs together."""

    NO_JSON = "DASH101"
    NOT_ONE_TEMPLATE = "DASH102"
    MISSING_MEMBER = "DASH103"
    UNKNOWN_MEMBER = "DASH104"
    WRONG_TYPE = "DASH105"
    UNKNOWN_WORD = "DASH106"
    REPEATED_MEMBER = "DASH107"
    TOO_LONG = "DASH108"
    OUTSIDE_GRID = "DASH201"
    OVERLAP = "DASH202"
    REPEATED_WIDGET_ID = "DASH203"
    UNPARSABLE = "DASH301"
    UNKNOWN_METRIC = "DASH302"
    WRONG_SCOPE = "DASH303"
    UNEVEN_LISTS = "DASH304"
    NO_EXPRESSION = "DASH305"
    NO_LIST = "DASH306"
    MISUSE = "DASH307"
    NO_LABEL = "DASH308"
    LIST_SHOWN = "DASH309"
    SERIES_SHOWN = "DASH310"
    REPEATED_ID = "DASH401"
    REPEATED_NAME = "DASH402"
    BROKEN_LINK = "DASH403"
    BROKEN_ASSOCIATION = "DASH404"
    NO_ROOT = "DASH405"
    SEVERAL_ROOTS = "DASH406"


REFUSED: Final = frozenset({Code.NO_JSON, Code.NOT_ONE_TEMPLATE, Code.TOO_LONG, Code.REPEATED_ID, Code.REPEATED_NAME})
"""Wherever they are found, no server starts. A missing or wrong id, configuration or name is found as NOT_ONE_TEMPLATE."""
