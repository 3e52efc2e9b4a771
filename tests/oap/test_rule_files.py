import re
from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.rule_files import RuleFileError, Unreadable, grouping_of, load_rules, read_rule_texts, thresholds_of

RULE = "svc_calls = from(K8SService.*).count();\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "oal").mkdir()
    return tmp_path


def test_all_metric_files_make_one_plan(directory: Path) -> None:
    (directory / "oal/ebpf.oal").write_text(RULE, encoding="utf-8")
    (directory / "oal/mine.oal").write_text("svc_more = from(K8SService.*).count();\n", encoding="utf-8")
    (directory / "oal/disable.oal").write_text("disable(svc_more);\n", encoding="utf-8")
    rules = load_rules(read_rule_texts(directory))
    assert [metric.name for metric in rules.plan.metrics] == ["svc_calls"]
    assert (rules.plan.disabled, rules.warnings) == (frozenset({"svc_more"}), "")


def test_a_rule_file_that_is_no_text_is_named(directory: Path) -> None:
    (directory / "oal/ebpf.oal").write_bytes(b"\xff\xfe")
    with pytest.raises(RuleFileError, match=r"ebpf\.oal: is not UTF-8: byte 0"):
        load_rules(read_rule_texts(directory))


def test_a_file_that_cannot_be_read_is_named(directory: Path) -> None:
    (directory / "oal/ebpf.oal").mkdir()
    texts = read_rule_texts(directory)
    assert list(texts.contents.values()) == [Unreadable("Is a directory")]
    with pytest.raises(RuleFileError, match=r"ebpf\.oal: cannot be read: Is a directory"):
        load_rules(texts)


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="oal: there is no rule file"):
        load_rules(read_rule_texts(tmp_path))


def test_findings_of_all_files_are_told_together(directory: Path) -> None:
    (directory / "oal/ebpf.oal").write_text("m = from(K8SServic.*).count();", encoding="utf-8")
    (directory / "service-apdex-threshold.yml").write_text("default: fast\n", encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        load_rules(read_rule_texts(directory))
    found = [(finding["message"], finding["line"], finding["column"]) for finding in caught.value.findings]
    assert found == [("unknown scope 'K8SServic'", 1, 10), ("'default' must be an integer, found 'fast'", 1, 10)]
    assert str(caught.value).count("^") == 2


def test_findings_that_forbid_nothing_are_kept(directory: Path) -> None:
    (directory / "oal/ebpf.oal").write_text(RULE + "disable(segment);\ndisable(svc_cals);\n", encoding="utf-8")
    rules = load_rules(read_rule_texts(directory))
    assert [metric.name for metric in rules.plan.metrics] == ["svc_calls"]
    assert re.findall(r"oal:(\d+:\d+: warning W304)", rules.warnings) == ["3:9: warning W304"]


def test_equal_files_are_equal_texts(directory: Path) -> None:
    (directory / "oal/ebpf.oal").write_text(RULE, encoding="utf-8")
    first = read_rule_texts(directory)
    (directory / "oal/ebpf.oal").write_text(RULE, encoding="utf-8")
    assert read_rule_texts(directory) == first
    (directory / "oal/ebpf.oal").write_text(RULE + "\n", encoding="utf-8")
    assert read_rule_texts(directory) != first


def test_a_folder_without_other_files_groups_nothing_and_has_default_thresholds(tmp_path: Path) -> None:
    texts = read_rule_texts(tmp_path)
    assert grouping_of(texts).match("shop", "GET:/a/1") is None
    assert thresholds_of(texts).lookup("shop") == 500


def test_grouping_and_thresholds_are_read(tmp_path: Path) -> None:
    (tmp_path / "endpoint-name-grouping.yml").write_text(
        "grouping:\n  - service-name: shop\n    rules:\n      - GET:/a/{var}\n", encoding="utf-8"
    )
    (tmp_path / "service-apdex-threshold.yml").write_text("default: 200\n", encoding="utf-8")
    (tmp_path / "openapi-definitions/bank").mkdir(parents=True)
    (tmp_path / "openapi-definitions/bank/api.yaml").write_text("paths: {'/b/{id}': {get: {}}}", encoding="utf-8")
    (tmp_path / "openapi-definitions/bank/notes.txt").write_text("not: [yaml", encoding="utf-8")
    texts = read_rule_texts(tmp_path)
    assert grouping_of(texts).match("shop", "GET:/a/1") == "GET:/a/{var}"
    assert grouping_of(texts).match("bank", "GET:/b/1") == "GET:/b/{id}"
    assert thresholds_of(texts).lookup("shop") == 200


def test_wrong_documents_are_found(tmp_path: Path) -> None:
    (tmp_path / "openapi-definitions/bank").mkdir(parents=True)
    (tmp_path / "openapi-definitions/bank/api.yaml").write_text("paths: [1]", encoding="utf-8")
    with pytest.raises(ConfigError, match="'paths' must be a mapping"):
        grouping_of(read_rule_texts(tmp_path))
