"""Which minute each log belongs to, and what becomes of it (spec entities 7, design 5).

A log's minute is its own: boot time of its node plus its offset, in whole seconds, in the local calendar. The receive
time only says what lies too far in the future and what is older than data is kept.
"""

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import numpy.typing as npt

from oap.accounting import OUTCOMES, Accounts, Outcome
from oap.compiled import njit
from oap.entity.connections import Attribution
from oap.entity.routes import INSTANCE, SERVICE, RouteTable
from oap.growing import GrowingArray
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import LogBatch
from oap.renumbering import Kept
from oap.timebucket import offset_seconds
from oap.window.late_rows import OPERATION_BITS, LateRows

OPERATIONS = (lay.CONNECT, lay.ACCEPT, lay.CLOSE, lay.READ, lay.WRITE, lay.HTTP)
UNPLACED = -1

_QUARTER_S = 900  # no time zone changes its offset within a quarter of an hour of UTC
_DAY_S = 86400
_NS_PER_S = 1_000_000_000

_FOLDED, _LATE, _REFUSED = int(Outcome.FOLDED), int(Outcome.LATE), int(Outcome.REFUSED)
_NO_NODE, _NO_OPERATION = int(Outcome.NO_NODE), int(Outcome.NO_OPERATION)
_NO_PROTOCOL, _EXPIRED = int(Outcome.NO_PROTOCOL), int(Outcome.EXPIRED)


@dataclass(frozen=True, slots=True)
class TimeBounds:
    """What is in time.

    ``ttl_days`` calendar days are kept, today included; seconds beyond ``future_s`` ahead of the clock are refused; a
    minute is settled once the newest log is ``lateness_s`` past its end.
    """

    zone: tzinfo
    ttl_days: int = 7
    future_s: int = 600
    lateness_s: int = 120


@dataclass(frozen=True, slots=True)
class Placement:
    """Minute index and route, both int32[operation, row]: operations as in OPERATIONS, rows as in their tables.

    Both are -1 for rows not to be folded. ``http_seconds`` int64: epoch seconds of the HTTP rows. ``minutes`` are the
    distinct minutes, ascending.
    """

    minute: npt.NDArray[np.int32]
    route: npt.NDArray[np.int32]
    http_seconds: npt.NDArray[np.int64]
    minutes: tuple[int, ...]


