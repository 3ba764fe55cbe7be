"""Frames in, Folium maps out: maps that ask nothing of another host.  Opens no connection."""

from maps.drawing import candidates, clusters, overview
from maps.offline import html
from maps.sites import sites

__all__ = ["candidates", "clusters", "html", "overview", "sites"]
