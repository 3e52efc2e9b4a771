"""The storage contract: what the core hands over and asks for. No backend is named here.

Rows are running totals under the key (model, entity, bucket), so handing the same row over again is harmless. All calls may
block; all may raise ``StorageUnavailable`` before any state changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from oal.functions.contract import StateColumn, Tables, ValueKind


class StorageError(Exception):
    """Root of all errors of this package."""


class StorageUnavailable(StorageError):  # noqa: N818  (a state of the store, not a mistake of anybody)
    """The store cannot take or answer this now; try again after ``retry_after`` seconds."""

    def __init__(self, reason: str, retry_after: float = 1.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class MetricModel:
    """Shape of one metric's records (spec storage 1.7).

    ``scope`` is the OAL scope name, ``category`` the query catalog name (SERVICE, ENDPOINT ...), ``function`` the OAL function,
    ``columns`` its state columns in declared order. ``has_service_id``: records carry the id of the service they belong to.
    ``attr0`` is written into that column of every record when not None.
    """

    name: str
    scope: str
    category: str
    function: str
    columns: tuple[StateColumn, ...]
    value_column: str
    value_kind: ValueKind
    has_service_id: bool
    attr0: str | None = None


@dataclass(frozen=True, slots=True)
class MetricColumns:
    """Records of one metric for the entities of a ``MetricRows``: arrays of that length, ``present`` says where a record is."""

    model: MetricModel
    present: npt.NDArray[np.bool_]
    columns: Mapping[str, npt.NDArray[np.int64] | npt.NDArray[np.float64] | Tables]


@dataclass(frozen=True, slots=True)
class MetricRows:
    """Records of all metrics of one scope in one bucket (its digits tell minute, hour or day).

    ``service_ids`` is aligned with ``entity_ids``; None for scopes whose records have no service id.
    """

    scope: str
    bucket: int
    entity_ids: Sequence[str]
    service_ids: Sequence[str] | None
    metrics: Sequence[MetricColumns]


@dataclass(frozen=True, slots=True)
class ServiceTraffic:
    """A service seen (spec entities 9). ``bucket``: first minute; a stored smaller one is kept."""

    service_id: str
    name: str
    layer: int
    bucket: int


@dataclass(frozen=True, slots=True)
class InstanceTraffic:
    """An instance seen. ``bucket`` as for services; ``last_ping`` (minute bucket) replaces the stored one."""

    instance_id: str
    service_id: str
    name: str
    bucket: int
    last_ping: int


@dataclass(frozen=True, slots=True)
class EndpointTraffic:
    """An endpoint seen; fields as for instances, but a stored larger ``last_ping`` is kept."""

    endpoint_id: str
    service_id: str
    name: str
    bucket: int
    last_ping: int


@dataclass(frozen=True, slots=True)
class ServiceRelationRow:
    """An edge between services in one bucket, seen from one side. ``component_ids`` ascending; merged as a set."""

    bucket: int
    is_server_side: bool
    entity_id: str
    source_service_id: str
    dest_service_id: str
    component_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InstanceRelationRow:
    """An edge between instances in one bucket, seen from one side."""

    bucket: int
    is_server_side: bool
    entity_id: str
    source_service_id: str
    source_service_instance_id: str
    dest_service_id: str
    dest_service_instance_id: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Everything that one hand-over writes, in one transaction where the backend has them."""

    metrics: Sequence[MetricRows] = field(default=())
    services: Sequence[ServiceTraffic] = field(default=())
    instances: Sequence[InstanceTraffic] = field(default=())
    endpoints: Sequence[EndpointTraffic] = field(default=())
    service_relations: Sequence[ServiceRelationRow] = field(default=())
    instance_relations: Sequence[InstanceRelationRow] = field(default=())


LONGEST_CONFIGURATION: Final = 1_000_000
"""Characters of a template that every backend takes."""


@dataclass(frozen=True, slots=True)
class Template:
    """A dashboard template (spec storage 1.6 ui_template). ``configuration`` is JSON text, ``update_time`` in ms."""

    template_id: str
    configuration: str
    update_time: int
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class SeriesRead:
    """A series to read: values of a metric for an entity."""

    model: MetricModel
    entity_id: str


