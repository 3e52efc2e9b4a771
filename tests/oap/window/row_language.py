"""The row language of the conformance table: ``H(A,0930,10,code=404)*3`` and ``m A@0930 value=7`` (spec oal 9.2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oap.timebucket import minute_of

DAY = 20260701
_ROW = re.compile(r"([HKSER])\(([^)]*)\)(?:\*(\d+))?")
_RANKS = ("{p=50}", "{p=75}", "{p=90}", "{p=95}", "{p=99}")

Record = Mapping[str, object]
RecordKey = tuple[str, str, int]
"""(metric, entity, bucket)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: ``values`` by row column, ``cell`` by cell column."""

    scope: str
    entity: str
    minute: int
    table: str
    values: Mapping[str, object] = field(default_factory=dict)
    cell: Mapping[str, object] = field(default_factory=dict)


def parse_rows(text: str) -> list[Row]:
    """All rows of a cell of the table, in order."""
    rows: list[Row] = []
    for kind, arguments, times in _ROW.findall(text):
        rows += [_row(kind, arguments.split(","))] * int(times or 1)
    return rows


def parse_expected(text: str) -> dict[RecordKey, dict[str, object]]:
    """The expected records with the columns that are listed."""
    return dict(_record(part.split()) for part in text.split("; "))


def parse_thresholds(text: str) -> dict[str, int]:
    """``default=100 svc-A=200`` as a mapping."""
    return {name: int(value) for name, _, value in (part.partition("=") for part in text.split())}


def _row(kind: str, arguments: Sequence[str]) -> Row:
    entity, at = arguments[0], minute_of(int(f"{DAY}{arguments[1]}"))
    if kind == "H":
        return _request(entity, at, int(arguments[2]), _options(arguments[3:]))
    if kind == "S":
        return Row("Service", entity, at, "service", _options(arguments[2:]))
    if kind == "E":
        return Row("K8SEndpoint", entity, at, "http", _endpoint_columns(_options(arguments[2:])))
    options = _options(arguments[3:])
    detect_point = options.pop("dp", "SERVER")
    scope = "K8SServiceRelation" if kind == "R" else "K8SService"
    return Row(scope, entity, at, arguments[2], options, {"detect_point": detect_point})


def _request(entity: str, minute: int, latency: int, options: Mapping[str, object]) -> Row:
    code = options.get("code", 200)
    values = {
        "protocol.http.latency": latency,
        "protocol.http.statusCode": code,
        "protocol.success": isinstance(code, int) and code < 500,
        "protocol.http.method": options.get("method"),
    }
    cell = {"detect_point": options.get("dp", "SERVER"), "local_service": f"svc-{entity}"}
    return Row("K8SService", entity, minute, "http", values, cell)


def _endpoint_columns(options: Mapping[str, object]) -> Mapping[str, object]:
    columns = {"duration": "protocol.http.latency", "success": "protocol.success"}
    return {columns[name]: value for name, value in options.items()}


def _options(arguments: Sequence[str]) -> dict[str, object]:
    return {name: _value(name, text) for name, _, text in (argument.partition("=") for argument in arguments)}


def _value(name: str, text: str) -> object:
    if name == "tag":
        key, _, value = text.partition(":")
        return {key: value}
    if name == "tags":
        return tuple(text.strip("[]").split(";"))
    if text in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[text]
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _record(words: Sequence[str]) -> tuple[RecordKey, dict[str, object]]:
    named = "@" not in words[0]
    metric, place, columns = (words[0], words[1], words[2:]) if named else ("m", words[0], words[1:])
    entity, _, at = place.partition("@")
    bucket = DAY if at == "day" else int(f"{DAY}{at}")
    return (metric, entity, bucket), dict(_column(text) for text in columns)


def _column(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    if name == "p":
        return "datatable_value", dict(zip(_RANKS, map(int, value.split("/")), strict=True))
    if name == "attr0":
        return name, None if value == "null" else value
    if ":" in value:
        entries = (entry.rpartition(":") for entry in value.split(","))
        return name, {key: int(number) for key, _, number in entries}
    return name, float(value) if "." in value else int(value)
