"""The corpus as arrays, kept in .cache between runs, and cut into the blocks that a transport would hand over."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench import corpus as generator
from oap.receiver.block import Block, StreamEvent

CACHE = Path(__file__).parents[1] / ".cache"
SEED = 1
BLOCK_MESSAGES = 2_048
"""What the collector takes for a full block."""

STREAM = 0


class Kind(StrEnum):
    """What is sent: the same all the time, from new addresses each time, or asking for new paths besides."""

    PLAIN = "plain"
    CHURN = "churn"
    NEW_PATHS = "new-paths"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Messages of one stream: ``payload`` uint8 holds message i at ``offsets[i]:offsets[i + 1]`` (int64).

    Only the very first message names the node.
    """

    name: str
    payload: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def mean_bytes(self) -> float:
        """Bytes per message."""
        return float(self.offsets[-1] - self.offsets[0]) / len(self)

    def part(self, first: int, end: int) -> "Corpus":
        """The messages from ``first`` up to ``end``."""
        return Corpus(self.name, self.payload, self.offsets[first : end + 1])

    def messages(self) -> list[bytes]:
        """All messages, one by one."""
        bounds = self.offsets.tolist()
        return [self.payload[start:end].tobytes() for start, end in pairwise(bounds)]

    def blocks(self, size: int = BLOCK_MESSAGES) -> list[Block]:
        """The messages in blocks of at most ``size``, all of one stream that begins in the first and never ends."""
        return list(self._blocks(size))

    def _blocks(self, size: int) -> Iterator[Block]:
        for first in range(0, len(self), size):
            offsets = self.offsets[first : first + size + 1]
            begins = ((0, STREAM, StreamEvent.BEGIN),) if first == 0 else ()
            payload = self.payload[offsets[0] : offsets[-1]].copy()
            yield Block(payload, offsets - offsets[0], np.full(len(offsets) - 1, STREAM, np.int32), begins)


def load_corpus(messages: int, *, churn_ports: bool, cache: Path = CACHE) -> Corpus:
    """The corpus of so many messages, made when it is not in the cache yet."""
    file = corpus_file(messages, churn_ports=churn_ports, cache=cache)
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        made = joined("", generator.corpus(messages, SEED, churn_ports=churn_ports))
        unfinished = file.with_suffix(".part.npz")
        np.savez(unfinished, payload=made.payload, offsets=made.offsets)
        unfinished.replace(file)
    return read_corpus(file)


def read_corpus(file: Path) -> Corpus:
    """A corpus that ``load_corpus`` made."""
    with np.load(file) as arrays:
        return Corpus(Kind.PLAIN if Kind.PLAIN in file.name else Kind.CHURN, arrays["payload"], arrays["offsets"])


def corpus_file(messages: int, *, churn_ports: bool, cache: Path = CACHE) -> Path:
    """Where that corpus is kept; another generator makes another file."""
    source = hashlib.sha256(Path(generator.__file__).read_bytes()).hexdigest()[:12]
    kind = Kind.CHURN if churn_ports else Kind.PLAIN
    return cache / f"corpus-{kind}-{messages}-{SEED}-{source}.npz"


def joined(name: str, messages: Sequence[bytes]) -> Corpus:
    """Messages as arrays."""
    offsets = np.zeros(len(messages) + 1, dtype=np.int64)
    np.cumsum([len(message) for message in messages], out=offsets[1:])
    return Corpus(name, np.frombuffer(bytearray().join(messages), dtype=np.uint8), offsets)
