"""Where every row goes: tables, indices by day, document ids, discriminators, physical column names (spec storage 2.1, 2.2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from oap.storage.contract import MetricModel

SERVICE_TRAFFIC: Final = "service_traffic"
INSTANCE_TRAFFIC: Final = "instance_traffic"
ENDPOINT_TRAFFIC: Final = "endpoint_traffic"
METRIC_TABLE: Final = "metric_table"
MANAGEMENT: Final = "management"
UNFINISHED: Final = "unfinished-hand-over"
SERVICE_RELATION: Final = ("service_relation_client_side", "service_relation_server_side")
INSTANCE_RELATION: Final = ("service_instance_relation_client_side", "service_instance_relation_server_side")

_ORIGIN: Final = date(2000, 1, 1)
# Upstream names the columns so only where every function has indices of its own; the FAQ says the reverse of the code.
_SHARDED_NAMES: Final = MappingProxyType(
    {
        "double_summation": "summation",
        "double_value": "value",
        "int_value": "value",
        "datatable_value": "value",
        "service_traffic_name": "name",
        "instance_traffic_name": "name",
        "endpoint_traffic_name": "name",
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of one store. ``day_step``: days that share an index; ``is_sharded``: upstream's ``logicSharding``."""

    namespace: str = ""
    is_sharded: bool = False
    day_step: int = 1

    def alias(self, table: str) -> str:
        """Name of a table's alias and template, and of the index where there is only one."""
        return f"{self.namespace.lower() or 'sw'}_{table}"

    def index(self, table: str, bucket: int) -> str:
        """Name of the index that holds a bucket."""
        return f"{self.alias(table)}-{self.first_day(bucket)}"

    def first_day(self, bucket: int) -> int:
        """First day of the group of days that share the index of a bucket."""
        day = _day(bucket)
        first = day - timedelta(days=(day - _ORIGIN).days % self.day_step)
        return _number(first)

    def last_day(self, index: str) -> int:
        """Last day that an index may hold, told by its name."""
        return _number(_day(self.first_day_of(index)) + timedelta(days=self.day_step - 1))

    def first_day_of(self, index: str) -> int:
        """First day that an index may hold, told by its name."""
        return int(index.rpartition("-")[2])

    def metric_table(self, model: MetricModel) -> str:
        """Table of a metric."""
        return f"metrics-{model.function.lower()}" if self.is_sharded else "metrics-all"

    def table(self, name: str) -> str:
        """Table of traffic or relations, given by the model's name."""
        return name if self.is_sharded else "metrics-all"

    def row_id(self, name: str, key: str) -> str:
        """Document id of a row of traffic or relations."""
        return key if self.is_sharded else f"{name}_{key}"

    def key_of(self, name: str, row_id: str) -> str:
        """Turn a document id back into the key that ``row_id`` was given."""
        return row_id if self.is_sharded else row_id.removeprefix(f"{name}_")

    def discriminator(self, name: str) -> dict[str, str]:
        """Return the field that tells rows of traffic or relations from the others of their index."""
        return {} if self.is_sharded else {METRIC_TABLE: name}

    def only(self, *names: str) -> list[dict[str, Any]]:
        """Conditions that leave the rows of these models, which share their tables."""
        return [] if self.is_sharded else [{"terms": {METRIC_TABLE: list(names)}}]

    def column(self, name: str) -> str:
        """Physical name of a column."""
        return _SHARDED_NAMES.get(name, name) if self.is_sharded else name


def metric_key(bucket: int, entity_id: str) -> str:
    """Storage id of a metric's record."""
    return f"{bucket}_{entity_id}"


def _day(bucket: int) -> date:
    text = str(bucket)
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
