"""Work that outlasts a request: asked for, done in a process of its own, watched, and cancelled by ending that process.

::

    ask ─► waiting ─► running ─► done | failed | cancelled | lost
                (Runner claims it)   (geo.jobs.work writes it)

A job is a row: whoever runs the server reads it with ``FOR UPDATE SKIP LOCKED``, starts one process for it, and looks
after it.  The process says once a second that it lives and how far it is.  One that has not said so for a while, after a
power cut or ``kill -9`` of all, is *lost*: nothing is tried a second time unasked.  The registry is only ever read.
"""

from __future__ import annotations

from geo.jobs.records import Job, ask, cancel, job, jobs, result
from geo.jobs.runner import Runner

__all__ = ["Job", "Runner", "ask", "cancel", "job", "jobs", "result"]
