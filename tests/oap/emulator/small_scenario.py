"""A small cluster that shows every kind of address, protocol and log, and what its Rovers send in a minute."""

from functools import cache

from oap.emulator.scenario import Scenario
from oap.emulator.scenario_file import parse_scenario
from oap.emulator.traffic import Flush, cluster_traffic
from oap.protocol import accesslog_pb2 as pb

START_S = 1_704_067_200

TEXT = """
cluster: prod
nodes:
  - {name: n1}
  - {name: n2, clock_skew: 1500ms}
services:
  - {name: web, namespace: shop, pods: 2, port: 8080, process: nginx}
  - {name: api, namespace: shop, pods: 2, port: 9090, protocol: http2, tls: true}
  - {name: cache, namespace: shop, pods: 1, port: 6379, protocol: tcp}
  - {name: db, namespace: data, pods: 1, port: 5432, protocol: tcp, monitored: false}
  - {name: hidden, namespace: kube-system, pods: 1, port: 53, protocol: tcp, registered: false}
externals:
  - {name: visitors, network: 203.0.113.0/24, count: 20}
calls:
  - from: visitors
    to: web.shop
    rate: 5
    new_connections: 0.5
    statuses: {1xx: 0.1, 3xx: 0.1, 4xx: 0.1, 5xx: 0.1}
    requests: [{path: "/items/{id}", parameters: {id: 3}}, {method: POST, path: /cart}]
  - from: web.shop
    to: api.shop
    rate: 5
    trace: 0.5
    zipkin: 0.25
    late: 0.2
    new_connections: 0.3
    failed_connects: 0.5
    requests: [{method: POST, path: "/Api/Get?page={page}", parameters: {page: [a, b]}}]
  - {from: web.shop, to: cache.shop, rate: 5, new_connections: 0.2}
  - {from: api.shop, to: db.data, rate: 3, cluster_ip: 0.5, new_connections: 0.3}
  - {from: api.shop, to: hidden.kube-system, rate: 1}
  - {from: api.shop, to: web.shop, rate: 2, ztunnel: mtls, latency: {median: 5ms, p99: 20ms}}
"""


def scenario(text: str = TEXT) -> Scenario:
    return parse_scenario(text, "small.yml")


@cache
def minute() -> tuple[Flush, ...]:
    """All flushes of one minute with seed 1."""
    return tuple(cluster_traffic(scenario(), 1, START_S, 12))


@cache
def streams() -> tuple[tuple[str, tuple[pb.EBPFAccessLogMessage, ...]], ...]:
    """Node and decoded messages of every stream of that minute."""
    return tuple(
        (flush.node, tuple(pb.EBPFAccessLogMessage.FromString(message) for message in stream))
        for flush in minute()
        for stream in flush.streams
    )


@cache
def owned() -> tuple[tuple[pb.AccessLogConnection, pb.EBPFAccessLogMessage], ...]:
    """Every message of that minute with the connection that its logs belong to."""
    pairs = []
    for _, messages in streams():
        connection = pb.AccessLogConnection()
        for message in messages:
            connection = message.connection if message.HasField("connection") else connection
            pairs.append((connection, message))
    return tuple(pairs)
