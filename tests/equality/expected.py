"""The oracle's rows as the tables that a store must hold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from oap.emulator.recording import load
from oap.emulator.scenario_file import load_scenario
from tests.equality.recordings import SCENARIO, Setting, oracle_events, scenario_registry
from tests.equality.replays import Totals, oracle_totals
from tests.equality.tables import METRIC_KEY, PRECISIONS, RELATION_KEY, Tables, key_of
from tests.oracle.metrics import catalogue
from tests.oracle.model import Columns, OracleResult
from tests.oracle.oracle import run_oracle

_PRECISION_OF_DIGITS: Mapping[int, str] = {12: "minute", 10: "hour", 8: "day"}
_WITH_SERVICE_ID = {"K8SServiceInstance", "K8SEndpoint"}


@dataclass(frozen=True, slots=True)
class Reference:
    """The rows and totals that a recording must give."""

    tables: Tables
    totals: Totals


def consult_oracle(file: Path, setting: Setting) -> Reference:
    """What the oracle says of a recording of the scenario."""
    registry = scenario_registry(load_scenario(SCENARIO))
    zone = ZoneInfo(setting.zone)
    result = run_oracle(oracle_events(load(file)), registry=registry, zone=zone, now=setting.now_s)
    return Reference(expected_tables(result), oracle_totals(result))


def expected_tables(result: OracleResult) -> Tables:
    """All tables with all rows."""
    tables = dict(_metric_tables(result))
    services = [(*key, *row) for key, row in result.service_traffic.items()]
    tables["service_traffic"] = _table("service_traffic", services, ("service_id", "layer", "name", "bucket"))
    for kind, traffic in (("instance", result.instance_traffic), ("endpoint", result.endpoint_traffic)):
        names = (f"{kind}_id", "service_id", "name", "bucket", "last_ping")
        rows = [(entity_id, *row) for entity_id, row in traffic.items()]
        tables[f"{kind}_traffic"] = _table(f"{kind}_traffic", rows, names)
    tables |= _relation_tables(
        "service_relation",
        {key: (*row[:2], "|".join(map(str, row[2]))) for key, row in result.service_relations.items()},
        ("source_service_id", "dest_service_id", "component_ids"),
    )
    tables |= _relation_tables(
        "instance_relation",
        result.instance_relations,
        ("source_service_id", "source_service_instance_id", "dest_service_id", "dest_service_instance_id"),
    )
    return tables


def _metric_tables(result: OracleResult) -> Iterable[tuple[str, pa.Table]]:
    scope_of = {metric.name: metric.scope for metric in catalogue({})}
    records: dict[str, dict[str, dict[tuple[int, str], Columns]]] = defaultdict(lambda: defaultdict(dict))
    for (metric, entity_id, bucket), record in result.metrics.items():
        table = f"{_precision(bucket)}_{scope_of[metric]}"
        records[table][metric][bucket, entity_id] = record
    for table, metrics in records.items():
        keys = sorted({key for rows in metrics.values() for key in rows})
        columns: dict[str, list] = {name: [key[at] for key in keys] for at, name in enumerate(METRIC_KEY)}
        columns["service_id"] = [_service_id(table.split("_")[1], entity_id) for _, entity_id in keys]
        for metric, rows in metrics.items():
            found = [rows.get(key) for key in keys]
            for name, sample in next(iter(rows.values())).items():
                is_table = isinstance(sample, dict)
                columns[f"{metric}.{name}"] = [
                    None if row is None else _text(row[name]) if is_table else row[name] for row in found
                ]
        yield table, pa.table(columns)


def _relation_tables(kind: str, rows: Mapping[tuple[str, int, str], tuple], columns: Sequence[str]) -> Tables:
    parts: dict[str, list[tuple]] = {precision: [] for precision in PRECISIONS}
    for (side, bucket, entity_id), row in rows.items():
        parts[_precision(bucket)].append((bucket, side == "server", entity_id, *row))
    return {
        f"{kind}_{precision}": _table(f"{kind}_{precision}", part, (*RELATION_KEY, *columns))
        for precision, part in parts.items()
    }


def _table(name: str, rows: Sequence[tuple], columns: Sequence[str]) -> pa.Table:
    if not rows:
        return pa.table({column: pa.nulls(0) for column in columns})
    table = pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)))
    return table.sort_by([(column, "ascending") for column in key_of(name)])


def _precision(bucket: int) -> str:
    return _PRECISION_OF_DIGITS[len(str(bucket))]


def _service_id(scope: str, entity_id: str) -> str | None:
    return entity_id.partition("_")[0] if scope in _WITH_SERVICE_ID else None


def _text(entries: object) -> str:
    """Numeric keys ascending; labels in the order of the oracle, which is that of the ranks."""
    if not isinstance(entries, dict):
        raise TypeError(f"{entries!r} is no table")
    return "|".join(f"{key},{value}" for key, value in sorted(entries.items()))
