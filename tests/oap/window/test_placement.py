"""Every log gets its own minute of the local calendar and one outcome, wherever a batch is cut."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from oap.accounting import Accounts, Outcome
from oap.entity.connections import Attribution
from oap.entity.names import NameLimits
from oap.entity.routes import CLIENT, RouteTable, Side
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder
from oap.timebucket import Precision, bucket_of
from oap.window.placement import OPERATIONS, Placement, Placer, TimeBounds
from tests.oap.receiver.decode.decoded import block_of
from tests.oracle.fixture import http, kernel, message

NOW = 1714566910  # 2024-05-01 12:35:10 UTC
TODAY = 1714521600  # 2024-05-01 00:00:00 UTC
DAY_S = 86_400
PARIS = ZoneInfo("Europe/Paris")
A, B = Side("a", "a-0"), Side("b", "b-0")


@dataclass(slots=True)
class Rig:
    """Places logs of one route, each in a message of its own, and says their minute buckets and outcomes."""

    zone: tzinfo = UTC
    lateness_s: int = 120
    now: float = NOW
    accounts: Accounts = field(default_factory=Accounts)
    routes: RouteTable = field(default_factory=lambda: RouteTable(NameLimits()))
    placer: Placer = field(init=False)

    def __post_init__(self) -> None:
        self.routes.intern(A, B, CLIENT, (110,), 0)
        self.placer = Placer(self.routes, TimeBounds(self.zone, lateness_s=self.lateness_s), self.accounts)

    def place(self, seconds: Sequence[int], batch: int = 10_000) -> list[int | None]:
        """Minute bucket of a log at each second, None for those not to be folded."""
        found: list[int | None] = []
        for at in range(0, len(seconds), batch):
            part = seconds[at : at + batch]
            placement = self.place_messages([message(kernel("accept", second * 10**9)) for second in part])
            minutes = placement.minute[OPERATIONS.index(lay.ACCEPT), : len(part)].tolist()
            assert placement.minutes == tuple(sorted({minute for minute in minutes if minute >= 0}))
            found += [None if minute < 0 else bucket_of(minute, Precision.MINUTE) for minute in minutes]
        return found

    def place_messages(self, raws: Sequence[bytes], route: int = 0, node: int = 0, boot_s: int = 0) -> Placement:
        batch = Decoder().decode(block_of(raws))
        attribution = Attribution(np.full(len(raws), route, np.int32), np.full(len(raws), node, np.int32))
        return self.placer.place(batch, attribution, np.array([boot_s], np.int64), self.now)

    def outcomes(self) -> dict[str, int]:
        """All outcomes that occurred."""
        return {
            outcome.name: int(count) for outcome, count in zip(Outcome, self.accounts.outcomes, strict=True) if count
        }


def test_log_belongs_to_the_minute_of_its_whole_second() -> None:
    rig = Rig()
    last, first = 9_299_999_999_999, 9_300_000_000_000
    placement = rig.place_messages([message(kernel("write", last), kernel("write", first))], boot_s=1714557600)
    minutes = placement.minute[OPERATIONS.index(lay.WRITE), :2].tolist()
    assert [bucket_of(minute, Precision.MINUTE) for minute in minutes] == [202405011234, 202405011235]
    assert placement.minutes == tuple(minutes)


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (NOW + 600, "FOLDED"),
        (NOW + 601, "REFUSED"),
        (TODAY - 6 * DAY_S, "FOLDED"),
        (TODAY - 6 * DAY_S - 1, "EXPIRED"),
        (0, "EXPIRED"),
    ],
)
def test_time_has_two_ends(second: int, outcome: str) -> None:
    rig = Rig()
    (found,) = rig.place([second])
    assert rig.outcomes() == {outcome: 1}
    assert (found is None) == (outcome != "FOLDED")


@pytest.mark.parametrize(
    ("zone", "now", "first"),
    [
        ("Europe/Paris", 1714514399, 1713909600),
        ("Europe/Paris", 1714514400, 1713996000),
        ("America/St_Johns", NOW, 1714012200),
        ("Asia/Kathmandu", NOW, 1713982500),
        ("Australia/Lord_Howe", 1712415600, 1711890000),
        ("Europe/Paris", 1711922400, 1711407600),
        ("Pacific/Kiritimati", NOW, 1714039200),
    ],
)
def test_days_begin_at_local_midnight(zone: str, now: int, first: int) -> None:
    midnight = datetime.fromtimestamp(first, ZoneInfo(zone))
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    rig = Rig(ZoneInfo(zone), now=now)
    assert rig.place([first, first - 1]) == [int(midnight.strftime("%Y%m%d%H%M")), None]
    assert rig.outcomes() == {"FOLDED": 1, "EXPIRED": 1}


def test_calendar_follows_the_clock() -> None:
    rig = Rig(PARIS, now=1714514399)
    oldest = 1713909600
    assert rig.place([oldest]) == [202404240000]
    rig.now = 1714514400
    assert rig.place([oldest]) == [None]
    rig.now = 1714514399
    assert rig.place([oldest]) == [202404240000]


@pytest.mark.parametrize(
    ("seconds", "buckets"),
    [
        ((1711846799, 1711846800), [202403310159, 202403310300]),
        ((1729990799, 1729990800, 1729994399), [202410270259, 202410270200, 202410270259]),
    ],
)
def test_summer_time_begins_and_ends(seconds: tuple[int, ...], buckets: list[int]) -> None:
    assert Rig(PARIS, lateness_s=10_000, now=seconds[-1]).place(seconds) == buckets


@pytest.mark.parametrize(("second", "outcome"), [(NOW - 180, "LATE"), (NOW - 130, "FOLDED"), (NOW, "FOLDED")])
def test_late_log_is_one_whose_minute_is_settled(second: int, outcome: str) -> None:
    rig = Rig(lateness_s=120)
    minute_end = NOW // 60 * 60
    rig.place([minute_end])
    assert rig.placer.watermark_s == minute_end
    assert rig.place([second])[0] is not None
    assert rig.outcomes() == dict(Counter(["FOLDED", outcome]))


def test_late_log_does_not_move_the_watermark_and_refused_ones_neither() -> None:
    rig = Rig(lateness_s=60)
    rig.place([NOW, NOW - 3600, NOW + 601])
    assert rig.placer.watermark_s == NOW
    assert rig.outcomes() == {"FOLDED": 1, "LATE": 1, "REFUSED": 1}


def naively(seconds: Sequence[int], zone: tzinfo, lateness_s: int) -> tuple[list[int | None], dict[str, int]]:
    """What placing one log after the other gives."""
    watermark, outcomes = -(10**18), Counter[str]()
    found: list[int | None] = []
    today = datetime.fromtimestamp(NOW, zone).date()
    for second in seconds:
        at = datetime.fromtimestamp(second, zone)
        is_kept = second <= NOW + 600 and (today - at.date()).days < 7
        found.append(int(at.strftime("%Y%m%d%H%M")) if is_kept else None)
        if not is_kept:
            outcomes["REFUSED" if second > NOW else "EXPIRED"] += 1
        elif second // 60 * 60 + 60 + lateness_s <= watermark:
            outcomes["LATE"] += 1
        else:
            outcomes["FOLDED"] += 1
            watermark = max(watermark, second)
    return found, dict(outcomes)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"])
@pytest.mark.parametrize("batch", [1, 17, 10_000])
def test_outcomes_do_not_depend_on_where_a_batch_is_cut(zone: str, batch: int) -> None:
    choose = random.Random(7)  # noqa: S311
    spans = (60, 600, 86_400, 8 * DAY_S)
    start = NOW - 3000
    seconds = [
        start + 10 * number - choose.choice((0, choose.randrange(choose.choice(spans)))) for number in range(380)
    ]
    rig = Rig(ZoneInfo(zone))
    expected = naively(seconds, ZoneInfo(zone), 120)
    assert (rig.place(seconds, batch), rig.outcomes()) == expected
    assert set(expected[1]) == {"FOLDED", "LATE", "REFUSED", "EXPIRED"}


@pytest.mark.parametrize("count", [63, 64, 65, 200])
def test_any_number_of_distinct_minutes_is_listed(count: int) -> None:
    seconds = [TODAY + 60 * (number % count) for number in range(2 * count)]
    found = Rig(lateness_s=DAY_S).place(seconds)
    assert len(set(found)) == count


def test_logs_that_cannot_be_placed_have_their_reason() -> None:
    rig = Rig()
    log, nothing, unspoken = (
        message(kernel("write", NOW * 10**9)),
        message("kernelLogs { }"),
        message("protocolLog { }"),
    )
    rig.place_messages([log, nothing, unspoken], route=-Outcome.SAME_SERVICE)
    rig.place_messages([log, nothing, unspoken], node=-1)
    rig.place_messages([log, nothing, unspoken])
    assert rig.outcomes() == {"FOLDED": 1, "SAME_SERVICE": 3, "NO_NODE": 3, "NO_OPERATION": 1, "NO_PROTOCOL": 1}


def test_senseless_times_are_expired_or_refused() -> None:
    rig = Rig()
    for boot_s, offset in (
        (2**62, 0),
        (2**62, 2**63 - 1),
        (-(2**62), 2**63 - 1),
        (NOW, 2**63),
        (NOW, 2**63 - 1),
        (0, 0),
    ):
        rig.place_messages([message(kernel("accept", offset, 0))], boot_s=boot_s)
    assert rig.outcomes() == {"REFUSED": 3, "EXPIRED": 3}
    assert rig.placer.watermark_s < 0


def test_negative_offset_is_cut_toward_zero() -> None:
    rig = Rig()
    offset = 2**64 - 1_500_000_000
    placement = rig.place_messages([message(kernel("accept", offset, 0))], boot_s=TODAY + 1)
    assert bucket_of(placement.minutes[0], Precision.MINUTE) == 202405010000


def test_missing_timestamps_are_counted() -> None:
    rig = Rig()
    rig.place_messages([message("kernelLogs { accept { } }", kernel("accept", 0))], boot_s=NOW)
    assert rig.accounts.timestamps_missing == 1


def test_traffic_keeps_first_and_last_arrival() -> None:
    rig = Rig(lateness_s=DAY_S)
    rig.place([TODAY + 600, TODAY, TODAY + 300])
    placer, minute = rig.placer, TODAY // 60
    assert placer.service_first.view.tolist() == placer.instance_first.view.tolist() == [minute]
    assert placer.instance_last.view.tolist() == [minute + 5]
    assert placer.service_dirty.view.tolist() == placer.instance_dirty.view.tolist() == [True]


def test_placed_logs_of_names_equal_after_cutting_are_noted() -> None:
    rig = Rig()
    long = "s" * 70
    alike = rig.routes.intern(Side(long + "1", "p"), Side(long + "2", "q"), CLIENT, (110,), 0)
    start = NOW * 10**9
    raws = [message(kernel("write", start), kernel("read", start), http("/", 200, start)), message(kernel("accept", 0))]
    rig.place_messages(raws, route=alike)
    rig.place_messages(raws, route=0)
    assert rig.accounts.details == {("same_service", long): 3}


def test_seconds_of_http_logs_are_given_out() -> None:
    rig = Rig()
    raws = [message(http("/", 200, second * 10**9)) for second in (NOW, NOW - 7)]
    placement = rig.place_messages(raws)
    assert placement.http_seconds.tolist() == [NOW, NOW - 7]
    assert placement.route[OPERATIONS.index(lay.HTTP), :2].tolist() == [0, 0]
