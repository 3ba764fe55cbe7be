"""Reads one land-use cell from left to right: code or name, its share, separator, code …"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from geo.fields.land_use_codes import Code, CodeTable, LandUseError, UnknownCodeError

#: what parts two uses of one cell; a blank does too
_SEPARATORS = "/、,+;与和|&"
_SEPARATOR_SET = re.escape(_SEPARATORS)
#: rounding of shares that are written with some decimals
_SUM_TOLERANCE = 1e-6
_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_SHARE = re.compile(rf"\s*\(\s*{_NUMBER}\s*(%?)\s*\)|\s*[:=]\s*{_NUMBER}\s*(%?)|\s+{_NUMBER}\s*(%)")

#: code as it is kept, its row in the table, the share as written
Item = tuple[str, Code, float | None]


def read_cell(table: CodeTable, text: str) -> list[Item]:
    """The codes of one cell with their rows and shares (0–1], ``None`` where none is written.

    Raises
    ------
    UnknownCodeError
        A piece is neither a code nor a name of the table.
    LandUseError
        The cell is empty or cut off, names a code twice, or its shares are no shares or sum to more than 1.
    """
    return _Reader(table, text).read()


class _Reader:
    def __init__(self, table: CodeTable, text: str) -> None:
        self.table = table
        self.written = text
        # Offices type full-width digits, brackets and per cent signs as often as plain ones.
        self.text = unicodedata.normalize("NFKC", text).strip()
        self.at = 0

    def read(self) -> list[Item]:
        if not self.text:
            raise LandUseError(
                "The land use is empty.",
                "Leave the cell null where the use is not known.",
                self.written,
            )
        items: list[Item] = []
        together = 0
        while True:
            code, row = self._name() or self._code()
            share = self._share()
            together += 1
            if share is not None and together > 1:
                raise LandUseError(
                    f"{self.written!r} gives one share after {together} codes written together.",
                    "Write the share of each: C2(60%)C8(40%).",
                    self.written,
                )
            items.append((code, row, share))
            if self.at == len(self.text):
                self._check(items)
                return items
            if self._separator() or share is not None:
                together = 0

    def _name(self) -> tuple[str, Code] | None:
        for name, row in self.table.named.items():
            if self.text.startswith(name, self.at) and self._delimited(self.at + len(name)):
                self.at += len(name)
                return row.code, row
        return None

    def _code(self) -> tuple[str, Code]:
        rest = self.text[self.at :]
        for listed, row in self.table.spelled.items():
            if not rest.casefold().startswith(listed):
                continue
            digits = re.match("[0-9]*", rest[len(listed) :])
            extra = digits[0] if digits else ""
            end = self.at + len(listed) + len(extra)
            if self.table.find(listed + extra) is None or not self._ends_code(end, row.code + extra):
                break
            self.at = end
            return row.code + extra, row
        raise self._unknown()

    def _ends_code(self, end: int, code: str) -> bool:
        # Written together only where one sees where the next begins: after a letter code of two characters or more.
        # (Shanghai's Rr4 is not R and R4 of the national standard.)
        if self._delimited(end):
            return True
        following = self.text[end]
        return code[0].isalpha() and len(code) > 1 and following.isascii() and following.isalpha()

    def _delimited(self, end: int) -> bool:
        return end == len(self.text) or self.text[end].isspace() or self.text[end] in _SEPARATORS + "(:="

    def _separator(self) -> bool:
        gap = re.compile(rf"\s*[{_SEPARATOR_SET}]\s*|\s+").match(self.text, self.at)
        if gap is None:
            return False
        self.at = gap.end()
        if self.at == len(self.text):
            raise LandUseError(
                f"{self.written!r} ends with {gap[0].strip()!r}: a use is missing after it.",
                "Check whether the cell was cut off.",
                gap[0].strip(),
            )
        return True

    def _share(self) -> float | None:
        match = _SHARE.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        number = Decimal(next(n for n in (match[1], match[3], match[5]) if n is not None))
        share = number / 100 if match[2] or match[4] or match[6] else number
        if not 0 < share <= 1:
            raise LandUseError(
                f"{match[0].strip()!r} in {self.written!r} is no share.",
                "Write a share above 0 and up to 1, or above 0 % and up to 100 %.",
                match[0].strip(),
            )
        return float(share)

    def _check(self, items: list[Item]) -> None:
        codes = [code for code, _, _ in items]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise LandUseError(f"{self.written!r} names {twice} twice.", "Name each code once.", twice)
        total = sum(share for _, _, share in items if share is not None)
        if total > 1 + _SUM_TOLERANCE:
            raise LandUseError(
                f"The shares in {self.written!r} sum to {total:.6g}, more than 1.",
                "Mend the shares.",
                self.written,
            )

    def _unknown(self) -> UnknownCodeError:
        rest = self.text[self.at :]
        piece = re.split(rf"[\s(:={_SEPARATOR_SET}]", rest)[0] or rest
        hint = f"Name the code table that the file was made with, or add the code to {self.table.file}."
        if "0" + piece in self.table.codes:
            hint = f"Was it 0{piece}, whose leading zero a spreadsheet dropped? Keep that column as text."
        return UnknownCodeError(
            f"{piece!r} is no code and no name of the table {self.table.name}.",
            hint,
            piece,
        )
