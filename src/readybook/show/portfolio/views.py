"""The pieces of the page of many cases, in the order in which it is read."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import get_args
from urllib.parse import quote

from markupsafe import Markup

from readybook.model.bank import DIMENSIONS, SECTION_TITLES
from readybook.model.portfolio import CaseRow, Portfolio, Position, Promise
from readybook.model.results import Bounds, VerdictWord
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    level_range,
    listed,
    sentence,
)
from readybook.show.decided import SOON
from readybook.show.kit import theme
from readybook.show.kit.fragment import Fragment, draw, joined, lines, small, table
from readybook.show.portfolio.blockers import (
    Blocker,
    by_role,
    common,
    debts_of,
    gates_of,
    late,
    month_in,
    not_comparable,
    role_named,
    role_titles,
    waits_of,
)

_FIRST = 3  #: of what is unblocked first, and of roles that are waited for
_MOST = 100  #: rows of a list that a file has in full
_NAMED = 3  #: cases that a cell names before the rest is counted
_WORDS = get_args(VerdictWord)  # from best to worst
_OPEN = "open"
_STAND = {"ready": "ready", "conditions": "ready with conditions",
          "not ready": "not ready", _OPEN: "not known well enough"}  # fmt: skip
_NO_UNIT = "No unit declared"


# --- the first screen ------------------------------------------------------------------


def first_screen(portfolio: Portfolio) -> Fragment:
    """Return how many cases stand where, what to unblock first, and who is waited for."""
    waiting = [row for row in portfolio.cases if row.now.verdict.lower != "ready"]
    headline = f"{count(len(portfolio.cases), 'case')}: {_verdicts(portfolio.cases)}"
    asks = list(_asks(portfolio))
    html = draw(
        "programme.html.j2",
        headline=headline,
        look=theme.WARN if waiting else theme.GOOD,
        moved=_in_short(portfolio),
        asks=asks,
        owing=list(_owing(portfolio)),
        month=month_in(waiting),
    )
    told = "; ".join(f"{ask['what']} ({ask['who']})" for ask in asks)
    return Fragment(html, f"{headline}. Unblock first: {told or 'nothing'}")


def _verdicts(rows: Iterable[CaseRow]) -> str:
    verdicts = (row.now.verdict for row in rows)
    counted = Counter(_OPEN if one.is_open else one.lower for one in verdicts)
    told = [f"{counted[key]} {word}" for key, word in _STAND.items() if counted[key]]
    return listed(told) or "none could be read"


def _asks(portfolio: Portfolio) -> Iterator[dict[str, str]]:
    """Yield what to unblock first: what most cases wait for, then gates that fail."""
    titles, total = role_titles(portfolio), len(portfolio.cases)
    asked = 0
    for wait in waits_of(portfolio)[:_FIRST]:
        cost, many = month_in(wait.cases).told, len(wait.cases)
        why = f"{many} of {count(total, 'case')} {'waits' if many == 1 else 'wait'} for it"
        ends = "all of them" if wait.ends == many else f"{wait.ends}"
        why += f", and in {ends} it delays the end" if wait.ends else ""
        why += f". A month costs them {cost}." if cost else "."
        yield {"what": sentence(_act(wait)), "who": _who(wait, titles), "why": why}
        asked += 1
    for gate in gates_of(portfolio)[: _FIRST - asked]:
        who = role_named(gate.roles[0] if gate.roles else None, titles, gate.failed)
        why = f"It fails in {len(gate.failed)} of {count(gate.applies, 'case')} to which it applies."
        if gate.failed:
            yield {"what": f"{gate.title} ({gate.id}).", "who": who, "why": why}


def _act(wait: Blocker) -> str:
    """Return what somebody does so that no case waits any more."""
    if wait.about.startswith("permission/"):
        return f"Say yes or no: {wait.what.removeprefix('Permission: ')}"
    return wait.what


def _who(wait: Blocker, titles: Mapping[str, str]) -> str:
    named = [role_named(role, titles, wait.cases) for role in wait.roles]
    return listed(named) or role_named(None, titles, ())


def _owing(portfolio: Portfolio) -> Iterator[tuple[str, str]]:
    """Yield the roles that owe most, and how much of it is over.

    Those with most over the date stand first.
    """
    titles = role_titles(portfolio)
    for role, debts in by_role(debts_of(portfolio))[:_FIRST]:
        freed = {row.name: row for debt in debts for row in debt.cases}
        things = count(sum(one.acts for one in debts), "thing")
        told = f"owes {things} to {count(len(freed), 'case')}"
        told += f", {late(debts)} over the date" if late(debts) else ""
        yield role_named(role, titles, freed.values()), told


# --- what changed ------------------------------------------------------------------------


def _in_short(portfolio: Portfolio) -> str:
    """Return in a sentence or two what moved; a changed mix is told apart."""
    since = _since(portfolio)
    if not since:
        return "There is no earlier run to compare with: the next one is compared with this."
    both, worse, better = _moved(portfolio)
    moved = f"Since {since}, of {count(len(both), 'case')} in both looks "
    moved += f"{len(better) or 'none'} better, {len(worse) or 'none'} worse"
    told = [moved]
    told += [f"{len(names)} {word}" for word, names in _mix(portfolio).items() if names]
    return "; ".join(told) + "."


def _since(portfolio: Portfolio) -> str:
    if portfolio.milestone:
        return f"the milestone {portfolio.milestone}"
    return f"the run as of {day(portfolio.since)}" if portfolio.since else ""


def _mix(portfolio: Portfolio) -> dict[str, list[str]]:
    """Return the cases that are in one look only."""
    then, now = portfolio.before, {row.name for row in portfolio.cases}
    failed = {one.name for one in portfolio.failed}
    fresh = sorted(name for name in now if then.get(name) is None)
    if portfolio.milestone:
        return {"without that milestone": fresh}
    return {
        "joined": [name for name in fresh if name not in then],
        "back with a report": [name for name in fresh if name in then],
        "without a report now": sorted(failed & then.keys()),
        "left": sorted(then.keys() - now - failed),
    }


_Pair = tuple[CaseRow, Position]


def _moved(portfolio: Portfolio) -> tuple[list[_Pair], list[_Pair], list[_Pair]]:
    """Return the cases of both looks with how each stood then, those worse, better."""
    pairs = [
        (row, then)
        for row in portfolio.cases
        if (then := portfolio.before.get(row.name)) is not None
    ]
    ways = [(_way(row.now, then), (row, then)) for row, then in pairs]
    worse = [pair for way, pair in ways if way > 0]
    return pairs, worse, [pair for way, pair in ways if way < 0]


def _way(now: Position, then: Position) -> int:
    """Return whether a case is worse (above 0) or better than it was; 0: neither.

    First by the verdict at worst and at best, then by how many gates fail.
    """
    ends = [
        _WORDS.index(getattr(now.verdict, end))
        - _WORDS.index(getattr(then.verdict, end))
        for end in ("lower", "upper")
    ]
    return sum(ends) or len(now.failed) - len(then.failed)


def changes(portfolio: Portfolio) -> Fragment:
    """Return what moved since the last run or a milestone, and who joined or left."""
    _, worse, better = _moved(portfolio)
    rows = [
        [
            _link(row),
            theme.mark(look, word),
            then.headline,
            row.now.headline,
            _gates_moved(row.now, then),
        ]
        for look, word, pairs in (
            (theme.BAD, "worse", worse),
            (theme.GOOD, "better", better),
        )
        for row, then in pairs
    ]
    since = _since(portfolio)
    told = [
        f"{capital(word)}: {as_list(names, _MOST)}."
        for word, names in _mix(portfolio).items()
        if names and since
    ]
    title = (
        f"{len(better) or 'None'} better and {len(worse) or 'none'} worse since {since}"
    )
    empty = f"No case moved since {since}." if since else "There is no earlier run."
    columns = "Case:head | Moved | Then:wide | Now:wide | Gates"
    shown = table(title, columns, rows[:_MOST], empty=empty, around="titled",
                  note=_cut(rows, "portfolio.csv"))  # fmt: skip
    mix = Fragment(
        Markup('<p class="note">{}</p>').format(" ".join(told)), " ".join(told)
    )
    return joined(shown, mix) if told else shown


def _gates_moved(now: Position, then: Position) -> str:
    fails = [name for name in now.failed if name not in then.failed]
    ended = [name for name in then.failed if name not in now.failed]
    told = [f"{as_list(fails, _NAMED)} fails now"] if fails else []
    told += [f"{as_list(ended, _NAMED)} fails no more"] if ended else []
    return "; ".join(told) or "none moved"


# --- what holds most cases back ------------------------------------------------------------


def holds_back(portfolio: Portfolio) -> Fragment:
    """Return gates that fail in most cases, and what most cases wait for."""
    titles = role_titles(portfolio)
    return joined(_waits(portfolio, titles), _gates(portfolio, titles))


def _waits(portfolio: Portfolio, titles: Mapping[str, str]) -> Fragment:
    waits, total = waits_of(portfolio), len(portfolio.cases)
    rows = [
        [
            lines(sentence(_act(wait)), small(_about(wait))),
            _who(wait, titles),
            f"{len(wait.cases)} of {total}",
            month_in(wait.cases).told or "not declared",
            _cases(wait.cases),
        ]
        for wait in waits
    ]
    shared = sum(len(wait.cases) > 1 for wait in waits)
    title = f"{shared or 'None'} of {count(len(waits), 'thing')} that cases wait for "
    title += "holds back more than one" if shared == 1 else "hold back more than one"
    columns = "Waited for:long | Who unblocks it | Cases:number | A month costs | Which"
    empty = "No case waits for a permission, a resource, data or a role."
    return table(title, columns, rows[:_MOST], empty=empty, around="titled sorted",
                 note=_cut(rows, "portfolio.json"))  # fmt: skip


def _about(wait: Blocker) -> str:
    """Return the id of what is waited for, and the register that gives it to all."""
    known = [row.shared for row in wait.cases]
    files = {one.file if one and one.has(wait.about) else "" for one in known}
    file = next(iter(files)) if len(files) == 1 else ""
    return f"{wait.about}, in the shared register {file}" if file else wait.about


def _gates(portfolio: Portfolio, titles: Mapping[str, str]) -> Fragment:
    rows = [
        [
            lines(gate.title, small(gate.id)),
            f"{len(gate.failed)} of {gate.applies}",
            f"{len(gate.undecided)} of {gate.applies}",
            as_list([role_named(role, titles, cases) for role in gate.roles], _NAMED),
            _cases(gate.failed),
        ]
        for gate in gates_of(portfolio)
        for cases in [(*gate.failed, *gate.undecided)]
    ]
    columns = (
        "Gate:long | Fails in:number | Undecided in:number | Whose move | Which fail"
    )
    fails = sum(bool(gate.failed) for gate in gates_of(portfolio))
    title = f"{count(fails, 'gate')} {'fails' if fails == 1 else 'fail'} in some case, "
    title += "of those to which each applies"
    empty = "Every gate passes in every case to which it applies."
    return table(title, columns, rows, empty=empty, around="titled sorted")


def _cases(rows: Sequence[CaseRow]) -> Markup:
    """Return links to the first of these cases, and how many more there are."""
    shown = Markup(", ").join(map(_link, rows[:_NAMED])) or Markup("none")
    rest = len(rows) - _NAMED
    return shown + (f" and {rest:,} more" if rest > 0 else "")


def _link(row: CaseRow, text: str = "") -> Markup:
    """Return a link to the page of a case, by its name where nothing else is said."""
    return Markup('<a href="{}.html">{}</a>').format(quote(row.name), text or row.name)


def _cut(rows: Sequence[object], file: str) -> str:
    """Return how much of a list stands in a file alone; "" where all of it is shown."""
    rest = len(rows) - _MOST
    return f"And {rest:,} more: {file} has all." if rest > 0 else ""


# --- where each stands ------------------------------------------------------------------


def levels(portfolio: Portfolio) -> Fragment:
    """Return cases by dimension in the levels' words, grouped by unit."""
    units: dict[str, list[Mapping[str, object]]] = {}
    for row in portfolio.cases:
        cells = [_level(row.now.levels.get(name)) for name in DIMENSIONS]
        told: Mapping[str, object] = {"title": _link(row, row.title), "cells": cells}
        units.setdefault(row.unit or "", []).append(told)
    grouped = [(unit, units[unit]) for unit in sorted(units, key=lambda u: (not u, u))]
    if grouped != [("", units.get(""))]:
        grouped = [(unit or _NO_UNIT, rows) for unit, rows in grouped]
    caption = "Level of each case in each dimension"
    html = draw(
        "levels.html.j2",
        caption=caption,
        titles=[SECTION_TITLES[name] for name in DIMENSIONS],
        units=grouped,
        note=_LEVELS,
    )
    return Fragment(f'<div class="sorted">{html}</div>', caption)


