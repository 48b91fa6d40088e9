"""What the runs amount to: a table, and which aims are met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answers import Answers, differing
from running import Ran

__all__ = ["COLUMNS", "WHOLE", "Result", "as_table", "judge"]

WHOLE = "readybook"  #: on all that the example's contract declares
COLUMNS = "readybook, columns only"  #: on what a profiler is asked

_YDATA = "ydata-profiling"
_MOST_TIMES_DUCKDB = 1.3
_LEAST_TIMES_FASTER = 5
_MOST_MEGABYTES = 1_200


@dataclass(frozen=True)
class Result:
    """The fastest run of one program, and what it found."""

    program: str
    rows: int
    ran: Ran
    answers: Answers  #: empty where it failed


def _reference(results: Sequence[Result], rows: int) -> Result | None:
    return _find(results, "duckdb", rows)


def _find(results: Sequence[Result], program: str, rows: int) -> Result | None:
    for result in results:
        if (result.program, result.rows) == (program, rows) and not result.ran.failed:
            return result
    return None


def as_table(results: Sequence[Result]) -> str:
    """Return a line for each run: time, memory, and how they compare."""
    head = ("program", "rows", "seconds", "CPU s", "peak MB", "x DuckDB", "x its CPU s",
            "equal answers")  # fmt: skip
    lines = [head, *(_line(result, results) for result in results)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _line(result: Result, results: Sequence[Result]) -> tuple[str, ...]:
    ran, reference = result.ran, _reference(results, result.rows)
    times, busy = _times(ran, reference.ran) if reference else ("-", "-")
    equal = "-"
    if reference and reference is not result and result.answers:
        shared, differ = differing(reference.answers, result.answers)
        equal = f"{shared - len(differ):,} of {shared:,}"
    if ran.failed:
        equal = "failed"
    took = (f"{ran.seconds:.2f}", f"{ran.busy:.2f}", f"{ran.megabytes:,.0f}")
    return (result.program, f"{result.rows:,}", *took, times, busy, equal)


def _times(ran: Ran, of: Ran) -> tuple[str, str]:
    """Return how many times as long one took, by the clock and in seconds of a CPU."""
    busy = f"{ran.busy / of.busy:.2f}" if of.busy else "-"
    return f"{ran.seconds / of.seconds:.2f}", busy


def judge(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each aim that could be judged, and for what went wrong."""
    for result in results:
        if result.ran.failed:
            yield f"FAIL  {result.program} ran: {result.ran.failed}"
        yield from _differences(result, results)
    for result in results:
        if result.program in {WHOLE, COLUMNS} and not result.ran.failed:
            yield from _aims(result, results)


def _differences(result: Result, results: Sequence[Result]) -> Iterator[str]:
    references = {"duckdb": "the DuckDB query does"}
    if result.program == COLUMNS:
        references[_YDATA] = f"{_YDATA} does"
    for program, named in references.items():
        reference = _find(results, program, result.rows)
        if reference is None or reference is result or not result.answers:
            continue
        shared, differ = differing(reference.answers, result.answers)
        name = _as_subject(result.program)
        text = f"{name} answers {shared:,} questions as {named}"
        shown = f": not {', '.join(differ[:3])}" if differ else ""
        yield _verdict(shared > 0 and not differ, f"{text}{shown}")


def _aims(ours: Result, results: Sequence[Result]) -> Iterator[str]:
    name, peak = _as_subject(ours.program), ours.ran.megabytes
    duckdb = _find(results, "duckdb", ours.rows)
    if duckdb and ours.program == WHOLE:
        times = ours.ran.seconds / duckdb.ran.seconds
        aim = f"{name} takes at most {_MOST_TIMES_DUCKDB} times the DuckDB query"
        busy = f"{_times(ours.ran, duckdb.ran)[1]} in seconds of a CPU"
        yield _verdict(times <= _MOST_TIMES_DUCKDB, f"{aim}: {times:.2f} ({busy})")
    ydata = _find(results, _YDATA, ours.rows)
    if ydata:
        yield _against_ydata(name, ydata.ran.seconds / ours.ran.seconds)
    aim = f"{name} has a peak under {_MOST_MEGABYTES:,} MB"
    yield _verdict(peak < _MOST_MEGABYTES, f"{aim}: {peak:,.0f}")


def _against_ydata(name: str, times: float) -> str:
    if name == WHOLE:
        more = f"{times:.1f} times faster than {_YDATA}, and is asked for more"
        return f"NOTE  {name} is {more}: no aim"
    aim = f"{name} is at least {_LEAST_TIMES_FASTER} times faster than {_YDATA}"
    return _verdict(times >= _LEAST_TIMES_FASTER, f"{aim}: {times:.1f}")


def _as_subject(program: str) -> str:
    """Return a program's name as a sentence begins with it."""
    return f"{program}," if "," in program else program


def _verdict(is_met: bool, text: str) -> str:  # noqa: FBT001 - the verdict itself
    return f"{'PASS' if is_met else 'FAIL'}  {text}"
