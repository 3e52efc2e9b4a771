"""The standard scenario shows every metric of the catalogue."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from oap.emulator.playback import from_streams
from oap.emulator.scenario_file import load_scenario
from oap.emulator.traffic import cluster_traffic
from oap.entity.scopes import k8s_catalog
from oap.storage.table_text import entries_of
from oap.window.models import metric_models
from tests.equality.recordings import Setting, scenario_registry
from tests.equality.replays import Replayer
from tests.oap.pipeline_run import shipped_plan

SCENARIO = Path(__file__).parents[2] / "config" / "scenarios" / "bookinfo.yml"
START_S = 1_704_067_200
MINUTES = 2
SILENT: Mapping[str, str] = {}
"""Metrics that no traffic of the standard scenario can move, with the reason; there are none."""


def has_value(column: pa.ChunkedArray) -> bool:
    """Whether any row has something other than zero."""
    if pa.types.is_string(column.type):
        return any(chain.from_iterable(entries_of(text).values() for text in pc.unique(column.drop_null()).to_pylist()))
    return bool(pc.any(pc.not_equal(column, 0)).as_py())


def test_every_metric_has_a_row_with_a_value(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO)
    flushes = cluster_traffic(scenario, 1, START_S, MINUTES * 60 * 10**9 // scenario.flush_period_ns)
    sent = from_streams([(flush.node, messages) for flush in flushes for messages in flush.streams])
    replayer = Replayer(tmp_path, Setting(START_S, START_S + MINUTES * 60, "UTC"), scenario_registry(scenario))
    totals = replayer.run("standard", sent)
    tables = replayer.tables("standard")
    models = metric_models(shipped_plan(), k8s_catalog())
    silent = {
        name
        for name, model in models.items()
        if not has_value(tables[f"minute_{model.scope}"][f"{name}.{model.value_column}"])
    }
    assert len(models) == 296
    assert silent == SILENT.keys()
    assert totals.is_closed
