"""What is kept by a closed set of words has an entry for each of them."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Literal, get_args, get_origin, get_type_hints

import papermill  # noqa: F401 - loads an engine of ours, which must not load it

import readybook

#: Of these sets some words have no entry, which is told where they are read.
PARTIAL = {"_CLAIMLESS", "_DO", "_FOLDED", "_OF_STEP", "_PACKED", "_READ"}


def tables():
    """Each table of a module that is declared by such a set, and its words."""
    for module in [*pkgutil.walk_packages(readybook.__path__, "readybook.")]:
        if module.name.endswith(("__main__", ".warm")):  # what works at its import
            continue
        held = importlib.import_module(module.name)
        for name in vars(held).get("__annotations__", {}):
            hint = get_type_hints(held)[name]
            of = get_args(hint)[0] if get_origin(hint) in {dict, Mapping} else None
            if get_origin(of) is Literal:
                yield f"{held.__name__}.{name}", name, vars(held)[name], get_args(of)


def test_table_has_an_entry_for_each_word():
    """A word without one would end in an error, on the one case that has it."""
    wrong = [
        at
        for at, name, table, words in tables()
        if set(table) - set(words) or (set(table) == set(words)) is (name in PARTIAL)
    ]

    assert wrong == []
