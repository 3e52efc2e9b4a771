"""What a copy has finished, in a file beside it, so that it can go on after it was ended in any way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from oap.storage.contract import StorageError

_HEAD: Final = "oap storage copy 1"


class Journal:
    """Lines that are only added: which copy it is, then each bucket that is done. A line that was cut is passed over."""

    def __init__(self, path: Path, file: TextIO, done: set[int]) -> None:
        self.path = path
        self._file = file
        self.done: frozenset[int] = frozenset(done)

    def finish(self, bucket: int) -> None:
        """Note that the target has all rows of a bucket."""
        self._file.write(f"{bucket}\n")
        self._file.flush()

    def remove(self) -> None:
        """Forget everything: the copy is complete."""
        self.path.unlink(missing_ok=True)


@contextmanager
def opened(path: Path, source: str, target: str) -> Iterator[Journal]:
    """The journal of a copy, begun or gone on with. StorageError when the file is that of another copy, or not writable."""
    head = [_HEAD, f"from {source}", f"to {target}"]
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line.rstrip("\n") for line in lines if line.endswith("\n")]
        if len(whole) >= len(head) and whole[: len(head)] != head:
            said = " ".join(whole[1:3]) if whole[0] == _HEAD else "something else"
            raise StorageError(
                f"{path} tells of another copy ({said}); finish that one, remove the file to forget it, or name another"
                " file with --state"
            )
        done = {int(line) for line in whole[len(head) :] if line.isdigit()}
        _write_anew(path, [*head, *map(str, sorted(done))])
        with path.open("a", encoding="utf-8") as file:
            yield Journal(path, file, done)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}; name another file with --state") from error


def _write_anew(path: Path, lines: list[str]) -> None:
    # A cut line would otherwise grow together with the next one.
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    fresh.replace(path)
