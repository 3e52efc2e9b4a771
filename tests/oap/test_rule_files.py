from pathlib import Path

import pytest
from structlog.testing import capture_logs

from oap.config.finding import ConfigError
from oap.rule_files import RuleFileError, load_grouping, load_plan, load_thresholds

RULE = "svc_calls = from(K8SService.*).count();\n"


def test_all_rule_files_make_one_plan(tmp_path: Path) -> None:
    (tmp_path / "ebpf.oal").write_text(RULE + "svc_more = from(K8SService.*).count();\n", encoding="utf-8")
    (tmp_path / "disable.oal").write_text("disable(svc_more);\n", encoding="utf-8")
    with capture_logs() as logs:
        assert [metric.name for metric in load_plan(tmp_path).metrics] == ["svc_calls"]
    assert logs == []


def test_a_rule_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "ebpf.oal").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"ebpf\.oal: is not UTF-8: byte 0"):
        load_plan(tmp_path)


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match=r"there is no rule file .*ebpf\.oal"):
        load_plan(tmp_path)


def test_a_folder_without_other_files_groups_nothing_and_has_default_thresholds(tmp_path: Path) -> None:
    assert load_grouping(tmp_path).match("shop", "GET:/a/1") is None
    assert load_thresholds(tmp_path).lookup("shop") == 500


def test_grouping_and_thresholds_are_read(tmp_path: Path) -> None:
    (tmp_path / "endpoint-name-grouping.yml").write_text(
        "grouping:\n  - service-name: shop\n    rules:\n      - GET:/a/{var}\n", encoding="utf-8"
    )
    (tmp_path / "service-apdex-threshold.yml").write_text("default: 200\n", encoding="utf-8")
    assert load_grouping(tmp_path).match("shop", "GET:/a/1") == "GET:/a/{var}"
    assert load_thresholds(tmp_path).lookup("shop") == 200
