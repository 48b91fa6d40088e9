"""The checks that a question may name: what each measures, of what, by which rule.

Specifications only; `measure`, `contracted` and the modules that compare resources with
their probes do the work. A check passes for a question when every subject listed here
was measured and passed.
"""

from __future__ import annotations

from readybook.checks.ownership_checks import OWNERSHIP_CHECKS
from readybook.checks.resource_checks import RESOURCE_CHECKS
from readybook.checks.spec import Check
from readybook.checks.subjects import each_needed, each_table, each_term

__all__ = ["CHECKS", "Check"]

_DATA = (
    Check(
        "source-opened",
        "The data was opened",
        "Each declared table is opened and its rows are counted.",
        "rows",
        "at least one row",
        each_table("source-opened"),
    ),
    Check(
        "fields-present",
        "Needed fields exist",
        "Each needed field is looked up in the columns of its table.",
        "columns",
        "present in the source (needs of assessment.yaml)",
        each_needed,
    ),
    Check(
        "types-match",
        "Types are as declared",
        "The type of each declared column is compared with its logicalType.",
        "columns",
        "the same kind of type",
        each_table("types-match"),
    ),
    Check(
        "categories-populated",
        "Declared categories are populated",
        "Rows are counted per declared category.",
        "too thin or empty",
        "each category has its readiness.minRows (default 1)",
        each_table("categories-populated"),
    ),
    Check(
        "values-declared",
        "No value is undeclared",
        "Rows whose value is not among the declared categories of its column.",
        "rows",
        "none",
        each_table("values-declared"),
    ),
    Check(
        "values-in-range",
        "Values lie in their range",
        "Rows whose value lies outside of the declared limits of its column.",
        "rows",
        "none outside of logicalTypeOptions",
        each_table("values-in-range"),
    ),
    Check(
        "sentinels-absent",
        "No value stands in for unknown",
        "Usual stand-ins for unknown, such as -999, N/A or 1900-01-01, that "
        "stand apart from the other values of a needed field.",
        "rows",
        "none of at least 10 rows and 0.1 % of the values",
        each_table("sentinels-absent"),
    ),
    Check(
        "nulls-tolerated",
        "Missing values are tolerated",
        "Share of rows without a value, per needed field.",
        "share of rows",
        "at most the declared limit (required, or quality nullValues)",
        each_table("nulls-tolerated"),
    ),
    Check(
        "label-filled",
        "The outcome is filled",
        "Share of rows that have the label.",
        "share of rows",
        "at least readiness.labelFill",
        each_table("label-filled"),
    ),
    Check(
        "label-delay",
        "The outcome is known in time",
        "Days from the event until the label is known, 90th percentile.",
        "days",
        "at most readiness.labelDelay",
        each_table("label-delay"),
    ),
    Check(
        "history-span",
        "History is long enough",
        "Days from the first to the last event, both included, in the declared "
        "time zone.",
        "days",
        "at least readiness.historyNeeded",
        each_table("history-span"),
    ),
    Check(
        "history-gaps",
        "History has no gaps",
        "Periods of the declared grain between first and last event without a row, "
        "in each declared segment.",
        "missing periods",
        "none missing",
        each_table("history-gaps"),
    ),
    Check(
        "arrivals-regular",
        "Rows arrive as usual",
        "Days with under half or at least 1.75 times the rows that are "
        "usual for the weekday.",
        "surprising days",
        "none",
        each_table("arrivals-regular"),
        shelf_life_days=90,
    ),
    Check(
        "data-fresh",
        "The data is fresh",
        "Age of the newest event when it was measured.",
        "days",
        "at most the latency of slaProperties",
        each_table("data-fresh"),
        shelf_life_days=90,
    ),
    Check(
        "keys-unique",
        "Declared keys are unique",
        "Groups of rows that share all values of a declared key, nulls left out.",
        "duplicate keys",
        "none",
        each_table("keys-unique"),
    ),
    Check(
        "joins-match",
        "Tables join",
        "Share of rows with a non-null key that finds no row in the other table.",
        "share of rows",
        "at most the declared share of orphans (default 0)",
        each_table("joins-match"),
    ),
    Check(
        "schema-same",
        "Live rows have the fields",
        "Fields of training rows that live rows lack, have in another type "
        "or hold no value in.",
        "fields that differ",
        "none",
        each_table("schema-same"),
        shelf_life_days=90,
    ),
    Check(
        "live-like-training",
        "Live rows are like training rows",
        "Population stability index of live values against training values, "
        "per needed field.",
        "PSI",
        "at most max(0.1, chance at 0.999)",
        each_table("live-like-training"),
        shelf_life_days=90,
    ),
    Check(
        "steps-declared",
        "Every step is declared",
        "Steps over time in rows, missing values, categories and sizes that "
        "no entry of changes.yaml explains.",
        "undeclared steps",
        "none",
        each_table("steps-declared"),
    ),
    Check(
        "lineage-traced",
        "Origins are declared",
        "Needed fields whose origin, source objects or definition the contract names.",
        "origins",
        "each needed field has one",
        each_needed,
    ),
    Check(
        "supply-not-expired",
        "Supply lasts",
        "Last day of supply or licence of each table against the target date.",
        "last day",
        "not before the target date (readiness.expires)",
        each_term,
    ),
)

CHECKS: dict[str, Check] = {
    check.id: check for check in (*_DATA, *RESOURCE_CHECKS, *OWNERSHIP_CHECKS)
}
