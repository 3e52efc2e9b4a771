"""Which field of the wire goes where: registers, tables and the transition table of the decoder (spec receiver 1.2).

The decoder is one loop over bytes that is driven by arrays built here. While it walks a message it keeps the current
values in *registers*; when a kernel log or the message ends it copies them into a row of that operation's table.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Registers of the connection; a text takes two registers, its offset in the payload and its length.
C_SET, C_ROLE, C_TLS, C_PROTOCOL = 0, 1, 2, 3
L_KIND, L_SERVICE, L_POD, L_HOST, L_CONTAINER, L_PROCESS, L_PORT = 4, 5, 7, 9, 11, 13, 15
R_KIND, R_SERVICE, R_POD, R_HOST, R_CONTAINER, R_PROCESS, R_PORT = 16, 17, 19, 21, 23, 25, 27
Z_SET, Z_BY, Z_POLICY, Z_IP = 28, 29, 30, 31
CONNECTION_WIDTH = 33

KUBERNETES, IP = 1, 2  # values of L_KIND and R_KIND; 0 = address unset

N_COUNT, N_SPAN = 33, 34  # how often `node` occurred in the message, offset and length of the last occurrence
P_SET, H_SET, H_START_SET, H_START, H_END_SET, H_END = 36, 37, 38, 39, 40, 41
H_METHOD, H_PATH, H_REQUEST_HEADER, H_REQUEST_BODY = 42, 43, 45, 46
H_STATUS, H_RESPONSE_HEADER, H_RESPONSE_BODY = 47, 48, 49
K_OP, K_START_SET, K_START, K_END_SET, K_END, K_FIELDS = 50, 51, 52, 53, 54, 55
REGISTERS = K_FIELDS + 17

# Operations as they are numbered in the order list of a batch. NO_OPERATION and NO_PROTOCOL own no table.
CONNECT, ACCEPT, CLOSE, READ, WRITE, HTTP, NO_OPERATION, NO_PROTOCOL = 1, 2, 3, 4, 5, 6, 0, 7

# Columns of a batch's order list, one row per log in order of arrival.
MESSAGE, OPERATION, ROW, OFFSET, FLAGS = 0, 1, 2, 3, 4
ORDER_WIDTH = 5
TIMESTAMP_MISSING = 1  # flag: one of the two timestamps was absent and took the other's value

COLUMNS: dict[int, tuple[str, ...]] = {
    CONNECT: ("connect.duration", "connect.success"),
    ACCEPT: ("accept.duration",),
    CLOSE: ("close.duration", "close.success"),
    READ: (
        "read.duration",
        "read.syscall",
        "read.l4.duration",
        "read.l3.duration",
        "read.l3.rcvDuration",
        "read.l3.localDuration",
        "read.l3.netFilterCount",
        "read.l3.netFilterDuration",
        "read.l2.ifindex",
        "read.l2.packageCount",
        "read.l2.totalPackageSize",
        "read.l2.packageToQueueDuration",
        "read.l2.rcvPackageFromQueueDuration",
    ),
    WRITE: (
        "write.duration",
        "write.syscall",
        "write.l4.duration",
        "write.l4.transmitPackageCount",
        "write.l4.retransmitPackageCount",
        "write.l4.totalPackageSize",
        "write.l3.duration",
        "write.l3.localDuration",
        "write.l3.outputDuration",
        "write.l3.resolveMACCount",
        "write.l3.resolveMACDuration",
        "write.l3.netFilterCount",
        "write.l3.netFilterDuration",
        "write.l2.duration",
        "write.l2.ifindex",
        "write.l2.enterQueueBufferCount",
        "write.l2.readySendDuration",
        "write.l2.networkDeviceSendDuration",
    ),
    HTTP: (
        "protocol.http.latency",
        "protocol.success",
        "protocol.http.statusCode",
        "protocol.http.method",
        "protocol.http.sizeOfRequestHeader",
        "protocol.http.sizeOfRequestBody",
        "protocol.http.sizeOfResponseHeader",
        "protocol.http.sizeOfResponseBody",
        "path.offset",
        "path.length",
    ),
}
TABLE_NAMES = {CONNECT: "connect", ACCEPT: "accept", CLOSE: "close", READ: "read", WRITE: "write", HTTP: "http"}

HTTP_LATENCY, HTTP_SUCCESS, HTTP_STATUS, HTTP_METHOD, HTTP_PATH = 0, 1, 2, 3, 8

# What the loop does with a field.
UNKNOWN, VARINT64, VARINT32, BOOL, TEXT, ENTER, RESTART = 0, 1, 2, 3, 4, 5, 6
ANYWHERE = -1  # a text that is only checked, a message that selects nothing


@dataclass(frozen=True, slots=True)
class Field:
    """One known field: what to do, which register, and for a message the type to descend into.

    A message with a ``register`` selects a member of a oneof: when the register does not hold ``value`` yet, the
    registers after it up to ``clear_to`` are cleared and it is set. RESTART begins a new one every time (a repeated
    message, or one whose occurrences are counted).
    """

    action: int
    register: int = ANYWHERE
    type_: str = ""
    value: int = 1
    clear_to: int = 0


def _int64(register: int) -> Field:
    return Field(VARINT64, register)


def _int32(register: int) -> Field:
    return Field(VARINT32, register)


def _text(register: int = ANYWHERE) -> Field:
    return Field(TEXT, register)


def _enter(type_: str, register: int = ANYWHERE, value: int = 1, clear_to: int = 0) -> Field:
    return Field(ENTER, register, type_, value, clear_to)


def _operation(type_: str, value: int) -> Field:
    return _enter(type_, K_OP, value, REGISTERS)


def _times(start_set: int, end_set: int) -> dict[int, Field]:
    return {1: _enter(f"Timestamp{start_set}"), 2: _enter(f"Timestamp{end_set}")}


def _address(service: int, pod: int, container: int, process: int, port: int) -> dict[int, Field]:
    return {1: _text(service), 2: _text(pod), 3: _text(container), 4: _text(process), 5: _int32(port)}


_KERNEL_TIMES = _times(K_START_SET, K_END_SET)
_F = K_FIELDS

SCHEMA: dict[str, dict[int, Field]] = {
    "Message": {
        1: Field(RESTART, N_COUNT, "Node"),
        2: _enter("Connection", C_SET),
        3: Field(RESTART, K_OP, "KernelLog", 0),
        4: _enter("ProtocolLogs", P_SET),
    },
    "Node": {
        1: _text(),
        2: _enter("NetInterface"),
        3: _enter("Instant"),
        4: _text(),
        5: _enter("Policy"),
    },
    "NetInterface": {1: _int32(ANYWHERE), 2: _int32(ANYWHERE), 3: _text()},
    "Instant": {1: _int64(ANYWHERE), 2: _int32(ANYWHERE)},
    "Policy": {1: _text()},
    "Connection": {
        1: _enter("Local"),
        2: _enter("Remote"),
        3: _int32(C_ROLE),
        4: _int32(C_TLS),
        5: _int32(C_PROTOCOL),
        6: _enter("Attachment"),
    },
    "Attachment": {1: _enter("ZTunnel", Z_SET)},
    "ZTunnel": {1: _text(Z_IP), 2: _int32(Z_BY), 3: _int32(Z_POLICY), 4: _enter("KeyValue")},
    "KeyValue": {1: _text(), 2: _text()},
    "Local": {
        1: _enter("LocalKubernetes", L_KIND, KUBERNETES, R_KIND),
        2: _enter("LocalIp", L_KIND, IP, R_KIND),
    },
    "LocalKubernetes": _address(L_SERVICE, L_POD, L_CONTAINER, L_PROCESS, L_PORT),
    "LocalIp": {1: _text(L_HOST), 2: _int32(ANYWHERE)},
    "Remote": {
        1: _enter("RemoteKubernetes", R_KIND, KUBERNETES, Z_SET),
        2: _enter("RemoteIp", R_KIND, IP, Z_SET),
    },
    "RemoteKubernetes": _address(R_SERVICE, R_POD, R_CONTAINER, R_PROCESS, R_PORT),
    "RemoteIp": {1: _text(R_HOST), 2: _int32(ANYWHERE)},
    "KernelLog": {
        1: _operation("Connect", CONNECT),
        2: _operation("Accept", ACCEPT),
        3: _operation("Close", CLOSE),
        4: _operation("Read", READ),
        5: _operation("Write", WRITE),
    },
    "Connect": {**_KERNEL_TIMES, 3: Field(BOOL, _F)},
    "Accept": _KERNEL_TIMES,
    "Close": {**_KERNEL_TIMES, 3: Field(BOOL, _F)},
    "Read": {**_KERNEL_TIMES, 3: _int32(_F), 4: _enter("ReadL2"), 5: _enter("ReadL3"), 6: _enter("ReadL4")},
    "ReadL4": {1: _int64(_F + 1)},
    "ReadL3": {1: _int64(_F + 2), 2: _int64(_F + 3), 3: _int64(_F + 4), 4: _int64(_F + 5), 5: _int64(_F + 6)},
    "ReadL2": {1: _int32(_F + 7), 2: _int32(_F + 8), 3: _int64(_F + 9), 4: _int64(_F + 10), 5: _int64(_F + 11)},
    "Write": {**_KERNEL_TIMES, 3: _int32(_F), 4: _enter("WriteL4"), 5: _enter("WriteL3"), 6: _enter("WriteL2")},
    "WriteL4": {1: _int64(_F + 1), 2: _int64(_F + 2), 3: _int64(_F + 3), 4: _enter("LossPackage"), 5: _int64(_F + 4)},
    "LossPackage": {1: _text(), 2: _int32(ANYWHERE)},
    "WriteL3": {
        1: _int64(_F + 5),
        2: _int64(_F + 6),
        3: _int64(_F + 7),
        5: _int64(_F + 8),
        6: _int64(_F + 9),
        7: _int64(_F + 10),
        8: _int64(_F + 11),
    },
    "WriteL2": {1: _int64(_F + 12), 2: _int32(_F + 13), 3: _int64(_F + 14), 4: _int64(_F + 15), 5: _int64(_F + 16)},
    "ProtocolLogs": {1: _enter("Http", H_SET)},
    "Http": {
        **_times(H_START_SET, H_END_SET),
        3: _int32(ANYWHERE),
        4: _enter("Request"),
        5: _enter("Response"),
    },
    "Request": {
        1: _int32(H_METHOD),
        2: _text(H_PATH),
        3: _int64(H_REQUEST_HEADER),
        4: _int64(H_REQUEST_BODY),
        5: _enter("Trace"),
        6: _text(),
    },
    "Trace": {1: _int32(ANYWHERE), 2: _text(), 3: _text(), 4: _text()},
    "Response": {1: _int32(H_STATUS), 3: _int64(H_RESPONSE_HEADER), 4: _int64(H_RESPONSE_BODY)},
    **{f"Timestamp{r}": {1: _enter(f"Offset{r}", r)} for r in (K_START_SET, K_END_SET, H_START_SET, H_END_SET)},
    **{f"Offset{r}": {1: _int64(r + 1)} for r in (K_START_SET, K_END_SET, H_START_SET, H_END_SET)},
}

FIELD_SLOTS = 16
_WIRE_TYPES = {VARINT64: 0, VARINT32: 0, BOOL: 0, TEXT: 2, ENTER: 2, RESTART: 2}


def transition_table() -> npt.NDArray[np.int32]:
    """int32[types * 16, 6]: action, wire type, register, type entered, selected value, end of the cleared registers.

    Row ``type * 16 + field``; type 0 is the message itself. Rows of unknown fields have action UNKNOWN.
    """
    numbers = {name: number for number, name in enumerate(SCHEMA)}
    table = np.zeros((len(SCHEMA) * FIELD_SLOTS, 6), dtype=np.int32)
    for name, fields in SCHEMA.items():
        for number, field in fields.items():
            table[numbers[name] * FIELD_SLOTS + number] = (
                field.action,
                _WIRE_TYPES[field.action],
                field.register,
                numbers.get(field.type_, 0),
                field.value,
                field.clear_to,
            )
    return table


KERNEL_LOG_TYPE = list(SCHEMA).index("KernelLog")