@dataclass(frozen=True, slots=True)
class TopRead:
    """A top-n list to read: ``count`` entities of a metric by mean value. All conditions are ANDed.

    ``service_id`` leaves the instances or endpoints of a service. ``attr0_equal``, ``attr0_not_equal``: the attribute is
    each of the former and none of the latter; one that is null is equal and unequal to nothing.
    """

    model: MetricModel
    count: int
    descending: bool
    service_id: str | None = None
    attr0_equal: tuple[str, ...] = ()
    attr0_not_equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopEntity:
    """One entry of a top-n list: the mean of the entity's points, cut to an integer."""

    entity_id: str
    value: int


@runtime_checkable
class RefusesRows(Protocol):
    """A backend that leaves out rows which its database will never take, and counts them."""

    @property
    def refused_rows(self) -> Mapping[str, int]:
        """How many so far, by reason."""


class Storage(Protocol):
    """A backend. One object serves all threads. Ranges of buckets are inclusive and of one precision."""

    def prepare(self, models: Sequence[MetricModel]) -> None:
        """Create what is missing for these metrics; callable again at any time with more of them, data is kept."""

    def write(self, rows: HandOver) -> None:
        """Store all rows of a hand-over, each replacing (metrics) or merging with (the rest) the row under its key."""

    def load_metrics(self, models: Sequence[MetricModel], bucket: int) -> MetricRows | None:
        """All stored records of these metrics (one scope) in a bucket with all their columns; None if there are none."""

    def series(self, reads: Sequence[SeriesRead], first: int, last: int) -> Sequence[Mapping[int, int | float]]:
        """Values of regular metrics by bucket, ascending, one mapping for each read; missing buckets are absent.

        All reads together cost one round trip for each family of metrics, which is what the backend keeps in one table.
        """

    def labeled_series(
        self, reads: Sequence[SeriesRead], first: int, last: int
    ) -> Sequence[Mapping[int, Mapping[str, int]]]:
        """Values of labelled metrics or heatmaps by bucket, then by stored key text (``{p=50}``); else as ``series``."""

    def top_n(self, reads: Sequence[TopRead], first: int, last: int) -> Sequence[Sequence[TopEntity]]:
        """Entities by mean value over the range, ties by entity id, ascending; one list for each read, in one round trip."""

    def services(self) -> Sequence[ServiceTraffic]:
        """All services, one row per (name, layer), by name."""

    def instances(self, service_id: str, first_minute: int, last_minute: int) -> Sequence[InstanceTraffic]:
        """Instances with last ping not before the first and first seen not after the last minute bucket, by name."""

    def instance(self, instance_id: str) -> InstanceTraffic | None:
        """One instance."""

    def endpoints(
        self, service_id: str, keyword: str, limit: int, range_: tuple[int, int] | None = None
    ) -> Sequence[EndpointTraffic]:
        """Endpoints whose name contains the keyword, newest first, filtered by minute buckets as instances are."""

    def service_relations(
        self, first: int, last: int, service_ids: Sequence[str] | None = None
    ) -> Sequence[ServiceRelationRow]:
        """Edges in a range where source or dest is one of the ids (None: all), distinct by side, entity and components.

        ``bucket`` of each is the earliest one. Client side first, then by entity id.
        """

    def instance_relations(
        self, first: int, last: int, client_service_id: str, server_service_id: str
    ) -> Sequence[InstanceRelationRow]:
        """Instance edges between the two services, in either direction; distinct and ordered as service relations."""

    def templates(self, *, include_disabled: bool = False) -> Sequence[Template]:
        """All templates by id."""

    def save_template(self, template: Template) -> None:
        """Insert or replace a template."""

    def menu(self) -> str | None:
        """The stored menu as JSON text (spec query 5.4), None before one was saved."""

    def save_menu(self, configuration: str, update_time: int) -> None:
        """Insert or replace the menu; ``update_time`` in ms."""

    def delete_before(self, day: int) -> int:
        """Delete all time series rows and traffic last seen before a day bucket; return how many rows went."""

    def close(self) -> None:
        """Flush and release; the object is unusable afterwards."""
