"""Where each dimension stands, against what is needed."""

from collections import Counter

from markupsafe import Markup

from readybook.model.bank import SECTION_TITLES, Section
from readybook.model.results import Result
from readybook.model.words import count, level_range, level_word
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, table


def dimensions_table(case: Case) -> Fragment:
    """Return one row per dimension: where it stands, what is needed, gates, proof."""
    columns = "Dimension:head | Stands | Needed | Gates | Proven"
    rows, told, unsettled = [], [], ""
    measured = measured_of(case.result)
    for one in case.result.dimensions:
        title, stands = SECTION_TITLES[one.section], level_range(one.level)
        needed = level_word(one.needed.lower)
        if one.needed.upper != one.needed.lower:
            needed += f", or {level_word(one.needed.upper)}"
            unsettled = " Which need counts is known once every scope fact is declared."
        gates = Markup().join(
            theme.mark(look, f"{one.gates[state]} {look.word}")
            for state, look in theme.GATES.items()
            if one.gates.get(state)
        )
        bar = theme.bar(one.level, one.needed)
        rows.append(
            [
                title,
                Markup("{}<b>{}</b>").format(bar, stands),
                needed,
                Markup('<span class="gates">{}</span>').format(gates or "none"),
                f"{one.proven} of {one.answered} ({measured[one.section]})"
                if one.answered
                else "no answer",
            ]
        )
        told.append(f"{title}: {stands}, needed: {needed}")
    title = f"Four dimensions against what {case.result.phase} needs"
    empty = "The bank has no dimension."
    note = _BAR_KEY + unsettled + _elsewhere(case.result)
    shown = table(title, columns, rows, empty=empty, note=note, around="dimensions")
    return Fragment(shown.html, "\n".join(told))


def measured_of(result: Result) -> Counter[Section]:
    """Return by section how many answers are proven by what was measured."""
    proven = (s for s in result.standings if s.proven and s.proof == "measured")
    return Counter(standing.section for standing in proven)


def _elsewhere(result: Result) -> str:
    """Return gates and proof of what is of no dimension; "" where there is none."""
    within = {one.section for one in result.dimensions}
    others = [s for s in result.standings if s.section not in within and s.applies]
    states = [s.gate_state for s in others]
    told = {state: states.count(state) for state in theme.GATES if state in states}
    said = [f"{count(many, 'gate')} {state}" for state, many in told.items()]
    if many := sum(s.is_answered for s in others):
        said.append(f"proven: {sum(s.proven for s in others)} of {many}")
    return f" Scope and value: {', '.join(said)}." if said else ""


_BAR_KEY = Markup('<i class="bar l2 u3 n3"></i> ') + (
    "Full: shown. Hatched: possible. Line: needed. Steps: missing, improvised, partly in "
    "place, in place, in place and watched. In brackets: measured."
)