class Calendar:
    """Offsets of the local calendar for the span of time that logs may have, as a table for compiled code."""

    def __init__(self, bounds: TimeBounds) -> None:
        self._bounds = bounds
        self._until = -1
        self.first_quarter = 0
        self.offsets = np.zeros(0, np.int64)
        self.first_minute = 0

    def refresh(self, now_s: int) -> None:
        """Rebuild the table when the clock left the quarter of an hour it was made for."""
        quarter = now_s // _QUARTER_S
        if quarter == self._until:
            return
        self._until = quarter
        zone = self._bounds.zone
        self.first_quarter = (now_s - (self._bounds.ttl_days + 2) * _DAY_S) // _QUARTER_S
        last = (now_s + self._bounds.future_s + _DAY_S) // _QUARTER_S
        quarters = range(self.first_quarter, last + 1)
        self.offsets = np.array([offset_seconds(q * _QUARTER_S, zone) for q in quarters], dtype=np.int64)
        today = (now_s + offset_seconds(now_s, zone)) // _DAY_S
        self.first_minute = (today - self._bounds.ttl_days + 1) * (_DAY_S // 60)


@njit(boundscheck=False)
def _place(  # noqa: C901, PLR0912, PLR0915  (one compiled loop)
    order: npt.NDArray[np.int64],
    message_route: npt.NDArray[np.int32],
    message_node: npt.NDArray[np.int32],
    boot_s: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    first_quarter: int,
    first_minute: int,
    latest_s: int,
    lateness_s: int,
    watermark: npt.NDArray[np.int64],
    service_of: npt.NDArray[np.int32],
    instance_of: npt.NDArray[np.int32],
    service_first: npt.NDArray[np.int64],
    service_dirty: npt.NDArray[np.bool_],
    instance_first: npt.NDArray[np.int64],
    instance_last: npt.NDArray[np.int64],
    instance_dirty: npt.NDArray[np.bool_],
    outcomes: npt.NDArray[np.int64],
    late: npt.NDArray[np.int64],
    minute_of: npt.NDArray[np.int32],
    route_of: npt.NDArray[np.int32],
    http_seconds: npt.NDArray[np.int64],
    minutes: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Return how many distinct minutes were met, too many if they are more than fit, and logs that lack a timestamp."""
    distinct = 0
    previous = np.int64(-1)
    timestamps_missing = 0
    for log in range(len(order)):
        message = order[log, lay.MESSAGE]
        operation = order[log, lay.OPERATION]
        row = order[log, lay.ROW]
        route = message_route[message]
        tabled = lay.CONNECT <= operation <= lay.HTTP
        if tabled:
            minute_of[operation - 1, row] = UNPLACED
            route_of[operation - 1, row] = UNPLACED
        if route < 0:
            outcomes[-route] += 1
            continue
        node = message_node[message]
        if node < 0:
            outcomes[_NO_NODE] += 1
            continue
        if not tabled:
            outcomes[_NO_OPERATION if operation == lay.NO_OPERATION else _NO_PROTOCOL] += 1
            continue
        timestamps_missing += order[log, lay.FLAGS]
        offset = order[log, lay.OFFSET]
        whole = offset // _NS_PER_S
        if offset < 0 and whole * _NS_PER_S != offset:
            whole += 1
        second = boot_s[node] + whole
        if second > latest_s:
            outcomes[_REFUSED] += 1
            continue
        quarter = second // _QUARTER_S - first_quarter
        if quarter < 0:
            outcomes[_EXPIRED] += 1
            continue
        minute = (second + offsets[quarter]) // 60
        if minute < first_minute:
            outcomes[_EXPIRED] += 1
            continue
        if second // 60 * 60 + 60 + lateness_s <= watermark[0]:
            late[outcomes[_LATE]] = minute << OPERATION_BITS | operation - 1
            outcomes[_LATE] += 1
        else:
            outcomes[_FOLDED] += 1
            watermark[0] = max(watermark[0], second)
        minute_of[operation - 1, row] = minute
        route_of[operation - 1, row] = route
        if operation == lay.HTTP:
            http_seconds[row] = second
        service = service_of[route]
        if service >= 0:
            service_first[service] = min(service_first[service], minute)
            service_dirty[service] = True
        instance = instance_of[route]
        if instance >= 0:
            instance_first[instance] = min(instance_first[instance], minute)
            instance_last[instance] = minute
            instance_dirty[instance] = True
        if minute != previous:
            previous = minute
            found = False
            for i in range(min(distinct, len(minutes))):
                found = found or minutes[i] == minute
            if not found:
                if distinct < len(minutes):
                    minutes[distinct] = minute
                distinct += 1
    return distinct, timestamps_missing


class Placer:
    """Gives every log of a batch its minute and keeps the traffic of services and instances (spec entities 9).

    ``service_first``, ``instance_first``: smallest minute index seen; ``instance_last``: that of the last log to
    arrive; the ``dirty`` flags say what changed since they were last cleared. ``late`` counts the rows that came when
    their minute was settled.
    """

    def __init__(self, routes: RouteTable, bounds: TimeBounds, accounts: Accounts) -> None:
        self._routes = routes
        self._bounds = bounds
        self._accounts = accounts
        self._calendar = Calendar(bounds)
        self._watermark = np.full(1, np.iinfo(np.int64).min // 2, dtype=np.int64)
        self.late = LateRows()
        never = np.iinfo(np.int64).max
        self.service_first = GrowingArray(np.int64, fill=never)
        self.service_dirty = GrowingArray(np.bool_)
        self.instance_first = GrowingArray(np.int64, fill=never)
        self.instance_last = GrowingArray(np.int64)
        self.instance_dirty = GrowingArray(np.bool_)

    @property
    def watermark_s(self) -> int:
        """Newest second that any folded log has had."""
        return int(self._watermark[0])

    def place(
        self, batch: LogBatch, attribution: Attribution, boot_s: npt.NDArray[np.int64], now_s: float
    ) -> Placement:
        """Decide about every log of the batch. ``boot_s`` int64 by node number."""
        self._calendar.refresh(int(now_s))
        self._resize()
        rows = max((len(table) for table in batch.tables.values()), default=0)
        minute = np.empty((len(OPERATIONS), rows), dtype=np.int32)
        route = np.empty((len(OPERATIONS), rows), dtype=np.int32)
        seconds = np.zeros(len(batch.tables[lay.HTTP]), dtype=np.int64)
        minutes = np.empty(64, dtype=np.int64)
        outcomes = np.zeros(OUTCOMES, dtype=np.int64)
        late = np.empty(len(batch.order), dtype=np.int64)
        distinct, missing = _place(
            batch.order,
            attribution.route,
            attribution.node,
            boot_s,
            self._calendar.offsets,
            self._calendar.first_quarter,
            self._calendar.first_minute,
            int(now_s) + self._bounds.future_s,
            self._bounds.lateness_s,
            self._watermark,
            self._routes.entity_of[SERVICE].view,
            self._routes.entity_of[INSTANCE].view,
            self.service_first.view,
            self.service_dirty.view,
            self.instance_first.view,
            self.instance_last.view,
            self.instance_dirty.view,
            outcomes,
            late,
            minute,
            route,
            seconds,
            minutes,
        )
        self._accounts.outcomes += outcomes
        if outcomes[_LATE]:
            self.late.add(late[: outcomes[_LATE]])
        self._accounts.timestamps_missing += missing
        if self._routes.self_related:
            self._note_self_related(_filled(route, batch))
        if distinct > len(minutes):
            listed = np.unique(_filled(minute, batch))
            return Placement(minute, route, seconds, tuple(listed[listed >= 0].tolist()))
        return Placement(minute, route, seconds, tuple(sorted(minutes[:distinct].tolist())))

    def keep(self, services: Kept, instances: Kept) -> None:
        """Follow a renumbering of the entities."""
        for column in (self.service_first, self.service_dirty):
            column.keep(services)
        for column in (self.instance_first, self.instance_last, self.instance_dirty):
            column.keep(instances)

    def _note_self_related(self, placed: npt.NDArray[np.int32]) -> None:
        """Count the logs of routes whose names are equal after cutting: these have no service relation."""
        logs = np.bincount(placed[placed >= 0], minlength=len(self._routes))
        numbers = np.array(self._routes.self_related)
        for number in numbers[logs[numbers] > 0].tolist():
            service = self._routes.routes[number].local.service
            self._accounts.note(Outcome.SAME_SERVICE, service, int(logs[number]))

    def _resize(self) -> None:
        services, instances = len(self._routes.entities[SERVICE]), len(self._routes.entities[INSTANCE])
        for column in (self.service_first, self.service_dirty):
            column.resize(services)
        for column in (self.instance_first, self.instance_last, self.instance_dirty):
            column.resize(instances)


def _filled(column: npt.NDArray[np.int32], batch: LogBatch) -> npt.NDArray[np.int32]:
    """The entries of all tables' rows, one after the other."""
    return np.concatenate([column[op - 1, : len(table)] for op, table in batch.tables.items()])
