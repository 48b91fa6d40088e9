"""Find what people typed and should not have: secrets, persons, a number read two ways.

It warns and forbids nothing, and never repeats a secret.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from readybook.bank.own import OWN_BANK
from readybook.case.cross_check import FILES
from readybook.model.errors import Problem
from readybook.text.documents import is_absent, listed, read_bytes
from readybook.text.refusals import TWO_WAYS
from readybook.text.yaml import KeyPath, Node, dotted, parse_yaml

_MOST = 20  #: of a kind that are told of one file
#: Local parts of addresses that no person has to themselves.
_SHARED = (
    "admin|alerts?|analytics|architecture|board|compliance|contact|data|desk|dev|engineers?|experts?"
    "|engineering|finance|git|group|help|hr|info|it|leads?|legal|mail|ml|no-?reply|office|operations?|ops"
    "|owners?|platform|postmaster|press|representatives?|privacy|product|sales|science|scientists?|security"
    "|service|ssh|sponsor|support|team|test"
)
#: A value that is one: 8 signs or more, a letter and a digit or sign among them.
_VALUE = r"(?=\S{0,80}[^\W\d])(?=\S{0,80}[\d!#%&*^])[^\s<>{}$]{8}"
#: Each kind, and how it looks; every repeat has an end, so that the time is linear.
KINDS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"),
    "an access key": re.compile(r"(?<![\w/+])(?:AKIA|ASIA)[A-Z0-9]{16}(?![\w/+])"),
    "a token": re.compile(
        r"(?<![\w/+-])(?:gh[opsru]_\w{30}|github_pat_\w{30}|glpat-[\w-]{20}|xox[a-z]-[\w-]{10}"
        r"|hf_\w{30}|AIza[\w-]{35}|dapi[0-9a-f]{32}|sk-[\w-]{24}"
        r"|eyJ[\w-]{8,2000}\.eyJ[\w-]{8})"
    ),
    "an address with a password": re.compile(
        r"(?i)[a-z][a-z0-9+.-]{0,30}://[^\s/:@]{0,80}:[^\s/@<>{}$*]{1,80}@"
    ),
    "a password": re.compile(
        r"(?i)(?<![a-z])(?:pass(?:word|wd|phrase|wort|code)|pwd|secret|token"
        rf"|(?:api|(?:shared)?access|account|secret)[ _-]?key)(?: is|\"?[ \t]{{0,3}}[:=])\s{{0,20}}[\"']?{_VALUE}"
    ),
    "a person's e-mail address": re.compile(
        rf"(?i)(?<![\w.+/:-])(?!(?:[\w+]{{1,30}}[.-]){{0,5}}(?:{_SHARED})(?:[.@+-]|\d))"
        r"[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}(?![\w(])"
    ),
}
#: A value that is a number read two ways, at whose place the text has to be a number.
_TWO_WAYS = re.compile(
    rf"(?m)(?:^|[:,\[{{-])[ \t]{{0,99}}({TWO_WAYS})[ \t]{{0,99}}(?=$|[#,\]}}\r])"
)


def slip_notes(folder: Path) -> Iterator[Problem]:
    """Yield where in the documents of an assessment something was not meant so.

    The assessment is one that was read and found valid.
    """
    answers = (f"answers/{one.name}" for one in listed(folder, "answers"))
    for name in (*FILES, OWN_BANK, *answers):
        if name.endswith(".yaml") and not is_absent(folder / name):
            raw = read_bytes(folder / name, name=name)
            text = raw.decode("utf-8", "replace")
            yield from found_in(text, name)
            yield from read_two_ways(text, name)


def found_in(text: str, name: str) -> Iterator[Problem]:
    """Yield what looks like a secret in the text of one document, so many of a kind."""
    hits = sorted(
        (found.start(), kind)
        for kind, pattern in KINDS.items()
        for found in islice(pattern.finditer(text), _MOST)
    )
    root = parse_yaml(text, name=name).root if hits else None
    for at, kind in hits:
        line, key = text.count("\n", 0, at) + 1, dotted(_place(root, at)[0])
        yield Problem(
            name, line, key, f"what looks like {kind}", "none in an assessment",
            "take it out, and change it where it is a secret: others may have read it",
        )  # fmt: skip


def read_two_ways(text: str, name: str) -> Iterator[Problem]:
    """Yield the numbers of one document that YAML reads otherwise than many write them."""
    hits = [*islice(_TWO_WAYS.finditer(text), _MOST)]
    root = parse_yaml(text, name=name).root if hits else None
    for hit in hits:
        path, node = _place(root, hit.start(1))
        if node is not None and str(node.tag).endswith(":float"):
            line, number = text.count("\n", 0, hit.start(1)) + 1, hit[1]
            yield Problem(
                name, line, dotted(path), f"{number}, which is read as {float(number):g}",
                "a number that reads one way",
                f"write {float(number):g}, or {number.replace('.', '')} if that is meant",
            )  # fmt: skip


def _place(node: Node | None, at: int) -> tuple[KeyPath, Node | None]:
    """Return the key or item that holds a character, or the last before it, and it."""
    path: KeyPath = ()
    while node and node.id != "scalar":
        parts = [(n, item, item) for n, item in enumerate(node.value)]
        if node.id == "mapping":
            parts = [(key.value, key, value) for key, value in node.value]
        begun = [one for one in parts if one[1].start_mark.index <= at]
        if not begun:
            break
        name, _, node = max(begun, key=lambda one: one[1].start_mark.index)
        path = (*path, name)
    return path, node
