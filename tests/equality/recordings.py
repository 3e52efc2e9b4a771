"""The recording that everything is proved on, and other forms of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from oap.emulator.cluster import registry
from oap.emulator.recording import Kind, Recorder, Recording
from oap.emulator.scenario import Scenario
from oap.emulator.scenario_file import load_scenario
from oap.emulator.traffic import Flush, cluster_traffic
from tests.oracle.fixture import connection, http, ip, kernel, message, node, pod
from tests.oracle.model import Event, Mark, Registry

SCENARIO = Path(__file__).parents[1] / "cases" / "equality.yml"
SEED = 20240229
PERIODS = 132
"""Flush periods of 5 s: eleven minutes."""

_CUT_SHARE = 0.03
_DAY_S = 86_400
_HOUR_S = 3_600
_MARKS = {Kind.BEGIN: Mark.BEGIN, Kind.END: Mark.END, Kind.ERROR: Mark.ERROR}


@dataclass(frozen=True, slots=True)
class Setting:
    """When and where a recording takes place: its first second, the time of its arrival and the server's zone."""

    start_s: int
    now_s: int
    zone: str

    @classmethod
    def around(cls, now_s: int) -> "Setting":
        """Five minutes before a full hour that lies one to two hours back, and is midnight in the zone."""
        hour_s = now_s // _HOUR_S * _HOUR_S - _HOUR_S
        east = -(hour_s // _HOUR_S) % 24
        # Zones of this family are named by what must be added to reach UTC, and go from 12 hours west to 14 east.
        zone = f"Etc/GMT-{east}" if east <= 14 else f"Etc/GMT+{24 - east}"
        return cls(hour_s - 300, now_s, zone)


def write_recording(file: Path, setting: Setting) -> None:
    """The scenario with cut streams, streams of a node whose clock is ten days slow, and some odd ones by hand."""
    scenario = load_scenario(SCENARIO)
    stale = cluster_traffic(scenario, SEED + 1, setting.start_s - 10 * _DAY_S, 2, only=["n1"])
    flushes = chain(stale, [_odd_flush(setting.start_s)], cluster_traffic(scenario, SEED, setting.start_s, PERIODS))
    random = np.random.Generator(np.random.PCG64(SEED))
    with Recorder(file, setting.start_s * 10**9) as recorder:
        for flush in flushes:
            for messages in flush.streams:
                is_cut = random.random() < _CUT_SHARE
                stream = recorder.begin(flush.due_ns, flush.node)
                for raw in messages[: random.integers(len(messages) + 1)] if is_cut else messages:
                    recorder.message(flush.due_ns, stream, raw)
                if is_cut:
                    recorder.error(flush.due_ns, stream, "cut")
                else:
                    recorder.end(flush.due_ns, stream)


def scenario_registry(scenario: Scenario) -> Registry:
    """The same names for addresses as the emulator's registry file gives, by host."""
    file = registry(scenario)
    hosts: dict[str, tuple[str, str]] = {}
    for pod_entry in file["pods"]:
        labels = pod_entry["labels"]
        assert isinstance(labels, dict)
        hosts[str(pod_entry["ip"])] = f"{labels['app']}.{pod_entry['namespace']}", str(pod_entry["name"])
    for service in file["services"]:
        cluster_ips = service["clusterIPs"]
        assert isinstance(cluster_ips, list)
        hosts |= dict.fromkeys(cluster_ips, (f"{service['name']}.{service['namespace']}", ""))
    return hosts


def oracle_events(recording: Recording) -> Iterator[Event]:
    """A recording as the oracle takes it; streams have numbers of their own, not slots."""
    for event in recording.events():
        yield event.stream, event.payload if event.kind is Kind.MESSAGE else _MARKS[event.kind]


def first_messages(recording: Recording, messages: int) -> Recording:
    """A prefix with so many messages; the last streams may stay open."""
    ordinals = np.cumsum(recording.kinds == Kind.MESSAGE)
    return recording.select(np.arange(np.searchsorted(ordinals, messages, side="right")))


def halves(recording: Recording) -> tuple[Recording, Recording]:
    """Two parts, cut near the middle where no stream is open."""
    depth = np.cumsum(np.where(recording.kinds == Kind.BEGIN, 1, np.where(recording.kinds == Kind.MESSAGE, 0, -1)))
    closed = np.flatnonzero(depth == 0) + 1
    cut = int(closed[np.searchsorted(closed, len(recording) // 2)])
    positions = np.arange(len(recording))
    return recording.select(positions[:cut]), recording.select(positions[cut:])


def _odd_flush(start_s: int) -> Flush:
    """What the emulator never sends: proxies, texts at their limits, nodes and clusters that change inside a stream."""
    boot = f"bootTime {{ seconds: {start_s - 1000} nanos: 999999999 }}"
    at = 1_000 * 10**9 + 999_999_999
    first, second = pod("odd.shop", "odd-0"), pod("other.shop", "other-0")
    long_names = pod("s" * 68 + "äöü", "p" * 75), pod("s" * 68 + "äöx", "")
    streams = (
        (
            message(node("prod", boot), connection(first, second, "proxy"), kernel("write", at), http("/p", 503, at)),
            message(connection(second, first, "server"), kernel("accept", at, -5), kernel("read", at)),
            message(node("test", boot), kernel("close", at + 61 * 10**9, 7_000, "success: true")),
            message(connection(first, ip("10.96.0.10"), "client", more="protocol: HTTP_2"), http("/q", 99, at)),
        ),
        (
            message(kernel("write", at)),
            message(node("", boot), kernel("write", at)),
            message(connection(*long_names, "server", more="protocol: HTTP_1 tlsMode: TLS"), http("/ü" * 90, 200, at)),
            message(
                kernel("connect", at),
                "kernelLogs { read {} } kernelLogs { write {} }",
                http("", 200, at, method="Trace"),
            ),
            message(connection(long_names[0], pod("s" * 68 + "äöz", "z"), "client"), kernel("read", at)),
        ),
    )
    return Flush("n1", 0, streams, 0)
