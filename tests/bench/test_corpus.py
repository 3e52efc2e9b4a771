"""The benchmark's corpus has the shape that its numbers are stated for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bench.corpus import corpus
from oap.emulator.recording import Kind, load
from oap.protocol import accesslog_pb2 as pb

SAMPLE = Path(__file__).parents[1] / "cases" / "messages-20000.pbd.gz"
MESSAGES = 20_000


@dataclass(frozen=True)
class Shape:
    mean_bytes: float
    mean_logs: float
    exchanges: float
    moves: float
    openings: float
    ip_remotes: float
    ztunnel: float
    traced: float
    services: int
    pods: int
    connections: int
    nodes: int


def shape_of(messages: Iterable[bytes]) -> Shape:
    sizes, logs, kinds = [], [], Counter[str]()
    ends, services, pods, connections = Counter[str](), set(), set(), set()
    for payload in messages:
        message = pb.EBPFAccessLogMessage.FromString(payload)
        sizes.append(len(payload))
        logs.append(len(message.kernelLogs) + message.HasField("protocolLog"))
        operations = {log.WhichOneof("operation") for log in message.kernelLogs}
        has_http = message.HasField("protocolLog")
        kinds["exchange" if has_http else "move" if operations <= {"read", "write"} else "opening"] += 1
        kinds["traced"] += has_http and message.protocolLog.http.request.HasField("trace")
        kinds["node"] += message.HasField("node")
        ends[str(message.connection.remote.WhichOneof("address"))] += 1
        ends["ztunnel"] += message.connection.attachment.HasField("zTunnel")
        services.add(message.connection.local.kubernetes.serviceName)
        pods.add(message.connection.local.kubernetes.podName)
        connections.add(message.connection.SerializeToString())
    count = len(sizes)
    return Shape(
        mean_bytes=sum(sizes) / count,
        mean_logs=sum(logs) / count,
        exchanges=kinds["exchange"] / count,
        moves=kinds["move"] / count,
        openings=kinds["opening"] / count,
        ip_remotes=ends["ip"] / count,
        ztunnel=ends["ztunnel"] / count,
        traced=kinds["traced"] / kinds["exchange"],
        services=len(services),
        pods=len(pods),
        connections=len(connections),
        nodes=kinds["node"],
    )


@cache
def sample_shape() -> Shape:
    sample = load(SAMPLE)
    return shape_of(event.payload for event in sample.events() if event.kind is Kind.MESSAGE)


@cache
def corpus_shape(*, churn_ports: bool) -> Shape:
    return shape_of(corpus(MESSAGES, 1, churn_ports=churn_ports))


def test_sample_has_its_stated_shape() -> None:
    shape = sample_shape()
    assert shape.mean_bytes == pytest.approx(459, rel=0.03)
    assert shape.mean_logs == pytest.approx(3.7, rel=0.02)
    assert (shape.services, shape.pods, shape.connections, shape.nodes) == (50, 200, 2_000, 1)


@pytest.mark.parametrize("churn_ports", [False, True])
def test_sizes_are_those_of_the_sample(churn_ports: bool) -> None:
    shape = corpus_shape(churn_ports=churn_ports)
    assert shape.mean_bytes == pytest.approx(sample_shape().mean_bytes, rel=0.03)
    assert shape.mean_logs == pytest.approx(sample_shape().mean_logs, rel=0.02)


@pytest.mark.parametrize("share", ["exchanges", "moves", "openings", "ip_remotes", "ztunnel", "traced"])
def test_shares_are_those_of_the_sample(share: str) -> None:
    assert getattr(corpus_shape(churn_ports=False), share) == pytest.approx(getattr(sample_shape(), share), abs=0.03)


def test_services_pods_and_connections_are_those_of_the_sample() -> None:
    shape = corpus_shape(churn_ports=False)
    assert (shape.services, shape.pods, shape.connections, shape.nodes) == (50, 200, 2_000, 1)


def test_churn_gives_every_message_a_connection_of_its_own() -> None:
    assert corpus_shape(churn_ports=True).connections == MESSAGES


def test_churn_draws_from_many_addresses() -> None:
    hosts = {
        pb.EBPFAccessLogMessage.FromString(message).connection.remote.ip.host
        for message in corpus(MESSAGES, 1, churn_ports=True)
    }
    assert len(hosts) == pytest.approx(MESSAGES * 0.4, rel=0.05)


def test_same_seed_gives_the_same_bytes() -> None:
    assert corpus(500, 3, churn_ports=False) == corpus(500, 3, churn_ports=False)
    assert corpus(500, 3, churn_ports=False) != corpus(500, 4, churn_ports=False)
