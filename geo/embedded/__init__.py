"""The embedded cluster: a private PostgreSQL with PostGIS that the program starts itself where no server is named."""

from geo.embedded.cluster import Cluster

__all__ = ["Cluster"]
