"""Find circles among things that need each other."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping

__all__ = ["circles"]


def circles(needed: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Yield each circle of needs, beginning and ending with its first member.

    Args:
        needed: what each one needs, in the order in which they stand.
    """
    needs = {name: list(others) for name, others in needed.items()}
    order = {name: at for at, name in enumerate(needs)}
    while True:
        try:
            graphlib.TopologicalSorter(needs).prepare()
        except graphlib.CycleError as error:
            members = error.args[1][::-1][:-1]  # each needs the one after it
            first = members.index(min(members, key=lambda name: order[name]))
            members = [*members[first:], *members[:first], members[first]]
            yield members
            needs[members[-2]].remove(members[-1])
        else:
            return
