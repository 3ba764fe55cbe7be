"""Publishing: the results of one run, stamped, kept beside earlier ones, and read by every page, list and download."""

from geo.publish.explaining import explain_published
from geo.publish.reading import Published, read_run
from geo.publish.runs import Run, current_run, drop_old_runs, runs
from geo.publish.writing import is_current, publish

__all__ = [
    "Published",
    "Run",
    "current_run",
    "drop_old_runs",
    "explain_published",
    "is_current",
    "publish",
    "read_run",
    "runs",
]
