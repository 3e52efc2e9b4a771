"""Rule files that change under a running pipeline."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from oap.reload.event import Changes, Outcome
from oap.storage.contract import MetricModel, StorageUnavailable
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from oap.storage.timed import TimedStorage
from tests.oap.reload.rule_folder import RuleFolder
from tests.oap.storage.samples import series
from tests.oap.window.calls import Call

OLD = "calls = from(K8SService.*).count();\n"
NEW = OLD + "slow = from(K8SService.*).filter(protocol.http.latency > 100).count();\n"
BROKEN = OLD + "slow = from(K8SServic.*).count();\n"
FIRST = 202405010000


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RuleFolder]:
    folder = RuleFolder(tmp_path, OLD)
    yield folder
    folder.storage.close()


def test_a_changed_file_is_taken_once_two_looks_find_it_the_same(folder: RuleFolder) -> None:
    assert folder.reloader.poll() is None
    folder.write(NEW)
    assert folder.reloader.poll() is None
    event = folder.reloader.poll()
    assert event is not None
    assert (event.outcome, event.cause, event.changes) == (
        Outcome.APPLIED,
        "file oal/ebpf.oal",
        Changes(added=("slow",)),
    )
    assert folder.reloader.poll() is None
    assert list(folder.pipeline.models) == ["calls", "slow"]


def test_a_file_that_is_still_being_written_is_left_alone(folder: RuleFolder) -> None:
    for length in (10, 30, 60):
        (folder.directory / "oal/ebpf.oal").write_text(NEW[:length], encoding="utf-8")
        assert folder.reloader.poll() is None
    folder.write(NEW)
    folder.reloader.poll()
    folder.reloader.poll()
    assert [event.outcome for event in folder.reloader.events] == [Outcome.APPLIED]


def test_new_rules_begin_with_the_next_minute_and_old_ones_keep_their_state(folder: RuleFolder) -> None:
    folder.accept(Call(0, 200), Call(1, 200))
    folder.write(NEW)
    event = folder.reloader.force("test")
    assert (event.starts, folder.reloader.started) == (FIRST + 2, {"slow": FIRST + 2})
    folder.accept(Call(1, 200), Call(2, 200), Call(2, 20))
    assert folder.values("slow") == [(FIRST + 2, 1)]
    assert folder.values("calls") == [(FIRST, 1), (FIRST + 1, 2), (FIRST + 2, 2)]


def test_rules_that_end_are_handed_over_and_gone(folder: RuleFolder) -> None:
    folder.write(NEW)
    folder.reloader.force("test")
    folder.accept(Call(0, 200))
    model = folder.pipeline.models["slow"]
    folder.write(OLD)
    assert folder.reloader.force("test").changes == Changes(removed=("slow",))
    folder.accept(Call(0, 300), Call(1, 300))
    folder.values("calls")
    stored = series(folder.storage, model, "czEuc2hvcA==.1", FIRST, FIRST + 9)
    assert (dict(stored), list(folder.pipeline.models), folder.reloader.started) == ({FIRST: 2}, ["calls"], {})


def test_files_with_findings_change_nothing_and_are_told_until_they_are_good(folder: RuleFolder) -> None:
    folder.write(BROKEN)
    with capture_logs() as logs:
        for _ in range(4):
            folder.reloader.poll()
    assert [(log["event"], log["log_level"]) for log in logs] == [("rules refused, the old ones go on", "error")]
    refusal = folder.reloader.refusal
    assert refusal is not None
    place = f"{folder.directory}/oal/ebpf.oal:2:13"
    assert refusal.report.startswith(f"{place}: error E201: unknown scope 'K8SServic'\n  slow = from(K8SServic.*)")
    assert [finding["code"] for finding in refusal.findings] == ["E201"]
    assert list(folder.pipeline.models) == ["calls"]
    folder.write(NEW)
    folder.reloader.poll()
    folder.reloader.poll()
    assert folder.reloader.refusal is None


def test_going_back_to_the_old_text_ends_a_refusal(folder: RuleFolder) -> None:
    folder.write(BROKEN)
    folder.reloader.force("test")
    folder.write(OLD)
    folder.reloader.poll()
    event = folder.reloader.poll()
    assert event is not None
    assert (event.outcome, folder.reloader.refusal) == (Outcome.UNCHANGED, None)


def test_findings_of_all_files_come_together(folder: RuleFolder) -> None:
    folder.write(BROKEN)
    folder.write("default: fast\n", "service-apdex-threshold.yml")
    folder.write("grouping:\n  - service: shop\n", "endpoint-name-grouping.yml")
    event = folder.reloader.force("test")
    files = {(Path(str(finding["file"])).name, finding["line"]) for finding in event.findings}
    assert files == {("ebpf.oal", 2), ("service-apdex-threshold.yml", 1), ("endpoint-name-grouping.yml", 2)}


def test_a_folder_without_rules_is_refused(folder: RuleFolder) -> None:
    (folder.directory / "oal/ebpf.oal").unlink()
    expected = f"{folder.directory}/oal: there is no rule file\n    hint: metrics are read from *.oal here"
    assert folder.reloader.force("test").report == expected


def test_the_symlink_swap_of_a_config_map_is_a_change(tmp_path: Path) -> None:
    mounted = tmp_path / "config"
    mounted.mkdir()
    folder = RuleFolder(mounted, OLD)
    target = mounted / "oal/ebpf.oal"
    target.unlink()
    for version, text in (("..1", OLD), ("..2", NEW)):
        (mounted / "oal" / version).mkdir()
        (mounted / "oal" / version / "ebpf.oal").write_text(text, encoding="utf-8")
    (mounted / "oal/..data").symlink_to("..1")
    target.symlink_to("..data/ebpf.oal")
    assert [folder.reloader.poll(), folder.reloader.poll()] == [None, None]
    (mounted / "oal/..new").symlink_to("..2")
    (mounted / "oal/..new").replace(mounted / "oal/..data")
    folder.reloader.poll()
    event = folder.reloader.poll()
    assert event is not None
    assert event.changes == Changes(added=("slow",))
    folder.storage.close()


def test_hidden_files_of_editors_are_no_rules(folder: RuleFolder) -> None:
    (folder.directory / "oal/.#ebpf.oal").symlink_to("someone@host.1")
    (folder.directory / "oal/.ebpf.oal").write_text("nonsense", encoding="utf-8")
    assert folder.reloader.force("test").outcome is Outcome.UNCHANGED


def test_other_words_for_the_same_rules_need_no_new_state(folder: RuleFolder) -> None:
    filtered = 'calls = from(K8SService.*).filter(type == "protocol"){}.count();'
    folder.write(filtered.format(""))
    folder.reloader.force("test")
    folder.accept(Call(0))
    before = folder.pipeline.windows.newest
    folder.write("// requests\n" + filtered.format(""))
    assert folder.reloader.force("test").outcome is Outcome.UNCHANGED
    folder.write(filtered.format('.filter(type == "protocol")'))
    assert folder.reloader.force("test").changes == Changes(rewritten=("calls",))
    assert folder.pipeline.windows.newest is before
    assert '.filter(type == "protocol").filter(' in folder.reloader.plan.metrics[0].text


def test_thresholds_count_from_the_next_minute(tmp_path: Path) -> None:
    folder = RuleFolder(tmp_path, "score = from(K8SService.protocol.http.latency).apdex(name, protocol.success);\n")
    folder.accept(Call(0, 300))
    folder.write("default: 10\n", "service-apdex-threshold.yml")
    assert folder.reloader.force("test").changes == Changes(others=("apdex thresholds",))
    folder.accept(Call(0, 300), Call(1, 300))
    assert folder.values("score") == [(FIRST, 10000), (FIRST + 1, 0)]
    folder.storage.close()


def test_grouping_counts_for_what_comes_next(tmp_path: Path) -> None:
    folder = RuleFolder(tmp_path, "calls = from(K8SEndpoint.*).count();\n")
    folder.accept(Call(0, path="/a/1"))
    grouping = "grouping:\n  - service-name: s1.shop\n    rules:\n      - GET:/a/{var}\n"
    folder.write(grouping, "endpoint-name-grouping.yml")
    assert folder.reloader.force("test").changes == Changes(others=("endpoint grouping",))
    folder.accept(Call(0, path="/a/1"), Call(0, path="/a/2"))
    assert [entity.names[1] for entity in folder.pipeline.endpoints.table.entities] == ["GET:/a/1", "GET:/a/{var}"]
    folder.storage.close()


def test_a_change_waits_for_the_one_before_it_to_be_stored(folder: RuleFolder) -> None:
    folder.accept(Call(0))
    folder.write(NEW)
    folder.reloader.force("test")
    folder.accept(Call(1))
    folder.write(OLD)
    assert folder.reloader.force("test").outcome is Outcome.WAITING
    assert folder.reloader.poll() is None
    assert folder.pipeline.wants_hand_over
    folder.hand_over()
    event = folder.reloader.poll()
    assert event is not None
    assert (event.outcome, event.cause) == (Outcome.APPLIED, "test")


def test_a_change_waits_while_the_thread_that_folds_is_busy(folder: RuleFolder) -> None:
    folder.is_busy = True
    folder.write(NEW)
    assert folder.reloader.force("test").outcome is Outcome.WAITING
    assert (list(folder.pipeline.models), folder.reloader.poll()) == (["calls"], None)
    folder.is_busy = False
    event = folder.reloader.poll()
    assert event is not None
    assert (event.outcome, list(folder.pipeline.models)) == (Outcome.APPLIED, ["calls", "slow"])


class Unprepared(TimedStorage):
    """Cannot grow until told."""

    is_away = True

    def prepare(self, models: Sequence[MetricModel]) -> None:
        if self.is_away and len(models) > 1:
            raise StorageUnavailable("on holiday")
        super().prepare(models)


def test_a_change_waits_for_storage_and_says_so_once(tmp_path: Path) -> None:
    storage = Unprepared(DuckdbStorage(StorageSettings(":memory:", threads=1)))
    folder = RuleFolder(tmp_path, OLD, storage)
    folder.write(NEW)
    with capture_logs() as logs:
        for _ in range(5):
            folder.reloader.poll()
    assert [log["findings"] for log in logs] == ["storage: on holiday"]
    storage.is_away = False
    folder.reloader.poll()
    assert [event.outcome for event in folder.reloader.events] == [Outcome.APPLIED, Outcome.REFUSED]
    assert folder.reloader.refusal is None
    folder.storage.close()


def test_every_reload_is_counted(folder: RuleFolder) -> None:
    for text in (NEW, NEW, BROKEN):
        folder.write(text)
        folder.reloader.force("test")
    readings = {(meter.definition.name, *meter.labels): meter.value for meter in folder.reloader.meters()}
    assert readings == {
        ("oap_oal_reloads_total", "applied"): 1,
        ("oap_oal_reloads_total", "unchanged"): 1,
        ("oap_oal_reloads_total", "refused"): 1,
        ("oap_oal_refused",): 1,
    }
