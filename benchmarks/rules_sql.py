"""A peer of the rules' benchmark: one SQL statement by hand, that looks neither at history nor at who may read."""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.rules_geopandas import INDUSTRIAL, OFFICE, RND
from geo.database import Database
from geo.policy import Condition, Criterion, Policy, Rule


def sql_way(db: Database, chosen: Policy, day: date) -> dict[str, dict[str, int]]:
    """One statement: the measures joined in one CTE, then each rule's outcomes, verdict, score and reasons."""
    asked = chosen.measures
    assert asked is not None
    assert asked.institutes_nearby is not None
    assert asked.leading_industries is not None
    values = {
        "day": day,
        "nearby": asked.carriers_nearby.m,
        "institutes": asked.institutes_nearby.m,
        "leading": list(asked.leading_industries.value),
        "office": sorted(OFFICE),
        "industrial": sorted(INDUSTRIAL),
        "rnd": sorted(RND),
    }
    rules = " UNION ALL ".join(_rule_sql(name, rule) for name, rule in chosen.rules.items())
    with db.write() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET LOCAL enable_nestloop = on; SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        raw.execute(f"CREATE TABLE published.bench_sql AS WITH land AS MATERIALIZED ({_LAND}) {rules}", values)
        rows = raw.execute("SELECT rule, verdict, count(*) FROM published.bench_sql GROUP BY 1, 2").fetchall()
    counts: dict[str, dict[str, int]] = {name: {} for name in chosen.rules}
    for rule, verdict, n in rows:
        counts[rule][verdict] = n
    return counts


