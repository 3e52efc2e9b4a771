"""Recorded byte streams with their timing: the file format, its writer and its reader.

Layout, all integers little-endian: a header of 16 bytes (magic ``OAPREC``, version u16, created u64 in epoch ns), then
records. A record is a fixed head of 17 bytes (payload length u32, time u64 in ns since the start, stream u32, kind u8)
and the payload. Streams are numbered in the order they begin. A BEGIN record carries the name of the sending node, an
ERROR record a text.
A name that ends in ``.gz`` is gzip around the same bytes.
"""

import gzip
import io
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

MAGIC = b"OAPREC"
VERSION = 1
HEADER_BYTES = 16
HEAD_BYTES = 17
_LONGEST_DELIMITER = 5


class RecordingError(Exception):
    """A file is no recording, or damaged; the text names the file, the byte and what was expected."""


class Kind(IntEnum):
    """What a record tells about its stream."""

    BEGIN = 0
    MESSAGE = 1
    END = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Event:
    """One record: ``time_ns`` since the start of the recording, the stream's number, and the bytes."""

    time_ns: int
    stream: int
    kind: Kind
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording as columns; ``payload[starts[i]:ends[i]]`` (uint8; int64) is the payload of record i.

    ``times_ns`` int64, ``streams`` int32 and ``kinds`` uint8 (values of Kind) have one entry per record, in file order.
    """

    payload: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    times_ns: npt.NDArray[np.int64]
    streams: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint8]
    created_ns: int = 0

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def messages(self) -> int:
        """How many of the records are messages."""
        return int(np.count_nonzero(self.kinds == Kind.MESSAGE))

    def bytes_of(self, record: int) -> bytes:
        """Payload of one record."""
        return self.payload[self.starts[record] : self.ends[record]].tobytes()

    def events(self) -> Iterator[Event]:
        """Yield the records one by one."""
        columns = zip(self.times_ns.tolist(), self.streams.tolist(), self.kinds.tolist(), strict=True)
        for record, (time_ns, stream, kind) in enumerate(columns):
            yield Event(time_ns, stream, Kind(kind), self.bytes_of(record))

    def nodes(self) -> dict[int, str]:
        """Return the sending node of each stream."""
        begins = np.flatnonzero(self.kinds == Kind.BEGIN)
        return {int(self.streams[at]): self.bytes_of(int(at)).decode(errors="replace") for at in begins}

    def select(self, order: npt.NDArray[np.int64]) -> "Recording":
        """Return the records at these positions, in this order, over the same payload."""
        return Recording(
            self.payload,
            self.starts[order],
            self.ends[order],
            self.times_ns[order],
            self.streams[order],
            self.kinds[order],
            self.created_ns,
        )


class Recorder:
    """Writes a recording; use as a context manager. ``created_ns`` is the wall time (epoch ns) of the start."""

    def __init__(self, path: Path, created_ns: int = 0) -> None:
        self._path = path
        raw = path.open("wb")
        # mtime 0 keeps equal recordings equal byte for byte.
        self._file: BinaryIO | gzip.GzipFile = (
            gzip.GzipFile("", "wb", 6, raw, mtime=0)
            if path.suffix == ".gz"
            else io.BufferedWriter(raw.detach(), 1 << 20)
        )
        self._raw = raw if path.suffix == ".gz" else None
        self._next_stream = 0
        self._file.write(MAGIC + VERSION.to_bytes(2, "little") + created_ns.to_bytes(8, "little"))

    def begin(self, time_ns: int, node: str) -> int:
        """Open a stream sent by a node and return its number."""
        stream = self._next_stream
        self._next_stream += 1
        self._write(time_ns, stream, Kind.BEGIN, node.encode())
        return stream

    def message(self, time_ns: int, stream: int, payload: bytes) -> None:
        """Write one message."""
        self._write(time_ns, stream, Kind.MESSAGE, payload)

    def end(self, time_ns: int, stream: int) -> None:
        """Write the half-close of a stream."""
        self._write(time_ns, stream, Kind.END, b"")

    def error(self, time_ns: int, stream: int, reason: str) -> None:
        """Write that a stream was cut off."""
        self._write(time_ns, stream, Kind.ERROR, reason.encode())

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        if self._raw is not None:
            self._raw.close()

    def _write(self, time_ns: int, stream: int, kind: Kind, payload: bytes) -> None:
        head = len(payload) | time_ns << 32 | stream << 96 | int(kind) << 128
        self._file.write(head.to_bytes(HEAD_BYTES, "little") + payload)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def load(path: Path) -> Recording:
    """Read a recording, or a plain list of length-delimited messages as one stream; raises RecordingError.

    An uncompressed file is mapped, not copied; 100,000 messages take some milliseconds.
    """
    content = _content(path)
    if bytes(content[: len(MAGIC)]) == MAGIC:
        return _recording(path, content)
    if path.name.removesuffix(".gz").endswith((".pbd", ".delimited")):
        return _sample(path, content)
    raise RecordingError(f"{path} is no recording: it begins with {bytes(content[:8])!r}, not with {MAGIC!r}")


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the records of a file one by one; raises RecordingError before the first."""
    return load(path).events()


