"""``shuangbei explain``: why one parcel has its verdict, and what would give it another."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.results import AsOfOption, PolicyOption, RuleOption
from api.cli.terminal import console, working

if TYPE_CHECKING:
    from geo.judge.explain import Explanation, Flip

_MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    code: Annotated[str, typer.Argument(metavar="PARCEL", help="The parcel's code.")],
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="How to show it.")] = "table",
) -> None:
    """Why a parcel is a candidate, is not, or cannot be judged, and the smallest change that flips the verdict."""
    import geo
    from geo.database import connect
    from geo.settings import settings

    chosen = geo.policy(policy or settings().policy)
    db = connect()
    try:
        with working("Working it out …"):
            found = geo.explain(db, chosen, code, rule=rule, as_of=as_of.date() if as_of else None)
    finally:
        db.engine.dispose()
    if format_ == "json":
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _show(found, chosen.rule(rule).title)


def _show(found: Explanation, title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from geo.fields.measures import MEASURES

    out = console()
    route = f", {found.route} → {found.target_codes}" if found.route else ""
    score = "" if found.score is None else f", score {found.score:.1f}–{found.score_high:.1f}"
    out.print(f"{found.parcel_code}  {title}: {found.verdict}{route}{score}", style="bold")
    table = Table(
        "", "route", "condition", "field", "value", "asked", "unit", "ground", box=SIMPLE_HEAD, pad_edge=False
    )
    for reason in found.reasons:
        value = reason["text"] if reason["text"] is not None else reason["value"]
        table.add_row(
            _MARKS[reason["outcome"]],
            reason["route"] or "",
            reason["condition"],
            MEASURES[reason["field"]].zh,
            "—" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value),
            reason["threshold"],
            reason["unit"] or "",
            reason["clause"],
        )
    out.print(table)
    _show_flips(found.flips, "Smallest changes that make it")
    _show_flips(found.answers, "What would have to be found to make it")
    if not found.flips and not found.answers:
        out.print("No change of one or two fields that somebody can change gives another verdict.")


def _show_flips(flips: tuple[Flip, ...], what: str) -> None:
    from geo.fields.measures import MEASURES

    for flip in flips:
        changes = "; ".join(
            f"{MEASURES[c.field].zh} {_figure(c.old, c.unit)} → {c.operator} {_figure(c.new, c.unit)}"
            + (f" ({c.changed_by})" if c.changed_by else "")
            for c in flip.changes
        )
        console().print(f"{what} {flip.verdict}: {changes}")


def _figure(value: float | str | None, unit: str | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    return f"{value:,.4g}" + (f" {unit}" if unit else "")
