"""All laws of the language in one place, and the walk that applies them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from oal.bind import BoundRule
from oal.checks.argument_count import argument_count
from oal.checks.argument_kind import argument_kind
from oal.checks.cast_of_text import cast_of_text
from oal.checks.comparable_literal import comparable_literal
from oal.checks.current_function import current_function
from oal.checks.integer_range import integer_range
from oal.checks.known_attribute import known_attribute
from oal.checks.known_decorator import known_decorator
from oal.checks.known_enum_constant import known_enum_constant
from oal.checks.known_function import known_function
from oal.checks.known_scope import known_scope
from oal.checks.known_stream import known_stream
from oal.checks.matching_pattern import matching_pattern
from oal.checks.numeric_value import numeric_value
from oal.checks.positive_parameter import positive_parameter
from oal.checks.report import Report
from oal.checks.unique_metric_name import unique_metric_name
from oal.checks.used_value import used_value
from oal.diagnostic import Diagnostic
from oal.syntax import Disable

RULE_LAWS: tuple[Callable[[BoundRule, Report], None], ...] = (
    known_attribute,
    known_function,
    argument_count,
    argument_kind,
    numeric_value,
    cast_of_text,
    known_enum_constant,
    comparable_literal,
    integer_range,
    known_decorator,
    positive_parameter,
    current_function,
    used_value,
    matching_pattern,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """All findings, and the rules that can be lowered because no law on single rules found an error in them."""

    findings: tuple[Diagnostic, ...]
    sound: tuple[BoundRule, ...]


def check(
    rules: Sequence[BoundRule],
    disables: Mapping[str, Iterable[Disable]],
    known_streams: Collection[str] | None = None,
) -> Checked:
    """All findings about bound rules and the ``disable`` statements of each file.

    ``known_streams``: everything besides metrics that can be disabled; None leaves names in ``disable`` unchecked.
    """
    reports = {file: Report(file) for file in (*disables, *(rule.file for rule in rules))}
    sound = tuple(rule for rule in rules if _keeps_all_laws(rule, reports[rule.file]))
    known_scope(rules, reports)
    unique_metric_name(rules, reports)
    if known_streams is not None:
        known = {*known_streams, *(rule.syntax.name.text for rule in rules)}
        for file, statements in disables.items():
            known_stream(statements, known, reports[file])
    return Checked(tuple(finding for report in reports.values() for finding in report.findings), sound)


def _keeps_all_laws(rule: BoundRule, report: Report) -> bool:
    errors = report.errors
    for law in RULE_LAWS:
        law(rule, report)
    return report.errors == errors and rule.scope is not None
