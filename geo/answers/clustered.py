"""A set of land with its pairs and its clusters, by one look: what clusters, near misses and bridges all begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from geo.answers.hanging_together import adjacency_seen, lane_width, wishes
from geo.answers.land_over import Chosen, chosen_land
from geo.answers.opened import opened_by
from geo.answers.policies import given_policy, stamped
from geo.judge.clusters import find_clusters
from geo.measure.cache import Look, look
from geo.policy import Policy
from geo.said import Said

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.answers.land_over import Over
    from geo.database import Database

Frame = TypeVar("Frame", bound="pd.DataFrame")


@dataclass(frozen=True)
class Clustered:
    """What was asked, and what a look that is still open found of it; ``width`` is the widest lane in m."""

    seen: Look
    policy: Policy
    chosen: Chosen
    pairs: pd.DataFrame
    clusters: gpd.GeoDataFrame
    gap_m: float | None
    width: float
    allowed: list[str]

    def told(self, frame: Frame, **more: Any) -> Frame:
        """An answer with its stamp, and what the barriers that were allowed open."""
        frame.attrs |= opened_by(self.seen, self.policy, self.gap_m, self.allowed, self.pairs)
        more = ({"allow": self.allowed} if self.allowed else {}) | more
        return stamped(frame, self.seen, self.policy, over=self.chosen.name, gap_m=self.width, **more)


@contextmanager
def clustered(
    db: Database,
    policy: Policy | str | None,
    over: Over,
    rule: str,
    *,
    gap_m: float | None,
    allow: str | Iterable[str],
    as_of: date | None,
    known_at: datetime | None,
    tell: Callable[[float | None, str], None] = lambda *_: None,
) -> Iterator[Clustered]:
    """The clusters of a set of land, arguments as for :func:`geo.answers.clusters.clusters`; ``tell`` says how far it is.

    Raises
    ------
    NotFoundError, NotMigratedError, ReadError, SettingsError
        As there.
    """
    asked = given_policy(policy)
    width, allowed = lane_width(asked, gap_m), wishes(allow)
    with look(db, as_of, known_at) as seen:
        tell(None, Said("reading parcels and pairs", "读取地块与邻接关系"))
        chosen = chosen_land(seen, asked, over, rule)
        pairs = adjacency_seen(seen, asked, gap_m, allowed)
        tell(None, Said("finding clusters", "划分连片"))
        found = find_clusters(chosen.parcels, pairs, asked.clusters, over=chosen.name, gap_m=width, land=chosen.land)
        yield Clustered(seen, asked, chosen, pairs, found, gap_m, width, allowed)
