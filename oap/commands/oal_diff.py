"""``oap oal diff``: what two rule sets compute differently."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from oal.diagnostic import Palette
from oal.difference import Aspect, Changed, Difference, compare
from oal.plan import Metric
from oap.commands.oal_check import Format
from oap.commands.oal_files import Sources, palette_of, plan_or_exit, read_sources, rule_files

_HELP = """Show what NEW computes differently from OLD: metrics added, removed, changed in meaning, or only rewritten.

\b
  oap oal diff config/oal/ebpf.oal new.oal
  oap oal diff /etc/oap/oal config/oal           folders: all their *.oal together
  git show HEAD:config/oal/ebpf.oal | oap oal diff - config/oal/ebpf.oal

The order of filters, filters that say nothing new, layout and comments do not change what a rule means.

Exit codes: 0 nothing changes in meaning, 1 something does, 2 wrong usage, or a rule set has errors.
"""
_INVALID = 2


def register(group: typer.Typer) -> None:
    """Add the command ``diff``."""
    group.command("diff", help=_HELP)(diff)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="File or folder, - for standard input.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="File or folder, - for standard input.")],
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Show what two rule sets compute differently."""
    before, after = read_sources(rule_files([old])), read_sources(rule_files([new]))
    difference = compare(plan_or_exit(before, _INVALID), plan_or_exit(after, _INVALID))
    if output is Format.JSON:
        typer.echo(json.dumps(_record(difference), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(difference, palette_of(sys.stdout.isatty()), _texts_differ(before, after))))
    if difference.changes_meaning:
        raise typer.Exit(1)


def _texts_differ(before: Sources, after: Sources) -> bool:
    return list(before.values()) != list(after.values())


def _lines(difference: Difference, palette: Palette, texts_differ: bool) -> Iterator[str]:
    yield from _metrics("removed", "-", difference.removed, palette.error, palette.reset)
    yield from _metrics("added", "+", difference.added, palette.marker, palette.reset)
    for old, new in difference.renamed:
        yield f"  {new} means what {old} meant; what is stored stays under the old name"
    if difference.changed:
        yield f"changed meaning ({len(difference.changed)})"
    for changed in difference.changed:
        yield from _changed(changed, palette)
    yield from (f"disabled: {name}" for name in difference.disabled)
    yield from (f"no longer disabled: {name}" for name in difference.enabled)
    if difference.rewritten:
        yield f"cosmetic only ({len(difference.rewritten)}): the same meaning in other words"
    for changed in difference.rewritten:
        yield f"  = {changed.new.name}  {changed.old.file}:{changed.old.line} -> {_place(changed.new)}"
        yield from map(_aspect, changed.aspects)
    unchanged = f"{difference.unchanged} metric{'s' if difference.unchanged != 1 else ''} unchanged"
    is_layout = texts_differ and not difference.changes_meaning and not difference.rewritten
    yield f"{unchanged}; only comments, layout or order differ" if is_layout else unchanged


def _metrics(title: str, sign: str, metrics: Sequence[Metric], accent: str, reset: str) -> Iterator[str]:
    if metrics:
        yield f"{title} ({len(metrics)})"
    for metric in metrics:
        yield f"  {accent}{sign} {metric.name}{reset}  {_place(metric)}"
        yield f"      {metric.text}"


def _changed(changed: Changed, palette: Palette) -> Iterator[str]:
    old, new = changed.old, changed.new
    yield f"  {palette.warning}~ {new.name}{palette.reset}  {_place(old)} -> {_place(new)}"
    yield f"      {palette.error}- {old.text}{palette.reset}"
    yield f"      {palette.marker}+ {new.text}{palette.reset}"
    yield from map(_aspect, changed.aspects)


def _aspect(aspect: Aspect) -> str:
    return f"      {aspect.name}: {', '.join(aspect.old) or 'none'} -> {', '.join(aspect.new) or 'none'}"


def _place(metric: Metric) -> str:
    return f"{metric.file}:{metric.line}"


def _record(difference: Difference) -> dict[str, object]:
    return {
        "changes_meaning": difference.changes_meaning,
        "removed": [_metric_record(metric) for metric in difference.removed],
        "added": [_metric_record(metric) for metric in difference.added],
        "renamed": [{"old": old, "new": new} for old, new in difference.renamed],
        "changed": [_changed_record(changed) for changed in difference.changed],
        "cosmetic": [_changed_record(changed) for changed in difference.rewritten],
        "disabled": list(difference.disabled),
        "enabled": list(difference.enabled),
        "unchanged": difference.unchanged,
    }


def _metric_record(metric: Metric) -> dict[str, object]:
    return {"metric": metric.name, "file": metric.file, "line": metric.line, "rule": metric.text}


def _changed_record(changed: Changed) -> dict[str, object]:
    aspects = {aspect.name: {"old": list(aspect.old), "new": list(aspect.new)} for aspect in changed.aspects}
    return {"metric": changed.new.name, "old": changed.old.text, "new": changed.new.text, "differs": aspects}
