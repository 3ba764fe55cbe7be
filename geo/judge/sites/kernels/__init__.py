"""The compiled inner loops of the search for sites: plain arrays in, plain arrays out."""

from __future__ import annotations
