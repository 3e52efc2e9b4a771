"""Questions that cannot be answered."""

from collections.abc import Iterable, Sequence

from oal.nearest import excerpt, suggestion
from oal.plan import Metric, Plan


class WhyError(Exception):
    """The question cannot be answered; the text says why and, where it can, what to ask instead."""


class UnknownMetric(WhyError):  # noqa: N818  (says what is wrong)
    """No rule has this name."""


class UnknownService(WhyError):  # noqa: N818  (says what is wrong)
    """No row of any open minute or connection names this service."""


class TooManySamples(WhyError):  # noqa: N818  (says what is wrong)
    """As many metrics as there may be are sampled already."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{len(names)} metrics are sampled already, switch one off: {', '.join(names)}")


def metric_of(plan: Plan, name: str) -> Metric:
    """The metric of this name. Raises UnknownMetric."""
    metrics = {metric.name: metric for metric in plan.metrics}
    if name not in metrics:
        raise UnknownMetric(f"there is no metric '{name}'{_hint(name, metrics)}")
    return metrics[name]


def unknown_service(name: str, known: Iterable[str]) -> UnknownService:
    """The error that says which services there are."""
    names = sorted(set(known))
    if not names:
        return UnknownService(f"there is no service '{name}': no service is known yet")
    return UnknownService(f"there is no service '{name}'{_hint(name, names) or f'; there are: {excerpt(names)}'}")


def _hint(name: str, known: Iterable[str]) -> str:
    names = list(known)
    if near := suggestion(name, names):
        return f"; {near}"
    similar = [one for one in names if name.lower() in one.lower()]
    return f"; names with it: {excerpt(similar)}" if similar else ""
