"""Where the records of a metric are stored, in the names of each store (spec storage 1.7, 2.1, 3.1)."""

from dataclasses import dataclass
from typing import Final

from oal.plan import Metric

_MYSQL_NAMES: Final = {"value": "value_", "precision": "cal_precision", "match": "match_num"}


@dataclass(frozen=True, slots=True)
class StoredAs:
    """A store, the tables or indices in it, which of their rows belong to the metric, and the columns."""

    store: str
    places: tuple[str, ...]
    rows: str
    columns: tuple[str, ...]


def stored_as(metric: Metric) -> tuple[StoredAs, ...]:
    """The places of a metric's records in all stores, state columns in declared order."""
    columns = tuple(column.name for column in metric.function.columns)
    function = metric.function.name.lower()
    return (
        StoredAs(
            "embedded (duckdb)",
            tuple(f"{precision}_{metric.scope}" for precision in ("minute", "hour", "day")),
            "one row per bucket and entity",
            tuple(f"{metric.name}.{column}" for column in columns),
        ),
        StoredAs(
            "Elasticsearch",
            ("sw_metrics-all-<yyyyMMdd>", f"sw_metrics-{function}-<yyyyMMdd> with logicSharding"),
            f"metric_table = {metric.name}",
            columns,
        ),
        StoredAs(
            "MySQL",
            (f"metrics_{function}_<yyyyMMdd>",),
            f"table_name = {metric.name}",
            tuple(_MYSQL_NAMES.get(column, column) for column in columns),
        ),
    )
