from pathlib import Path

import pytest

from oap.storage.contract import StorageError
from oap.storage.journal import opened

HEAD = "oap storage copy 1\nfrom a\nto b\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "copy.state"


def test_what_is_finished_is_known_the_next_time(path: Path) -> None:
    with opened(path, "a", "b") as journal:
        assert journal.done == frozenset()
        journal.finish(202506111430)
        journal.finish(20250611)
    assert path.read_text() == f"{HEAD}202506111430\n20250611\n"
    with opened(path, "a", "b") as journal:
        assert journal.done == {202506111430, 20250611}
        journal.remove()
    assert not path.exists()


def test_a_line_that_was_cut_does_not_count(path: Path) -> None:
    path.write_text(f"{HEAD}202506111430\n2025061114")
    with opened(path, "a", "b") as journal:
        assert journal.done == {202506111430}
        journal.finish(20250611)
    assert path.read_text() == f"{HEAD}202506111430\n20250611\n"


def test_a_file_that_was_cut_in_its_head_begins_anew(path: Path) -> None:
    path.write_text("oap storage copy 1\nfro")
    with opened(path, "a", "b") as journal:
        assert journal.done == frozenset()
    assert path.read_text() == HEAD


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "tells of another copy (from a to b); finish that one"),
        ("my\nown\nnotes\n", "tells of another copy (something else); finish that one"),
    ],
)
def test_the_file_of_another_copy_is_left_alone(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(StorageError) as raised, opened(path, "a", "c"):
        pass
    assert str(raised.value).startswith(f"{path} {said}")
    assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_told() -> None:
    with (
        pytest.raises(StorageError, match=r"^/proc/copy\.state cannot be written: .*; name another file with --state$"),
        opened(Path("/proc/copy.state"), "a", "b"),
    ):
        pass
