"""Timeline of permissions: asked, waiting, granted, lapsing; drawn without a script."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from readybook.checks.permissions import Permission, permission_state
from readybook.model.words import count, day, days
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw, lines, nothing, small, table

_ORDER = ("refused", "waiting", "lapsed", "not asked", "nobody", "granted")
_WHOLE = 100  # per cent
#: Decoration: the words say the same.
_BAR = Markup('<i class="when" style="{}"></i>')
_DAY = dt.timedelta(days=1)
#: Style of a swatch, as that of a bar, and what it stands for.
_KEY = {
    "a": ("--b:100", "waiting"),
    "z": ("--z:100", "granted"),
    "l": ("--l:50", "due by the declared lead time"),
    "e": ("--e:50", "lapses"),
}
_NO_TARGET = "Nobody has set a target date."


def permission_chart(case: Case) -> Fragment:
    """Return every permission from asked to granted, those that wait longest first.

    Each row has the day on which it was asked for, how it stands in words, and the
    same as a bar: the wait, the declared lead time as a mark, the day on which it
    lapses; one line through all rows is the target date.
    """
    assessment = case.assessment
    resources = assessment.resources.resources
    if not resources:
        return nothing("Nobody has said yet what must be permitted.")
    target = assessment.scope.target_date
    told = [permission_state(row, assessment.as_of, target) for row in resources]
    told.sort(key=lambda p: (_ORDER.index(p.state), -p.waited))
    scale = _scale_of(told)
    bars = [_marks(one, scale) for one in told]
    columns = "Resource:long | Permission from | Asked on | State | Timeline"
    rows = [
        [
            one.resource.what,
            lines(case.title(one.resource.grants), small(_shared(one, case))),
            day(one.asked, "not asked"),
            _mark(one),
            _BAR.format(style) if style else "",
        ]
        for one, marks in zip(told, bars, strict=True)
        for style in (";".join(f"--{k}:{at:g}" for k, at in sorted(marks.items())),)
    ]
    title = _title(told, case)
    aim = scale.at(target) if scale and target else None
    drawn = {name for marks in bars for name in marks}
    key = [swatch for name, swatch in _KEY.items() if name in drawn]
    key += [("--t:50", f"target date, {day(target)}")] if aim is not None else []
    span = f"From {day(scale.first)} to {day(scale.last)}." if scale else ""
    html = draw(
        "permissions.html.j2",
        title=title,
        key=key,
        aim=aim,
        note=" ".join(filter(None, (span, "" if target else _NO_TARGET))),
        table=table("Permissions", columns, rows).html,
    )
    return Fragment(html, title)


def _shared(one: Permission, case: Case) -> str:
    """Return that a register says it; "" where the case does."""
    shared, about = case.assessment.shared, f"permission/{one.resource.id}"
    is_shared = shared is not None and shared.has(about)
    return f"from {case.assessment.source_of(about)}" if is_shared else ""


def _title(told: Sequence[Permission], case: Case) -> str:
    of = [one for one in told if one.state != "nobody"]
    waiting = [one for one in of if one.state == "waiting"]
    said = count(len(of), "permission")
    if waiting:
        first = waiting[0]
        verb, longest = ("are", "the longest ") if waiting[1:] else ("is", "")
        title = (
            f"{len(waiting)} of {said} {verb} still waiting, {longest}for "
            f"{count(first.waited, 'day')} on {case.title(first.resource.grants)}"
        )
    elif of:
        title = f"None of {said} is waiting"
    else:
        title = "No permission was asked for"
    counts = (
        (sum(p.is_late for p in waiting), "beyond the declared lead time"),
        (sum(p.state == "refused" for p in told), "refused"),
        (sum(p.state == "lapsed" for p in told), "expired"),
        (sum(p.lapses_early for p in told), "lapsing before the target date"),
        (sum(p.state == "not asked" for p in told), "not asked for yet"),
        (sum(p.state == "nobody" for p in told), "with nobody named to ask"),
    )
    return "; ".join([title, *(f"{n} {words}" for n, words in counts if n)]) + "."


def _mark(one: Permission) -> Markup:
    lead, ends = one.resource.lead_time_days, one.resource.ends
    ended = {
        "refused": f"refused on {day(one.refused)}",
        "lapsed": f"expired on {day(ends)}",
        "nobody": "nobody to ask is named",
    }
    if one.state in ended:
        return theme.mark(theme.BAD, ended[one.state])
    if one.state == "waiting":
        said = "" if lead is None else f"; declared: {count(lead, 'day')}"
        look = theme.BAD if one.is_late else theme.WARN
        return theme.mark(look, f"waiting for {count(one.waited, 'day')}{said}")
    if one.state == "granted":
        after = f", after {count(one.waited, 'day')}" if one.asked else ""
        said = f"granted on {day(one.granted)}{after}"
        if one.lapses_early and ends and one.target:
            early = f"; lapses on {day(ends)}, {days(ends, one.target)} before the "
            return theme.mark(theme.WARN, f"{said}{early}target date")
        until = f"until {day(ends)}" if ends else "for good"
        if one.resource.expires is None:
            until = "until when is not said"
        look = theme.GOOD if one.resource.expires else theme.WARN
        return theme.mark(look, f"{said}; {until}")
    ready = one.as_of + dt.timedelta(days=lead or 0)
    if lead and one.target and ready > one.target:
        late = f"takes {count(lead, 'day')}, past the target date"
        return theme.mark(theme.BAD, f"not asked yet; {late}")
    takes = f"; takes {count(lead, 'day')}" if lead is not None else ""
    return theme.mark(theme.UNDECIDED, f"not asked yet{takes}")


class _Scale(NamedTuple):
    """The days from the left to the right end of every bar."""

    first: dt.date
    last: dt.date

    def at(self, date: dt.date) -> float:
        """Return how far right a day lies, in per cent, inside of the scale."""
        share = _WHOLE * (date - self.first) / max(self.last - self.first, _DAY)
        return round(min(_WHOLE, max(0.0, share)), 1)


def _scale_of(told: Sequence[Permission]) -> _Scale | None:
    """Return the span that has every wait; None where nothing was asked for.

    What lapses long after the target date would press all else together; it is told in
    words.
    """
    starts = [date for p in told if (date := p.asked or p.granted)]
    marks = [date for p in told for date in (p.due, p.target) if date]
    return (
        _Scale(min(starts), max(told[0].as_of, *marks, min(starts))) if starts else None
    )


def _marks(one: Permission, scale: _Scale | None) -> dict[str, float]:
    """Return where a bar waits (a to b), holds (b to z), is due (l) and lapses (e)."""
    first = one.asked or one.granted
    if scale is None or first is None:
        return {}
    ends = one.resource.ends
    end = one.refused or one.granted or one.as_of
    marks = {"a": scale.at(first), "b": scale.at(end)}
    if one.due:
        marks["l"] = scale.at(one.due)
    if one.granted and not one.refused:
        marks["z"] = scale.at(ends or scale.last)
        marks |= {"e": scale.at(ends)} if ends and ends <= scale.last else {}
    return marks
