"""Labels and attributes that expressions speak of and nothing has: no error to evaluate, but in vain (spec query 2.4, 2.5)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from oal.functions.contract import ValueKind
from oap.dashboards.codes import Code
from oap.dashboards.expressions import ExpressionUse
from oap.dashboards.known_metric import KnownMetric, KnownMetrics
from oap.dashboards.outcomes import outcomes
from oap.dashboards.report import Report, near_hint
from oap.dashboards.trees import metrics_of, nodes_of
from oap.query.mqe.errors import Finding
from oap.query.mqe.series import label_pairs, label_texts
from oap.query.mqe.syntax import AggregateLabels, Expression, Metric, Relabels, SortLabelValues, SortValues, TopN
from oap.query.mqe.value import Labels, Result

_STORED: Final = "attr0"
_OfLabels = Relabels | AggregateLabels | SortLabelValues | SortValues


def check_selections(
    file: str, use: ExpressionUse, expression: Expression, metrics: KnownMetrics, report: Report
) -> None:
    """Selectors find series, functions find labels, lists find attributes, as far as they are known without rows."""
    for node in nodes_of(expression):
        found: Iterable[Finding] = ()
        if isinstance(node, Metric) and node.name in metrics:
            found = _in_selectors(node, metrics[node.name])
        elif isinstance(node, TopN) and node.metric.name in metrics:
            found = _in_conditions(node, metrics[node.metric.name])
        elif isinstance(node, _OfLabels):
            found = _in_function(node, metrics)
        for finding in dict.fromkeys(found):
            report.error(Code.NO_LABEL, finding.message, file, use.token(node.at), finding.hint)


def _in_selectors(node: Metric, metric: KnownMetric) -> Iterator[Finding]:
    asked = [(label.name, text) for label in node.labels for text in label_texts(label.text)]
    if asked and metric.kind in {ValueKind.REGULAR_VALUE, ValueKind.HEATMAP}:
        yield Finding(f"'{node.name}' has no labels to select by", hint="leave the braces out")
    elif metric.keys:
        yield from _missing(asked, map(label_pairs, metric.keys), f"'{node.name}'")


def _in_conditions(node: TopN, metric: KnownMetric) -> Iterator[Finding]:
    for condition in node.conditions if metric.attr0 is not None else ():
        stored = metric.attr0 if condition.attribute == _STORED else ()
        if not any((text == condition.text) is condition.equal for text in stored or ()):
            sign = "=" if condition.equal else "!="
            hint = f"{_STORED} is {metric.attr0[0]}" if metric.attr0 else "leave the condition out"
            yield Finding(
                f"no entry of '{node.metric.name}' has {condition.attribute}{sign}'{condition.text}'", hint=hint
            )


def _in_function(node: _OfLabels, metrics: KnownMetrics) -> Iterator[Finding]:
    operand = next(iter(outcomes(node.operand, metrics)), None)
    if not isinstance(operand, Result):
        return  # nobody knows, or there is a mistake, which is said already
    if not operand.labelled:
        if isinstance(node, SortValues | SortLabelValues):
            yield Finding("there are no labels, so there is one series only and nothing to sort", hint="leave it out")
    elif all(metrics[use.metric.name].keys for use in metrics_of(node.operand) if use.metric.name in metrics):
        yield from _missing(_asked(node), (one.labels for one in operand.series), "the operand")


def _asked(node: _OfLabels) -> Sequence[tuple[str, str | None]]:
    """Labels that a function speaks of; None for any text."""
    match node:
        case Relabels(old=old):
            return [(old.name, text) for text in label_texts(old.text)]
        case AggregateLabels(labels=names) | SortLabelValues(labels=names):
            return [(name, None) for name in names]
        case _:
            return ()


def _missing(asked: Iterable[tuple[str, str | None]], series: Iterable[Labels], owner: str) -> Iterator[Finding]:
    known: dict[str, list[str]] = {}
    for name, text in (pair for labels in series for pair in labels):
        known.setdefault(name, []).append(text)
    for name, wanted in asked:
        if name not in known:
            yield Finding(f"{owner} has no label '{name}'", hint=near_hint(name, known))
        elif wanted is not None and wanted not in known[name]:
            texts = ", ".join(dict.fromkeys(known[name]))
            yield Finding(f"{owner} has no series with {name}='{wanted}'", hint=f"{name} is one of {texts}")
