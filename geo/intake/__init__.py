"""Intake: files of offices into the registry, checked, kept with history.

::

    read.py, sheets.py, stream.py, vector.py  a file → one table, its shapes, the datum that it says it is in
    unchanged.py, encodings.py  its bytes held still while it is read; its text
    sources.py, joining.py, uses.py, places.py  what is joined to it by code: another file, a sheet of uses
    specs.py, parser.py, mapping.py, joins.py, books.py, automap.py  which column is which, in which unit, by which code table
    inspecting.py, layers.py, guesses.py, by_values.py, weigh.py, traps.py, draft.py  a look first, a mapping to edit
    columns.py, cells.py, values.py  cells → values of the registry, or a fault
    shapes.py             shapes → the work CRS, mended or refused
    guard.py, hypotheses.py, evidence.py, registered.py  is it in the datum that it says?
    keeping.py            new attributes for what is registered already
    importing.py, checked.py, loading.py  one table checked, and all tables of a file stored
    check.py, references.py  the rules that rows must keep
    batch.py, store.py, versions.py  one transaction: versions, import, rejected rows, audit
    undo.py, undone.py    an import taken back, by versions added
    kept.py, quarantine.py  rejected rows: what is kept of them, and what each import does to them
    rejections.py         rejected rows listed, and dismissed
    retrying.py, retry_rows.py, mended.py, newer.py  rejected rows tried again, as kept or as mended
    lineage.py, confirming.py  splits and merges of parcels, recognised, and confirmed
    history.py, brought.py  the life of one code, and what one import changed
    invariants.py         what must hold of every state of the registry
"""

from geo.intake.brought import changes_of
from geo.intake.invariants import invariants
from geo.intake.loading import load
from geo.intake.rejections import dismiss, rejected
from geo.intake.report import ImportReport
from geo.intake.retrying import RetryReport, retry
from geo.intake.undo import UndoReport, undo

__all__ = [
    "ImportReport",
    "RetryReport",
    "UndoReport",
    "changes_of",
    "dismiss",
    "invariants",
    "load",
    "rejected",
    "retry",
    "undo",
]
