"""Where each needed field comes from, as far as the contract says."""

from __future__ import annotations

from markupsafe import Markup

from readybook.model.case import Assessment
from readybook.model.contract import DataModel
from readybook.model.words import count
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    draw_html,
    lines,
    nothing,
    table,
)

__all__ = ["lineage_table"]

_COLUMNS = (
    Column("First recorded in", "wide"),
    Column("Made from"),
    Column("Rule", "wide"),
    Column("Definition"),
)
_NOTHING = ("",) * len(_COLUMNS)
_LONGEST = 160  # characters of a rule; the contract has the rest


def lineage_table(assessment: Assessment) -> Fragment:
    """Return origin, sources, rule and definition of each needed field.

    A field without an origin of its own has that of its table. Fields of which the same
    is declared share a row; those of which nothing is are listed below.
    """
    fields = assessment.needed_fields
    if not fields:
        return nothing("No field is needed yet: assessment.yaml, key needs.")
    alike: dict[tuple[str | Markup, ...], list[str]] = {}
    for name in fields:
        alike.setdefault(_told(name, assessment.data_model), []).append(name)
    missing = alike.pop(_NOTHING, [])
    # What no field has is no column.
    shown_at = [at for at in range(len(_COLUMNS)) if any(told[at] for told in alike)]
    columns = (Column("Fields", "head"), *(_COLUMNS[at] for at in shown_at))
    rows = [
        [Markup(", ").join(map(code, names)), *(told[at] for at in shown_at)]
        for told, names in alike.items()
    ]
    caption = (
        f"The contract says of {len(fields) - len(missing) or 'none'} of "
        f"{count(len(fields), 'needed field')} where it comes from"
    )
    left = f"Origin not declared: {', '.join(missing)}." if missing else ""
    shown = table(caption, columns, rows, empty=f"{caption}. {left}", note=left)
    if not rows:
        return shown
    return Fragment(draw_html("titled.html.j2", html=shown.html), caption)


def _told(name: str, model: DataModel) -> tuple[str | Markup, ...]:
    """Return what is declared of a field, cell by cell; nothing without an origin."""
    table_name, _, column_name = name.partition(".")
    table_ = model.table(table_name)
    column = table_.column(column_name) if table_ else None
    origin = (column and column.origin) or (table_ and table_.origin) or ""
    if column is None or not (origin or column.is_traced):
        return (origin, *_NOTHING[1:])
    return (
        origin,
        lines(code(source) for source in column.made_from),
        _clipped(column.made_by or ""),
        lines(code(definition) for definition in column.definitions),
    )


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
