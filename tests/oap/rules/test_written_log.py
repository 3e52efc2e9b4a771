"""Logs written by hand become what the decoder reads back from an agent's messages."""

from datetime import date

import pytest

from oap.config.finding import ConfigError
from oap.config.yaml_source import parse
from oap.emulator.playback import blocks, from_streams
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from oap.receiver.decode import layout as lay
from oap.receiver.decode.batch import Decoder
from oap.rules.log_attributes import OPERATIONS, attributes_of
from oap.rules.written_log import LogReader, WrittenLogs

CONNECTION = "{role: server, local: api.shop/api-0, remote: web.shop/web-0}"
ALL = {
    "connect": ("{duration: 11, success: true}", (11, 1)),
    "accept": ("{duration: 12us}", (12_000,)),
    "close": ("{duration: 1.5ms, success: true}", (1_500_000, 1)),
    "read": (
        """
      duration: 1
      syscall: RecvFrom
      l4.duration: 2
      l3: {duration: 3, rcvDuration: 4, localDuration: 5, netFilterCount: 6, netFilterDuration: 7}
      l2.netDeviceName: eth0
      l2: {packageCount: 8, totalPackageSize: 9, packageToQueueDuration: 10, rcvPackageFromQueueDuration: 11}""",
        (1, 3, 2, 3, 4, 5, 6, 7, 2, 8, 9, 10, 11),
    ),
    "write": (
        """
      duration: 1
      syscall: SendFile64
      l4: {duration: 2, transmitPackageCount: 3, retransmitPackageCount: 4, totalPackageSize: 5}
      l3: {duration: 6, localDuration: 7, outputDuration: 8, resolveMACCount: 9, resolveMACDuration: 10}
      write.l3.netFilterCount: 11
      write.l3.netFilterDuration: 12
      l2: {duration: 13, networkDeviceName: eth0, enterQueueBufferCount: 14, readySendDuration: 15}
      l2.networkDeviceSendDuration: 16""",
        (1, 7, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 2, 14, 15, 16),
    ),
    "http": (
        """
      latency: 7
      url: /a
      method: post
      statusCode: 404
      protocol.http.sizeOfRequestHeader: 1
      sizeOfRequestBody: 2
      sizeOfResponseHeader: 3
      sizeOfResponseBody: 4""",
        (7, 1, 404, 1, 1, 2, 3, 4),
    ),
}


def written(text: str, connection: str = CONNECTION) -> WrittenLogs:
    root, report = parse(f"connection: {connection}\nlogs:\n{text}", "logs.yml")
    entries = report.mapping(root)
    reader = LogReader(report, date(2024, 5, 1))
    logs = reader.logs(report.sequence(entries["logs"]), reader.connection(entries["connection"]))
    report.raise_findings()
    return logs


def message(text: str, connection: str = CONNECTION) -> EBPFAccessLogMessage:
    (raw,) = written(text, connection).messages
    return EBPFAccessLogMessage.FromString(raw)


