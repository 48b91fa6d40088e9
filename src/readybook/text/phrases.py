"""Shares, short lists and small counts as a director reads them; see `words` too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from readybook.model.findings import FLOOR
from readybook.model.words import count

__all__ = ["as_list", "as_number", "as_rows", "as_share", "floored"]


def as_share(share: float) -> str:
    """Return a share (0 to 1) as per cent, three digits that matter: `15.0 %`."""
    percent = share * 100
    if percent == 0 or percent.is_integer():
        return f"{percent:.0f} %"
    decimals = max(0, 2 - math.floor(math.log10(percent)))
    return f"{percent:.{decimals}f} %"


def as_list(items: Sequence[str], shown: int = 5) -> str:
    """Return the first items joined by commas, and how many more there are."""
    rest = len(items) - shown
    text = ", ".join(items[:shown])
    return f"{text} and {rest:,} more" if rest > 0 else text


def as_number(value: float) -> str:
    """Return a value of the data, two decimals or three digits that matter: `1,048.36`."""
    if not math.isfinite(value) or float(value).is_integer():
        return f"{value:,.0f}"
    digits = max(2, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")


def as_rows(number: int) -> str:
    """Return a count of rows in words; a group that could expose is not told exactly."""
    if not number:
        return "no row"
    return f"fewer than {FLOOR} rows" if number < FLOOR else count(number, "row")


def floored(number: int) -> int | Literal["<10"]:
    """Return a count of rows, or "<10" for a group so small that it could expose."""
    return "<10" if 0 < number < FLOOR else number
