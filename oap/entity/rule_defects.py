"""Where a rule about access logs does not say what its name promises (spec oal 10).

The shipped rules keep upstream's definitions, because dashboards and stored records depend on them. Most defects are
told by the rule itself, so that rules of users are judged as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from oal.plan import Metric
from oal.printing import argument_text, condition_text
from oal.syntax import Rule

_LAYER: Final = re.compile(r"(read|write)\.l[234]\.")
_SUCCESS: Final = re.compile(r"(protocol\.)?success\b")
_BOTH_ENDS_REPORT: Final = frozenset({"connect", "accept", "close"})
_DURATIONS: Final = frozenset({"read.duration", "write.duration"})


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with a definition, and what would be right."""

    problem: str
    correct: str


def defects_of(metric: Metric, rule: Rule) -> tuple[Defect, ...]:
    """All known defects of a metric, given with the syntax tree of its rule."""
    return tuple(defect for applies, defect in _DEFECTS if applies(metric, rule))


def _value(rule: Rule) -> str:
    return rule.source.path.dotted if rule.source.path is not None else ""


def _is_sum_named_rate(metric: Metric, _: Rule) -> bool:
    return metric.name.endswith("_cpm") and metric.function.name == "sum"


def _is_sum_named_mean(metric: Metric, _: Rule) -> bool:
    return "_avg_" in metric.name and metric.function.name == "sum"


def _is_named_after_packages(metric: Metric, rule: Rule) -> bool:
    return metric.name.endswith("_package_duration") and _value(rule) in _DURATIONS


def _counts_both_ends(metric: Metric, rule: Rule) -> bool:
    operations = {part.table for part in metric.parts}
    sides = [condition for condition in rule.filters if condition.path.dotted == "detectPoint"]
    return metric.scope.endswith("Relation") and not sides and bool(operations) and operations <= _BOTH_ENDS_REPORT


def _averages_failed_connects(_: Metric, rule: Rule) -> bool:
    filtered = {condition.path.dotted for condition in rule.filters}
    return _value(rule) == "connect.duration" and "connect.success" not in filtered


def _averages_package_totals(metric: Metric, rule: Rule) -> bool:
    return metric.function.name == "longAvg" and _LAYER.match(_value(rule)) is not None


def _counts_4xx_as_success(_: Metric, rule: Rule) -> bool:
    texts = [*map(condition_text, rule.filters), *map(argument_text, rule.call.arguments)]
    return any(_SUCCESS.match(text) for text in texts)


def _has_coarse_percentiles(metric: Metric, _: Rule) -> bool:
    return metric.function.name.startswith("percentile") and metric.parameters[0] > 1


def _reads_the_other_queue(metric: Metric, rule: Rule) -> bool:
    return "rcv_package_from_queue" in metric.name and _value(rule).endswith("packageToQueueDuration")


def _is_misspelt(metric: Metric, _: Rule) -> bool:
    return "retrains" in metric.name


_DEFECTS: Final[tuple[tuple[Callable[[Metric, Rule], bool], Defect], ...]] = (
    (
        _is_sum_named_rate,
        Defect(
            "a rate in minute records only: the records of hours and days are totals",
            "divide by 60 and 1440 on reading",
        ),
    ),
    (_is_sum_named_mean, Defect("a total, although it is named a mean", "longAvg()")),
    (
        _is_named_after_packages,
        Defect("the sum of whole system calls, not of packages", "read it as that total, or take longAvg()"),
    ),
    (
        _counts_both_ends,
        Defect("an event that both ends report counts twice", "filter by detectPoint, one metric for each side"),
    ),
    (_averages_failed_connects, Defect("failed attempts are included", "add .filter(connect.success == true)")),
    (
        _averages_package_totals,
        Defect(
            "the attribute is a total over the packages of one call, and calls that were not measured count as 0",
            "divide a sum of it by the sum of the package count",
        ),
    ),
    (
        _counts_4xx_as_success,
        Defect("any status below 500 is a success, so 4xx are", "compare the status code instead"),
    ),
    (
        _has_coarse_percentiles,
        Defect("values are lower edges of steps, so what is faster than one step reports 0", "percentile2(1)"),
    ),
    (
        _reads_the_other_queue,
        Defect(
            "reads the same attribute as the ..._package_to_queue_time beside it",
            "longAvg() of read.l2.rcvPackageFromQueueDuration",
        ),
    ),
    (_is_misspelt, Defect("the name says retrains and means retransmits", "dashboards depend on the name: keep it")),
)