def _content(path: Path) -> npt.NDArray[np.uint8]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                return np.frombuffer(file.read(), np.uint8)
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                return np.empty(0, np.uint8)
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    except EOFError as error:
        raise RecordingError(f"{path} is cut off: its gzip data end early") from error
    except gzip.BadGzipFile as error:
        raise RecordingError(f"{path} is not gzip, though its name ends in .gz: {error}") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error


def _recording(path: Path, content: npt.NDArray[np.uint8]) -> Recording:
    if len(content) < HEADER_BYTES:
        raise RecordingError(f"{path} is cut off inside its header: {len(content)} of {HEADER_BYTES} bytes")
    version = int.from_bytes(content[6:8].tobytes(), "little")
    if version != VERSION:
        raise RecordingError(f"{path} has format version {version}; this program reads version {VERSION}")
    heads, stop = _scan(content, HEADER_BYTES)
    if stop != len(content):
        raise RecordingError(
            f"{path} is cut off or damaged in record {len(heads)} at byte {stop}: the file ends at byte {len(content)}"
        )
    fields = content[heads[:, None] + np.arange(HEAD_BYTES)]
    lengths = _little_endian(fields, 0, 4)
    kinds = fields[:, 16]
    if len(kinds) and kinds.max() > max(Kind):
        at = int(np.argmax(kinds > max(Kind)))
        raise RecordingError(f"{path} is damaged: record {at} at byte {heads[at]} has the unknown kind {kinds[at]}")
    starts = heads + HEAD_BYTES
    streams = _little_endian(fields, 12, 4).astype(np.int32)
    created_ns = int.from_bytes(content[8:16].tobytes(), "little")
    return Recording(content, starts, starts + lengths, _little_endian(fields, 4, 8), streams, kinds.copy(), created_ns)


def _sample(path: Path, content: npt.NDArray[np.uint8]) -> Recording:
    """Read messages that each follow their length as a varint: one stream, all at time 0."""
    starts, ends, stop = _scan_delimited(content)
    if stop != len(content):
        raise RecordingError(f"{path} is cut off or damaged in message {len(starts)} at byte {stop}")
    size = len(starts) + 2
    kinds = np.full(size, Kind.MESSAGE, np.uint8)
    kinds[0], kinds[-1] = Kind.BEGIN, Kind.END
    edge = np.zeros(1, np.int64)
    return Recording(
        content,
        np.concatenate((edge, starts, edge)),
        np.concatenate((edge, ends, edge)),
        np.zeros(size, np.int64),
        np.zeros(size, np.int32),
        kinds,
    )


def _little_endian(fields: npt.NDArray[np.uint8], first: int, width: int) -> npt.NDArray[np.int64]:
    column = np.ascontiguousarray(fields[:, first : first + width])
    return column.view(f"<u{width}").reshape(-1).astype(np.int64)


def _scan(content: npt.NDArray[np.uint8], first: int) -> tuple[npt.NDArray[np.int64], int]:
    """Positions of all record heads, and where the last complete record ends. 0.3 us per record."""
    read_length = struct.Struct("<I").unpack_from
    size = len(content)
    view = content.data
    heads: list[int] = []
    at = first
    while at + HEAD_BYTES <= size:
        behind = at + HEAD_BYTES + read_length(view, at)[0]
        if behind > size:
            break
        heads.append(at)
        at = behind
    return np.array(heads, np.int64), at


def _scan_delimited(content: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Start and end of all length-delimited messages, and where the last complete one ends."""
    view = content.data
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(view):
        length, head = _delimiter(view[at : at + _LONGEST_DELIMITER])
        if not head or at + head + length > len(view):
            break
        starts.append(at + head)
        at += head + length
        ends.append(at)
    return np.array(starts, np.int64), np.array(ends, np.int64), at


def _delimiter(view: memoryview) -> tuple[int, int]:
    """Value and length of the varint a view begins with; length 0 when there is none."""
    value = 0
    for position, byte in enumerate(view):
        value |= (byte & 127) << (7 * position)
        if byte < 128:
            return value, position + 1
    return 0, 0
