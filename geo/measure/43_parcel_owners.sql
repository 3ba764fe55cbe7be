-- Owners of a parcel and of what stands on it.  Restricted: see the catalogue.
--
-- owner_kind: the parcel's own; where that is empty, its standing buildings' if the kind of every one is known: theirs
--   where they agree, else `mixed`.  Else unknown.
-- owner_count: the parcel's own figure; where that is empty and just one building stands, that one's.  Of several
--   buildings nobody says which owners they share: unknown.
-- state_owned_share: of a parcel whose own kind is one kind of owner 1 (state-owned) or 0.  Where it is mixed or empty:
--   by floor area over the standing buildings, if each has one known kind of owner; unknown where one's kind is unknown or
--   mixed, or where they differ and a floor area is unknown.

CREATE FUNCTION measure.parcel_owners(day date, known_at timestamptz DEFAULT now())
RETURNS TABLE (parcel_id bigint, owner_kind text, owner_count integer, state_owned_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.id,
           CASE WHEN p.owner_kind IS NOT NULL THEN p.owner_kind
                WHEN b.n_kind = b.n THEN CASE WHEN b.first_kind = b.last_kind THEN b.first_kind ELSE 'mixed' END END,
           CASE WHEN p.owner_count IS NOT NULL THEN p.owner_count WHEN b.n = 1 THEN b.owner_count END,
           CASE WHEN p.owner_kind = 'state_owned' THEN 1
                WHEN p.owner_kind <> 'mixed' THEN 0
                WHEN b.n_kind < b.n OR b.n_mixed > 0 THEN NULL
                WHEN b.n_state = b.n THEN 1
                WHEN b.n_state = 0 THEN 0
                WHEN b.n_gfa = b.n THEN b.state_gfa / nullif(b.gfa, 0) END
    FROM measure.parcels_on(day, known_at) p
    LEFT JOIN (
        SELECT s.parcel_code,
               count(*) AS n,
               count(o.owner_kind) AS n_kind,
               count(*) FILTER (WHERE o.owner_kind = 'mixed') AS n_mixed,
               count(*) FILTER (WHERE o.owner_kind = 'state_owned') AS n_state,
               min(o.owner_kind) AS first_kind,
               max(o.owner_kind) AS last_kind,
               min(o.owner_count) AS owner_count,
               count(s.gfa_m2) AS n_gfa,
               sum(s.gfa_m2) AS gfa,
               coalesce(sum(s.gfa_m2) FILTER (WHERE o.owner_kind = 'state_owned'), 0) AS state_gfa
        FROM measure.standing_buildings(day, known_at) s
        JOIN measure.buildings_on(day, known_at) o ON o.id = s.building_id
        GROUP BY s.parcel_code
    ) b ON b.parcel_code = p.parcel_code;
END;
