-- Who holds which part of a floor-area entry: the carriers' shares brought down to the entries of the ledger.
--
-- A share (占用份额) is of a building's floor area or of a parcel's, in each state by itself: a carrier with half of a parcel
-- takes half of what stands on it, and half of what is being built.  What is demolished is held by nobody, and carriers in a
-- status of `not_holding` (delisted, replaced) hold nothing any more.

-- Each share as a share of an entry; null is unknown.
--   * A share of a building is one of its entry.  Where the parcel's own figure speaks for its buildings: of that figure the
--     part share × building / figure; the share itself where it is the only one standing.
--   * A share s of a parcel: of every entry s; where carriers hold buildings of it by name, s × (the parcel's floor area) is
--     taken from what those leave, in proportion.  Unknown where a floor area is that the proportion hangs on.
CREATE FUNCTION measure.carrier_claims(
    day date, known_at timestamptz DEFAULT now(), not_holding text[] DEFAULT NULL)
RETURNS TABLE (
    parcel_code text, building_code text, state text, carrier_code text, share float8, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH shares AS MATERIALIZED (
        SELECT s.carrier_code, s.stands_on, s.target_code, s.share, s.import_id
        FROM measure.carrier_shares_on(day, known_at) s
        LEFT JOIN measure.carriers_on(day, known_at) c ON c.carrier_code = s.carrier_code
        WHERE c.status IS NULL OR c.status <> ALL (not_holding)
    ),
    named AS MATERIALIZED (
        SELECT s.carrier_code, s.share, s.import_id, b.building_code, b.parcel_code, b.state,
               coalesce(b.gfa_m2, b.gfa_above_m2 + b.gfa_below_m2) AS gfa_m2
        FROM shares s
        JOIN measure.buildings_on(day, known_at) b ON b.building_code = s.target_code
        WHERE s.stands_on = 'building' AND b.state <> 'demolished'
    ),
    touched AS MATERIALIZED (
        SELECT n.parcel_code FROM named n
        UNION
        SELECT s.target_code FROM shares s WHERE s.stands_on = 'parcel'
    ),
    entries AS MATERIALIZED (
        SELECT e.parcel_code, e.building_code, e.state, e.gfa_m2
        FROM touched t
        JOIN measure.floor_area_entries(day, known_at, true) e ON e.parcel_code = t.parcel_code
        WHERE e.state <> 'demolished'
    ),
    standing AS MATERIALIZED (
        SELECT b.parcel_code, count(*) AS n
        FROM measure.standing_buildings(day, known_at) b
        JOIN touched t ON t.parcel_code = b.parcel_code
        GROUP BY b.parcel_code
    ),
    direct AS MATERIALIZED (
        SELECT e.parcel_code, e.building_code, e.state, n.carrier_code, n.share, n.import_id
        FROM entries e
        JOIN named n ON n.building_code = e.building_code
        UNION ALL
        SELECT e.parcel_code, e.building_code, e.state, n.carrier_code,
               CASE WHEN c.n = 1 THEN n.share WHEN e.gfa_m2 > 0 THEN n.share * n.gfa_m2 / e.gfa_m2 END,
               n.import_id
        FROM entries e
        JOIN named n ON n.parcel_code = e.parcel_code AND n.state = e.state
        JOIN standing c ON c.parcel_code = e.parcel_code
        WHERE e.building_code IS NULL
    ),
    remains AS MATERIALIZED (
        SELECT e.parcel_code, e.building_code, e.state, e.gfa_m2,
               greatest(1 - coalesce(d.share, 0), 0) AS share,
               d.n IS NOT NULL AS named,
               coalesce(d.n_known < d.n, false) AS unsure
        FROM entries e
        LEFT JOIN (
            SELECT x.parcel_code, x.building_code, x.state, sum(x.share) AS share, count(*) AS n, count(x.share) AS n_known
            FROM direct x
            GROUP BY 1, 2, 3
        ) d ON d.parcel_code = e.parcel_code AND d.state = e.state
            AND d.building_code IS NOT DISTINCT FROM e.building_code
    ),
    wholes AS MATERIALIZED (
        SELECT r.parcel_code, r.state, bool_or(r.named) AS named,
               CASE WHEN count(r.gfa_m2) = count(*) AND NOT bool_or(r.unsure) THEN sum(r.gfa_m2) END AS gfa_m2,
               CASE WHEN count(r.gfa_m2) = count(*) AND NOT bool_or(r.unsure) THEN sum(r.gfa_m2 * r.share) END AS left_m2
        FROM remains r
        GROUP BY 1, 2
    )
    SELECT d.parcel_code, d.building_code, d.state, d.carrier_code, d.share, d.import_id
    FROM direct d
    UNION ALL
    SELECT r.parcel_code, r.building_code, r.state, s.carrier_code,
           CASE WHEN NOT w.named OR s.share = 0 THEN s.share
                WHEN w.left_m2 > 0 THEN r.share * s.share * w.gfa_m2 / w.left_m2
                -- nothing is left: the share stands, and the sum of the shares tells it
                WHEN w.gfa_m2 IS NOT NULL THEN s.share END,
           s.import_id
    FROM remains r
    JOIN wholes w ON w.parcel_code = r.parcel_code AND w.state = r.state
    JOIN shares s ON s.stands_on = 'parcel' AND s.target_code = r.parcel_code
    -- a building that others hold whole has no part in the rest of its parcel
    WHERE NOT w.named OR r.share > 0 OR w.left_m2 = 0;
END;

-- The parts of every entry that a carrier claims; an entry without rows here is held by nobody, whole.  The shares of one
-- entry sum to 1.  `held` says by whom:
--   * `carrier`: by that carrier;
--   * `none`: what the shares do not cover: it stays with the parcel;
--   * `unknown`: what is left where one of the shares is unknown: that carrier's or nobody's;
--   * `disputed`: the whole entry, where the known shares sum to more than 1 + `tolerance`.  Nothing is cut: it is a fault.
-- Shares that go over 1 by no more than `tolerance` (rounding) are taken in proportion.
CREATE FUNCTION measure.carrier_parts(
    day date, known_at timestamptz DEFAULT now(), not_holding text[] DEFAULT NULL, tolerance float8 DEFAULT NULL)
RETURNS TABLE (
    parcel_code text, building_code text, state text, carrier_code text, held text, share float8, import_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH claims AS MATERIALIZED (
        SELECT c.parcel_code, c.building_code, c.state, c.carrier_code, sum(c.share) AS share,
               count(*) - count(c.share) AS n_unknown, max(c.import_id) AS import_id
        FROM measure.carrier_claims(day, known_at, not_holding) c
        GROUP BY 1, 2, 3, 4
    ),
    sums AS MATERIALIZED (
        SELECT c.parcel_code, c.building_code, c.state, coalesce(sum(c.share), 0) AS share,
               sum(c.n_unknown) > 0 AS unsure, max(c.import_id) AS import_id
        FROM claims c
        GROUP BY 1, 2, 3
    )
    SELECT c.parcel_code, c.building_code, c.state, c.carrier_code, 'carrier', c.share / greatest(1, s.share), c.import_id
    FROM claims c
    JOIN sums s ON s.parcel_code = c.parcel_code AND s.state = c.state
        AND s.building_code IS NOT DISTINCT FROM c.building_code
    WHERE c.share > 0 AND s.share <= 1 + tolerance
    UNION ALL
    SELECT s.parcel_code, s.building_code, s.state, NULL,
           CASE WHEN s.share > 1 + tolerance THEN 'disputed' WHEN s.unsure THEN 'unknown' ELSE 'none' END,
           CASE WHEN s.share > 1 + tolerance THEN 1 ELSE 1 - s.share END, s.import_id
    FROM sums s
    -- 1e-9 is the noise of adding decimals up
    WHERE s.share > 1 + tolerance OR s.share < 1 - 1e-9;
END;
