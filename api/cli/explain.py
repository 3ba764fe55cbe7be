"""``shuangbei explain``: why one parcel has its verdict, and what would give it another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import AsOfOption, PolicyOption, RuleOption
from api.cli.terminal import console, working

if TYPE_CHECKING:
    from rich.table import Table

    from geo.judge.explain import Explanation
    from geo.policy import Policy


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    code: Annotated[str, typer.Argument(metavar="PARCEL", help="The parcel's code.")],
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="How to show it.")] = "table",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the table.")] = "zh",
) -> None:
    """Why a parcel is a candidate, is not, or cannot be judged, and the smallest change that flips the verdict."""
    import geo
    from geo.database import connect
    from geo.settings import settings

    chosen = geo.policy(policy or settings().policy)
    db = connect()
    try:
        with working("Working it out …"):
            found = geo.explain(db, chosen, code, rule=rule, as_of=as_of.date() if as_of else None, restricted=False)
    finally:
        db.engine.dispose()
    if format_ == "json":
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        _show(found, chosen, lang)


def _show(found: Explanation, policy: Policy, lang: Literal["zh", "en"]) -> None:
    from api.text import phrase
    from maps.explanations import told
    from maps.text import verdict

    out = console()
    rule = policy.rule(found.rule)
    named = {route.id: route.title if lang == "zh" else route.title_en or route.title for route in rule.routes}
    title = rule.title if lang == "zh" else rule.title_en or rule.title
    parts = [f"{found.verdict}（{verdict(found.verdict, lang)}）" if lang == "zh" else found.verdict]
    if found.route:
        parts.append(f"{named[found.route]} → {found.target_codes or phrase('use_stays', lang)}")
    if found.score is not None:
        ends = dict.fromkeys(f"{end:.1f}" for end in (found.score, found.score_high))
        parts.append(f"{phrase('score', lang)} {'–'.join(ends)}")
    if found.rank is not None:
        parts.append(f"{phrase('rank', lang)} {found.rank}")
    out.print(f"{found.parcel_code}  {title}: {', '.join(parts)}", style="bold")
    for table in _tables(found, policy, lang):
        out.print(table)
    for part in told(found, lang, routes=named, zones=policy.zones.names):
        out.print(part.lead)
        for proposal in part.proposals:
            out.print(f"  {proposal.line(lang)}")


def _tables(found: Explanation, policy: Policy, lang: Literal["zh", "en"]) -> Iterator[Table]:
    """What was asked with what was found, and what each criterion adds to the score."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from api.text import phrase
    from maps import reasons
    from maps.text import label

    wordings, zones = reasons.wordings_of(policy.model_dump(mode="json"), found.rule), policy.zones.names
    heads = [phrase(key, lang) for key in ("condition", "figure", "value", "threshold", "ground")]
    table = Table("", box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    shown = reasons.shown(found.reasons, lang, wordings=wordings, zones=zones)
    for one, record in zip(shown, found.reasons, strict=True):
        table.add_row(one.mark, one.title, label(record["field"], lang), one.value, one.threshold, one.ground)
    yield table
    counted = reasons.contributions(found.contributions, lang, wordings=wordings, zones=zones)
    if not counted:
        return
    heads = [phrase(key, lang) for key in ("criterion", "value", "result", "weight", "points", "ground")]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=True)
    for head in heads:
        table.add_column(head, overflow="fold")
    for each in counted:
        points = each.points if each.known else phrase("not_counted", lang)
        table.add_row(each.title, each.value, each.result, each.weight, points, each.ground)
    table.columns[0].footer = phrase("sum", lang)
    table.columns[4].footer = f"{found.score:.1f}"
    yield table
