"""The checks that a question may name: what each measures, of what, by which rule.

Specifications only; `measure` and `provision` do the measuring. A check passes for a
question when every subject listed here was measured and passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from readybook.declared import Assessment

__all__ = ["CHECKS", "Check"]


@dataclass(frozen=True)
class Check:
    """One check: its meaning for readers and the subjects that it must cover."""

    id: str
    title: str
    definition: str  #: how it is computed, one sentence
    unit: str
    threshold: str  #: what passes, in words, and who declares it
    subjects: Callable[[Assessment], tuple[str, ...]]
    shelf_life_days: int = 180


def _tables(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(table.name for table in model.tables) if model else ()


def _needs(assessment: Assessment) -> tuple[str, ...]:
    """Return needed fields, and needs without a field, which nothing can measure."""
    open_needs = [f"need {n.id}" for n in assessment.scope.needs if n.field is None]
    return (*assessment.needed_fields, *open_needs)


def _category_columns(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(
        f"{table.name}.{column.name}"
        for table in (model.tables if model else ())
        for column in table.columns
        if column.categories
    )


def _history_tables(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(
        table.name
        for table in (model.tables if model else ())
        if table.event_time and table.history_needed
    )


def _event_tables(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(
        table.name
        for table in (model.tables if model else ())
        if table.event_time and table.grain
    )


def _keys(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(
        f"{table.name}.{'+'.join(key)}"
        for table in (model.tables if model else ())
        for key in table.keys
    )


def _joins(assessment: Assessment) -> tuple[str, ...]:
    model = assessment.data_model
    return tuple(
        join.subject
        for table in (model.tables if model else ())
        for join in table.relationships
    )


def _resources_with(
    need: str,
) -> Callable[[Assessment], tuple[str, ...]]:
    def subjects(assessment: Assessment) -> tuple[str, ...]:
        rows = assessment.resources.resources if assessment.resources else ()
        return tuple(
            row.id
            for row in rows
            if row.needs is not None and getattr(row.needs, need) is not None
        )

    return subjects


CHECKS: dict[str, Check] = {
    check.id: check
    for check in (
        Check(
            "source-opened",
            "The data was opened",
            "Each declared table is opened and its rows are counted.",
            "rows",
            "at least one row",
            _tables,
        ),
        Check(
            "fields-present",
            "Needed fields exist",
            "Each needed field is looked up in the columns of its table.",
            "columns",
            "present in the source (needs of assessment.yaml)",
            _needs,
        ),
        Check(
            "categories-populated",
            "Declared categories are populated",
            "Rows are counted per declared category.",
            "too thin or empty",
            "each category has its readiness.minRows (default 1)",
            _category_columns,
        ),
        Check(
            "history-span",
            "History is long enough",
            "Days from the first to the last event, both included, in the declared "
            "time zone.",
            "days",
            "at least readiness.historyNeeded",
            _history_tables,
        ),
        Check(
            "history-gaps",
            "History has no gaps",
            "Periods of the declared grain between first and last event without a row, "
            "in each declared segment.",
            "missing periods",
            "none missing",
            _event_tables,
        ),
        Check(
            "keys-unique",
            "Declared keys are unique",
            "Groups of rows that share all values of a declared key, nulls left out.",
            "duplicate keys",
            "none",
            _keys,
        ),
        Check(
            "joins-match",
            "Tables join",
            "Share of rows with a non-null key that finds no row in the other table.",
            "share of rows",
            "at most the declared share of orphans (default 0)",
            _joins,
        ),
        Check(
            "memory-enough",
            "Memory suffices",
            "The least of the machine's memory and its container's limits, against "
            "the need.",
            "GiB",
            "at least needs.memory_gib of resources.yaml",
            _resources_with("memory_gib"),
        ),
        Check(
            "swap-enough",
            "Swap suffices",
            "Swap that the process may use, against the need.",
            "GiB",
            "at least needs.swap_gib of resources.yaml",
            _resources_with("swap_gib"),
        ),
        Check(
            "cpus-enough",
            "CPUs granted suffice",
            "The least of CPUs seen, allowed by affinity and granted by quota, "
            "against the need.",
            "CPUs",
            "at least needs.cpus of resources.yaml",
            _resources_with("cpus"),
        ),
    )
}
