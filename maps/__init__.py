"""Frames in, Folium maps out: maps that ask nothing of another host.  Opens no connection."""

from maps.offline import html
from maps.overview import candidates, clusters, overview

__all__ = ["candidates", "clusters", "html", "overview"]
