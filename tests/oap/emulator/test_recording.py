"""Recordings come back as they were written, and damaged files are explained."""

import gzip
from pathlib import Path

import pytest

from oap.emulator.recording import Event, Kind, Recorder, RecordingError, load, read_recording

SAMPLE = Path(__file__).parents[2] / "cases" / "messages-20000.pbd.gz"
EVENTS = [
    Event(0, 0, Kind.BEGIN, b"n1"),
    Event(0, 0, Kind.MESSAGE, b"first"),
    Event(5, 1, Kind.BEGIN, "knoten-ü".encode()),
    Event(2**40, 0, Kind.MESSAGE, b""),
    Event(2**40, 1, Kind.MESSAGE, bytes(range(256)) * 300),
    Event(2**40 + 1, 0, Kind.END),
    Event(2**40 + 2, 1, Kind.ERROR, b"cut"),
]


def write(path: Path) -> Path:
    with Recorder(path, 1_700_000_000_000_000_123) as recorder:
        assert recorder.begin(0, "n1") == 0
        recorder.message(0, 0, b"first")
        assert recorder.begin(5, "knoten-ü") == 1
        recorder.message(2**40, 0, b"")
        recorder.message(2**40, 1, bytes(range(256)) * 300)
        recorder.end(2**40 + 1, 0)
        recorder.error(2**40 + 2, 1, "cut")
    return path


@pytest.mark.parametrize("name", ["a.oaprec", "a.oaprec.gz"])
def test_recording_comes_back_as_written(tmp_path: Path, name: str) -> None:
    assert list(read_recording(write(tmp_path / name))) == EVENTS


def test_columns_describe_the_records(tmp_path: Path) -> None:
    recording = load(write(tmp_path / "a.oaprec"))
    assert (len(recording), recording.messages, recording.created_ns) == (7, 3, 1_700_000_000_000_000_123)
    assert recording.streams.tolist() == [0, 0, 1, 0, 1, 0, 1]
    assert recording.kinds.tolist() == [0, 1, 0, 1, 1, 2, 3]
    assert recording.nodes() == {0: "n1", 1: "knoten-ü"}


def test_equal_recordings_are_equal_files_even_compressed(tmp_path: Path) -> None:
    files = [write(tmp_path / name) for name in ("a.oaprec.gz", "b.oaprec.gz")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_recording_without_records_is_empty(tmp_path: Path) -> None:
    Recorder(tmp_path / "a.oaprec").close()
    assert list(read_recording(tmp_path / "a.oaprec")) == []


@pytest.mark.parametrize("cut", [1, 100, 76_000])
def test_truncated_file_names_the_record_and_the_byte(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "a.oaprec")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with pytest.raises(RecordingError, match=rf"is cut off or damaged in record \d at byte \d+.*{len(whole) - cut}$"):
        load(path)


def test_truncated_header_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.oaprec")
    path.write_bytes(path.read_bytes()[:9])
    with pytest.raises(RecordingError, match="cut off inside its header: 9 of 16 bytes"):
        load(path)


def test_truncated_gzip_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.oaprec.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RecordingError, match="gzip data end early"):
        load(path)


def test_unknown_kind_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.oaprec")
    content = bytearray(path.read_bytes())
    content[16 + 16] = 9
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="record 0 at byte 16 has the unknown kind 9"):
        load(path)


def test_version_of_tomorrow_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.oaprec")
    content = bytearray(path.read_bytes())
    content[6] = 2
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="format version 2; this program reads version 1"):
        load(path)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", b"hello world", "is no recording: it begins with b'hello wo'"),
        ("a.oaprec", b"", "is no recording: it begins with b''"),
        ("a.gz", b"hello", "is not gzip, though its name ends in .gz"),
        ("a.pbd", b"\x05abc", "cut off or damaged in message 0 at byte 0"),
        ("a.pbd", b"\x01a\xff\xff\xff\xff\xff\xff", "cut off or damaged in message 1 at byte 2"),
        ("a.pbd.gz", gzip.compress(b"\x03ab", mtime=0), "cut off or damaged in message 0 at byte 0"),
    ],
)
def test_foreign_file_is_explained(tmp_path: Path, name: str, content: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingError) as raised:
        load(tmp_path / name)
    assert text in str(raised.value)


def test_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file or directory"):
        load(tmp_path / "none.oaprec")


def test_length_delimited_messages_are_one_stream(tmp_path: Path) -> None:
    (tmp_path / "a.pbd").write_bytes(b"\x02ab\x00\x81\x01" + b"c" * 129)
    assert [(event.kind, event.payload) for event in read_recording(tmp_path / "a.pbd")] == [
        (Kind.BEGIN, b""),
        (Kind.MESSAGE, b"ab"),
        (Kind.MESSAGE, b""),
        (Kind.MESSAGE, b"c" * 129),
        (Kind.END, b""),
    ]


def test_sample_holds_twenty_thousand_messages() -> None:
    assert load(SAMPLE).messages == 20_000
