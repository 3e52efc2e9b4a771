"""Values as Prometheus writes them."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from promql_parser import AggregateExpr, Call, Expr, ParenExpr

from oap.promql.grid import Grid
from oap.promql.value import Scalar, Value, Vector

Json = Mapping[str, Any]


def result_of(value: Value, grid: Grid, tree: Expr) -> Json:
    """``resultType`` and ``result``: vector, scalar or, of a range, matrix."""
    times = grid.times.round(3).tolist()
    if not grid.is_instant:
        return {"resultType": "matrix", "result": _matrix(value, times)}
    if isinstance(value, Scalar):
        return {"resultType": "scalar", "result": [times[0], number(value.values[0])]}
    assert isinstance(value, Vector)  # noqa: S101  (texts are refused)
    rows = np.flatnonzero(value.present[:, 0])
    descending = _sort_of(tree)
    if descending is not None:
        order = np.argsort(-value.values[rows, 0] if descending else value.values[rows, 0], kind="stable")
        rows = rows[order]
    found = [{"metric": dict(value.labels[row]), "value": [times[0], number(value.values[row, 0])]} for row in rows]
    return {"resultType": "vector", "result": found}


def _matrix(value: Value, times: Sequence[float]) -> list[Json]:
    if isinstance(value, Scalar):
        texts = map(number, value.values.tolist())
        return [{"metric": {}, "values": list(zip(times, texts, strict=True))}]
    assert isinstance(value, Vector)  # noqa: S101  (texts are refused)
    found: list[Json] = []
    for labels, values, present in zip(value.labels, value.values.tolist(), value.present.tolist(), strict=True):
        points = [(at, number(one)) for at, one, is_there in zip(times, values, present, strict=True) if is_there]
        if points:
            found.append({"metric": dict(labels), "values": points})
    return found


def _sort_of(tree: Expr) -> bool | None:
    """Whether the answer is to be ordered, largest first; None when nobody asked for an order."""
    while isinstance(tree, ParenExpr):
        tree = tree.expr
    if isinstance(tree, Call):
        return {"sort": False, "sort_desc": True}.get(tree.func.name)
    return {"topk": True, "bottomk": False}.get(str(tree.op)) if isinstance(tree, AggregateExpr) else None


def number(value: float) -> str:
    """Shortest decimal without exponent."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