_LAND = """
SELECT p.parcel_code, p.supply_status, s.site AS site_area_m2, p.max_far, u.office_share, u.industrial_share, u.rnd_share,
    u.main_use, coalesce(z.zone, 'other') AS zone, coalesce(t.centre_tier, 'outside') AS centre_tier,
    CASE WHEN EXISTS (SELECT FROM registry.heritage h WHERE NOT h.statutory AND ST_Covers(p.geom, h.geom) AND NOT EXISTS (
        SELECT FROM registry.heritage o WHERE o.statutory AND ST_Dimension(o.geom) = 2 AND ST_Covers(o.geom, h.geom)))
        THEN NULL ELSE coalesce(hs.share, 0) END AS heritage_share,
    coalesce(pc.share, 0) AS approved_change_share, hd.d AS heritage_distance_m, sd.d AS station_distance_m,
    od.d AS open_space_distance_m, coalesce(ins.n, 0) AS institutes_nearby, coalesce(cn.n, 0) AS carriers_nearby,
    coalesce(cn.n_leading, 0) AS leading_carriers_nearby, coalesce(dl.n, 0) AS delisted_carriers,
    f.countable / s.site AS far, p.max_far - f.countable / s.site AS far_headroom,
    f.countable / s.site / p.max_far AS far_used_share, f.gfa AS gfa_m2, b.vacancy_share, b.year_built, p.owner_count,
    CASE p.owner_kind WHEN 'state_owned' THEN 1.0 WHEN 'private' THEN 0.0 END AS state_owned_share,
    (p.grant_ends_on - %(day)s) / 365.2425::float8 AS grant_years_left,
    CASE WHEN l.n_ends = l.n THEN greatest(l.last_end - %(day)s, 0) / 365.2425::float8 END AS lease_years_left,
    NULL::float8 AS contiguous_area_m2
FROM registry.parcels p
CROSS JOIN LATERAL (SELECT coalesce(p.registered_area_m2, p.measured_area_m2) AS site, ST_Area(p.geom) AS drawn) s
JOIN (
    SELECT d.land_use_parts, measure.use_share(d.land_use_parts, %(office)s) AS office_share,
        measure.use_share(d.land_use_parts, %(industrial)s) AS industrial_share,
        measure.use_share(d.land_use_parts, %(rnd)s) AS rnd_share, measure.main_use(d.land_use_parts) AS main_use
    FROM (SELECT DISTINCT land_use_parts FROM registry.parcels) d
) u ON u.land_use_parts = p.land_use_parts
LEFT JOIN (
    SELECT parcel_code, count(*) AS n, sum(gfa_m2) AS gfa, count(gfa_m2) AS n_gfa, sum(countable_gfa_m2) AS countable,
        count(countable_gfa_m2) AS n_countable, min(vacancy_share) AS vacancy_share, min(year_built) AS year_built
    FROM registry.buildings WHERE state = 'standing' GROUP BY parcel_code
) b ON b.parcel_code = p.parcel_code
CROSS JOIN LATERAL (
    SELECT CASE WHEN b.n_countable = b.n THEN b.countable WHEN b.n IS NULL AND p.supply_status = 'granted_unbuilt' THEN 0 END
        AS countable,
        CASE WHEN b.n_gfa = b.n THEN b.gfa WHEN b.n IS NULL AND p.supply_status = 'granted_unbuilt' THEN 0 END AS gfa
) f
LEFT JOIN (
    SELECT b.parcel_code, count(*) AS n, count(l.lease_ends_on) AS n_ends, max(l.lease_ends_on) AS last_end
    FROM registry.leases l JOIN registry.buildings b ON b.building_code = l.target_code GROUP BY b.parcel_code
) l ON l.parcel_code = p.parcel_code
LEFT JOIN LATERAL (
    SELECT z.zone FROM registry.zones z WHERE ST_Intersects(z.geom, p.geom)
        AND ST_Area(ST_Intersection(z.geom, p.geom)) >= 0.5 * s.drawn LIMIT 1
) z ON true
LEFT JOIN LATERAL (
    SELECT t.centre_tier FROM (
        SELECT c.centre_tier, round((ST_Area(ST_Intersection(ST_Union(c.geom), p.geom)) / s.drawn)::numeric, 9) AS share
        FROM registry.centre_tiers c WHERE ST_Intersects(c.geom, p.geom) GROUP BY c.centre_tier ORDER BY 2 DESC, 1 LIMIT 1
    ) t WHERE t.share >= 0.5
) t ON true
LEFT JOIN LATERAL (
    SELECT ST_Area(ST_Intersection(p.geom, ST_Union(h.geom))) / s.drawn AS share FROM registry.heritage h
    WHERE h.statutory AND ST_Dimension(h.geom) = 2 AND ST_Intersects(h.geom, p.geom)
) hs ON true
LEFT JOIN LATERAL (
    SELECT ST_Area(ST_Intersection(p.geom, ST_Union(c.geom))) / s.drawn AS share FROM registry.plan_changes c
    WHERE c.change_status = 'approved' AND ST_Intersects(c.geom, p.geom)
) pc ON true
CROSS JOIN LATERAL (SELECT ST_Distance(h.geom, p.geom) AS d FROM registry.heritage h ORDER BY h.geom <-> p.geom LIMIT 1) hd
CROSS JOIN LATERAL (SELECT ST_Distance(h.geom, p.geom) AS d FROM registry.stations h ORDER BY h.geom <-> p.geom LIMIT 1) sd
CROSS JOIN LATERAL (SELECT ST_Distance(h.geom, p.geom) AS d FROM registry.open_spaces h ORDER BY h.geom <-> p.geom LIMIT 1) od
LEFT JOIN (
    SELECT q.id, count(*) AS n FROM registry.services v JOIN registry.parcels q ON ST_DWithin(q.geom, v.geom, %(institutes)s)
    GROUP BY q.id
) ins ON ins.id = p.id
LEFT JOIN (
    SELECT q.id, count(*) AS n, count(*) FILTER (WHERE c.industries && %(leading)s) AS n_leading
    FROM registry.carriers c JOIN registry.parcels q ON ST_DWithin(q.geom, c.geom, %(nearby)s)
    WHERE c.status = 'active' AND NOT ST_Covers(q.geom, c.geom) GROUP BY q.id
) cn ON cn.id = p.id
LEFT JOIN (
    SELECT q.id, count(*) AS n FROM registry.carriers c JOIN registry.parcels q ON ST_Covers(q.geom, c.geom)
    WHERE c.status = 'delisted' GROUP BY q.id
) dl ON dl.id = p.id
"""


