"""The files of a configuration folder that can change while the server runs: metrics, endpoint names, thresholds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from oal.compiler import compile_rules
from oal.diagnostic import records, render_all
from oal.plan import Plan
from oap.config.finding import ConfigError, Finding
from oap.entity.apdex import ApdexThresholds, parse_apdex_thresholds
from oap.entity.grouping.endpoint_names import GroupingRules
from oap.entity.grouping.openapi import openapi_rules
from oap.entity.grouping.rule_file import parse_grouping_rules
from oap.entity.scopes import k8s_catalog
from oap.entity.streams import KNOWN_STREAMS

METRIC_FOLDER: Final = "oal"
GROUPING_FILE: Final = "endpoint-name-grouping.yml"
OPENAPI_FOLDER: Final = "openapi-definitions"
APDEX_FILE: Final = "service-apdex-threshold.yml"

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is there and cannot be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The files as they were at one moment; equal ones make equal rules."""

    directory: Path
    contents: Mapping[Path, bytes | Unreadable]

    def of(self, folder: Path, suffix: str) -> list[Path]:
        """The files of a folder with a suffix, by name."""
        return [file for file in self.contents if file.parent == folder and file.suffix == suffix]

    @property
    def grouping_files(self) -> list[Path]:
        """The files that say how endpoint names are grouped."""
        rules, folder = self.directory / GROUPING_FILE, self.directory / OPENAPI_FOLDER
        return [file for file in self.contents if file == rules or file.is_relative_to(folder)]

    def text(self, file: Path) -> str:
        """Text of one of the files. Raises ConfigError when there is none to read."""
        content = self.contents[file]
        if isinstance(content, Unreadable):
            raise ConfigError([Finding(str(file), 0, 0, f"cannot be read: {content.reason}")])
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise ConfigError([Finding(str(file), 0, 0, f"is not UTF-8: byte {error.start}")]) from error


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What the files say. ``warnings`` is the text of the findings that forbid nothing, "" without any."""

    texts: RuleTexts
    plan: Plan
    grouping: GroupingRules
    thresholds: ApdexThresholds
    warnings: str = ""


class RuleFileError(Exception):
    """The files cannot be used; the text shows every finding of all of them, ``findings`` is the same for programs."""

    def __init__(self, report: str, findings: Sequence[dict[str, str | int]]) -> None:
        super().__init__(report)
        self.findings = findings


def read_rule_texts(directory: Path) -> RuleTexts:
    """Read all rule files of a configuration folder. Files that are hidden, as editors' own are, do not count."""
    openapi = directory / OPENAPI_FOLDER
    candidates = [
        *(directory / METRIC_FOLDER).glob("*.oal"),
        *(directory / name for name in (GROUPING_FILE, APDEX_FILE)),
        *openapi.glob("*.yaml"),
        *openapi.glob("*/*.yaml"),
    ]
    contents: dict[Path, bytes | Unreadable] = {}
    for file in sorted(candidates):
        try:
            if not file.name.startswith("."):
                contents[file] = file.read_bytes()
        except FileNotFoundError:
            continue  # not there, or gone since the folder was listed
        except OSError as error:
            contents[file] = Unreadable(error.strerror or str(error))
    return RuleTexts(directory, contents)


def load_rules(texts: RuleTexts) -> RuleSet:
    """Compile metrics and read the other files. Raises RuleFileError with the findings of all of them."""
    reports: list[str] = []
    findings: list[dict[str, str | int]] = []

    def attempt(read: Callable[[RuleTexts], Read]) -> Read | None:
        try:
            return read(texts)
        except RuleFileError as error:
            findings.extend(error.findings)
            reports.append(str(error))
        except ConfigError as error:
            findings.extend(map(_record, error.findings))
            reports.append(str(error))
        return None

    compiled, grouping, thresholds = attempt(_compiled), attempt(grouping_of), attempt(thresholds_of)
    if compiled is None or grouping is None or thresholds is None:
        raise RuleFileError("\n".join(reports), findings)
    plan, warnings = compiled
    return RuleSet(texts, plan, grouping, thresholds, warnings)


def grouping_of(texts: RuleTexts) -> GroupingRules:
    """How endpoint names are grouped; files that are not there give no rules. Raises ConfigError."""
    rules, folder = texts.directory / GROUPING_FILE, texts.directory / OPENAPI_FOLDER
    found = {file: texts.text(file) for file in texts.grouping_files}
    patterns = parse_grouping_rules(found.pop(rules), str(rules)) if rules in found else {}
    return GroupingRules(openapi_rules(found, folder), patterns)


def thresholds_of(texts: RuleTexts) -> ApdexThresholds:
    """Apdex thresholds; without the file all have the default. Raises ConfigError."""
    file = texts.directory / APDEX_FILE
    return parse_apdex_thresholds(texts.text(file), str(file)) if file in texts.contents else ApdexThresholds({})


def _compiled(texts: RuleTexts) -> tuple[Plan, str]:
    """All metric files together, and the findings that forbid nothing."""
    folder = texts.directory / METRIC_FOLDER
    sources = {str(file): texts.text(file) for file in texts.of(folder, ".oal")}
    if not sources:
        raise ConfigError([Finding(str(folder), 0, 0, "there is no rule file", "metrics are read from *.oal here")])
    compilation = compile_rules(list(sources.items()), k8s_catalog(), KNOWN_STREAMS)
    report = render_all(compilation.diagnostics, sources)
    if compilation.plan is None:
        raise RuleFileError(report, records(compilation.diagnostics, sources))
    return compilation.plan, report


def _record(finding: Finding) -> dict[str, str | int]:
    """A finding in the form that findings about metrics have."""
    return {
        "code": "",
        "severity": "error",
        "message": finding.message,
        "hint": finding.hint,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.line,
        "end_column": finding.column + 1,
        "source_line": finding.source,
    }
