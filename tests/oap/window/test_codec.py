"""Windows as bytes, for another process or a later one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oap.pipeline import Pipeline
from oap.timebucket import Precision
from oap.window.codec import UnreadableWindowError, dump_window, load_window
from oap.window.window import Window
from tests.oap.window.call_strategies import calls
from tests.oap.window.calls import FIRST_MINUTE, Call
from tests.oap.window.pipeline_rig import PipelineRig, stored_at_once

EARLIER = (
    Call(0, 10),
    Call(0, 700, code=500, method="Post", path="/a"),
    Call(0, 30, client=20, role="client"),
    Call(1, 5, kind="write", client=1, server=11),
    Call(3, 40, client=30, server=21, method="Head"),
)
LATER = (
    Call(3, 8, client=30, server=21),
    Call(0, 2500, method="Put", client=20),
    Call(0, 15, client=20, server=12),
    Call(1, 3, kind="read"),
    Call(1, 90, client=1, server=11, path="/b"),
)


def dumps(pipeline: Pipeline) -> list[bytes]:
    return [dump_window(opened.window, pipeline.describe_cell) for opened in pipeline.book.minutes.values()]


def window_of(*calls: Call) -> tuple[Window, PipelineRig]:
    rig = PipelineRig()
    rig.accept(*calls)
    return rig.pipeline.book.minutes[FIRST_MINUTE + calls[0].minute].window, rig


def test_another_process_goes_on_with_a_dumped_window(tmp_path: Path) -> None:
    rig = PipelineRig()
    rig.accept(*EARLIER)
    files = [tmp_path / str(number) for number in range(3)]
    for file, data in zip(files, dumps(rig.pipeline), strict=True):
        file.write_bytes(data)
    given = {"windows": [str(file) for file in files], "calls": [asdict(call) for call in LATER]}
    command = [sys.executable, "-m", "tests.oap.window.load_elsewhere"]
    answer = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    records = {(metric, entity, bucket): record for metric, entity, bucket, record in json.loads(answer.stdout)}
    assert records == stored_at_once([*EARLIER, *LATER])


@settings(max_examples=30, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=12), st.integers(0, 12))
def test_dumping_loading_and_merging_anywhere_equals_one_fold(stream: Sequence[Call], cut: int) -> None:
    first, second = PipelineRig(), PipelineRig()
    if stream[:cut]:
        first.accept(*stream[:cut])
    if stream[cut:]:
        second.accept(*stream[cut:])
    for data in dumps(first.pipeline):
        loaded = load_window(data, second.pipeline.plan, second.pipeline.intern_cell)
        second.pipeline.book.absorb(loaded)
    assert second.stored() == stored_at_once(stream)


def test_window_comes_back_as_it_was() -> None:
    window, rig = window_of(Call(0, 10), Call(0, 20, method="Post"), Call(0, 5, kind="write"))
    loaded = load_window(dump_window(window, rig.pipeline.describe_cell), window.plan, rig.pipeline.intern_cell)
    assert (loaded.minute, loaded.precision) == (FIRST_MINUTE, Precision.MINUTE)
    for key, table in window.tables.items():
        other = loaded.tables[key]
        np.testing.assert_array_equal(other.counts, table.counts)
        np.testing.assert_array_equal(other.integers, table.integers)
        np.testing.assert_array_equal(other.doubles, table.doubles)
        assert other.labels == table.labels
        for index, tally in table.tallies.items():
            size = int(tally.size[0])
            entries = [column[:size].tolist() for column in (tally.cells, tally.keys, tally.counts)]
            assert [c[:size].tolist() for c in other.tallies[index][1:4]] == entries


def test_only_cells_with_rows_are_described() -> None:
    window, rig = window_of(Call(0, 10, client=20))
    rig.accept(Call(1, 10, client=30))
    described: list[tuple[str, int]] = []

    def describe(grain: str, cell: int) -> list[object]:
        described.append((grain, cell))
        return [grain, cell]

    dump_window(window, describe)
    assert described == [("route", 0), ("endpoint", 0)]


def test_window_of_other_rules_is_refused() -> None:
    window, rig = window_of(Call(0, 10))
    other = PipelineRig("m = from(K8SService.*).cpm();")
    with pytest.raises(UnreadableWindowError, match="other rules"):
        load_window(dump_window(window, rig.pipeline.describe_cell), other.pipeline.plan, other.pipeline.intern_cell)
    assert len(other.pipeline.routes) == 0


def test_cells_that_become_one_are_refused() -> None:
    rig = PipelineRig()
    rig.accept(Call(0, 10, client=20), Call(0, 10, client=30))
    (data,) = dumps(rig.pipeline)
    with pytest.raises(UnreadableWindowError, match="two cells of the grain 'route' are one here"):
        load_window(data, rig.pipeline.plan, lambda *_: 0)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda data: data[:0], "no window"),
        (lambda data: b"PK" + data[2:], "no window"),
        (lambda data: data[:4] + b"\x09\0\0\0" + data[8:], "format 9, this server reads 1"),
        (lambda data: data[:-1], "damaged or cut short"),
        (lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:], "damaged or cut short"),
        (lambda data: data + b"\0", "damaged or cut short"),
    ],
    ids=["empty", "other magic", "other version", "cut short", "flipped bit", "too long"],
)
def test_damaged_bytes_are_refused(damage: object, complaint: str) -> None:
    window, rig = window_of(Call(0, 10))
    data = dump_window(window, rig.pipeline.describe_cell)
    assert callable(damage)
    with pytest.raises(UnreadableWindowError, match=complaint):
        load_window(damage(data), window.plan, rig.pipeline.intern_cell)
