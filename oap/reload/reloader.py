"""Takes changed rule files into force while the server runs; files with mistakes change nothing but what people see."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Final, Protocol

import structlog

from oal.difference import Difference, compare
from oal.plan import Plan
from oap.clock import Clock
from oap.entity.grouping.endpoint_names import EndpointNames
from oap.entity.scopes import k8s_catalog
from oap.pipeline import Pipeline
from oap.reload.event import Changes, Outcome, ReloadEvent
from oap.rule_files import RuleFileError, RuleSet, RuleTexts, load_rules, read_rule_texts
from oap.storage.contract import Storage, StorageError, StorageUnavailable
from oap.telemetry import catalogue
from oap.telemetry.meters import Meter
from oap.timebucket import Precision, bucket_of, minute_index
from oap.window.models import metric_models

_log = structlog.get_logger(__name__)

_EVENTS: Final = 50

Question = Callable[[Pipeline], int | None]


class Ask(Protocol):
    """Has the thread that owns the pipeline answer a question between two blocks."""

    def __call__(self, question: Question, /) -> "Future[int | None]": ...


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Files that are to be taken into force, who asked, and since when."""

    texts: RuleTexts
    cause: str
    at_s: float
    started_s: float


@dataclass(frozen=True, slots=True)
class _View:
    """What ``RulesView`` shows of one moment."""

    plan: Plan
    started: dict[str, int] = field(default_factory=dict)
    refusal: ReloadEvent | None = None


