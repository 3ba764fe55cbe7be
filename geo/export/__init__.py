"""Giving back: any answer as a file that an office, a GIS or a program opens, with the stamp of what it comes from."""

from geo.export.faults import fault_workbook
from geo.export.files import FORMATS, export
from geo.export.mending import mend_csv, mend_workbook, write_mend_csv

__all__ = ["FORMATS", "export", "fault_workbook", "mend_csv", "mend_workbook", "write_mend_csv"]
