"""Streams are laid out as Rover lays them out (spec protocol 3), and follow from the seed alone."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from oap.emulator.cluster import place
from oap.emulator.traffic import cluster_traffic, traffic
from oap.protocol import accesslog_pb2 as pb
from oap.protocol.common_pb2 import client, server
from tests.oap.emulator.small_scenario import START_S, minute, owned, scenario, streams

PERIOD_NS = 5_000_000_000


def spans(message: pb.EBPFAccessLogMessage) -> list[tuple[int, int]]:
    """Start and end offsets of all logs of a message."""
    logs = [getattr(log, str(log.WhichOneof("operation"))) for log in message.kernelLogs]
    logs += [message.protocolLog.http] if message.HasField("protocolLog") else []
    return [(log.startTime.offset.offset, log.endTime.offset.offset) for log in logs]


def test_same_arguments_give_the_same_bytes() -> None:
    assert tuple(cluster_traffic(scenario(), 1, START_S, 12)) == minute()
    assert tuple(cluster_traffic(scenario(), 2, START_S, 12)) != minute()


def test_one_node_alone_gives_the_bytes_it_has_in_the_cluster() -> None:
    alone = tuple(traffic(scenario(), 1, START_S, "n2", 12))
    assert alone == tuple(flush for flush in minute() if flush.node == "n2")


def test_node_is_named_by_the_first_message_of_a_stream_only() -> None:
    for _, messages in streams():
        assert [message.HasField("node") for message in messages] == [True] + [False] * (len(messages) - 1)
        assert messages[0].HasField("connection")


def test_node_tells_interfaces_cluster_policy_and_boot_time() -> None:
    node = streams()[0][1][0].node
    assert (node.name, node.clusterName, list(node.policy.excludeNamespaces)) == (
        "n1",
        "prod",
        ["istio-system", "cert-manager", "kube-system"],
    )
    assert [interface.name for interface in node.netInterfaces][:3] == ["lo", "eth0", "cni0"]
    assert 0 < node.bootTime.seconds < START_S - 7_000


def test_empty_policy_is_sent_as_one_empty_name() -> None:
    flush = next(cluster_traffic(replace(scenario(), exclude_namespaces=()), 1, START_S, 1))
    node = pb.EBPFAccessLogMessage.FromString(flush.streams[0][0]).node
    assert list(node.policy.excludeNamespaces) == [""]


def test_connection_is_one_contiguous_block_that_names_it_once() -> None:
    for _, messages in streams():
        named = [message.connection.SerializeToString() for message in messages if message.HasField("connection")]
        assert len(set(named)) == len(named)


def test_plain_logs_of_a_block_are_one_message_in_front() -> None:
    for _, messages in streams():
        for message in messages:
            assert message.HasField("protocolLog") or message.HasField("connection")


def test_protocol_log_comes_with_reads_and_writes_only() -> None:
    operations = {
        log.WhichOneof("operation")
        for _, message in owned()
        if message.HasField("protocolLog")
        for log in message.kernelLogs
    }
    assert operations == {"read", "write"}


def test_all_logs_are_counted() -> None:
    counted = sum(len(message.kernelLogs) + message.HasField("protocolLog") for _, message in owned())
    assert sum(flush.logs for flush in minute()) == counted


def test_flushes_of_a_node_are_a_period_apart_and_nodes_are_not_in_step() -> None:
    due = [flush.due_ns for flush in minute() if flush.node == "n1"]
    assert {later - earlier for earlier, later in pairwise(due)} == {PERIOD_NS}
    assert {flush.due_ns % PERIOD_NS for flush in minute()} == {0, PERIOD_NS // 2}


def test_logs_are_at_most_two_periods_older_than_their_flush() -> None:
    nodes = {messages[0].node.name: messages[0].node.bootTime for _, messages in streams()}
    ages = set()
    for flush in minute():
        boot = nodes[flush.node]
        skew_ns = 1_500_000_000 if flush.node == "n2" else 0
        due_ns = START_S * 10**9 + flush.due_ns + skew_ns - boot.seconds * 10**9 - boot.nanos
        for stream in flush.streams:
            for message in map(pb.EBPFAccessLogMessage.FromString, stream):
                ages |= {(due_ns - end_ns) / PERIOD_NS for _, end_ns in spans(message)}
    # A flush holds one period, comes up to half a period after it (nodes out of step), and logs are two periods late.
    assert min(ages) >= 0
    assert 2.5 < max(ages) <= 3.5


def test_clock_skew_moves_the_boot_time_and_nothing_else() -> None:
    level = replace(scenario(), nodes=tuple(replace(node, clock_skew_ns=0) for node in scenario().nodes))
    straight = [flush for flush in cluster_traffic(level, 1, START_S, 2) if flush.node == "n2"]
    skewed = [flush for flush in minute() if flush.node == "n2"]
    assert straight[0].streams[0][1:] == skewed[0].streams[0][1:]
    boots = [
        pb.EBPFAccessLogMessage.FromString(flush.streams[0][0]).node.bootTime for flush in (straight[0], skewed[0])
    ]
    wall_ns = [boot.seconds * 10**9 + boot.nanos for boot in boots]
    assert wall_ns[1] - wall_ns[0] == 1_500_000_000


def test_every_kind_of_log_and_status_occurs_on_both_sides() -> None:
    seen: Counter[tuple[int, object]] = Counter()
    for connection, message in owned():
        seen.update((connection.role, log.WhichOneof("operation")) for log in message.kernelLogs)
        if message.HasField("protocolLog"):
            seen[connection.role, message.protocolLog.http.response.statusCode // 100] += 1
    assert {kind for role, kind in seen if role == client} == {"connect", "close", "read", "write", 2}
    assert {kind for role, kind in seen if role == server} == {"accept", "close", "read", "write", 1, 2, 3, 4, 5}


def test_layer_values_are_not_zero_except_the_rare_ones() -> None:
    rare = {"totalRetransmitPackageCount", "totalResolveMACCount", "totalResolveMACDuration", "lossPackageMetrics"}
    present: Counter[str] = Counter()
    for _, message in owned():
        for log in message.kernelLogs:
            for layer in ("l2Metrics", "l3Metrics", "l4Metrics"):
                operation = getattr(log, str(log.WhichOneof("operation")))
                if not hasattr(operation, layer):
                    continue
                metrics = getattr(operation, layer)
                zero = {each.name for each in metrics.DESCRIPTOR.fields} - {
                    each.name for each, _ in metrics.ListFields()
                }
                assert zero <= rare
                present.update(each.name for each, _ in metrics.ListFields())
    assert present["totalRetransmitPackageCount"] > 0
    assert present["totalResolveMACDuration"] > 0


def test_pods_of_one_node_see_each_other_by_name_and_all_others_by_address() -> None:
    ends = [end for peer in place(scenario()).peers.values() for end in peer.endpoints]
    by_pod = {end.pod: end for end in ends if end.pod}
    monitored = {end.ip: end.node for end in ends if end.is_monitored}
    for connection, _ in owned():
        local, remote = by_pod[connection.local.kubernetes.podName], connection.remote
        assert local.service == connection.local.kubernetes.serviceName
        if remote.HasField("kubernetes"):
            assert by_pod[remote.kubernetes.podName].node == local.node
        else:
            assert monitored.get(remote.ip.host) != local.node


def test_connect_log_sent_before_any_data_is_plain_tcp() -> None:
    early = [
        connection
        for connection, message in owned()
        if not message.HasField("protocolLog")
        and {log.WhichOneof("operation") for log in message.kernelLogs} <= {"connect"}
    ]
    assert any(connection.protocol == pb.TCP and connection.tlsMode == pb.Plain for connection in early)


def test_failed_connect_is_followed_by_a_close_on_the_same_connection() -> None:
    failed = [
        [log.WhichOneof("operation") for log in message.kernelLogs]
        for _, message in owned()
        if any(log.WhichOneof("operation") == "connect" and not log.connect.success for log in message.kernelLogs)
    ]
    assert failed
    assert all(operations in (["connect", "close"], ["connect"]) for operations in failed)


def test_ztunnel_is_attached_on_both_sides() -> None:
    tunnels = {
        (connection.role, tunnel.by, tunnel.security_policy, bool(tunnel.real_destination_ip))
        for connection, _ in owned()
        if connection.attachment.HasField("zTunnel")
        for tunnel in [connection.attachment.zTunnel]
    }
    assert tunnels == {(0, 0, 0, True), (1, 1, 1, False)}


def test_trace_context_comes_from_both_providers() -> None:
    traces = [
        message.protocolLog.http.request.trace
        for _, message in owned()
        if message.protocolLog.http.request.HasField("trace")
    ]
    assert {(trace.provider, bool(trace.traceSegmentId)) for trace in traces} == {(0, False), (1, True)}


def test_parameters_of_paths_are_filled_in() -> None:
    paths = {message.protocolLog.http.request.path for _, message in owned() if message.HasField("protocolLog")}
    assert paths == {"/items/0", "/items/1", "/items/2", "/cart", "/", "/Api/Get?page=a", "/Api/Get?page=b"}


def test_both_sides_of_a_call_tell_the_same_exchange() -> None:
    sides: dict[str, set[int]] = {}
    for connection, message in owned():
        trace = message.protocolLog.http.request.trace.traceId
        if trace:
            sides.setdefault(trace, set()).add(connection.role)
    assert set(map(frozenset, sides.values())) == {frozenset({0, 1})}


def test_full_queue_forces_a_flush_before_the_period_ends() -> None:
    flushes = [
        flush for flush in cluster_traffic(replace(scenario(), max_count=20), 1, START_S, 1) if flush.node == "n1"
    ]
    assert len(flushes) > 2
    assert flushes[0].due_ns < PERIOD_NS
    assert sum(flush.logs for flush in flushes) == sum(f.logs for f in traffic(scenario(), 1, START_S, "n1", 1))


def test_large_flush_becomes_streams_of_ten_thousand_connections() -> None:
    visits = replace(scenario().calls[0], rate=21_500.0, new_connection_share=1.0)
    crowd = replace(scenario(), calls=(visits,), max_count=1_000_000, flush_period_ns=10**9)
    first = next(traffic(crowd, 1, START_S, "n1", 1))
    named = [
        sum(pb.EBPFAccessLogMessage.FromString(message).HasField("connection") for message in stream)
        for stream in first.streams
    ]
    assert len(named) > 1
    assert set(named[:-1]) == {10_000}
    assert 0 < named[-1] <= 10_000
