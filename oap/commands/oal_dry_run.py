"""``oap oal dry-run``: what a change of the rules does to the numbers of a recording."""

import json
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

import typer

from oal.nearest import suggestion
from oal.plan import Plan
from oap.commands.oal_check import Format
from oap.commands.oal_files import DEFAULT_FOLDER, palette_of, plan_or_exit, read_sources, rule_files

_HELP = """Fold a recording under two rule sets and compare all records: what a change of the rules does to the numbers.

\b
  oap emulate --minutes 10 --record shop.oaprec         a recording, if there is none of real agents
  oap oal dry-run new.oal --recording shop.oaprec       new.oal against config/oal
  oap oal dry-run after/ --old before/ --recording shop.oaprec --metric 'kubernetes_service_http_*'
  oap oal dry-run new.oal --recording shop.oaprec --format json | jq '.metrics[] | {metric, change, share}'

FILE is written by 'oap emulate --record', or holds length-delimited messages (NAME.pbd, NAME.pbd.gz). Its newest log is
the present; times are those of UTC. Nothing is stored and no server is needed. Of a metric with the same records of
minutes those of hours and days are shown when they differ.

Exit codes: 0 all records are the same, 1 some differ, 2 wrong usage, or a rule set has errors.
"""
_INVALID: Final = 2


def register(group: typer.Typer) -> None:
    """Add the command ``dry-run``."""
    group.command("dry-run", help=_HELP)(dry_run)


def dry_run(
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Rule file or folder, - for standard input.")],
    *,
    recording: Annotated[Path, typer.Option("--recording", metavar="FILE", help="What agents sent.")],
    old: Annotated[Path, typer.Option("--old", metavar="OLD", help="Rule file or folder.")] = DEFAULT_FOLDER,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", metavar="NAME", help="Only these metrics; * stands for anything.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="Show so many records of each metric, 0 for all.")] = 20,
    registry: Annotated[
        Path | None, typer.Option("--registry", metavar="FILE", help="Services and pods of IP addresses (YAML).")
    ] = None,
    config: Annotated[
        Path,
        typer.Option(
            "--config", "-c", envvar="OAP_CONFIG", metavar="DIRECTORY", help="Apdex thresholds and endpoint grouping."
        ),
    ] = Path("config"),
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Fold a recording under two rule sets and compare all records."""
    before = plan_or_exit(read_sources(rule_files([old])), _INVALID)
    after = plan_or_exit(read_sources(rule_files([new])), _INVALID)
    names = _chosen(before, after, metric or [])
    # All that folds takes a second to load, which the other commands for rules need not wait for.
    from oap.commands.rule_inputs import loaded_recording, progress, surroundings_of  # noqa: PLC0415
    from oap.rules.comparison_text import comparison_lines, comparison_record  # noqa: PLC0415
    from oap.rules.dry_run import PASSES, compare_plans  # noqa: PLC0415

    surroundings = surroundings_of(config, registry)
    loaded = loaded_recording(recording)
    with progress(recording.name, PASSES * loaded.messages) as advance:
        run = compare_plans(loaded, (before, after), surroundings, names, top, advance)
    if output is Format.JSON:
        typer.echo(json.dumps(comparison_record(run, recording.name), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(comparison_lines(run, recording.name, palette_of(sys.stdout.isatty()))))
    if run.comparison.changes:
        raise typer.Exit(1)


def _chosen(before: Plan, after: Plan, patterns: Sequence[str]) -> list[str]:
    """The metrics that are compared; wrong usage where a pattern stands for none."""
    names = list(dict.fromkeys(metric.name for plan in (after, before) for metric in plan.metrics))
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            hint = suggestion(pattern, names)
            message = f"neither rule set has a metric '{pattern}'{f'; {hint}' if hint else ''}"
            raise typer.BadParameter(message, param_hint="--metric")
    return [name for name in names if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)]