_LEVELS = (
    "The darker, the more is shown. Hatched: not known, or known in part only, from the "
    "first word to the second. No average is made of them."
)


def _level(bounds: Bounds | None) -> tuple[str, str]:
    """Return a level in words, and the class of its look."""
    said = level_range(bounds)
    if bounds is None:
        return said, ""
    part = "" if bounds.lower == bounds.upper else " part"
    return said, f"h{bounds.lower + 1}{part}" if said != "not known" else "unknown"


def case_by_case(portfolio: Portfolio) -> Fragment:
    """Return one row for each case, those without a report too."""
    usual = common(portfolio.cases) if portfolio.cases else (None, "full")
    rows = [_row(row, usual) for row in portfolio.cases]
    bad = Markup('<a href="{}/failed.html">{}</a>').format
    rows += [
        [
            bad(quote(one.name), one.name),
            theme.mark(theme.BAD, f"failed: {one.why}"),
            *[""] * 7,
        ]
        for one in portfolio.failed
    ]
    columns = (
        "Case:long | Verdict | Weakest dimension | Gates | Half of the runs keep:date | "
        "A month costs | Oldest proof until:date | Untouched since:date | Trend:date"
    )
    title = f"{count(len(rows), 'case')}, one a row"
    empty = "No case is here yet: readybook report DIR... --out reports."
    return table(title, columns, rows, empty=empty, around="titled sorted")


