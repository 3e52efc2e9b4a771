"""A comparison of records for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from oal.diagnostic import Palette
from oap.accounting import Accounts, Outcome
from oap.rules.calendar_text import bucket_text
from oap.rules.comparison import Change, MetricChange, RecordChange
from oap.rules.dry_run import DryRun
from oap.rules.records import left_out
from oap.rules.values import Value, value_text

_SIGNS: Final[Mapping[Change, str]] = {Change.REMOVED: "-", Change.ADDED: "+", Change.CHANGED: "~"}
_TITLES: Final[Mapping[Change, str]] = {
    Change.REMOVED: "removed",
    Change.ADDED: "added",
    Change.CHANGED: "changed, the largest changes first",
}
_HEADS: Final = ("entity", "time (UTC)", "old", "new", "difference")


def comparison_lines(run: DryRun, name: str, palette: Palette) -> Iterator[str]:
    """The report for people about a recording of this name."""
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in left_out(run.accounts).items())
    messages = f"{name}: {run.accounts.messages:,} messages, {_folded(run.accounts):,} logs folded"
    yield f"{messages}; left out: {reasons}" if reasons else messages
    for kind in Change:
        chosen = [change for change in run.comparison.changes if change.change is kind]
        if chosen:
            yield f"{_TITLES[kind]} ({len(chosen)})"
        for change in chosen:
            yield from _metric_lines(change, palette)
    same = run.comparison.unchanged
    yield f"{same} metric{'s have' if same != 1 else ' has'} the same records"


def _folded(accounts: Accounts) -> int:
    return int(accounts.outcomes[Outcome.FOLDED] + accounts.outcomes[Outcome.LATE])


def _metric_lines(change: MetricChange, palette: Palette) -> Iterator[str]:
    accents = {Change.REMOVED: palette.error, Change.ADDED: palette.marker, Change.CHANGED: palette.warning}
    yield f"  {accents[change.change]}{_SIGNS[change.change]} {change.metric}{palette.reset}  {change.scope}"
    yield f"      {_counts(change)}"
    extent = change.extent
    if not extent.largest:
        return
    yield from (f"      {line}" for line in _table([_HEADS, *map(_row, extent.largest)]))
    more = extent.added + extent.removed + extent.changed - len(extent.largest)
    if more:
        yield f"      and {more:,} more; --top shows them"


def _counts(change: MetricChange) -> str:
    extent, unit = change.extent, change.precision.name.lower()
    entities = f"{len(extent.entities):,} entit{'ies' if len(extent.entities) != 1 else 'y'}"
    if change.change is not Change.CHANGED:
        records = extent.added + extent.removed
        counted = f"{records:,} {unit} record{'s' if records != 1 else ''} of {entities}"
        return counted if records else "no records: no log of these reaches it"
    parts = {"changed": extent.changed, "new": extent.added, "gone": extent.removed}
    told = ", ".join(f"{count:,} {word}" for word, count in parts.items() if count)
    sums = f"sum of values {_number(extent.old_sum)} -> {_number(extent.new_sum)}"
    share = f", {_percent(extent.share)} moved" if extent.share else ", same values from other rows"
    return f"{told} of {max(extent.old_records, extent.new_records):,} {unit} records, {entities}; {sums}{share}"


def _row(change: RecordChange) -> tuple[str, ...]:
    return (
        change.entity,
        bucket_text(change.bucket),
        value_text(change.old),
        value_text(change.new),
        _difference(change),
    )


def _difference(change: RecordChange) -> str:
    if not change.difference:
        return "0, other rows"
    sign = "+" if change.difference > 0 else ""
    if isinstance(change.old, Mapping) or not change.old or change.new is None:
        return f"{sign}{_number(change.difference)}"
    return f"{sign}{_number(change.difference)} ({sign}{_percent(change.difference / abs(change.old))})"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:,.0f} %" if abs(percent) >= 1000 else f"{percent:.3g} %"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.6g}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        texts = [f"{text:<{width}}" for text, width in zip(row[:2], widths[:2], strict=True)]
        numbers = [f"{text:>{width}}" for text, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join((*texts, *numbers)).rstrip()


def comparison_record(run: DryRun, name: str) -> dict[str, object]:
    """The report for programs."""
    return {
        "recording": name,
        "messages": run.accounts.messages,
        "logs": {"folded": _folded(run.accounts), "left_out": left_out(run.accounts)},
        "differs": bool(run.comparison.changes),
        "unchanged": run.comparison.unchanged,
        "metrics": [_metric_record(change) for change in run.comparison.changes],
    }


def _metric_record(change: MetricChange) -> dict[str, object]:
    extent = change.extent
    return {
        "metric": change.metric,
        "scope": change.scope,
        "change": change.change.value,
        "precision": change.precision.name.lower(),
        "records": {
            "old": extent.old_records,
            "new": extent.new_records,
            "added": extent.added,
            "removed": extent.removed,
            "changed": extent.changed,
        },
        "entities": len(extent.entities),
        "sum": {"old": extent.old_sum, "new": extent.new_sum},
        "share": extent.share,
        "largest": [_change_record(record) for record in extent.largest],
    }


def _change_record(change: RecordChange) -> dict[str, object]:
    return {
        "entity": change.entity,
        "entity_id": change.entity_id,
        "bucket": change.bucket,
        "old": _plain(change.old),
        "new": _plain(change.new),
        "difference": change.difference,
    }


def _plain(value: Value | None) -> object:
    return dict(value) if isinstance(value, Mapping) else value
