"""A finished page in fewer bytes: the same document, written as HTML allows it."""

from __future__ import annotations

import re

__all__ = ["slim_html"]

#: What is inside these is not markup, or keeps its spaces.
_KEPT = re.compile(r"(<(script|style|pre|textarea)\b.*?</\2>)", re.DOTALL)
#: Spaces beside the tags of these are not shown.
_BLOCKS = (
    "html|head|meta|title|body|header|nav|main|section|footer|div|figure|details|"
    "summary|fieldset|legend|h[1-6]|p|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tr|"
    "th|td|br"
)
_SPACES = re.compile(rf"\s*(</?(?:{_BLOCKS})(?=[\s>/])[^<>]*>)\s*")
_TAG = re.compile(r"<[a-z][^<>]*>")
_QUOTES = re.compile(r"""(?<=\s)([\w-]+)="([^\s"'=<>`]+)"(?=[\s>])""")
#: End tags that a parser infers from what follows (HTML standard, 13.1.2.4).
_INFERRED = re.compile(
    r"</li>(?=<li[\s>]|</ul>|</ol>)"
    r"|</dt>(?=<d[dt][\s>])"
    r"|</dd>(?=<d[dt][\s>]|</dl>)"
    r"|</t[dh]>(?=<t[dh][\s>]|</tr>)"
    r"|</tr>(?=<tr[\s>]|</tbody>|</thead>)"
    r"|</thead>(?=<tbody[\s>])"
    r"|</tbody>(?=</table>)"
    r"|</p>(?=<(?:p|div|dl|ol|ul|table|details|figure|section|h[1-6])[\s>]"
    r"|</(?:div|section|dd|li|td|figure|details|header|footer|main)>)"
)


def slim_html(page: str) -> str:
    """Return the page without the spaces, quotes and end tags that a parser infers.

    Args:
        page: HTML as a serializer writes it: lower-case tags, attributes in double
            quotes, "<" and ">" escaped everywhere else.
    """
    pieces = _KEPT.split(page)
    # Of three pieces the first is markup; the others are what is kept, and its tag.
    return "".join(
        part if at % 3 else _slim(part)
        for at, part in enumerate(pieces)
        if at % 3 != 2  # noqa: PLR2004 - the group that names the tag
    )


def _slim(markup: str) -> str:
    markup = _TAG.sub(_unquoted, _SPACES.sub(r"\1", markup))
    return _INFERRED.sub("", markup)


def _unquoted(tag: re.Match[str]) -> str:
    # The slash of "<br/>" goes first: behind a bare value it would be part of it.
    return _QUOTES.sub(r"\1=\2", re.sub(r"\s*/>$", ">", tag[0]))
