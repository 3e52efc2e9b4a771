"""Recordings through the real pipeline into a store of their own, with everything that must not matter varied."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from oap.accounting import Accounts, Outcome
from oap.compaction import FEW_CELLS
from oap.emulator.playback import blocks
from oap.emulator.recording import Recording
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.equality.recordings import Setting
from tests.equality.tables import Tables, stored_tables
from tests.oap.pipeline_run import Run
from tests.oracle.model import OracleResult, Registry

K = TypeVar("K")
_REASONS_WITH_DETAILS = {"same_service", "connection_loss"}


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of messages and logs. Late logs are folded as well; which ones are late depends on the order.

    ``details`` counts refused connections as upstream does, by reason and party (spec entities 11).
    """

    messages: int
    malformed: int
    received: int
    folded: int
    refused: int
    dropped: dict[str, int]
    details: dict[tuple[str, str], int]

    @property
    def is_closed(self) -> bool:
        """Whether every received log is somewhere."""
        return self.received == self.folded + sum(self.dropped.values()) + self.refused

    def plus(self, other: "Totals") -> "Totals":
        """Totals of two processes together."""
        return Totals(
            self.messages + other.messages,
            self.malformed + other.malformed,
            self.received + other.received,
            self.folded + other.folded,
            self.refused + other.refused,
            added(self.dropped, other.dropped),
            added(self.details, other.details),
        )


def added(first: dict[K, int], second: dict[K, int]) -> dict[K, int]:
    """Sums by key."""
    return {key: first.get(key, 0) + second.get(key, 0) for key in first | second}


def totals_of(accounts: Accounts) -> Totals:
    """Totals of a pipeline."""
    outcomes = accounts.outcomes.tolist()
    return Totals(
        accounts.messages,
        accounts.malformed,
        accounts.received,
        outcomes[Outcome.FOLDED] + outcomes[Outcome.LATE],
        outcomes[Outcome.REFUSED],
        {reason: count for reason, count in accounts.dropped.items() if count},
        {key: count for key, count in accounts.details.items() if key[0] in _REASONS_WITH_DETAILS},
    )


def oracle_totals(result: OracleResult) -> Totals:
    """Totals of the oracle."""
    return Totals(
        result.messages,
        result.malformed,
        result.received,
        result.folded,
        result.refused,
        dict(result.dropped),
        dict(result.drop_details),
    )


@dataclass(frozen=True, slots=True)
class Variation:
    """What must not matter: messages per block, the numbers of the blocks behind which a hand-over happens besides the
    last, when minutes are settled, how soon connections and entities are forgotten, and how many open minutes force a
    hand-over. ``names`` are the endpoint names to begin with.
    """

    batch: int = 1000
    hand_overs: Container[int] = ()
    lateness_s: int = 120
    connection_limit: int = 200_000
    few_cells: int = FEW_CELLS
    max_open_windows: int = 1000
    names: EndpointNames | None = None


PLAIN = Variation()


@dataclass(frozen=True, slots=True)
class Replayer:
    """Runs recordings of one setting; every run gets a file of its own in ``folder``."""

    folder: Path
    setting: Setting
    registry: Registry

    def file(self, name: str) -> Path:
        """The store of a run."""
        return self.folder / f"{name}.duckdb"

    def run(self, name: str, recording: Recording, how: Variation = PLAIN) -> Totals:
        """Fold a recording into the store of this name, new or not."""
        run = Run(
            registry=self.registry,
            zone=ZoneInfo(self.setting.zone),
            now=self.setting.now_s,
            lateness_s=how.lateness_s,
            connection_limit=how.connection_limit,
            few_cells=how.few_cells,
            max_open_windows=how.max_open_windows,
            names=how.names or EndpointNames(),
            storage=DuckdbStorage(StorageSettings(str(self.file(name)))),
        )
        for number, block in enumerate(blocks(recording, how.batch)):
            run.pipeline.accept(block, self.setting.now_s)
            if number in how.hand_overs or run.pipeline.needs_hand_over:
                run.writer.write(run.pipeline.collect())
        run.writer.write(run.pipeline.collect(everything=True))
        run.storage.close()
        return totals_of(run.pipeline.accounts)

    def tables(self, name: str) -> Tables:
        """All rows that a run left behind."""
        return stored_tables(self.file(name))
