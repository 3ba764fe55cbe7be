"""LibreOffice for the tests: a file as the text of its printed pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from functools import cache
from pathlib import Path

import pytest


@cache
def _can(kind: str) -> bool:
    """Whether LibreOffice is here and opens files of that kind; its Writer and its Calc are packages of their own."""
    program, pdf = shutil.which("soffice"), shutil.which("pdftotext")
    if program is None or pdf is None:
        return False
    folder = Path(program).resolve().parent
    library = {"docx": "libswlo.so", "xlsx": "libsclo.so"}[kind]
    return (folder / library).exists() or not (folder / "soffice.bin").exists()


def printed(path: Path) -> list[str]:
    """The text of each page as LibreOffice prints a workbook or a Word file; skips the test where it cannot."""
    pdf = _converted(path, "pdf", path.parent)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return text.split("\f")[:-1]


def sizes_printed(pdf: Path) -> set[float]:
    """The sizes, in points, of all text in a PDF that LibreOffice made."""
    found: set[float] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf.read_bytes(), re.DOTALL):
        try:
            told = zlib.decompress(stream)
        except zlib.error:
            continue
        found |= {float(size) for size in re.findall(rb"/F\d+ ([\d.]+) Tf", told)}
    return found


def saved_anew(path: Path) -> Path:
    """The file as LibreOffice saves it in its own format, under its name in a folder of its own; skips where it cannot."""
    folder = path.parent / "anew"
    folder.mkdir()
    return _converted(path, path.suffix[1:], folder)


def _converted(path: Path, ending: str, folder: Path) -> Path:
    if not _can(path.suffix[1:]):
        pytest.skip(f"LibreOffice that opens {path.suffix} and pdftotext are wanted, and not here")
    profile = f"-env:UserInstallation=file://{path.parent / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(folder), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=150)
    made = folder / f"{path.stem}.{ending}"
    assert made.exists(), done.stdout + done.stderr
    return made
