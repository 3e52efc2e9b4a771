"""The decoder's loop: walks protobuf wire bytes and fills the tables of a batch (spec receiver 1.2, design 4).

One compiled function on purpose: split into many small ones it takes three times as long and a minute to compile. The
numbers of ``layout`` are compiled in.
It accepts exactly what the protobuf library accepts, reads nothing outside the message it is in, and takes back all
rows of a message that turns out to be malformed.
"""

import numpy as np
import numpy.typing as npt

from oap.compiled import njit
from oap.receiver.decode import layout as lay

OK, MALFORMED = 0, 1

# Entries of `counts`: how many rows of each array are filled; TABLE_COUNT + op for the operations 1..6. The last one
# names the array that had no room.
ORDER, CONNECTIONS, NODES, TABLE_COUNT = 0, 1, 2, 2
LACKING = 9
COUNTS = 10

_NOTHING = -1
_MAX_DEPTH = 100
_MAX_UINT32 = 0xFFFFFFFF
_MAX_INT32 = 0x7FFFFFFF
_ASCII_LIMIT = 0x80


@njit()
def is_utf8(buffer: npt.NDArray[np.uint8], start: int, end: int) -> bool:
    """Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF)."""
    at = start
    while at < end:
        lead = buffer[at]
        if lead < 0x80:
            at += 1
            continue
        if lead < 0xC2 or lead > 0xF4:
            return False
        size = 2 if lead < 0xE0 else (3 if lead < 0xF0 else 4)
        if at + size > end:
            return False
        second = buffer[at + 1]
        low, high = 0x80, 0xBF
        if lead == 0xE0:
            low = 0xA0
        elif lead == 0xED:
            high = 0x9F
        elif lead == 0xF0:
            low = 0x90
        elif lead == 0xF4:
            high = 0x8F
        if second < low or second > high:
            return False
        for i in range(2, size):
            if buffer[at + i] < 0x80 or buffer[at + i] > 0xBF:
                return False
        at += size
    return True


@njit()
def _varint(buffer: npt.NDArray[np.uint8], at: int, end: int, longest: int) -> tuple[np.int64, int]:
    """(value, position after it), or position -1 where it is cut off or longer than ``longest`` bytes."""
    value = np.int64(0)
    for i in range(longest):
        if at + i >= end:
            return value, -1
        byte = np.int64(buffer[at + i])
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, at + i + 1
    return value, -1


@njit()
def skip_group(  # noqa: PLR0911  (one way out per way to be malformed)
    buffer: npt.NDArray[np.uint8], at: int, end: int, number: np.int64, depth: int
) -> int:
    """Position after an unknown group and everything nested in it, or -1 where it is malformed."""
    open_groups = np.empty(_MAX_DEPTH + 1, dtype=np.int64)
    level = 0
    open_groups[0] = number
    while level >= 0:
        if depth + level >= _MAX_DEPTH:
            return -1
        tag, at = _varint(buffer, at, end, 5)
        if at < 0 or tag > _MAX_UINT32:  # the library does not mind field number 0 inside a group
            return -1
        wire = tag & 7
        if wire == 0:
            _, at = _varint(buffer, at, end, 10)
            if at < 0:
                return -1
        elif wire == 1:
            at += 8
        elif wire == 2:
            size, at = _varint(buffer, at, end, 5)
            if at < 0 or size > _MAX_INT32:
                return -1
            at += int(size)
        elif wire == 3:
            level += 1
            open_groups[level] = tag >> 3
        elif wire == 4:
            if open_groups[level] != tag >> 3:
                return -1
            level -= 1
        elif wire == 5:
            at += 4
        else:
            return -1
        if at > end:
            return -1
    return at