class Reloader:
    """Watches the files of the rules that run, and implements ``RulesView``.

    ``poll`` is to be called about twice a second; ``force`` at any time, from any thread. Both return once the new rules
    are due at the next minute edge, or are refused, or have to wait; ``patience_s`` is for the thread that folds.
    """

    def __init__(
        self,
        running: RuleSet,
        names: EndpointNames,
        storage: Storage,
        ask: Ask,
        clock: Clock,
        zone: tzinfo,
        patience_s: float = 30.0,
    ) -> None:
        self._running = running
        self._names = names
        self._storage = storage
        self._ask = ask
        self._clock = clock
        self._zone = zone
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._view = _View(running.plan)
        self._events: deque[ReloadEvent] = deque(maxlen=_EVENTS)
        self._counts: dict[Outcome, int] = dict.fromkeys((Outcome.APPLIED, Outcome.UNCHANGED, Outcome.REFUSED), 0)
        self._last_seen = running.texts
        self._judged = running.texts
        self._waiting: _Attempt | None = None

    @property
    def plan(self) -> Plan:
        return self._view.plan

    @property
    def started(self) -> dict[str, int]:
        return self._view.started

    @property
    def refusal(self) -> ReloadEvent | None:
        return self._view.refusal

    @property
    def events(self) -> Sequence[ReloadEvent]:
        return list(reversed(self._events.copy()))

    def poll(self) -> ReloadEvent | None:
        """Look at the files, and take them into force when they changed and are the same as the last time.

        The second look is for editors that write a file in several steps.
        """
        with self._lock:
            texts = read_rule_texts(self._running.texts.directory)
            is_steady, self._last_seen = texts == self._last_seen, texts
            if not is_steady:
                return None
            if texts == self._judged:
                return self._try(self._waiting) if self._waiting is not None else None
            return self._try(self._attempt(texts, _cause(self._judged, texts)))

    def force(self, cause: str) -> ReloadEvent:
        """Take the files into force as they are now, and say what came of it."""
        with self._lock:
            texts = self._last_seen = read_rule_texts(self._running.texts.directory)
            attempt = self._attempt(texts, cause)
            return self._try(attempt) or self._event(attempt, Outcome.WAITING)

    def meters(self) -> Sequence[Meter]:
        """Readings for the exposition."""
        return [
            *(Meter(catalogue.OAL_RELOADS, count, (str(outcome),)) for outcome, count in self._counts.items()),
            Meter(catalogue.OAL_REFUSED, int(self.refusal is not None)),
        ]

    def _attempt(self, texts: RuleTexts, cause: str) -> _Attempt:
        return _Attempt(texts, cause, self._clock.now_s(), self._clock.monotonic_s())

    def _try(self, attempt: _Attempt) -> ReloadEvent | None:
        """Judge an attempt; None when it has to be tried again."""
        self._judged, self._waiting = attempt.texts, None
        try:
            rules = load_rules(attempt.texts)
            difference = compare(self._running.plan, rules.plan)
            changes = self._changes(difference, rules)
            if not changes:
                return self._accept(rules, self._event(attempt, Outcome.UNCHANGED))
            self._storage.prepare(list(metric_models(rules.plan, k8s_catalog()).values()))
            counts_anew = difference.changes_meaning or rules.thresholds != self._running.thresholds
            edge = self._answer(lambda pipeline: self._apply(pipeline, rules, counts_anew))
        except RuleFileError as error:
            event = self._event(attempt, Outcome.REFUSED)
            return self._refuse(replace(event, report=str(error), findings=error.findings))
        except StorageError as error:
            if isinstance(error, StorageUnavailable):
                self._waiting = attempt
            return self._refuse(replace(self._event(attempt, Outcome.REFUSED), report=f"storage: {error}"))
        if edge is None:
            self._waiting = attempt
            return None
        event = replace(self._event(attempt, Outcome.APPLIED), changes=changes, report=rules.warnings)
        return self._accept(rules, replace(event, starts=self._bucket(edge)) if counts_anew else event)

    def _answer(self, question: Question) -> int | None:
        """The answer; None, and the question taken back, when it takes too long."""
        asked = self._ask(question)
        try:
            return asked.result(self._patience_s)
        except TimeoutError:
            return None if asked.cancel() else asked.result()

    def _apply(self, pipeline: Pipeline, rules: RuleSet, counts_anew: bool) -> int | None:
        """Runs in the thread that owns the pipeline; None when it is too early."""
        edge: int | None = pipeline.windows.next_edge
        if counts_anew:
            edge = pipeline.change_rules(rules.plan, rules.thresholds.lookup)
        if edge is not None and _grouping(rules.texts) != _grouping(self._running.texts):
            self._names.replace_rules(rules.grouping)
            pipeline.endpoints.forget_names()
        return edge

    def _changes(self, difference: Difference, rules: RuleSet) -> Changes:
        running = self._running
        others = {
            "apdex thresholds": rules.thresholds != running.thresholds,
            "endpoint grouping": _grouping(rules.texts) != _grouping(running.texts),
        }
        return Changes(
            tuple(metric.name for metric in difference.added),
            tuple(metric.name for metric in difference.removed),
            tuple(changed.new.name for changed in difference.changed),
            tuple(changed.new.name for changed in difference.rewritten),
            (*_switched(difference), *(name for name, is_changed in others.items() if is_changed)),
        )

    def _accept(self, rules: RuleSet, event: ReloadEvent) -> ReloadEvent:
        changes, starts = event.changes, event.starts
        started = {name: bucket for name, bucket in self.started.items() if name not in changes.removed}
        if starts is not None:
            started |= dict.fromkeys((*changes.added, *changes.changed), starts)
        self._running = rules
        self._view = _View(rules.plan, started)
        if event.outcome is Outcome.APPLIED:
            told = {name: list(names) for name in Changes.__slots__ if (names := getattr(changes, name))}
            _log.info("rules reloaded", cause=event.cause, starts=starts, seconds=round(event.seconds, 3), **told)
            if rules.warnings:
                _log.warning("rules have findings", findings=rules.warnings)
        return self._noted(event)

    def _refuse(self, event: ReloadEvent) -> ReloadEvent:
        before = self.refusal
        self._view = replace(self._view, refusal=event)
        if self._waiting is not None and before is not None and before.report == event.report:
            return event  # told already; it is tried again until storage answers
        _log.error("rules refused, the old ones go on", cause=event.cause, findings=event.report)
        return self._noted(event)

    def _noted(self, event: ReloadEvent) -> ReloadEvent:
        self._counts[event.outcome] += 1
        self._events.append(event)
        return event

    def _bucket(self, edge: int) -> int:
        """Bucket of the minute with which rules begin; this one when no row has come yet."""
        return bucket_of(edge or minute_index(int(self._clock.now_s()), self._zone), Precision.MINUTE)

    def _event(self, attempt: _Attempt, outcome: Outcome) -> ReloadEvent:
        return ReloadEvent(attempt.at_s, attempt.cause, outcome, self._clock.monotonic_s() - attempt.started_s)


def _switched(difference: Difference) -> tuple[str, ...]:
    named = (("disabled", difference.disabled), ("enabled", difference.enabled))
    return tuple(f"{word} {name}" for word, names in named for name in names)


def _grouping(texts: RuleTexts) -> Mapping[Path, object]:
    return {file: content for file, content in texts.contents.items() if file in texts.grouping_files}


def _cause(before: RuleTexts, after: RuleTexts) -> str:
    """Which files changed, in words."""
    files = sorted({*before.contents, *after.contents})
    changed = [file for file in files if before.contents.get(file) != after.contents.get(file)]
    names = ", ".join(str(file.relative_to(after.directory)) for file in changed)
    return f"file{'s' if len(changed) > 1 else ''} {names}"
