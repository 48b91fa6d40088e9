"""What stood in a case then and is gone or looser now; taking away is seen; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from readybook.checks.findings import collect_findings
from readybook.checks.machines import masked
from readybook.checks.sign_offs import Content, SignOffs, content_of
from readybook.model.bank import PHASES
from readybook.model.case import Assessment
from readybook.model.contract import DataModel, split_name
from readybook.model.findings import FLOOR, NOTHING
from readybook.model.words import as_list, count, in_words
from readybook.score.freeze import mark_of, place_mark

_Path = tuple[str, ...]  #: of a promise in the data model, its value last

_NAMED = 3  #: of what is gone, before the rest is counted


def removed_since(*looks: Assessment) -> tuple[str, ...]:
    """Return in words what is gone: evidence, documents, entries of them, answers.

    Args:
        looks: at a case, the last one as it is. What stood in any of the others and not
            in that one is gone.
    """
    *before, after = looks
    told = list[str]()
    for one, many, parts in _KINDS:
        stood = {part for look in before for part in parts(look)}
        told += _told(one, sorted(stood - set(parts(after))), many=many)
    return (
        *told,
        *_loosened(before, after),
        *_void(before, after),
        *_unsaid(before, after),
        *_less(before, after),
        *_replaced(before, after),
        *_moved(before, after),
        *_rewritten(before, after),
        *_mended(before, after),
    )


def _told(
    noun: str, names: Sequence[str], what: str = "", many: str | None = None
) -> Iterator[str]:
    """Yield how many of something are gone or became otherwise, the first of them named."""
    if names:
        number = count(len(names), noun, many)
        yield f"{number} {what}({as_list(names, _NAMED)})"


def _loosened(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield which lists have fewer entries, then what is not promised any more.

    Of a table, a column or an entry that is gone as a whole its parts are not told.
    """
    lists, entries, gone = dict[str, dict[_Path, str]](), set[_Path](), set[_Path]()
    now = set(_promised(after))
    for look in before:
        for path, name, shown in _lists(look.data_model):
            lists.setdefault(name, {})[path] = shown
            entries |= {path, path[:-1]}
        gone |= set(_promised(look)) - now
    for name, each in lists.items():
        if less := [shown for path, shown in each.items() if path in gone]:
            named = as_list(sorted(filter(None, less)), _NAMED)
            told = f"{len(less)} of {len(each)} {name}"
            yield f"{told} ({named})" if named else told
    whole = list[_Path]()
    for one in sorted(gone):
        if not (whole and one[: len(whole[-1])] == whole[-1]):
            whole.append(one)
    rest = [_in_place(one) for one in whole if one not in entries]
    yield from _told("promise", rest, "of the data model ")


def _in_place(path: _Path) -> str:
    """Return a promise in words: "label fill 0.95 of flights.arr_delay"."""
    _, table, *rest = path
    if rest[:1] == ["columns"]:
        table, rest = f"{table}.{rest[1]}", rest[2:]
    told = " ".join(one.replace("_", " ") for one in rest if one != f"{True}")
    return f"{told} of {table}" if told else table


def _lists(model: DataModel) -> Iterator[tuple[_Path, str, str]]:
    """Yield each category and key: its promise, what it is one of, and its name.

    A value of a restricted column has none.
    """
    for table in model.tables:
        place = ("tables", table.name)
        for column in table.columns:
            name = f"categories of {table.name}.{column.name}"
            for one in column.categories:
                path = (*place, "columns", column.name, "categories", one.value)
                yield path, name, "" if column.restricted else one.value
        for key in map("+".join, table.keys):
            yield (*place, "keys", key), f"keys of {table.name}", key


