"""One kind of Kubernetes object, listed once and then followed by watching."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from oap.entity.errors import EntityError

Manifest = Mapping[str, Any]


class SourceFailed(EntityError):  # noqa: N818  (the source's failure, not the caller's)
    """The API cannot be reached, refuses, or answers nonsense; worth trying again."""


class VersionExpired(SourceFailed):
    """The API has forgotten the version to watch from; only a new list helps."""


class ManifestSource(Protocol):
    """All objects of one kind, as the API server tells them."""

    def list(self) -> tuple[Sequence[Manifest], str]:
        """Return all objects in API order, and the version from which to watch. Blocks; raises SourceFailed."""

    def watch(self, version: str) -> Iterator[tuple[str, Manifest]]:
        """Yield (type, object) of the changes after a version, blocking in between.

        Types are those of the API: ADDED, MODIFIED, DELETED, and BOOKMARK, which only carries a version. Ends when the
        server ends it or after ``interrupt``. Raises VersionExpired and SourceFailed.
        """

    def interrupt(self) -> None:
        """End a ``watch`` of another thread soon. May be forgotten by one that is just beginning."""


class ManifestSink(Protocol):
    """Takes what a follower learns; called from its thread."""

    def replace(self, manifests: Sequence[Manifest]) -> None:
        """Take all objects that exist now; those not among them are gone."""

    def put(self, manifest: Manifest) -> None:
        """Take one new or changed object."""

    def remove(self, manifest: Manifest) -> None:
        """Forget one object."""


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """Pauses after failures; ``clock`` is monotonic seconds, ``jitter`` a number from 0 to 1."""

    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class FollowStatus:
    """What an operator should see of one kind of object.

    ``age_s`` is the time since the API server last said anything about it, None before the first list. ``expired``
    counts the watches that were too old to go on, each followed by a new list.
    """

    kind: str
    is_running: bool
    age_s: float | None
    lists: int
    events: int
    expired: int
    errors: int
    last_error: str


@dataclass(slots=True)
class _Counts:
    contact: float | None = None
    lists: int = 0
    events: int = 0
    expired: int = 0
    errors: int = 0
    last_error: str = ""


@dataclass(slots=True)
class Follower:
    """Keeps a sink equal to the objects of one kind, in a background thread, until ``stop``.

    ``changed`` is called after every step, failed ones included. Failures are counted and tried again after a growing
    pause: a broken watch goes on where it broke, an expired one starts from a new list.
    """

    kind: str
    source: ManifestSource
    sink: ManifestSink
    settings: FollowSettings
    changed: Callable[[], None]
    _counts: _Counts = field(default_factory=_Counts)
    _failures: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread that does not keep the process alive."""
        self._thread = threading.Thread(target=self._run, name=f"kubernetes-{self.kind}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Ask the thread to end and wait for it; return whether it has."""
        self._stopping.set()
        deadline = time.monotonic() + timeout_s
        while self._is_running() and time.monotonic() < deadline:
            # Asked again and again, because a watch that is just beginning forgets it.
            self.source.interrupt()
            if self._thread:
                self._thread.join(0.05)
        return not self._is_running()

    @property
    def is_listed(self) -> bool:
        """Whether a complete list has arrived since the start."""
        return self._counts.lists > 0

    def status(self) -> FollowStatus:
        """Return the counters as they are now."""
        seen = self._counts
        age_s = None if seen.contact is None else self.settings.clock() - seen.contact
        return FollowStatus(
            self.kind, self._is_running(), age_s, seen.lists, seen.events, seen.expired, seen.errors, seen.last_error
        )

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                manifests, version = self.source.list()
                self.sink.replace(manifests)
                self._counts.lists += 1
                self._heard()
                self._follow(version)
            except VersionExpired:
                self._counts.expired += 1
                self.changed()
                self._pause()
            except SourceFailed as error:
                self._failed(error)

    def _follow(self, version: str) -> None:
        """Watch on and on; VersionExpired when that needs a new list."""
        while not self._stopping.is_set():
            eventful = False
            try:
                for kind, manifest in self.source.watch(version):
                    self._take(kind, manifest)
                    version = str(manifest["metadata"]["resourceVersion"])
                    eventful = True
                    if self._stopping.is_set():
                        return
                if not eventful:
                    # A server that ends every watch at once must not be asked in a tight loop.
                    self._stopping.wait(self.settings.first_pause_s)
            except VersionExpired:
                raise
            except SourceFailed as error:
                self._failed(error)

    def _take(self, kind: str, manifest: Manifest) -> None:
        if kind in {"ADDED", "MODIFIED"}:
            self.sink.put(manifest)
        elif kind == "DELETED":
            self.sink.remove(manifest)
        self._counts.events += 1
        self._failures = 0
        self._heard()

    def _heard(self) -> None:
        self._counts.contact = self.settings.clock()
        self.changed()

    def _failed(self, error: SourceFailed) -> None:
        if self._stopping.is_set():
            return
        self._counts.errors += 1
        self._counts.last_error = str(error)
        self.changed()
        self._pause()

    def _pause(self) -> None:
        """Wait, longer after each failure in a row; jitter keeps many servers from asking all at once."""
        settings = self.settings
        pause_s = min(settings.longest_pause_s, settings.first_pause_s * 2 ** min(self._failures, 16))
        self._failures += 1
        self._stopping.wait(pause_s * (0.5 + settings.jitter() / 2))
