"""Making a run: everything is worked out first, then written and made current in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import sqlalchemy as sa

from geo.answers.carriers import carriers
from geo.answers.code import code_version
from geo.answers.floor_area import floor_area
from geo.answers.hanging_together import adjacency_seen
from geo.answers.land_over import candidates_of
from geo.answers.layers import layers
from geo.answers.ledger import ledger
from geo.answers.opinions import opinions_seen
from geo.answers.parcels import parcels_seen
from geo.database import Database, require_migrated
from geo.errors import DatabaseError, NotFoundError
from geo.fields.ledger import OWNERS
from geo.judge.cluster_figures import with_carriers
from geo.judge.clusters import find_clusters
from geo.judge.opinions import beside
from geo.judge.rules import Judgement, judgement, with_verdicts
from geo.measure.cache import data_version, look
from geo.measure.carriers import standing
from geo.policy import Policy
from geo.publish.copying import Results, copy_findings, copy_lineage, copy_results
from geo.publish.figures import main_figures
from geo.publish.findings import of_carriers, of_land, renamed
from geo.publish.ledger import empty_ledger
from geo.publish.lineage import Descent, follow
from geo.publish.partitions import join, make
from geo.publish.runs import Run, current_run
from geo.publish.sites import default_sites, stamp_of_sites
from geo.settings import settings

Progress = Callable[[str, int, int], None]

#: the groupings of floor area that are published
GROUPINGS: tuple[tuple[str, ...], ...] = (
    ("zone", "land_use"),
    ("zone",),
    ("land_use",),
    (),
)
#: one number for all publishing, so that two publishers wait for each other
_PUBLISH_LOCK = 0x7075_626C_6973
#: how often a run is worked out again when an import comes in between
_TRIES = 3


def publish(
    db: Database,
    policy: Policy,
    *,
    actor: str | None = None,
    seed: int = 0,
    pinned: bool = False,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Run:
    """Work out all answers from the registry as it is, and make them the current run.

    Either the whole run stands and is current, or the run before stays.  ``as_of`` is the day the facts are of (default:
    today); rules that are not in force then are not judged by, and the run says so.  ``progress`` is called with (stage,
    done, total).

    Raises
    ------
    DatabaseError
        Imports kept coming in between; nothing was published.
    NotFoundError
        No rule of the policy is in force on that day.
    NotMigratedError
        The database has no schema, or an older one.
    """
    require_migrated(db)
    day = as_of or date.today()
    tell = progress or _say_nothing
    for _ in range(_TRIES):
        results = _work_out(db, policy, day, tell)
        run_id = _write(db, policy, results, actor or settings().actor, seed, pinned)
        if run_id is not None:
            tell("published", 1, 1)
            return current_run(db)
    raise DatabaseError(
        "Imports kept changing the registry while the run was made.",
        "Publish again when they are done.",
    )


def is_current(db: Database, policy: Policy) -> bool:
    """Whether the current run was made by this program from today's registry under this very policy."""
    try:
        run = current_run(db)
    except NotFoundError:
        return False
    today = date.today()
    made_of = (run.policy_hash, run.data_version, run.as_of, run.code_version)
    return made_of == (policy.hash, data_version(db, today), today, code_version())


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _work_out(db: Database, policy: Policy, day: date, tell: Progress) -> Results:
    rules = policy.rules_on(day)
    stages = len(rules) + 6

    judged: dict[str, gpd.GeoDataFrame] = {}
    judgements: dict[str, Judgement] = {}
    found, findings = [], []
    tell("measuring parcels", 0, stages)
    # One look for land and judgement: what is measured once is judged by every rule.
    with look(db, day) as seen:
        version, land = seen.version, parcels_seen(seen, policy)
        for number, (name, rule) in enumerate(rules.items()):
            tell(f"judging {name}", 1 + number, stages)
            judgements[name] = judgement(land, rule)
            judged[name] = beside(with_verdicts(land, rule, judgements[name]), opinions_seen(seen, name))
        tell("finding clusters", stages - 5, stages)
        pairs, on_land = adjacency_seen(seen, policy), standing(seen)
        for name, frame in judged.items():
            chosen = frame[frame["verdict"] == "candidate"].reset_index(drop=True)
            clusters = find_clusters(chosen, pairs, policy.clusters, over=candidates_of(name), land=land)
            findings.append(of_land(seen, policy, name, chosen, clusters, land, pairs))
            found.append(with_carriers(clusters, on_land).assign(over=name))
    tell("measuring carriers", stages - 4, stages)
    housed = carriers(db, policy, as_of=day)
    findings.append(of_carriers(housed, policy))
    tell("searching for sites", stages - 4, stages)
    searched = default_sites(db, policy, day)
    findings.append({} if searched is None else {"sites": searched})
    tell("adding up floor area", stages - 3, stages)
    groupings = GROUPINGS if policy.ledger is None or policy.ledger.fewest_owned is None else (*GROUPINGS, (OWNERS,))
    totals = {by: floor_area(db, policy, by=list(by), as_of=day) for by in groupings}
    # A policy that says nothing of how floor area is booked has totals by land, and no ledger.
    rows = empty_ledger() if policy.ledger is None else ledger(db, policy, as_of=day)
    tell("reading layers", stages - 2, stages)
    around = layers(db, as_of=day)
    tell("writing the run", stages - 1, stages)
    together = pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]
    results = (version, day, land, judged, judgements, together, housed, totals, around, rows, findings)
    return Results(*results, sites=None if searched is None else stamp_of_sites(searched))


