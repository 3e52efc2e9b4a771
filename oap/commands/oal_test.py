"""``oap oal test``: rules held against records that are expected of them."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from oap.commands.oal_check import Format
from oap.commands.oal_files import DEFAULT_FOLDER, palette_of, plan_or_exit, read_sources, rule_files
from oap.config.finding import ConfigError
from oap.entity.scopes import k8s_catalog

_HELP = """Run rule tests: logs go through decoding, entities and fold, and the records are held against those expected.

\b
  oap oal test                                the tests of the shipped rules, config/oal/tests
  oap oal test my-tests.yml                   one file; folders stand for all their *.yml
  oap oal test my-tests.yml --rules new.oal   other rules than those of config/oal
  oap oal test --format json | jq '.cases[] | select(.passed | not) | .name'

A test says what logs come in, by hand or as a recording, and what record must come out:

\b
  cases:
    - name: bytes that a service reads are added up
      logs:
        - {time: "12:34:05", role: server, local: reviews.shop/reviews-0, remote: web.shop/web-0,
           read: {l2.totalPackageSize: 300, duration: 40us}}
      expect:
        - {metric: kubernetes_service_read_package_size, entity: reviews.shop, minute: "12:34", value: 300}

Exit codes: 0 all passed, 1 some failed, 2 wrong usage, or a test file or rule has errors.
"""
_INVALID: Final = 2
_SUFFIXES: Final = (".yml", ".yaml")
_DEFAULT: Final = DEFAULT_FOLDER / "tests"


def register(group: typer.Typer) -> None:
    """Add the command ``test``."""
    group.command("test", help=_HELP)(run_tests)


def run_tests(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILES", help="Files or folders with tests.")] = None,
    *,
    rules: Annotated[
        list[Path] | None, typer.Option("--rules", metavar="PATH", help="Rule file or folder; may be repeated.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Run rule tests."""
    paths = _test_files(files or [])
    plan = plan_or_exit(read_sources(rule_files(rules or [])), _INVALID)
    # All that folds takes a second to load, which the other commands for rules need not wait for.
    from oap.rules.case_file import load_cases  # noqa: PLC0415
    from oap.rules.verdict import verdict  # noqa: PLC0415
    from oap.rules.verdict_text import counts, verdict_lines, verdict_record  # noqa: PLC0415
    from oap.window.models import metric_models  # noqa: PLC0415

    models = metric_models(plan, k8s_catalog())
    read, findings = [], []
    for path in paths:
        try:
            read.append(load_cases(path, models))
        except ConfigError as error:
            findings.append(str(error))
    if findings:
        typer.echo("\n".join(findings), err=True)
        raise typer.Exit(_INVALID)
    outcomes = [(file, [verdict(case, plan, file.surroundings) for case in file.cases]) for file in read]
    if output is Format.JSON:
        typer.echo(json.dumps(verdict_record(outcomes), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(verdict_lines(outcomes, palette_of(sys.stdout.isatty()))))
    if counts(outcomes)[1]:
        raise typer.Exit(1)


def _test_files(given: Sequence[Path]) -> list[Path]:
    """The files that are named and those of named folders; wrong usage when there are none."""
    files: list[Path] = []
    for path in given or [_DEFAULT]:
        inside = sorted(file for file in path.glob("*") if file.suffix in _SUFFIXES) if path.is_dir() else []
        found = inside if path.is_dir() or not given else [path]
        if not found:
            raise typer.BadParameter(f"there is no test file in {path}", param_hint="FILES")
        files += found
    return list(dict.fromkeys(files))