def _row(row: CaseRow, usual: tuple[str | None, str]) -> list[str | Markup]:
    apart = not_comparable(row, usual)
    name = lines(
        _link(row, row.title),
        small(", ".join(filter(None, (row.name, row.unit)))),
        small(apart),
    )
    undated = len(row.ready.undated)
    date = row.ready.p50.isoformat() if row.ready.p50 else "no date"
    if row.now.verdict.lower == "ready":
        date, undated = "ready", 0
    return [
        name,
        theme.mark(theme.verdict_look(row.now.verdict)),
        _weakest(row),
        _gate_counts(row),
        lines(date, small(f"{count(undated, 'step')} undated" if undated else "")),
        month_in([row]).amount or "not declared",
        row.proof_lapses.isoformat() if row.proof_lapses else "no proof",
        row.touched.isoformat() if row.touched else "never touched",
        _trend(row),
    ]


def _weakest(row: CaseRow) -> str:
    """Return the dimension that lies furthest below what is needed, or all that do."""
    below = {
        name: (level.lower - row.needed[name].lower, level.upper)
        for name, level in row.now.levels.items()
        if level and name in row.needed
    }
    worst = [name for name in below if below[name] == min(below.values())]
    if not worst:
        return "none asked"
    titles = as_list([SECTION_TITLES[name] for name in worst], 1)
    return f"{titles}: {level_range(row.now.levels[worst[0]])}"


