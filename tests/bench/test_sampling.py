"""The benchmark of samples runs, and folds the same with and without them."""

from pathlib import Path

import numpy as np

from bench.inputs import load_corpus
from bench.placed_rows import PlacedRows
from bench.rig import shipped_plan
from bench.sampling import plain_fold, sampling, without_counts_between
from oap.timebucket import Precision
from oap.window.window import Window, fold_plan

MESSAGES = 200


def test_every_way_to_fold_is_measured(tmp_path: Path) -> None:
    finding = sampling(load_corpus(MESSAGES, churn_ports=False, cache=tmp_path), 2)
    assert [measure.unit for measure in finding.measures] == [*["us/message"] * 4, "ms"]
    assert [str(ratio.target) for ratio in finding.ratios] == ["<= 1.03", "None", "None"]
    assert all(len(ratio.readings) == 2 for ratio in finding.ratios)
    assert finding.notes[0] == "primitives: 77, without counts between filters 67"


def test_what_only_stages_read_changes_no_metric(tmp_path: Path) -> None:
    rows = PlacedRows(load_corpus(MESSAGES, churn_ports=True, cache=tmp_path))
    plan, lean = shipped_plan(), without_counts_between(shipped_plan())
    windows = []
    for each in (fold_plan(plan), fold_plan(lean)):
        windows.append(Window(rows.minutes[0], Precision.MINUTE, each))
        for number in range(len(rows.batches)):
            plain_fold(rows, each)(number, windows[-1])
    whole, smaller = windows
    for metric, other in zip(plan.metrics, lean.metrics, strict=True):
        key = (metric.grain, metric.parts[0].table)
        for mine, its in zip(metric.parts[0].primitives, other.parts[0].primitives, strict=True):
            assert plan.primitives[key][mine] == lean.primitives[key][its]
        assert np.array_equal(whole.tables[key].counts, smaller.tables[key].counts)
