"""``shuangbei policy``: which policies there are, what one says, and whether a file is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.terminal import console

if TYPE_CHECKING:
    from geo.policy import Policy, Rule

Named = Annotated[str | None, typer.Argument(help="A name in data/policy, or the path of a file.", metavar="POLICY")]


def register(app: typer.Typer) -> None:
    commands = typer.Typer(help="What a policy says, and whether a file of one is sound.", no_args_is_help=True)
    commands.command("list")(list_policies)
    commands.command()(check)
    commands.command()(show)
    app.add_typer(commands, name="policy")


def list_policies() -> None:
    """The policies that come with the program."""
    from geo.settings import data_dir

    for file in sorted((data_dir() / "policy").glob("*.toml")):
        console().print(file.stem)


def check(policy: Named = None) -> None:
    """Read a policy file whole and name every fault with its key; exit code 1 where there is one."""
    found = _read(policy)
    console().print(f"{found.id}: sound; {len(found.rules)} rule(s), hash {found.hash[:12]}.")


def show(policy: Named = None) -> None:
    """What a policy says, each value with its unit and its clause or assumption."""
    found = _read(policy)
    out = console()
    out.print(f"{found.id}  {found.title}", style="bold")
    out.print(f"{found.authority}; {found.source}; {found.effective_from} – {found.effective_to or '…'}")
    out.print(f"hash {found.hash}")
    for name, rule in found.rules.items():
        out.print(f"\n{name}  {rule.title}  ({rule.ground})", style="bold")
        _show_rule(rule)


def _show_rule(rule: Rule) -> None:
    from rich.table import Table

    conditions = Table("condition", "measure", "", "value", "unit", "ground", title=None)
    for item in rule.conditions:
        value = ", ".join(map(str, item.value)) if isinstance(item.value, tuple) else str(item.value)
        conditions.add_row(item.title, item.measure, item.op, value, item.unit or "", item.ground)
    console().print(conditions)
    criteria = Table("criterion", "measure", "weight", "value function", "unit", "ground")
    for entry in rule.criteria:
        pairs = entry.points if entry.points is not None else tuple((entry.categories or {}).items())
        function = ", ".join(f"{x} → {y:g}" for x, y in pairs)
        criteria.add_row(entry.title, entry.measure, f"{entry.weight:g}", function, entry.unit or "", entry.ground)
    console().print(criteria)


def _read(name: str | None) -> Policy:
    from geo.policy import policy
    from geo.settings import settings

    return policy(name or settings().policy)
