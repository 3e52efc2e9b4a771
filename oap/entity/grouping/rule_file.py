"""The rule file ``endpoint-name-grouping.yml``: patterns by service."""

from collections.abc import Mapping

from oap.config.yaml_source import YamlNode, YamlReport, parse
from oap.entity.grouping.pattern_tree import VARIABLE, PatternTree

_RULE_KEYS = ("service-name", "rules")


def parse_grouping_rules(text: str, file: str) -> Mapping[str, PatternTree]:
    """Return the pattern tree of each service named in the text.

    Raises ConfigError with all problems. A service may be listed more than once; its patterns add up in order.
    """
    root, report = parse(text, file)
    patterns: dict[str, list[str]] = {}
    grouping = report.mapping(root, ("grouping",)).get("grouping")
    for entry in report.sequence(grouping) if grouping else ():
        _read_entry(entry, report, patterns)
    report.raise_findings()
    return {service: PatternTree(listed) for service, listed in patterns.items() if listed}


def _read_entry(entry: YamlNode, report: YamlReport, patterns: dict[str, list[str]]) -> None:
    keys = report.mapping(entry, _RULE_KEYS)
    if not isinstance(entry.value, Mapping):
        if entry.value is None:
            report.error(entry, f"'{entry.path}' is empty")
        return
    if not report.require(entry, ("service-name",)):
        return
    service = report.string(keys["service-name"])
    listed = [_read_pattern(node, report) for node in (report.sequence(keys["rules"]) if "rules" in keys else ())]
    if service is not None:
        patterns.setdefault(service, []).extend(pattern for pattern in listed if pattern)


def _read_pattern(node: YamlNode, report: YamlReport) -> str | None:
    pattern = report.string(node)
    if pattern is None:
        return None
    first, *others = pattern.removeprefix("/").split("/")
    if "{" in first:
        report.error(
            node, f"the first part of '{pattern}' is always literal", "begin with a method, as in GET:/a/{var}"
        )
    for segment in others:
        if segment != VARIABLE and ("{" in segment or "}" in segment):
            hint = f"write {VARIABLE} for one variable part, alone between two slashes"
            report.error(node, f"'{segment}' in '{pattern}' is no variable", hint)
    return pattern
