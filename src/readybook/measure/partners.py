"""Which tables of a draft may be joined: by their names, and then by their values.

A column is looked at where it is called as the key of another table is, such as
customer_id beside customers.id. No value leaves this module.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

#: What a key is called in every table, so that only with its table's name it is one.
_ANY = {"id", "key", "nr", "no", "num", "number", "nummer", "code", "name", "uuid",
        "kürzel", "kuerzel"}  # fmt: skip
_NEARLY = 0.8  #: share of different values with a partner in a join that is broken


class Side(NamedTuple):
    """A table as one side of a join."""

    name: str
    columns: Sequence[str]
    key: str | None  #: a column without a null in which no value stands twice
    #: Returns the different values of a column as texts; None: they are too many.
    values: Callable[[str], frozenset[str] | None]


class Join(NamedTuple):
    """A column whose values are those of another table's key, all or nearly all."""

    table: str
    column: str
    to_table: str
    to_column: str
    values: int  #: different ones
    known: int  #: of them, those of the other table


def joins_of(sides: Sequence[Side]) -> Iterator[Join]:
    """Yield the joins that names and values of some tables allow."""
    for one in sides:
        for column in one.columns:
            for other in sides:
                if other is one or other.key is None or column == one.key:
                    continue
                if not _is_called(column, other.name, other.key):
                    continue
                own, theirs = one.values(column), other.values(other.key)
                known = len(own & theirs) if own and theirs else 0
                if own and known >= _NEARLY * len(own):
                    yield Join(one.name, column, other.name, other.key, len(own), known)


def _is_called(column: str, table: str, key: str) -> bool:
    """Return whether a column is called as the key of another table is."""
    mine, its = _words(column), _words(key)
    if {*its} <= _ANY:  # customer_id, or customer alone, beside customers.id
        tables = [_words(table), [*_words(table)[:-1], _singular(_words(table)[-1])]]
        return any(mine in (one, one + its) for one in tables if one)
    return mine[-len(its) :] == its


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"\w+", apart.replace("_", " ").lower()) or [""]


def _singular(word: str) -> str:
    """Return a word without what makes many of it, in English and mostly in German."""
    for many, one in (("ies", "y"), ("ses", "s"), ("en", "e"), ("s", "")):
        if word.endswith(many) and len(word) > len(many) + 1:
            return word.removesuffix(many) + one
    return word