def _gate_counts(row: CaseRow) -> str:
    failed, open_ = len(row.now.failed), len(row.now.undecided)
    told = [f"{failed} fail"] if failed else []
    told += [f"{open_} undecided"] if open_ else []
    return f"{', '.join(told) or 'all pass'}, of {len(row.gates)}"


def _trend(row: CaseRow) -> Markup | str:
    """Return how a case moved since its last milestone before the as-of date."""
    then = next((p for p in reversed(row.earlier) if p.on < row.as_of), None)
    if then is None:
        return "no milestone"
    way = _way(row.now, then)
    word, look = (
        ("worse", theme.BAD) if way > 0 else ("better", theme.GOOD) if way else
        ("as before", theme.UNTESTED)
    )  # fmt: skip
    return lines(theme.mark(look, word), small(f"since {then.on}"))


# --- decisions, and what is owed ----------------------------------------------------------


def promises(portfolio: Portfolio) -> Fragment:
    """Return decisions that are open, the longest over first, and exceptions that end."""
    titles = role_titles(portfolio)
    found: dict[tuple[bool, Promise], list[CaseRow]] = {}
    for row in portfolio.cases:
        for one in row.promises:
            is_over = bool(one.until and one.until < row.as_of)
            ends = one.until and one.until <= row.as_of + SOON
            if one.kind == "decision" or ends:
                found.setdefault((not is_over, one), []).append(row)
    ordered = sorted(
        found,
        key=lambda pair: (
            pair[0], pair[1].until or dt.date.max, pair[1].on, pair[1].what
        ),
    )  # fmt: skip
    rows = [
        [
            lines(one.what, small(one.kind)),
            role_named(one.role, titles, found[is_kept, one]),
            one.on.isoformat(),
            _until(one, is_kept=is_kept),
            _cases(found[is_kept, one]),
        ]
        for is_kept, one in ordered
    ]
    over = sum(not is_kept for is_kept, _ in ordered)
    title = f"{count(len(rows), 'decision or exception', 'decisions and exceptions')}, "
    title += f"{over or 'none'} over the date"
    columns = "What:long | Who | Since:date | Until:date | Cases"
    empty = "No decision is open, and no exception ends within 30 days."
    return table(title, columns, rows[:_MOST], empty=empty, around="titled sorted",
                 note=_cut(rows, "portfolio.json"))  # fmt: skip


