"""Frames in, Folium maps out: maps that ask nothing of another host.  Opens no connection."""

from maps.drawing import candidates, overview
from maps.joined import adjacency, carrier_groups, clusters
from maps.offline import html
from maps.scenarios import Side, scenarios
from maps.sites import sites
from maps.way import way

__all__ = [
    "Side",
    "adjacency",
    "candidates",
    "carrier_groups",
    "clusters",
    "html",
    "overview",
    "scenarios",
    "sites",
    "way",
]
