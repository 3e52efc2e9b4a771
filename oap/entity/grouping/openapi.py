"""OpenAPI documents as grouping rules: a call takes the name of the path template it fits."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from oap.config.finding import ConfigError, Finding
from oap.config.yaml_source import YamlNode, YamlReport, parse

_METHODS = ("get", "post", "put", "delete", "trace", "options", "head", "patch")
_DEFAULT_TEMPLATE = "${METHOD}:${PATH}"
_VARIABLE = re.compile(r"\{.+?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: a call that fits ``match`` (text with ``{x}`` for one segment) is named ``name``."""

    service: str
    match: str
    name: str
    is_template: bool


@dataclass(frozen=True, slots=True)
class _Template:
    pattern: re.Pattern[str]
    name: str
    variables: int
    length: int


class OpenapiRules:
    """All operations of all services. Immutable once built."""

    def __init__(self, operations: Iterable[Operation] = ()) -> None:
        self._exact: dict[str, dict[str, str]] = {}
        self._templates: dict[tuple[str, str], list[_Template]] = {}
        for operation in operations:
            if operation.is_template:
                key = (operation.service, _first_segment(operation.match))
                self._templates.setdefault(key, []).append(_template(operation))
            else:
                self._exact.setdefault(operation.service, {})[operation.match] = operation.name
        for templates in self._templates.values():
            templates.sort(key=lambda template: (template.variables, -template.length))
        self._services = frozenset(self._exact) | {service for service, _ in self._templates}

    def has_rules(self, service: str) -> bool:
        """Whether any operation is known of a service."""
        return service in self._services

    def match(self, service: str, name: str) -> str | None:
        """Return the name of the operation that a call fits, None when there is none."""
        if service not in self._services:
            return None
        exact = self._exact.get(service, {}).get(name)
        if exact is not None:
            return exact
        for template in self._templates.get((service, _first_segment(name)), ()):
            if template.pattern.fullmatch(name):
                return template.name
        return None


def openapi_rules(documents: Mapping[Path, str], folder: Path) -> OpenapiRules:
    """Rules of documents by file: those in a folder of ``folder`` are of the service that their folder is named after.

    Raises ConfigError with the problems of all of them.
    """
    operations: list[Operation] = []
    findings: list[Finding] = []
    for path, text in sorted(documents.items()):
        try:
            operations += parse_openapi(text, str(path), path.parent.name if path.parent != folder else "")
        except ConfigError as error:
            findings += error.findings
    if findings:
        raise ConfigError(findings)
    return OpenapiRules(operations)


def parse_openapi(text: str, file: str, service: str) -> list[Operation]:
    """Return the operations of one document; ``service`` is the one its folder names, "" for none.

    Only ``paths`` and the three ``x-sw-`` keys are read; everything else in a document is no business of ours.
    """
    root, report = parse(text, file)
    entries = report.mapping(root)
    owner = _text(entries, "x-sw-service-name", report, service)
    if not owner and entries:
        report.error(root, "no service: the file lies in no service's folder", "add the key x-sw-service-name")
    match_rule = _text(entries, "x-sw-endpoint-name-match-rule", report, _DEFAULT_TEMPLATE)
    name_format = _text(entries, "x-sw-endpoint-name-format", report, _DEFAULT_TEMPLATE)
    operations = []
    for path, item in (report.mapping(entries["paths"]) if "paths" in entries else {}).items():
        for method in report.mapping(item):
            if method in _METHODS:
                match, name = _fill(match_rule, method, path), _fill(name_format, method, path)
                operations.append(Operation(owner, match, name, is_template=bool(_VARIABLE.search(path))))
    report.raise_findings()
    return operations


def _text(entries: Mapping[str, YamlNode], key: str, report: YamlReport, default: str) -> str:
    return (report.string(entries[key]) or default) if key in entries else default


def _fill(template: str, method: str, path: str) -> str:
    return template.replace("${METHOD}", method.upper()).replace("${PATH}", path)


def _template(operation: Operation) -> _Template:
    # Upstream uses the text between variables as a regular expression; here it is literal, so a dot is a dot.
    literals = _VARIABLE.split(operation.match)
    pattern = re.compile("([^/]+)".join(re.escape(literal) for literal in literals))
    return _Template(pattern, operation.name, len(literals) - 1, sum(map(len, literals)) + len(literals) - 1)


def _first_segment(name: str) -> str:
    """``METHOD:/first``: the part by which templates are found quickly.

    Like upstream, a template with a variable in its first segment is therefore never found.
    """
    return "/".join(name.split("/", 2)[:2])