def _until(one: Promise, *, is_kept: bool) -> str | Markup:
    if one.until is None:
        return "no date"
    if is_kept:
        return one.until.isoformat()
    word = "expired" if one.kind == "exception" else "overdue"
    return theme.mark(theme.BAD, f"{one.until} {word}")


def chase(portfolio: Portfolio) -> Fragment:
    """Return who owes what, what frees most cases first."""
    titles, debts = role_titles(portfolio), debts_of(portfolio)
    rows = [
        [
            lines(sentence(debt.what), small(debt.kind)),
            role_named(debt.role, titles, debt.cases),
            debt.since.isoformat() if debt.since else "not known",
            f"{debt.over}" if debt.over else "",
            f"{len(debt.cases)}{' at once' if debt.at_once else ', one each'}"
            if len(debt.cases) > 1
            else "1",
            _cases(debt.cases),
        ]
        for debt in debts
    ]
    over = late(debts)
    things = count(sum(one.acts for one in debts), "thing")
    title = f"{things} owed, {over or 'none'} over the date"
    columns = "Owed:long | By | Since:date | Days over:number | Cases it frees | Which"
    empty = "Nobody owes an answer, a proof, an acceptance or a permission."
    return table(title, columns, rows[:_MOST], empty=empty, around="titled sorted",
                 note=_cut(rows, "chase.csv"))  # fmt: skip


#: By the name that a notebook's cell takes, in the order of the page.
PIECES: Mapping[str, Callable[[Portfolio], Fragment]] = {
    "first": first_screen,
    "changes": changes,
    "holds-back": holds_back,
    "levels": levels,
    "cases": case_by_case,
    "promises": promises,
    "chase": chase,
}
