"""What changed between two rule sets: metrics added, removed, with another meaning, or only written differently.

The meaning of a metric is what its plan says: the scope, the function with its parameters, and for each operation the
state that is folded from it. Filters have no side effects and all have to hold, so their order and their repetition
are no part of it, nor is a filter that the others imply.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from oal.explain import rule_of
from oal.plan import Compare, Metric, Plan, Primitive
from oal.printing import argument_text, condition_text, path_text


@dataclass(frozen=True, slots=True)
class Meaning:
    """A metric without its name, place and wording; equal meanings give equal records.

    ``parts``: (table, conditions on the identity, primitives in the order of the function's inputs).
    """

    scope: str
    function: str
    parameters: tuple[int, ...]
    decorator: str | None
    parts: frozenset[tuple[str, frozenset[Compare], tuple[Primitive, ...]]]


@dataclass(frozen=True, slots=True)
class Aspect:
    """A part of a rule that differs: what only the old and what only the new rule says."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A metric that both sets have, in different words."""

    old: Metric
    new: Metric
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs, metrics in the order of the newer set (removed ones: of the older).

    ``rewritten`` mean the same in other words. ``renamed`` pairs removed with added metrics of equal meaning: their
    stored records stay under the old name. ``disabled`` and ``enabled`` are names of ``disable`` statements.
    """

    added: tuple[Metric, ...]
    removed: tuple[Metric, ...]
    changed: tuple[Changed, ...]
    rewritten: tuple[Changed, ...]
    unchanged: int
    renamed: tuple[tuple[str, str], ...]
    disabled: tuple[str, ...]
    enabled: tuple[str, ...]

    @property
    def changes_meaning(self) -> bool:
        """Whether a server would compute anything else."""
        return any((self.added, self.removed, self.changed, self.disabled, self.enabled))


def meaning_of(metric: Metric, plan: Plan) -> Meaning:
    """The meaning of a metric of this plan."""
    parts = frozenset(
        (
            part.table,
            frozenset(part.cell_where),
            tuple(plan.primitives[metric.grain, part.table][at] for at in part.primitives),
        )
        for part in metric.parts
    )
    return Meaning(metric.scope, metric.function.name, metric.parameters, metric.decorator, parts)


def compare(old: Plan, new: Plan) -> Difference:
    """How the newer plan differs; both must have been compiled with one catalog."""
    before = {metric.name: metric for metric in old.metrics}
    after = {metric.name: metric for metric in new.metrics}
    both = [(before[name], metric) for name, metric in after.items() if name in before]
    reworded = [(was, now) for was, now in both if was.text != now.text]
    alike = {now.name: meaning_of(was, old) == meaning_of(now, new) for was, now in reworded}
    added = tuple(metric for name, metric in after.items() if name not in before)
    removed = tuple(metric for name, metric in before.items() if name not in after)
    return Difference(
        added=added,
        removed=removed,
        changed=tuple(_changed(was, now) for was, now in reworded if not alike[now.name]),
        rewritten=tuple(_changed(was, now) for was, now in reworded if alike[now.name]),
        unchanged=len(both) - len(reworded),
        renamed=tuple(_renamed([(metric, old) for metric in removed], [(metric, new) for metric in added])),
        disabled=tuple(sorted(new.disabled - old.disabled)),
        enabled=tuple(sorted(old.disabled - new.disabled)),
    )


def _renamed(removed: list[tuple[Metric, Plan]], added: list[tuple[Metric, Plan]]) -> Iterator[tuple[str, str]]:
    names: dict[Meaning, list[str]] = {}
    for metric, plan in removed:
        names.setdefault(meaning_of(metric, plan), []).append(metric.name)
    for metric, plan in added:
        same = names.get(meaning_of(metric, plan))
        if same:
            yield same.pop(0), metric.name


def _changed(old: Metric, new: Metric) -> Changed:
    said = zip(_said(old), _said(new), strict=True)
    aspects = tuple(
        Aspect(name, _without(was, now), _without(now, was)) for (name, was), (_, now) in said if was != now
    )
    return Changed(old, new, aspects)


def _without(texts: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """What the others lack, each as often as they lack it; all when they only differ in order."""
    left = list(others)
    lacking = []
    for text in texts:
        if text in left:
            left.remove(text)
        else:
            lacking.append(text)
    return tuple(lacking) if lacking or left else texts


def _said(metric: Metric) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rule = rule_of(metric)
    return (
        ("scope", (rule.source.scope.text,)),
        ("value", (path_text(rule.source.path) if rule.source.path is not None else "*",)),
        ("filters", tuple(map(condition_text, rule.filters))),
        ("function", (rule.call.name.text,)),
        ("arguments", tuple(map(argument_text, rule.call.arguments))),
        ("decorator", (rule.decorator.value,) if rule.decorator is not None else ()),
    )
