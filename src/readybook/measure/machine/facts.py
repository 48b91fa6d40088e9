"""Facts of a machine as they are told: read, not visible or denied, never guessed."""

import platform
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from readybook.model.findings import MachineFact

GIB = 2**30
#: Where the file tree of this machine begins, `root` of all functions that read one.
HERE = Path("/")

Value = float | str
#: What a source says: a value, or one with its explanation; None: nothing.
Said = Value | tuple[Value, str | None] | None
#: How a source is called, and what asks it.
Source = tuple[str, Callable[[], Said]]


def read_fact(
    name: str, value: Value, unit: str | None, how: str, why: str | None = None
) -> MachineFact:
    """Return a fact that was read; `why` explains a value such as "none"."""
    return MachineFact(
        fact=name, state="read", value=value, unit=unit, how=how, why=why
    )


def unseen_fact(name: str, how: str, why: str) -> MachineFact:
    """Return a fact that could not be seen."""
    return MachineFact(fact=name, state="not visible", how=how, why=why)


def denied_fact(
    name: str, how: str, why: str = "this process may not read it"
) -> MachineFact:
    """Return a fact that was asked for and refused."""
    return MachineFact(fact=name, state="denied", how=how, why=why)


def fact_of(
    name: str, unit: str | None, otherwise: str, *sources: Source
) -> MachineFact:
    """Return a fact as the first of its sources that says something has it.

    What the system refuses is denied. Where there is nothing to read, or what no system
    says, the fact is not visible for the reason `otherwise`. Sources are asked in their
    order; the unit is that of a number.
    """
    for how, ask in sources:
        try:
            said = ask()
        except PermissionError:
            return denied_fact(name, how)
        except (OSError, ValueError, RuntimeError, ImportError, psutil.Error):
            continue
        value, why = said if isinstance(said, tuple) else (said, None)
        if value is not None:
            unit = None if isinstance(value, str) else unit
            return read_fact(name, value, unit, how, why)
    return unseen_fact(name, sources[0][0], otherwise)


def if_here(root: Path, how: str, ask: Callable[[], Said]) -> list[Source]:
    """Return a source that only a process on the machine itself can ask."""
    return [(how, ask)] if root == HERE else []


def all_unseen(names: Iterable[str], how: str, why: str) -> list[MachineFact]:
    """Return facts of which none could be seen, for one reason."""
    return [unseen_fact(name, how, why) for name in names]


def limit_fact(name: str, value: float | None, unit: str, how: str) -> MachineFact:
    """Return a limit; None means that none is set, which is told as "none"."""
    if value is None:
        return read_fact(name, "none", None, how, "no limit is set")
    return read_fact(name, value, unit, how)


def missing(root: Path, path: str) -> str:
    """Return why a file of the kernel is not there, below where the tree begins."""
    if root == HERE:
        return f"{platform.system() or 'the system'} tells of no {path} here"
    return f"the file tree has no {path}"


def text_of(root: Path, file: str) -> str:
    """Return what a file of the kernel, "/proc/cpuinfo", has below a root."""
    return (root / file.lstrip("/")).read_text("utf-8")


def pairs_of(root: Path, file: str) -> list[tuple[str, str]]:
    """Return what such a file has before and behind the colon of each line."""
    lines = (line.partition(":") for line in text_of(root, file).splitlines())
    return [(key.strip(), value.strip()) for key, _, value in lines]


def gib(number: float) -> float:
    """Return bytes as GiB."""
    return round(number / GIB, 3)


def least_fact(name: str, *facts: MachineFact) -> MachineFact:
    """Return the least of some facts; one that is not known makes it unknown.

    Nothing can be granted where the machine itself has none, whatever the limit.
    """
    how = "the least of " + ", ".join(fact.fact for fact in facts)
    numbers = [fact.value for fact in facts if isinstance(fact.value, int | float)]
    unknown = [fact for fact in facts if fact.state != "read"]
    if unknown and 0 not in numbers:
        why = "; ".join(f"{one.fact}: {one.why}" for one in unknown)
        is_denied = any(one.state == "denied" for one in unknown)
        return (denied_fact if is_denied else unseen_fact)(name, how, why)
    unit = next((fact.unit for fact in facts if fact.unit), "")
    return limit_fact(name, min(numbers, default=None), unit, how)
