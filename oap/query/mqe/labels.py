"""Functions of labelled series: other labels, fewer series, another order (spec query 2.5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from oap.query.mqe.errors import Finding
from oap.query.mqe.series import label_texts
from oap.query.mqe.syntax import AggregateLabels, Aggregation, Relabels, SortLabelValues, SortValues
from oap.query.mqe.value import Flags, Floats, Labels, Misuse, Result, ResultType, Series


def relabel(node: Relabels, operand: Result) -> Result:
    """Label texts replaced pair by pair. Raises Misuse."""
    old, new = label_texts(node.old.text), label_texts(node.new.text)
    if not operand.labelled:
        raise Misuse(Finding("'relabels' needs a metric with labels", hint="leave it out"), operand)
    if len(old) != len(new):
        message = f"'relabels' has {len(old)} old and {len(new)} new texts, the counts must agree"
        raise Misuse(Finding(message, hint="the n-th new text is for the n-th old one"), operand)
    changes = {(node.old.name, text): (node.new.name, other) for text, other in zip(old, new, strict=True)}
    kept = tuple(replace(one, labels=tuple(changes.get(pair, pair) for pair in one.labels)) for one in operand.series)
    return replace(operand, series=kept, boolean=False)


def aggregate_by_labels(node: AggregateLabels, operand: Result) -> Result:
    """One series for each group of labels. Raises Misuse."""
    if not operand.labelled:
        raise Misuse(Finding("'aggregate_labels' needs a metric with labels", hint="leave it out"), operand)
    if not operand.series:
        return replace(operand, boolean=False)
    names = set(node.labels) & {name for name, _ in operand.series[0].labels}
    groups: dict[Labels, list[Series]] = {}
    for one in operand.series:
        groups.setdefault(tuple(pair for pair in one.labels if pair[0] in names), []).append(one)
    kept = tuple(_merged(node.function, labels, members) for labels, members in groups.items())
    return Result(operand.type, kept, labelled=bool(names))


def _merged(function: Aggregation, labels: Labels, members: Sequence[Series]) -> Series:
    values = np.stack([one.values for one in members])
    present = np.stack([one.present for one in members])
    some: Flags = np.any(present, axis=0)
    with np.errstate(all="ignore"):
        merged = np.where(some, _ACROSS[function](values, present), 0.0)
    return replace(members[0], labels=labels, values=merged, present=some)


_ACROSS: Mapping[Aggregation, Callable[[Floats, Flags], Floats]] = {
    Aggregation.SUM: lambda values, present: values.sum(axis=0, where=present),
    Aggregation.AVG: lambda values, present: values.sum(axis=0, where=present) / present.sum(axis=0),
    Aggregation.MAX: lambda values, present: values.max(axis=0, where=present, initial=-np.inf),
    Aggregation.MIN: lambda values, present: values.min(axis=0, where=present, initial=np.inf),
}


def sort_by_value(node: SortValues, operand: Result) -> Result:
    """The first series by their mean: as upstream, whatever function is named, and always typed as time series."""
    if not operand.labelled:
        return operand
    kept = sorted(operand.series, key=_mean_order, reverse=node.descending)[: node.count]
    return Result(ResultType.TIME_SERIES_VALUES, tuple(kept), labelled=True)


def _mean_order(series: Series) -> tuple[bool, float]:
    """Something to sort by; what is not a number comes after all numbers."""
    values = series.values[series.present]
    with np.errstate(all="ignore"):
        mean = float(values.mean()) if len(values) else 0.0
    return (True, 0.0) if np.isnan(mean) else (False, mean)


def sort_by_labels(node: SortLabelValues, operand: Result) -> Result:
    """The series in the order of their label texts, the first label counting most."""
    if not operand.labelled:
        return operand
    kept = sorted(operand.series, key=lambda one: _label_order(one, node.labels), reverse=node.descending)
    return replace(operand, series=tuple(kept), boolean=False)


def _label_order(series: Series, names: Sequence[str]) -> tuple[str, ...]:
    texts = dict(series.labels)
    return tuple(texts.get(name, "") for name in names)
