"""Messages and wire fragments that the decoder's tests share."""

from google.protobuf import text_format

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from tests.oap.receiver.decode.wire import (
    DELIMITED,
    END_GROUP,
    FIXED32,
    FIXED64,
    GROUP,
    VARINT,
    group,
    tag,
    varint,
)

EVERYTHING = """
node { name: "n" netInterfaces { index: 1 mtu: 2 name: "eth0" } bootTime { seconds: 3 nanos: 4 } clusterName: "c"
  policy { excludeNamespaces: "x" } }
connection {
  local { kubernetes { serviceName: "商品" podName: "pod" containerName: "cc" processName: "p" port: 5 } }
  remote { ip { host: "::1" port: 6 } } role: server tlsMode: TLS protocol: HTTP_2
  attachment { zTunnel { real_destination_ip: "10.0.0.1" by: ZTUNNEL_INBOUND_FUNC security_policy: NONE
    addition { key: "k" value: "v" } } } }
kernelLogs { connect { startTime { offset { offset: 10 } } endTime { offset { offset: 15 } } success: true } }
kernelLogs { accept { startTime { offset { offset: 11 } } } }
kernelLogs { close { endTime { offset { offset: 12 } } success: true } }
kernelLogs { }
kernelLogs { read { startTime { offset { offset: 20 } } endTime { offset { offset: 10 } } syscall: RecvFrom
  l4Metrics { totalDuration: 101 }
  l3Metrics { totalDuration: 102 totalRecvDuration: 103 totalLocalDuration: 104 totalNetFilterCount: 105
    totalNetFilterDuration: 106 }
  l2Metrics { ifindex: 4294967295 totalPackageCount: 107 totalPackageSize: 108 totalPackageToQueueDuration: 109
    totalRcvPackageFromQueueDuration: 110 } } }
kernelLogs { write { startTime { offset { offset: 0 } } endTime { offset { offset: 18446744073709551615 } }
  syscall: SendFile64
  l4Metrics { totalDuration: 201 totalTransmitPackageCount: -202 totalRetransmitPackageCount: 203
    lossPackageMetrics { location: "l" count: 1 } totalPackageSize: 204 }
  l3Metrics { totalDuration: 205 totalLocalDuration: 206 totalOutputDuration: 207 totalResolveMACCount: 208
    totalResolveMACDuration: 209 totalNetFilterCount: 210 totalNetFilterDuration: 211 }
  l2Metrics { totalDuration: 212 ifindex: 2 totalEnterQueueBufferCount: 213 totalReadySendDuration: 214
    totalNetDeviceSendDuration: 215 } } }
protocolLog { http { startTime { offset { offset: 5000000 } } endTime { offset { offset: 3000001 } } version: HTTP2
  request { method: Post path: "/商品" sizeOfHeadersBytes: 301 sizeOfBodyBytes: 302 host: "h"
    trace { provider: SkyWalking traceId: "t" traceSegmentId: "s" spanId: "1" } }
  response { statusCode: 500 sizeOfHeadersBytes: 303 sizeOfBodyBytes: 304 } } }
"""


def wire(text: str) -> bytes:
    return text_format.Parse(text, EBPFAccessLogMessage()).SerializeToString()


TAGS = [tag(number, wire) for number in (0, 1, 15, 16, 17, 2**29 - 1, 2**29) for wire in range(8)]
PADDED_TAGS = [varint(1 << 3 | VARINT, length) for length in range(2, 12)]
VARINTS = [tag(30, VARINT) + varint(1, length) for length in range(1, 13)] + [
    tag(30, VARINT) + b"\xff" * 9 + bytes([last]) for last in (0, 1, 2, 0x7F, 0x80, 0xFF)
]
LENGTHS = [tag(30, DELIMITED) + varint(0, length) for length in range(1, 12)] + [
    tag(30, DELIMITED) + varint(size) for size in (2, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**35, 2**63, 2**64 - 1)
]
FIELDS = [
    tag(number, wire) + value
    for number in (0, 1, 2**29 - 1)
    for wire, value in ((VARINT, b"\x01"), (FIXED64, b"x" * 8), (DELIMITED, b"\x01x"), (FIXED32, b"x" * 4))
]
NESTED = [group(number, content) for number in (0, 1, 2**29 - 1) for content in (b"", *FIELDS)]
GROUPS = [
    tag(30, GROUP) + content + end
    for content in (b"", *TAGS, *PADDED_TAGS, *VARINTS, *LENGTHS, *FIELDS, *NESTED)
    for end in (b"", tag(30, END_GROUP), tag(31, END_GROUP), tag(30, END_GROUP) + b"\x00")
]
EDGES = [
    *TAGS,
    *PADDED_TAGS,
    *VARINTS,
    *LENGTHS,
    *FIELDS,
    *NESTED,
    *GROUPS,
    tag(30, FIXED32) + b"abc",
    tag(30, FIXED64) + b"abcdefg",
]
"""Fields at and beyond the limits of the wire format."""
