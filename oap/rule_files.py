"""The rule files of a configuration folder: metrics, endpoint names, Apdex thresholds."""

from pathlib import Path
from typing import Final

import structlog

from oal.compiler import compile_rules
from oal.diagnostic import render_all
from oal.plan import Plan
from oap.config.yaml_source import read_text
from oap.entity.apdex import ApdexThresholds, load_apdex_thresholds
from oap.entity.grouping.endpoint_names import GroupingRules
from oap.entity.grouping.openapi import load_openapi_rules
from oap.entity.grouping.rule_file import parse_grouping_rules
from oap.entity.scopes import k8s_catalog

_log = structlog.get_logger(__name__)

METRIC_FILES: Final = ("disable.oal", "ebpf.oal")
GROUPING_FILE: Final = "endpoint-name-grouping.yml"
OPENAPI_FOLDER: Final = "openapi-definitions"
APDEX_FILE: Final = "service-apdex-threshold.yml"


class RuleFileError(Exception):
    """Metric rules cannot be used; the text shows every finding with its place."""


def load_plan(directory: Path) -> Plan:
    """Compile the metric rules of a folder, all files together; warnings are logged. Raises RuleFileError, ConfigError."""
    files = [directory / name for name in METRIC_FILES if (directory / name).is_file()]
    if not files:
        raise RuleFileError(f"there is no rule file {directory / METRIC_FILES[-1]}")
    sources = {str(file): read_text(file) for file in files}
    compilation = compile_rules(list(sources.items()), k8s_catalog())
    findings = render_all(compilation.diagnostics, sources)
    if compilation.plan is None:
        raise RuleFileError(findings)
    if findings:
        _log.warning("rules have findings", findings=findings)
    return compilation.plan


def load_grouping(directory: Path) -> GroupingRules:
    """Endpoint grouping rules of a configuration folder; files that are not there give no rules. Raises ConfigError."""
    file = directory / GROUPING_FILE
    patterns = parse_grouping_rules(read_text(file), str(file)) if file.is_file() else {}
    return GroupingRules(load_openapi_rules(directory / OPENAPI_FOLDER), patterns)


def load_thresholds(directory: Path) -> ApdexThresholds:
    """Apdex thresholds of a configuration folder; without the file all have the default. Raises ConfigError."""
    file = directory / APDEX_FILE
    return load_apdex_thresholds(file) if file.is_file() else ApdexThresholds({})