def findings(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        written(text)
    return [(f"{each.line}:{each.column}", each.message) for each in caught.value.findings]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_all_attributes_reach_the_decoder(operation: str) -> None:
    body, expected = ALL[operation]
    logs = written(f'  - time: "01:02:03"\n    {operation}: {body}\n')
    (block,) = blocks(from_streams([("n", logs.messages)]), 10)
    number = {table: number for number, table in lay.TABLE_NAMES.items()}[operation]
    assert tuple(Decoder().decode(block).tables[number][0, : len(expected)].tolist()) == expected


def test_the_table_above_leaves_no_attribute_out() -> None:
    assert {operation: len(attributes_of(operation)) for operation in OPERATIONS} == {
        operation: len(expected) for operation, (_, expected) in ALL.items()
    }


def test_short_names_of_requests() -> None:
    http = message('  - {time: "12:00:00", http: {path: "", status: 200, duration: 3ms}}').protocolLog.http
    assert (http.request.path, http.response.statusCode) == ("", 200)
    assert http.endTime.offset.offset - http.startTime.offset.offset == 3_000_000


def test_node_starts_a_day_before_the_logs_and_names_its_devices() -> None:
    text = '  - {time: "12:34:05.25", read: {l2.netDeviceName: eth0}}'
    node = message(text).node
    assert (node.name, node.bootTime.seconds) == ("node", 1714435200)
    assert [(each.index, each.name) for each in node.netInterfaces] == [(2, "eth0")]
    assert message(text).kernelLogs[0].read.startTime.offset.offset == (86400 + 45245) * 10**9 + 250_000_000


def test_operations_of_one_log_share_its_message_in_their_order() -> None:
    read = message("  - {time: 12:34:05, write: , read: {duration: 1}, http: }")
    assert [log.WhichOneof("operation") for log in read.kernelLogs] == ["write", "read"]
    assert read.protocolLog.HasField("http")


def test_addresses() -> None:
    connection = message(
        "  - {time: 12:34:05, role: proxy, local: api.shop, remote: 2001:DB8::1, ztunnel: none, tls: true, read: }",
        "{protocol: http2}",
    ).connection
    assert (connection.role, connection.protocol, connection.tlsMode) == (2, 2, 1)
    assert (connection.local.kubernetes.serviceName, connection.local.kubernetes.podName) == ("api.shop", "")
    assert connection.remote.ip.host == "2001:db8::1"
    assert connection.attachment.zTunnel.security_policy == 1


def test_repeated_logs_keep_their_line() -> None:
    logs = written("  - {time: 12:34:05, repeat: 3, read: }\n  - {time: 12:34:05, read: }")
    assert (len(logs.messages), logs.lines) == (4, [3, 3, 3, 4])


def test_logs_may_say_more_than_the_shared_connection() -> None:
    read = message("  - {time: 12:34:05, local: cart.shop/cart-0, read: }")
    assert read.connection.local.kubernetes.serviceName == "cart.shop"
    assert read.connection.remote.kubernetes.serviceName == "web.shop"


def test_every_mistake_is_found_where_it_is() -> None:
    assert findings("  - {time: 24:00:00, rolle: x, tls: 1, reed: }\n  - {repeat: 0, read: {size: 1}, http: 3}") == [
        ("3:5", "a log needs an operation"),
        ("3:12", "'24:00:00' is no time"),
        ("3:22", "unknown key 'logs[0].rolle'"),
        ("3:37", "'logs[0].tls' must be true or false, found '1'"),
        ("3:40", "unknown key 'logs[0].reed'"),
        ("4:5", "the log lacks 'time'"),
        ("4:14", "'repeat' must be from 1 to 10000, found 0"),
        ("4:24", "'read' has no attribute 'size'"),
        ("4:40", "'logs[1].http' must be a mapping, found '3'"),
    ]


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("read: {duration: soon}", "'logs[0].read.duration' must be a duration, found 'soon'"),
        ("read: {duration: -172800s}", "ends before its node was started"),
        (
            "read: {l2.packageCount: 4294967296}",
            "'read.l2.packageCount' cannot be 4294967296: the wire has no room for it",
        ),
        ("read: {syscall: Reed}", "'logs[0].read.syscall' cannot be 'Reed'"),
        ("http: {method: FETCH}", "'logs[0].http.method' cannot be 'FETCH'"),
        ("http: {success: true}", "a request's success follows from its status"),
        ("http: {status: fine}", "'logs[0].http.status' must be an integer, found 'fine'"),
        ("connect: {success: 1}", "'logs[0].connect.success' must be true or false, found '1'"),
        ("protocol: http3, read: ", "'logs[0].protocol' cannot be 'http3'"),
        ("role: sever, read: ", "'logs[0].role' cannot be 'sever'"),
        ("local: api.shop/, read: ", "'api.shop/' is no address"),
    ],
)
def test_values_that_do_not_fit(log: str, message: str) -> None:
    assert [text for _, text in findings(f"  - {{time: 12:34:05, {log}}}")] == [message]


def test_missing_sides_are_named() -> None:
    with pytest.raises(ConfigError, match="the log lacks 'local'") as caught:
        written("  - {time: 12:34:05, read: }", "{role: client, remote: a/b}")
    assert [each.hint for each in caught.value.findings] == ["give it here, or in 'connection'"]
