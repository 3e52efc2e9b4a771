"""What is played arrives byte for byte, and a server that is away is met as Rover meets it."""

import socket
import threading
from collections.abc import Iterable
from pathlib import Path

import grpc
import pytest
from rich.console import Console

from oap.clock import SystemClock
from oap.emulator.cluster import place
from oap.emulator.playback import flushes_of, from_streams
from oap.emulator.player import Outcome, Progression, Sending, recorded, send, summary
from oap.emulator.processes import process_report
from oap.emulator.recording import Recorder, load
from oap.emulator.sender import NodeSender, Target, TargetError, Totals, keep_alive_of
from oap.emulator.traffic import Flush
from tests.oap.emulator.capturing_server import capturing
from tests.oap.emulator.small_scenario import minute, scenario


def sent(
    flushes: Iterable[Flush], target: Target, *, keeps_going: bool = False, one_connection: bool = False
) -> Outcome:
    cluster = place(scenario())
    reports = {node.name: process_report(cluster, number) for number, node in enumerate(cluster.scenario.nodes)}
    sending = Sending(target, None, keeps_going=keeps_going, one_connection=one_connection)
    return send(flushes, sending, reports.get, SystemClock(), Progression(Console(quiet=True), "test", None))


def streams_of(flushes: Iterable[Flush], node: str) -> list[tuple[bytes, ...]]:
    return [stream for flush in flushes if flush.node == node for stream in flush.streams]


def test_every_stream_of_a_node_arrives_in_order() -> None:
    with capturing() as captured:
        outcome = sent(minute(), Target(captured.address))
    assert outcome.is_complete
    for node in ("n1", "n2"):
        expected = streams_of(minute(), node)
        assert [stream for stream in captured.streams if stream in set(expected)] == expected
    assert len(captured.streams) == outcome.totals.streams


def test_totals_tell_what_was_sent() -> None:
    with capturing() as captured:
        totals = sent(minute(), Target(captured.address)).totals
    messages = [message for flush in minute() for stream in flush.streams for message in stream]
    assert totals.messages == len(messages)
    assert totals.sent_bytes == sum(map(len, messages))
    assert totals.logs == sum(flush.logs for flush in minute())


def test_processes_are_reported_once_per_node_at_the_start() -> None:
    with capturing() as captured:
        sent(minute(), Target(captured.address))
    assert captured.reports == ["report", "report"]


def test_token_goes_with_every_stream() -> None:
    with capturing() as captured:
        sent(minute()[:1], Target(captured.address, token="sesame"))
    assert captured.tokens == {"sesame"}


def test_replayed_recording_gives_the_recorded_bytes(tmp_path: Path) -> None:
    path = tmp_path / "minute.oaprec.gz"
    with Recorder(path) as recorder:
        assert tuple(recorded(minute(), recorder)) == minute()
    with capturing() as captured:
        outcome = sent(flushes_of(load(path)), Target(captured.address), one_connection=True)
    assert outcome.is_complete
    assert captured.streams == [stream for flush in minute() for stream in flush.streams]


def test_stream_without_messages_is_sent_too() -> None:
    with capturing() as captured:
        sent(flushes_of(from_streams([("n1", []), ("n1", [b"x"])])), Target(captured.address))
    assert captured.streams == [(), (b"x",)]


def test_refusal_ends_a_play_that_does_not_go_on() -> None:
    with capturing(grpc.StatusCode.PERMISSION_DENIED) as captured:
        outcome = sent(minute(), Target(captured.address), one_connection=True)
    assert outcome.is_lost
    assert not outcome.is_complete
    assert outcome.totals.errors == {"PERMISSION_DENIED: not here": 1}


def test_overload_costs_the_stream_but_not_the_play() -> None:
    with capturing(grpc.StatusCode.RESOURCE_EXHAUSTED) as captured:
        outcome = sent(minute()[:4], Target(captured.address))
    assert not outcome.is_lost
    assert outcome.totals.failed == sum(len(flush.streams) for flush in minute()[:4])


def test_absent_server_loses_a_play_that_does_not_go_on() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        outcome = sent(minute(), Target(f"127.0.0.1:{bound.getsockname()[1]}"))
    assert outcome.is_lost
    assert [reason.partition(":")[0] for reason in outcome.totals.errors] == ["UNAVAILABLE"]


def test_unreadable_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"ca\.pem cannot be read: No such file or directory"):
        sent(minute(), Target("127.0.0.1:1", ca_file=tmp_path / "ca.pem"))


def test_report_names_every_monitored_pod_and_keep_alive_repeats_it() -> None:
    report = process_report(place(scenario()), 0)
    entities = [process.k8sProcess.entity for process in report.processes]
    assert [(entity.layer, entity.serviceName) for entity in entities] == [
        ("K8S_SERVICE", "prod::web.shop"),
        ("K8S_SERVICE", "prod::api.shop"),
        ("K8S_SERVICE", "prod::cache.shop"),
    ]
    pings = keep_alive_of(report)
    assert [ping.entityMetadata for ping in pings.processes] == entities
    assert pings.ebpfAgentID == report.ebpfAgentID


def test_summary_tells_counts_and_reasons() -> None:
    totals = Totals(3, 1_200, 4_000, 2_500_000, failed=2, dropped=1, errors={"UNAVAILABLE: gone": 2})
    assert summary(totals) == (
        "3 streams, 1,200 messages, 4,000 logs, 2.5 MB; 2 streams failed, 1 flushes dropped\n  2 x UNAVAILABLE: gone"
    )


def test_play_that_goes_on_sends_when_the_server_was_seen() -> None:
    seen = threading.Event()
    with capturing() as captured, grpc.insecure_channel(captured.address) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        stop = threading.Event()
        sender = NodeSender(Target(captured.address), None, SystemClock(), stop, keeps_going=True)
        while not sender.is_connected:
            seen.wait(0.01)
        sender.offer(minute()[0])
        sender.finish()
    assert captured.streams == list(minute()[0].streams)


def test_play_that_goes_on_drops_what_an_absent_server_never_took() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        outcome = sent(minute()[:4], Target(f"127.0.0.1:{bound.getsockname()[1]}"), keeps_going=True)
    assert (outcome.totals.streams, outcome.totals.dropped, outcome.is_lost) == (0, 4, False)