def _void(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield which sign-offs held, and hold no longer for what is declared now, and why.

    One that was taken away is gone like any entry of the register.
    """
    held = {
        (one.entry.role, one.entry.covers)
        for look in before
        for one in SignOffs(look).signed
        if one.state == "agreed"
    }
    told = []
    for one in SignOffs(after).signed:
        entry = one.entry
        if one.state == "agreed" or (entry.role, entry.covers) not in held:
            continue
        why = as_list([change.words for change in one.changes], 1)
        why = (
            "not declared any more" if one.is_gone else why or "what it covers changed"
        )
        told.append(f"sign-off of {entry.covers} by {entry.role} void: {why}")
    yield from told[:_NAMED]
    if more := told[_NAMED:]:
        yield f"{count(len(more), 'more sign-off')} void"


def _unsaid(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield what people answered, saw or settled and is not there any more.

    What somebody else says in that role does not stand in for it, as far as milestones
    tell people apart.
    """
    now = set(_said(after))
    kept = now | {(what, None) for what, _ in now}
    then = {one for look in before for one in _said(look)}
    yield from _told("answer", sorted({what for what, _ in then - kept}))


def _said(case: Assessment) -> Iterator[tuple[str, str | None]]:
    for name, sheet in case.sheets.items():
        who = mark_of(name)
        yield from ((f"{one} by {sheet.role}", who) for one in sheet.answers)
        yield from ((f"{one} seen by {sheet.role}", who) for one in sheet.confirms)
    yield from ((f"{one} by the room", "") for one in case.agreed.settled)


def _replaced(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield which roles somebody else holds now, as far as milestones tell people apart.

    Whoever left a role without a successor is gone like any entry of the register.
    """
    now = {row.role: set(map(mark_of, row.holders)) for row in after.stakeholders.roles}
    roles = {
        row.role
        for look in before
        for row in look.stakeholders.roles
        if now.get(row.role)
        and set(filter(None, map(mark_of, row.holders))) - now[row.role]
    }
    yield from _told("holder", sorted(roles), "replaced ")


def _moved(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield of which tables the data lies elsewhere: other rows may be there."""

    def places(model: DataModel) -> set[tuple[str, str]]:
        marks = ((table.name, place_mark(model, table)) for table in model.tables)
        return {(name, mark) for name, mark in marks if mark}

    now = places(after.data_model)
    gone = {one for look in before for one in places(look.data_model)} - now
    moved = {name for name, _ in gone} & {name for name, _ in now}
    yield from _told("source of data", sorted(moved), "moved ", many="sources of data")


def _rewritten(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield which tables hold as many rows as they did, and other ones.

    Where rows came in, what became of the old ones is known by `_mended` alone.
    """

    def contents(case: Assessment) -> dict[tuple[str, int], str]:
        tables = case.data.tables if case.data else ()
        return {
            (one.table, one.rows): one.fingerprint
            for one in tables
            if one.rows is not None and one.fingerprint != NOTHING
        }

    now = contents(after)
    names = {
        key[0]
        for look in before
        for key, mark in contents(look).items()
        if now.get(key, mark) != mark
    }
    yield from _told("table", sorted(names), "with other content in as many rows ")


#: Checks that count rows or keys of a table which new rows only add to.
_ONLY_GROWS = {"values-declared", "values-in-range", "keys-unique"}


def _mended(before: Iterable[Assessment], after: Assessment) -> Iterator[str]:
    """Yield of which tables that grew older rows are other ones: fewer of them fail.

    Only where nothing else can lessen the count: declared and measured as it was. What
    became of rows that no check counts is not known: nothing keeps them.
    """
    now, names = dict(_counted(after)), set[str]()
    for look in before:
        for key, (rows, (least, _)) in _counted(look):
            size, (_, most) = now.get(key, (0, (0, least)))
            if size > rows and most < least:
                names.add(key[-1])
    yield from _told("table", sorted(names), "that grew with older rows changed ")


def _counted(
    case: Assessment,
) -> Iterator[tuple[tuple[str, ...], tuple[int, tuple[int, int]]]]:
    """Yield what a check counts, how and of which table; its rows, and how many fail."""
    data = case.data
    tables = {one.table: one for one in data.tables} if data else {}
    for one in data.findings if data else ():
        value, table = one.value, tables.get(split_name(one.subject, tables)[0])
        if data is None or one.check not in _ONLY_GROWS or not (table and table.rows):
            continue
        fails = (1, FLOOR - 1) if value == f"<{FLOOR}" else (value, value)
        if isinstance(fails[0], int) and isinstance(fails[1], int):
            made = (data.readybook, f"{data.way}", table.declared)
            key = (*made, one.check, one.subject, table.table)
            yield key, (table.rows, (fails[0], fails[1]))


def turned(before: Assessment, after: Assessment, *, passes: bool) -> tuple[str, ...]:
    """Return the checks, by name and subject, that pass or fail only now.

    Args:
        before: a look at a case.
        after: a later one.
        passes: those that failed then and pass now, else the reverse.
    """
    was, now = (
        {(one.check, one.subject): one.outcome for one in collect_findings(look)}
        for look in (before, after)
    )
    ends = ("contradicts", "supports") if passes else ("supports", "contradicts")
    found = [key for key, end in now.items() if (was.get(key), end) == ends]
    return tuple(f"{check} of {subject}" for check, subject in found)


def _less(before: Sequence[Assessment], after: Assessment) -> Iterator[str]:
    """Yield which tables have fewer rows, or reach over fewer days, than they had.

    With the keys of the table that were not unique and are: rows that are gone may be
    the repair.
    """
    now, most = dict(_sizes(after)), dict[tuple[str, str], int]()
    for key, size in (pair for look in before for pair in _sizes(look)):
        most[key] = max(size, most.get(key, 0))
    passing = {one: None for look in before for one in turned(look, after, passes=True)}
    for (what, name), was in most.items():
        if (size := now.get((what, name), was)) < was:
            keys = [one for one in passing if one.startswith(f"keys-unique of {name}.")]
            mended = f" (failed then, passes now: {as_list(keys, _NAMED)})"
            told = f"{was - size:,} of {was:,} {what} of {name}"
            yield told + mended * (what == "rows" and bool(keys))


def _sizes(case: Assessment) -> Iterator[tuple[tuple[str, str], int]]:
    data = case.data
    for table in data.tables if data else ():
        if table.rows is not None:
            yield ("rows", table.table), table.rows
    for one in data.findings if data else ():
        if one.check == "history-span" and isinstance(one.value, int):
            yield ("days", one.subject), one.value


def _premises(case: Assessment) -> Iterator[str]:
    """Yield what the verdict is asked for; each phase includes the ones before it."""
    scope = case.scope
    yield from (f"phase {one}" for one in PHASES[: PHASES.index(scope.phase) + 1])
    if scope.track == "full":
        yield "track full"
    yield from (f"{in_words(fact)} {value}" for fact, value in scope.facts.items())
    if scope.target_date:
        yield f"target date {scope.target_date}"


def _evidence(case: Assessment) -> Iterator[str]:
    yield from (name for name in ("data", "accounts", "route") if getattr(case, name))
    yield from (f"probe {name}" for name in case.probes)


def _measured(case: Assessment) -> Iterator[str]:
    for one in case.data.findings if case.data else ():
        if one.outcome in {"supports", "contradicts"}:
            yield f"{one.check} of {one.subject}"


#: Of a resource, what a check looks at, besides its needs.
_HELD = {"grants", "lead_time_days", "refused_on", "expires", "probe", "same_as"}


def _provisioned(case: Assessment) -> Iterator[str]:
    for row in case.resources.resources:
        yield row.id
        needs = row.needs.model_dump(exclude_defaults=True) if row.needs else {}
        held = row.model_dump(include=_HELD, exclude_defaults=True)
        # As milestones keep it: with its last digits.
        held |= {"account": masked(row.account.id)} if row.account else {}
        for key, value in (held | needs).items():
            each = value if isinstance(value, tuple) else (value,)
            yield from (f"{_held(key, _named(one))} of {row.id}" for one in each)
    if route := case.resources.route:
        claims = route.model_dump(exclude_defaults=True)
        told = (_held(key, _named(value)) for key, value in claims.items())
        yield from (f"{one} of the route" for one in told)


def _named(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{int(value)}"  # all others with each digit: a smaller one is another
    return ":".join(map(str, value.values())) if isinstance(value, dict) else str(value)


_UNITS = {
    "days": "days",
    "gib": "GiB",
    "mib per s": "MiB per s",
    "per week": "per week",
}


def _held(key: str, value: str) -> str:
    """Return a key of a file and its value in words: "lead time 30 days"."""
    words = key.replace("_", " ")
    unit = next((one for one in _UNITS if words.endswith(f" {one}")), "")
    return f"{words.removesuffix(unit).strip()} {value} {_UNITS.get(unit, '')}".strip()


def _registered(case: Assessment) -> Iterator[str]:
    register = case.stakeholders
    yield from (f"role {one.role}" for one in register.roles if one.holders)
    for one in register.assets:
        yield f"asset {one.id}"
        if one.responsible:
            yield f"{one.responsible} responsible for {one.id}"
    yield from (f"sign-off of {s.covers} by {s.role}" for s in register.sign_offs)


def _decided(case: Assessment) -> Iterator[str]:
    kept = case.decisions
    yield from (f"decision {one.id}" for one in kept.decisions)
    for one in kept.exceptions:
        yield f"exception of {one.gate} by {one.approved_by} until {one.until}"
    yield from (f"reply to {one.to} by {one.role}" for one in kept.replies)


def _promised(case: Assessment) -> Iterator[_Path]:
    yield from _promises(content_of(case.data_model))
    yield from _unloosened(case.data_model)


def _promises(content: Content, place: _Path = ()) -> Iterator[_Path]:
    """Yield each promise with its value, so that one that was loosened is gone too."""
    for key, value in content.items():
        inside = (*place, key)
        if isinstance(value, Mapping):
            yield inside
            yield from _promises(value, inside)
        else:
            yield (*inside, f"{value}")


def _unloosened(model: DataModel) -> Iterator[_Path]:
    """Yield what is promised where a contract says nothing, as long as it says nothing.

    Contents leave defaults out, so that nothing would be gone from them.
    """
    for table in model.tables:
        place = ("tables", table.name)
        if table.calendar is None:
            yield (*place, "every day")
        if not table.gaps_tolerated:
            yield (*place, "no gap")
        for join in table.relationships:
            if not join.orphans_tolerated:
                yield (*place, "relationships", join.subject, "no orphan")
        for column in table.columns:
            for one in column.categories:
                if one.min_rows:
                    at = (*place, "columns", column.name, "categories", one.value)
                    yield (*at, "any row")


#: What a case has, by the noun of one and of several.
_KINDS: tuple[tuple[str, str, Callable[[Assessment], Iterable[str]]], ...] = (
    ("evidence file", "evidence files", _evidence),
    ("measured subject", "measured subjects", _measured),
    ("document", "documents", lambda case: case.declared),
    ("premise", "premises", _premises),
    ("need", "needs", lambda case: [one.id for one in case.scope.needs]),
    ("resource or need of one", "resources or needs of them", _provisioned),
    ("entry of the register", "entries of the register", _registered),
    ("entry of decisions.yaml", "entries of decisions.yaml", _decided),
)
