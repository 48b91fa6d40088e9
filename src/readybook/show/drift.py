"""Train against live: how far each field drifted, and how those beyond bounds look."""

from collections.abc import Sequence

from markupsafe import Markup

from readybook.model.findings import Finding, Numbers
from readybook.model.words import as_list, count, number, sentence
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    draw,
    lines,
    nothing,
    table,
)

_WHOLE = 100  # per cent
_MOST_TIMES = 3  # the bound: bars end there, numbers do not
_MOST_DRAWN = 6  # fields whose two distributions are shown
_MOST_NAMED = 2


def drift_chart(case: Case) -> Fragment:
    """Return how far each needed field drifted, as a share of what it may.

    A bar is the field's population stability index (PSI) divided by the bound up to
    which chance or a rule of thumb explains it. Of the fields furthest beyond it, both
    distributions are shown.
    """
    compared = case.found("live-like-training")
    told = [f for f in compared if _times(f) is not None]
    if not compared:
        return nothing("Live rows were not compared with training rows yet.")
    if not told:
        said = f"Live against training rows: not measured. {compared[0].message}"
        return nothing(said)
    told.sort(key=lambda f: (-(_times(f) or 0), f.subject))
    drifted = [f for f in told if f.outcome == "contradicts"]
    title = _title(told, drifted)
    columns = (
        "Field:head | PSI:number | Bound:number | PSI to bound | Unseen values:number | "
        "Empty:number"
    )
    html = draw(
        "drift.html.j2",
        title=title,
        alt=(
            "PSI, the population stability index: 0 where live rows are spread like "
            f"training rows. Bars end at {_MOST_TIMES} times the bound; the line is "
            "the bound. Unseen: live rows with a value that no training row has. "
            f"Empty: rows without a value. {_rows_said(told)}"
        ),
        table=table("Drift of needed fields", columns, map(_row, told)).html,
        notes=_notes(told, drifted, [f for f in compared if _times(f) is None]),
        drifted=[_pair(f) for f in drifted[:_MOST_DRAWN]],
        data=_more_numbers(told).html if case.edition == "team" else "",
    )
    return Fragment(html, title)


def _times(finding: Finding) -> float | None:
    """Return PSI over its bound, None where either is not known."""
    value, bound = finding.value, finding.threshold
    if not isinstance(value, int | float) or not isinstance(bound, int | float):
        return None
    return value / bound if bound else None


def _title(told: Sequence[Finding], drifted: Sequence[Finding]) -> str:
    of = count(len(told), "needed field")
    if not drifted:
        return f"None of {of} differs between training and live rows."
    named = as_list([f.subject for f in drifted], _MOST_NAMED)
    if len(drifted) <= _MOST_NAMED:
        named = ", ".join(f"{f.subject} (PSI {number(f.value)})" for f in drifted)
    verb = "differs" if len(drifted) == 1 else "differ"
    return f"{len(drifted)} of {of} {verb} between training and live rows: {named}."


def _rows_said(told: Sequence[Finding]) -> str:
    """Return how many rows were compared; as a range where fields differ in it."""
    said = []
    for label in ("rows train", "rows live"):
        values = [f.numbers("numbers").get(label) for f in told]
        known = [value for value in values if isinstance(value, int | float)]
        ends = dict.fromkeys((min(known), max(known))) if known else {}
        said.append(" to ".join(number(end) for end in ends))
    train, live = said
    return f"Rows compared: {train} of training, {live} live." if train and live else ""


def _notes(
    told: Sequence[Finding], drifted: Sequence[Finding], lost: Sequence[Finding]
) -> list[str]:
    notes, more = list[str](), len(drifted) - _MOST_DRAWN
    if more > 0:
        notes.append(f"Not drawn below: {count(more, 'more field')} that differ.")
    notes += [sentence(f.caveat) for f in told if f.caveat][:1]
    if lost:
        rest = f" Likewise {count(len(lost) - 1, 'other field')}." if lost[1:] else ""
        notes.append(f"Not measured: {lost[0].message}{rest}")
    return notes


def _told(numbers: Numbers, label: str) -> str:
    """Return a number of a finding; a share in per cent."""
    value = numbers.get(label)
    if isinstance(value, str):
        return f"{value} rows"  # too few to tell their share
    unit = "share of rows" if "share" in label else None
    return number(value, unit).removesuffix(" of rows")


def _row(finding: Finding) -> list[str | Markup]:
    numbers = finding.numbers("numbers")
    times = _times(finding) or 0.0
    differs: Markup | str = ""
    if finding.outcome == "contradicts":
        words = "beyond its bound" if times > 1 else "new values"
        differs = theme.mark(theme.OUTCOMES["contradicts"], words)
    train, live = (_told(numbers, f"null share {side}") for side in ("train", "live"))
    empty = train if train == live else f"{train}, live {live}"
    return [
        lines(code(finding.subject), differs),
        number(finding.value),
        number(finding.threshold),
        Markup('<i class="psi{}" style="--p:{:.0f}"></i>').format(
            " cross" if times > 1 else "", _WHOLE * min(1.0, times / _MOST_TIMES)
        ),
        _told(numbers, "share unseen"),
        empty if train and live else "",
    ]


def _more_numbers(told: Sequence[Finding]) -> Fragment:
    """Return the numbers that only some readers want."""
    shown = {
        "Jensen-Shannon distance": "js distance",
        "KS": "ks",
        "Rows of training": "rows train",
        "Rows live": "rows live",
    }
    columns = (Column("Field", "head"), *(Column(label, "number") for label in shown))
    rows = [
        [f.subject, *(_told(f.numbers("numbers"), label) for label in shown.values())]
        for f in told
    ]
    return table("More numbers", columns, rows)


def _pair(finding: Finding) -> dict[str, object]:
    """Return the two distributions of a field, bars as shares of the longest."""
    train, live = finding.numbers("train"), finding.numbers("live")
    shares = (*train.values(), *live.values())
    most = max((x for x in shares if isinstance(x, int | float)), default=0) or 1
    rows = [
        (label, _bar(share, most), _bar(live.get(label), most))
        for label, share in train.items()
    ]
    return {"finding": finding, "rows": rows}


def _bar(value: float | str | None, most: float) -> tuple[str, int]:
    """Return a share in words and the length of its bar, both in per cent."""
    if not isinstance(value, int | float):
        return (value or "not known"), 0
    return f"{number(round(value, 1))} %", round(_WHOLE * value / most)