def _write(db: Database, policy: Policy, results: Results, actor: str, seed: int, pinned: bool) -> int | None:
    """Write a run and make it current; ``None`` where the registry has changed since it was worked out."""
    runs = db.table("published.runs")
    with db.write() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PUBLISH_LOCK})
        if data_version(db, results.as_of) != results.version:
            return None
        names, descents, earlier = _lineage(connection, db, results)
        called = results.clusters["cluster_id"].map(lambda live: names.get(live, live))
        results = replace(results, clusters=results.clusters.assign(cluster_id=called))
        connection.execute(sa.update(runs).where(runs.c.is_current).values(is_current=False))
        run_id: int = connection.execute(
            sa.insert(runs)
            .values(
                policy_id=policy.id,
                policy_hash=policy.hash,
                policy=policy.model_dump(mode="json"),
                data_version=results.version,
                as_of=results.as_of,
                code_version=code_version(),
                seed=seed,
                actor=actor,
                synthetic=_any_synthetic(results),
                pinned=pinned,
                is_current=True,
                figures=_figures(policy, results) | {"earlier_run_id": earlier, "sites": results.sites},
            )
            .returning(runs.c.run_id)
        ).scalar_one()
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        make(raw, run_id)
        copy_results(raw, run_id, policy, results, db.srid)
        copy_lineage(raw, run_id, descents, earlier)
        copy_findings(raw, run_id, renamed(results.findings, names), db.srid)
        join(raw, db, run_id)
        connection.execute(
            sa.insert(db.table("registry.audit")).values(
                actor=actor,
                action="publish",
                detail={"run_id": run_id, "data_version": results.version},
            )
        )
    return run_id


def _figures(policy: Policy, results: Results) -> dict[str, Any]:
    return main_figures(
        policy,
        results.parcels,
        results.candidates,
        results.clusters,
        results.carriers,
        totals_by_zone=results.totals[("zone",)],
        park_known="park" in results.layers,
        pieces=results.ledger[results.ledger["books"] == "floor_area"],
        day=results.as_of,
    )


def _any_synthetic(results: Results) -> bool:
    frames = [results.parcels, results.carriers, *results.layers.values()]
    return any(bool(frame["synthetic"].fillna(False).any()) for frame in frames if "synthetic" in frame)


def _lineage(
    connection: sa.Connection, db: Database, results: Results
) -> tuple[dict[str, str], list[Descent], int | None]:
    runs, table = db.table("published.runs"), db.table("published.clusters")
    earlier = connection.scalar(sa.select(runs.c.run_id).where(runs.c.is_current))
    if earlier is None:
        return {}, [], None
    rows = connection.execute(
        sa.select(table.c.cluster_id, table.c.parcel_codes, table.c.over).where(table.c.run_id == earlier)
    )
    before: dict[str, dict[str, list[str]]] = {}
    for cluster_id, codes, over in rows:
        before.setdefault(over, {})[cluster_id] = codes
    areas = dict(zip(results.parcels["parcel_code"], results.parcels["site_area_m2"], strict=True))
    names: dict[str, str] = {}
    lines: list[Descent] = []
    for rule in results.candidates:  # a cluster of one rule is never the heir of another rule's
        found = results.clusters[results.clusters["over"] == rule]
        now = dict(zip(found["cluster_id"], found["parcel_codes"], strict=True))
        some, told = follow(now, before.get(rule, {}), areas)
        names |= some
        lines += told
    return names, lines, int(earlier)
