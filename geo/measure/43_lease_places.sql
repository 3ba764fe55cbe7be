-- On which parcels leases stand on a day, those included that stood on a parcel that was split or merged since.
--
-- A lease stands on the parcel that it names, or on the parcel of the building that it names: there it is `sure`.  Where a
-- later import moved that parcel's land to others (registry.parcel_lineage), the lease goes along:
--   * where all of it went to one parcel, the lease stands on that one, surely;
--   * where it fell into several, nobody has said on which: it may stand on each of them (`sure` is false), but for a
--     parcel that goes on under the code that the lease names, on which the register still puts it.
-- Leases that were registered on such a parcel by a later import are the office's own word: those that only may stand
-- there are left out.  A lease that is registered late, by the code of a parcel that is gone, goes along as well.

-- Whether an import is undone: an undo counts as long as it is not itself undone.  Of several undos of one import only the
-- last can be in force, for what is undone cannot be undone again: so the number of links to the end of the chain decides.
CREATE FUNCTION measure.is_undone(import_id bigint, known_at timestamptz DEFAULT now())
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE chain (last, n) AS (
        SELECT is_undone.import_id, 0
        UNION ALL
        SELECT u.id, c.n + 1
        FROM chain c
        CROSS JOIN LATERAL (
            SELECT max(i.id) AS id FROM registry.imports i
            WHERE i.undoes = c.last AND i.recorded_at <= is_undone.known_at
        ) u
        WHERE u.id IS NOT NULL
    )
    SELECT max(n) % 2 = 1 FROM chain;
END;

CREATE FUNCTION measure.lease_places(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_code text, lease_ends_on date, sure boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE moves AS MATERIALIZED (
        SELECT l.from_code, l.to_code, l.import_id,
               count(*) OVER (PARTITION BY l.from_code, l.import_id) AS n_places,
               NOT EXISTS (
                   SELECT FROM measure.parcels_on(day, known_at) p WHERE p.parcel_code = l.from_code
               ) AS gone
        FROM registry.parcel_lineage l
        JOIN registry.imports i ON i.id = l.import_id
        WHERE i.effective_from <= day AND i.recorded_at <= known_at AND NOT measure.is_undone(i.id, known_at)
    ),
    named AS MATERIALIZED (
        SELECT s.id, coalesce(b.parcel_code, s.target_code) AS code, s.lease_ends_on,
               coalesce(b.import_id, s.import_id) AS placed_by, s.import_id
        FROM measure.leases_on(day, known_at) s
        LEFT JOIN measure.buildings_on(day, known_at) b ON s.stands_on = 'building' AND b.building_code = s.target_code
        WHERE s.stands_on = 'parcel' OR b.id IS NOT NULL
    ),
    gone_along AS (
        SELECT n.id, n.code, n.lease_ends_on, true AS sure, n.placed_by AS by_import, 0 AS steps
        FROM named n WHERE n.code IN (SELECT from_code FROM moves)
        UNION
        SELECT g.id, m.to_code, g.lease_ends_on, g.sure AND m.n_places = 1, m.import_id, g.steps + 1
        FROM gone_along g
        JOIN moves m ON m.from_code = g.code AND m.to_code <> g.code AND (m.import_id > g.by_import OR m.gone)
        -- A code may come again: no way is longer than there are moves.
        WHERE g.steps < (SELECT count(*) FROM moves)
    )
    SELECT n.code, n.lease_ends_on, true FROM named n
    UNION ALL
    SELECT g.code, min(g.lease_ends_on), bool_or(g.sure)
    FROM gone_along g
    WHERE g.steps > 0
      AND NOT EXISTS (SELECT FROM named n WHERE n.id = g.id AND n.code = g.code)
      AND (g.sure OR NOT EXISTS (SELECT FROM named n WHERE n.code = g.code AND n.import_id > g.by_import))
    GROUP BY g.id, g.code;
END;