def _rule_sql(name: str, rule: Rule) -> str:
    outcomes = ", ".join(f"{_case(c)} AS o{i}" for i, (_, c) in enumerate(rule.asked))
    ways = []
    for route in rule.routes:
        of = [f"o{i}" for i, (owner, _) in enumerate(rule.asked) if owner in (None, route.id)]
        ways.append(f"least({', '.join(of)})")
    total = sum(c.weight for c in rule.criteria)
    results = ", ".join(f"{_value(c)} AS r{k}" for k, c in enumerate(rule.criteria))
    low = " + ".join(f"coalesce(r{k}, 0) * {c.weight}" for k, c in enumerate(rule.criteria))
    gap = " + ".join(f"(r{k} IS NULL)::int * {c.weight}" for k, c in enumerate(rule.criteria))
    reasons = ", ".join(
        f"jsonb_build_object('route', {_quoted(r)}, 'condition', {_quoted(c.id)},"
        f" 'outcome', (ARRAY['fail', 'unknown', 'pass'])[o{i} + 1],"
        f" 'field', {_quoted(c.measure)}, 'value', {c.measure}, 'threshold', {_quoted(f'{c.op} {c.value}')},"
        f" 'unit', {_quoted(c.unit)}, 'clause', {_quoted(c.ground)})"
        for i, (r, c) in enumerate(rule.asked)
    )
    parts = ", ".join(
        f"jsonb_build_object('criterion', {_quoted(c.id)}, 'field', {_quoted(c.measure)}, 'value', {c.measure}, 'result', r{k},"
        f" 'weight', {c.weight}, 'clause', {_quoted(c.ground)})"
        for k, c in enumerate(rule.criteria)
    )
    flags = ", ".join(
        f"jsonb_build_object('flag', {_quoted(f.id)}, 'outcome', (ARRAY['clear', 'unknown', 'raised'])[{_case(f)} + 1])"
        for f in rule.flags
    )
    return (
        f"SELECT {_quoted(name)} AS rule, parcel_code,"
        f" (ARRAY['no', 'unknown', 'candidate'])[greatest({', '.join(ways)}) + 1] AS verdict,"
        f" 100.0 * ({low}) / {total} AS low, 100.0 * ({low} + {gap}) / {total} AS high,"
        f" jsonb_build_array({reasons}) AS reasons, jsonb_build_array({parts}) AS parts, jsonb_build_array({flags}) AS flags"
        f" FROM (SELECT *, {outcomes}, {results} FROM land) x"
    )


def _case(condition: Condition) -> str:
    value = condition.threshold
    if condition.op in ("in", "is"):
        words = value if isinstance(value, tuple) else (value,)
        test = f"{condition.measure} IN ({', '.join(_quoted(str(word)) for word in words)})"
    else:
        test = f"{condition.measure} {'=' if condition.op == '==' else condition.op} {value}"
    return f"CASE WHEN {condition.measure} IS NULL THEN 1 WHEN {test} THEN 2 ELSE 0 END"


def _value(criterion: Criterion) -> str:
    if criterion.categories is not None:
        cases = " ".join(f"WHEN {_quoted(text)} THEN {value}" for text, value in criterion.categories.items())
        return f"CASE {criterion.measure} {cases} END"
    (x0, y0), (x1, y1) = criterion.corners  # every function of the pack has two corners
    place = f"least(greatest(({criterion.measure} - {x0}) / {x1 - x0}, 0), 1)"
    return f"CASE WHEN {criterion.measure} IS NOT NULL THEN {y0} + ({y1 - y0}) * {place} END"


def _quoted(text: str | None) -> str:
    return "NULL::text" if text is None else "'" + text.replace("'", "''").replace("%", "%%") + "'::text"
