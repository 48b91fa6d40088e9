"""Short names of new rows, made from what was typed: small letters, digits, hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

__all__ = ["short_name"]

_LONGEST = 40
_WORDS = 4
_PAUSE = re.compile(r"[,.;:(]\s|\s[-–—]\s")  # noqa: RUF001 - dashes that people type
#: Words that tell no row from another.
_SMALL = {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is",
          "it", "its", "of", "on", "or", "that", "the", "this", "to", "was", "which",
          "with"}  # fmt: skip


def short_name(text: str, taken: Collection[str], *, otherwise: str) -> str:
    """Return a name of a few words of the text that no other row has.

    Args:
        text: as it was typed, in any script.
        taken: names of the other rows.
        otherwise: the name where no letter of the text can be in one.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    begin = _PAUSE.split(plain)[0]
    words = re.findall(r"[a-z0-9]+", begin.encode("ascii", "ignore").decode())
    telling = [word for word in words if word not in _SMALL] or words
    name = "-".join(telling[:_WORDS])[:_LONGEST].strip("-") or otherwise
    free = name
    number = 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
