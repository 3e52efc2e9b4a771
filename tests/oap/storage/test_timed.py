"""Timing changes nothing but the clock's readings."""

from pathlib import Path

import pytest

from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from oap.telemetry.meters import HistogramMeter
from tests.oap.storage.contract_tests import Opener, StorageContract
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series


class TestTimedStorage(StorageContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        settings = StorageSettings(str(tmp_path / "oap.duckdb"), memory_limit_mb=400, threads=1)
        return lambda: TimedStorage(DuckdbStorage(settings))


def test_reads_and_writes_are_timed_apart() -> None:
    storage = TimedStorage(DuckdbStorage(StorageSettings(":memory:", threads=1)))
    storage.prepare((CPM,))
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    for _ in range(3):
        series(storage, CPM, "a", MINUTE, MINUTE)
    reads, writes = (meter for meter in storage.meters() if isinstance(meter, HistogramMeter))
    assert (reads.definition.name, sum(reads.counts)) == ("oap_storage_read_seconds", 3)
    assert (writes.definition.name, sum(writes.counts)) == ("oap_storage_write_seconds", 1)
