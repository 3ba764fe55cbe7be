-- Uses of a piece of land or of a building, from the code text taken apart: a list of parts
-- {code, table, use, share}, share null where the text does not say it.
--
-- Where every share is written but their sum falls short of a whole, the rest is unknown: C8(60%) says nothing of the
-- other 40 %.  A sum within the rounding of whole per cents (half a per cent a part) is a whole: 33 + 33 + 33; shares
-- are then taken in proportion to their sum.

CREATE FUNCTION measure.falls_short(n bigint, n_shares bigint, total float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n_shares = n AND total < 1 - 0.005 * n;
END;

-- The share of `uses` in the parts.  Where every part is one of them it is 1 and where none is it is 0, whatever the
-- shares (C2C8 is all office without anybody saying how much of it is C2); otherwise it is unknown as soon as one
-- share or one use is.
CREATE FUNCTION measure.use_share(parts jsonb, uses text[])
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN count(*) = 0 OR measure.falls_short(count(*), count(e.share), sum(e.share)) THEN NULL
               WHEN count(*) FILTER (WHERE e.use = ANY (uses)) = count(*) THEN 1
               WHEN count(*) FILTER (WHERE e.use <> ALL (uses)) = count(*) THEN 0
               WHEN count(e.use) < count(*) OR count(e.share) < count(*) THEN NULL
               ELSE coalesce(sum(e.share) FILTER (WHERE e.use = ANY (uses)), 0) / sum(e.share)
           END
    FROM jsonb_to_recordset(parts) AS e (use text, share float8);
END;

-- The use with the largest share; the one first by name where two are equal.  Unknown where there are several uses
-- and one share is unknown or a rest is, or where a code belongs to no use.
CREATE FUNCTION measure.main_use(parts jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN bool_or(g.use IS NULL) THEN NULL
               WHEN measure.falls_short(sum(g.n)::bigint, sum(g.n_shares)::bigint, sum(g.share)) THEN NULL
               WHEN count(*) = 1 THEN min(g.use)
               WHEN sum(g.n_shares) < sum(g.n) THEN NULL
               ELSE (array_agg(g.use ORDER BY g.share DESC, g.use COLLATE "C"))[1]
           END
    FROM (
        SELECT e.use, count(*) AS n, count(e.share) AS n_shares, sum(e.share) AS share
        FROM jsonb_to_recordset(parts) AS e (use text, share float8)
        GROUP BY e.use
    ) g;
END;

-- The land-use group that a floor area is booked under: the use where there is one, `mixed` where there are several
-- or one with an unknown rest, `unknown` where none is said or a code belongs to no use.
CREATE FUNCTION measure.use_group(parts jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
               WHEN count(*) = 0 OR count(e.use) < count(*) THEN 'unknown'
               WHEN count(DISTINCT e.use) > 1 THEN 'mixed'
               WHEN measure.falls_short(count(*), count(e.share), sum(e.share)) THEN 'mixed'
               ELSE min(e.use)
           END
    FROM jsonb_to_recordset(parts) AS e (use text, share float8);
END;
