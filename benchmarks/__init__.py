"""Measurements of what takes long, each beside what others do with the same file: ``make bench``."""
