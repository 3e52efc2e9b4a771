"""E203: the function exists."""

import re

from oal.bind import BoundRule
from oal.checks.report import Report
from oal.functions.registry import FUNCTIONS
from oal.nearest import suggestion

# What the same thing is called elsewhere: in MQE and MAL, in PromQL, in SQL.
_ELSEWHERE = (
    (r"p\d+|quantile\w*|histogram_quantile|percentiles?\d*", "percentile2(10) gives p50, p75, p90, p95 and p99 in one"),
    (r"avg|average|mean|avg_over_time", "longAvg() is the mean as a whole number, doubleAvg() keeps fractions"),
    (r"sumPerMin\w*|increase|irate", "cpm() counts rows per minute, sum() adds up an attribute"),
    (r"doubleSum|total|sum_over_time", "sum() adds up an attribute"),
    (r"qps|rps|tps|throughput|calls?", "cpm() counts rows per minute"),
    (r"sla|ratio|percentage|success_?rate", "percent(condition) is the share of rows that meet a condition"),
    (r"distinct|uniq\w*|count_?distinct|count_?by", "labelCount(attribute) counts rows by the attribute's text"),
    (r"avg_?by|label_?mean", "labelAvg(label, value) averages by the label's text"),
    (r"latest|last|first|gauge", "no function keeps a single value: take max(), min() or longAvg()"),
)


def known_function(rule: BoundRule, report: Report) -> None:
    """The rule calls one of the aggregation functions."""
    if rule.function is not None:
        return
    name = rule.syntax.call.name
    meant = _called_here(name.text) or suggestion(name.text, FUNCTIONS)
    report.error(
        "E203", f"unknown function '{name.text}'", name.span, f"{meant}  (known: {', '.join(FUNCTIONS)})".strip()
    )


def _called_here(name: str) -> str:
    return next((here for there, here in _ELSEWHERE if re.fullmatch(there, name, re.IGNORECASE)), "")