@njit(boundscheck=False)
def decode_messages(
    buffer: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    first: int,
    transitions: npt.NDArray[np.int32],
    messages: npt.NDArray[np.int32],
    order: npt.NDArray[np.int64],
    connections: npt.NDArray[np.int64],
    nodes: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    connect: npt.NDArray[np.int64],
    accept: npt.NDArray[np.int64],
    close: npt.NDArray[np.int64],
    read: npt.NDArray[np.int64],
    write: npt.NDArray[np.int64],
    http: npt.NDArray[np.int64],
) -> int:
    """Decode messages from ``first`` on; return the number of the first one that was not decoded for want of room.

    ``messages`` int32[n, 2] gets status and the row in ``connections`` (-1 without). ``order`` int64[:, 5] gets a row
    per log in order of arrival: message, operation, row in its table, start offset (ns since boot), flags. ``nodes``
    int64[:, 4] gets a row per message that carries a node: message, occurrences, offset and length of the last one.

    When an array is too small the message is taken back, ``counts[LACKING]`` says which array it was, and the number of
    the message is returned: the caller makes room and calls again from there.
    """
    reg = np.zeros(lay.REGISTERS, dtype=np.int64)
    ends = np.empty(16, dtype=np.int64)
    types = np.empty(16, dtype=np.int64)
    saved = np.empty(COUNTS, dtype=np.int64)
    total = len(offsets) - 1
    for number in range(first, total):
        for i in range(COUNTS):
            saved[i] = counts[i]
        for i in range(lay.K_OP):
            reg[i] = 0
        at = offsets[number]
        ends[0] = offsets[number + 1]
        types[0] = 0
        depth = 0
        end = ends[0]
        base = 0
        bad = False
        lacking = _NOTHING
        while True:
            if at == end:
                if depth == 0:
                    break
                if base == lay.KERNEL_LOG_TYPE * lay.FIELD_SLOTS:
                    operation = reg[lay.K_OP]
                    row = counts[TABLE_COUNT + operation] if operation > 0 else 0
                    start, stop = reg[lay.K_START], reg[lay.K_END]
                    flags = 0
                    if reg[lay.K_START_SET] == 0:
                        start = stop
                        flags = lay.TIMESTAMP_MISSING
                    if reg[lay.K_END_SET] == 0:
                        stop = start
                        flags = lay.TIMESTAMP_MISSING
                    if counts[ORDER] == len(order):
                        lacking = ORDER
                        break
                    if operation == lay.WRITE:
                        if row == len(write):
                            lacking = TABLE_COUNT + operation
                            break
                        if reg[lay.K_FIELDS + 8] <= 0:
                            reg[lay.K_FIELDS + 8] = 0
                            reg[lay.K_FIELDS + 9] = 0
                        if reg[lay.K_FIELDS + 10] <= 0:
                            reg[lay.K_FIELDS + 10] = 0
                            reg[lay.K_FIELDS + 11] = 0
                        write[row, 0] = stop - start
                        for i in range(17):
                            write[row, 1 + i] = reg[lay.K_FIELDS + i]
                    elif operation == lay.READ:
                        if row == len(read):
                            lacking = TABLE_COUNT + operation
                            break
                        if reg[lay.K_FIELDS + 5] <= 0:
                            reg[lay.K_FIELDS + 5] = 0
                            reg[lay.K_FIELDS + 6] = 0
                        read[row, 0] = stop - start
                        for i in range(12):
                            read[row, 1 + i] = reg[lay.K_FIELDS + i]
                    elif operation == lay.ACCEPT:
                        if row == len(accept):
                            lacking = TABLE_COUNT + operation
                            break
                        accept[row, 0] = stop - start
                    elif operation == lay.CONNECT or operation == lay.CLOSE:  # noqa: PLR1714
                        target = connect if operation == lay.CONNECT else close
                        if row == len(target):
                            lacking = TABLE_COUNT + operation
                            break
                        target[row, 0] = stop - start
                        target[row, 1] = reg[lay.K_FIELDS]
                    if operation > 0:
                        counts[TABLE_COUNT + operation] = row + 1
                    else:  # the registers may still hold the times of the log before
                        start, flags = np.int64(0), 0
                    log = counts[ORDER]
                    order[log, lay.MESSAGE] = number
                    order[log, lay.OPERATION] = operation
                    order[log, lay.ROW] = row
                    order[log, lay.OFFSET] = start
                    order[log, lay.FLAGS] = flags
                    counts[ORDER] = log + 1
                depth -= 1
                end = ends[depth]
                base = types[depth]
                continue
            # tag
            tag = np.int64(buffer[at])
            at += 1
            if tag >= _ASCII_LIMIT:
                tag, at = _varint(buffer, at - 1, end, 5)
                if at < 0 or tag > _MAX_UINT32:
                    bad = True
                    break
            wire = tag & 7
            field = tag >> 3
            if field == 0:
                bad = True
                break
            action = 0
            entry = base + field
            if field < lay.FIELD_SLOTS and transitions[entry, 1] == wire:
                action = transitions[entry, 0]
            if wire == 2:
                if at >= end:
                    bad = True
                    break
                size = np.int64(buffer[at])
                at += 1
                if size >= _ASCII_LIMIT:
                    size, at = _varint(buffer, at - 1, end, 5)
                    if at < 0 or size > _MAX_INT32:
                        bad = True
                        break
                if size > end - at:
                    bad = True
                    break
                if action >= lay.ENTER:
                    register = transitions[entry, 2]
                    if register >= 0:
                        value = transitions[entry, 4]
                        if action == lay.RESTART:
                            if register == lay.N_COUNT:
                                reg[lay.N_COUNT] += 1
                                reg[lay.N_SPAN] = at
                                reg[lay.N_SPAN + 1] = size
                            else:
                                reg[register] = 0
                        elif reg[register] != value:
                            for i in range(register + 1, transitions[entry, 5]):
                                reg[i] = 0
                            reg[register] = value
                    depth += 1
                    end = at + size
                    base = transitions[entry, 3] * lay.FIELD_SLOTS
                    ends[depth] = end
                    types[depth] = base
                    continue
                if action == lay.TEXT:
                    seen = np.uint8(0)
                    for i in range(at, at + size):
                        seen |= buffer[i]
                    if seen >= _ASCII_LIMIT and not is_utf8(buffer, at, at + size):
                        bad = True
                        break
                    register = transitions[entry, 2]
                    if register >= 0:
                        reg[register] = at
                        reg[register + 1] = size
                at += size
            elif wire == 0:
                if at >= end:
                    bad = True
                    break
                value64 = np.int64(buffer[at])
                at += 1
                if value64 >= _ASCII_LIMIT:
                    value64 &= 0x7F
                    shift = 7
                    while True:
                        if at >= end or shift > 63:
                            bad = True
                            break
                        byte = np.int64(buffer[at])
                        at += 1
                        value64 |= (byte & 0x7F) << shift
                        if byte < _ASCII_LIMIT:
                            break
                        shift += 7
                    if bad:
                        break
                if action != lay.UNKNOWN:
                    register = transitions[entry, 2]
                    if register >= 0:
                        if action == lay.VARINT32:
                            value64 = np.int64(np.int32(value64 & _MAX_UINT32))
                        elif action == lay.BOOL:
                            value64 = np.int64(value64 != 0)
                        reg[register] = value64
            elif wire == 1:
                at += 8
            elif wire == 5:
                at += 4
            elif wire == 3:
                at = skip_group(buffer, at, end, field, depth)
                if at < 0:
                    bad = True
                    break
            else:
                bad = True
                break
            if at > end:
                bad = True
                break
        if not bad and lacking == _NOTHING:
            connection = -1
            if reg[lay.C_SET] != 0:
                connection = counts[CONNECTIONS]
                if connection == len(connections):
                    lacking = CONNECTIONS
                else:
                    for i in range(lay.CONNECTION_WIDTH):
                        connections[connection, i] = reg[i]
                    connections[connection, lay.C_SET] = number
                    counts[CONNECTIONS] = connection + 1
            if reg[lay.N_COUNT] != 0:
                if counts[NODES] == len(nodes):
                    lacking = NODES
                else:
                    for i in range(3):
                        nodes[counts[NODES], 1 + i] = reg[lay.N_COUNT + i]
                    nodes[counts[NODES], 0] = number
                    counts[NODES] += 1
            if reg[lay.P_SET] != 0 and lacking == _NOTHING:
                row = counts[TABLE_COUNT + lay.HTTP]
                if counts[ORDER] == len(order):
                    lacking = ORDER
                elif row == len(http):
                    lacking = TABLE_COUNT + lay.HTTP
                else:
                    log = counts[ORDER]
                    order[log, lay.MESSAGE] = number
                    order[log, lay.OPERATION] = lay.NO_PROTOCOL
                    order[log, lay.ROW] = 0
                    order[log, lay.OFFSET] = 0
                    order[log, lay.FLAGS] = 0
                    counts[ORDER] = log + 1
                    if reg[lay.H_SET] != 0:
                        start, stop = reg[lay.H_START], reg[lay.H_END]
                        flags = 0
                        if reg[lay.H_START_SET] == 0:
                            start = stop
                            flags = lay.TIMESTAMP_MISSING
                        if reg[lay.H_END_SET] == 0:
                            stop = start
                            flags = lay.TIMESTAMP_MISSING
                        duration = stop - start
                        latency = duration // 1_000_000
                        if duration < 0 and latency * 1_000_000 != duration:
                            latency += 1
                        http[row, lay.HTTP_LATENCY] = latency
                        http[row, lay.HTTP_SUCCESS] = reg[lay.H_STATUS] < 500
                        http[row, lay.HTTP_STATUS] = reg[lay.H_STATUS]
                        http[row, lay.HTTP_METHOD] = reg[lay.H_METHOD]
                        http[row, lay.HTTP_METHOD + 1] = reg[lay.H_REQUEST_HEADER]
                        http[row, lay.HTTP_METHOD + 2] = reg[lay.H_REQUEST_BODY]
                        http[row, lay.HTTP_METHOD + 3] = reg[lay.H_RESPONSE_HEADER]
                        http[row, lay.HTTP_METHOD + 4] = reg[lay.H_RESPONSE_BODY]
                        http[row, lay.HTTP_PATH] = reg[lay.H_PATH]
                        http[row, lay.HTTP_PATH + 1] = reg[lay.H_PATH + 1]
                        counts[TABLE_COUNT + lay.HTTP] = row + 1
                        order[log, lay.OPERATION] = lay.HTTP
                        order[log, lay.ROW] = row
                        order[log, lay.OFFSET] = start
                        order[log, lay.FLAGS] = flags
            if lacking == _NOTHING:
                messages[number, 0] = OK
                messages[number, 1] = connection
        if bad or lacking != _NOTHING:
            for i in range(COUNTS):
                counts[i] = saved[i]
            if lacking != _NOTHING:
                counts[LACKING] = lacking
                return number
            messages[number, 0] = MALFORMED
            messages[number, 1] = -1
    return total
