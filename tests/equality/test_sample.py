"""The independent sample of 20,000 random messages: the pipeline and the oracle store the same."""

from datetime import UTC
from pathlib import Path

from oap.emulator.playback import blocks
from oap.emulator.recording import load
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.equality.expected import expected_tables
from tests.equality.recordings import oracle_events
from tests.equality.replays import oracle_totals, totals_of
from tests.equality.tables import differences, row_count, stored_tables
from tests.oap.pipeline_run import Run
from tests.oracle.oracle import run_oracle

SAMPLE = Path(__file__).parents[1] / "cases" / "messages-20000.pbd.gz"
NOW_S = 1_700_870_400


def test_sample_gives_the_rows_of_the_oracle(tmp_path: Path) -> None:
    sample, store = load(SAMPLE), tmp_path / "sample.duckdb"
    run = Run(now=NOW_S, storage=DuckdbStorage(StorageSettings(str(store))))
    for number, block in enumerate(blocks(sample, 4096)):
        run.pipeline.accept(block, NOW_S)
        if number == 2:
            run.writer.write(run.pipeline.collect())
    run.writer.write(run.pipeline.collect(everything=True))
    run.storage.close()
    expected = run_oracle(oracle_events(sample), registry={}, zone=UTC, now=NOW_S)
    tables = expected_tables(expected)
    assert len(expected.metrics) == 544_050
    assert row_count(tables) == 38_804
    assert totals_of(run.pipeline.accounts) == oracle_totals(expected)
    assert differences(tables, stored_tables(store)) == []
