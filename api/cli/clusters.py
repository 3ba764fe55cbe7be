"""``shuangbei clusters``: what hangs together, to look at or into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.results import AsOfOption, FormatOption, OutOption, PolicyOption, RuleOption, tell

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

OverOption = Annotated[
    str,
    typer.Option(
        help="Which parcels may hang together: candidates, all, carriers (their land), or an outline as FILE.geojson."
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BARRIER",
        help="A barrier that may be crossed after all: a class, a name, or class:name; again for more.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command()(clusters)


def clusters(
    over: OverOption = "candidates",
    gap: Annotated[
        float | None, typer.Option(min=0, metavar="METRES", help="Widest gap that still joins; default: the policy's.")
    ] = None,
    allow: AllowOption = None,
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Contiguous clusters: parcels that touch, or that a gap without a barrier parts."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        found: pd.DataFrame = geo.clusters(db, chosen, over=over, rule=rule, gap_m=gap, allow=allow or (), as_of=day)
        return found

    columns = ("cluster_id", "n_parcels", "area_m2", "gfa_m2", "n_gfa_unknown", "shape", "elongation", "compactness")
    tell(answer, policy, format_, out, columns)
