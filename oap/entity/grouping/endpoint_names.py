"""Endpoint names as they are stored: cut, grouped, and limited in number per service (spec entities 3).

Time is the time of the log and arrives as an argument, so that the same logs in the same order always give the same
names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from oap.entity.grouping.openapi import OpenapiRules
from oap.entity.grouping.pattern_tree import PatternTree
from oap.entity.names import NameLimits, truncate

ABANDONED = "_abandoned"
"""Endpoint name of every unmatched call once a service has too many of them."""

_FEW_SETS = 1024

NEVER = 2**62
"""A second that does not come."""


class NameSetState(TypedDict):
    """One service's set of unmatched names; when it is full the names themselves no longer matter and are left out."""

    ends: int
    full: bool
    names: list[str]


@dataclass(frozen=True, slots=True)
class GroupingRules:
    """What is known of variable parts; OpenAPI documents are asked first, then the patterns of the rule file."""

    openapi: OpenapiRules = field(default_factory=OpenapiRules)
    patterns: Mapping[str, PatternTree] = field(default_factory=dict)

    def has_rules(self, service: str) -> bool:
        """Whether any name of a service could match."""
        return service in self.patterns or self.openapi.has_rules(service)

    def match(self, service: str, name: str) -> str | None:
        """Return the name of the group that a name falls into, None when no rule says anything about it."""
        matched = self.openapi.match(service, name)
        if matched is None and service in self.patterns:
            matched = self.patterns[service].match(name)
        return matched


@dataclass(slots=True)
class _NameSet:
    """Unmatched names of one service until the second ``ends``; ``has_rules`` says whether names may match."""

    ends: int
    epoch: int
    has_rules: bool
    full: bool = False
    names: set[str] = field(default_factory=set)


class EndpointNames:
    """Formats endpoint names. Not safe for use by several threads.

    Every unmatched name takes a place in its service's set. A set holds ``limit`` names and ends ``lifetime_s`` seconds
    after the name that opened it; once it is full, unmatched names, also those in the set, become ``_abandoned``.

    Services that stopped leave ended sets behind. These are dropped when a set is opened beside a power of two of others,
    from ``few_sets`` on: there are never more than that, or twice as many as were in use at once. It depends on the logs
    alone, as everything here, also after a restart.
    """

    def __init__(
        self,
        rules: GroupingRules | None = None,
        limits: NameLimits | None = None,
        limit: int = 3000,
        lifetime_s: int = 600,
        few_sets: int = _FEW_SETS,
    ) -> None:
        self._rules = rules or GroupingRules()
        self._longest = (limits or NameLimits()).endpoint
        self._limit = limit
        self._lifetime_s = lifetime_s
        self._few_sets = few_sets
        self._sets: dict[str, _NameSet] = {}
        self._epochs_given = 0
        self._epoch_without_set = 0
        self._generation = 0

    def format(self, service: str, name: str, second: int) -> str:
        """Return the name that a call at an epoch second counts under; may take a place in the service's set."""
        if not service or not name:
            return name
        name = truncate(name, self._longest)
        matched = self._rules.match(service, name)
        return self._count(service, name, second) if matched is None else matched

    def endpoint(self, service: str, name: str, second: int) -> str:
        """Return the name of an endpoint source, formatted twice.

        Upstream formats it when it reads the log and again when it builds the source. The second pass is why the name
        that fills the set is ``_abandoned`` itself.
        """
        names = self._sets.get(service)
        if (
            names is None
            or names.has_rules
            or names.full
            or second >= names.ends
            or not 0 < 2 * len(name) <= self._longest
        ):
            return self.format(service, self.format(service, name, second), second)
        # The same at a quarter of the cost, for what comes in masses: names that are short and that no rule speaks of.
        names.names.add(name)
        if len(names.names) < self._limit:
            return name
        self._fill(names)
        return ABANDONED

    def close_ended(self, service: str, second: int) -> None:
        """Drop the service's set if it has ended by then, so that names it held must take a place again."""
        names = self._sets.get(service)
        if names is not None and names.ends <= second:
            del self._sets[service]
            self._epoch_without_set = self._next_epoch()

    def expires_at(self, service: str) -> int:
        """Second at which the service's set ends, ``NEVER`` without one; no result may be remembered beyond it."""
        names = self._sets.get(service)
        return names.ends if names else NEVER

    def has_set(self, service: str) -> bool:
        """Whether the service has a set, be it one that has ended."""
        return service in self._sets

    @property
    def generation(self) -> int:
        """A number that changes when the epochs of many services do: with the rules, and when ended sets are dropped."""
        return self._generation

    @property
    def full_services(self) -> int:
        """Services whose unmatched names are abandoned at present. Any thread may ask."""
        return sum(names.full for names in list(self._sets.values()))

    def is_full(self, service: str) -> bool:
        """Whether unmatched names of the service are abandoned until its set ends."""
        names = self._sets.get(service)
        return names is not None and names.full

    def has_rules(self, service: str) -> bool:
        """Whether any rule speaks of the service."""
        return self._rules.has_rules(service)

    def epoch(self, service: str) -> int:
        """A number that changes when results remembered for the service may be wrong.

        It does when the set opens, fills, or is opened again after its end, and when the rules change.
        """
        names = self._sets.get(service)
        return names.epoch if names else self._epoch_without_set

    def replace_rules(self, rules: GroupingRules) -> None:
        """Use other rules from now on; the sets stay."""
        self._rules = rules
        self._generation += 1
        self._epoch_without_set = self._next_epoch()
        for service, names in self._sets.items():
            names.epoch = self._next_epoch()
            names.has_rules = rules.has_rules(service)

    def forget_ended(self, second: int) -> int:
        """Drop the sets that have ended by then; return how many services are left."""
        ended = [service for service, names in self._sets.items() if names.ends <= second]
        for service in ended:
            del self._sets[service]
        if ended:
            self._generation += 1
            self._epoch_without_set = self._next_epoch()
        return len(self._sets)

    def dump(self) -> dict[str, NameSetState]:
        """Return the sets as plain values that JSON can hold."""
        return {
            service: NameSetState(ends=names.ends, full=names.full, names=sorted(names.names))
            for service, names in sorted(self._sets.items())
        }

    def restore(self, state: Mapping[str, NameSetState]) -> None:
        """Take over the sets that ``dump`` returned, in place of the present ones."""
        self._generation += 1
        self._epoch_without_set = self._next_epoch()
        self._sets = {
            service: _NameSet(
                saved["ends"], self._next_epoch(), self._rules.has_rules(service), saved["full"], set(saved["names"])
            )
            for service, saved in state.items()
        }

    def _count(self, service: str, name: str, second: int) -> str:
        names = self._sets.get(service)
        if names is None or second >= names.ends:
            names = self._open(service, second)
        if names.full:
            return ABANDONED
        names.names.add(name)
        if len(names.names) >= self._limit:
            self._fill(names)
        return name

    def _fill(self, names: _NameSet) -> None:
        names.full = True
        names.names.clear()
        names.epoch = self._next_epoch()

    def _open(self, service: str, second: int) -> _NameSet:
        count = len(self._sets)
        if count >= self._few_sets and count.bit_count() == 1:
            self.forget_ended(second)
        has_rules = self._rules.has_rules(service)
        names = _NameSet(second + self._lifetime_s, self._next_epoch(), has_rules, full=self._limit <= 0)
        self._sets[service] = names
        return names

    def _next_epoch(self) -> int:
        self._epochs_given += 1
        return self._epochs_given
