"""The words of a fragment, as a reader meets them."""

from __future__ import annotations

import re


def words_of(html):
    """The text that is left without tags, spaces folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("<wbr>", "")).split())


def rows_of(fragment):
    """The words of each row of the first table."""
    body = fragment.html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [words_of(row) for row in body.split("</tr>")[:-1]]
