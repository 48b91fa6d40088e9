"""What is needed and was looked at, what was found, and by which method."""

import datetime as dt
import shlex
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal

from markupsafe import Markup

from readybook import __version__
from readybook.checks.catalogue import CHECKS, Check, checks_of
from readybook.model.bank import ExtendedBank
from readybook.model.case import Need, Signature
from readybook.model.contract import DataModel
from readybook.model.findings import LOUDEST, Finding, Outcome
from readybook.model.words import (
    as_list,
    capital,
    count,
    day,
    number,
    sentence,
    without_keys,
)
from readybook.show.decided import replies_to
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    code,
    draw,
    folded_code,
    lines,
    small,
    table,
)
from readybook.show.kit.theme import OUTCOMES, UNTESTED, mark, outcome_mark

_MOST_ROWS = 8  #: beyond so many, what was supported or not measured is folded
_MOST_TITLES = 3
_MOST_ALIKE = 3  #: findings of one check told one by one; of more, the first for all
#: What leadership calls the files that say what is needed; the data model is known.
_FILES = {
    "assessment.yaml": "the scope",
    "resources.yaml": "the list of resources",
    "stakeholders.yaml": "the register",
}
_FOLDED: dict[Outcome, str] = {
    "supports": "were measured and supported",
    "not measured": "could not be measured",
}


# --- sources -------------------------------------------------------------------------


def evidence_table(case: Case) -> Fragment:
    """Return what was opened or probed: rows or facts, with what, and when."""
    data = case.assessment.data
    measured = day(data.measured_on) if data else ""
    rows: list[list[str | Markup]] = []
    for source in data.tables if data else ():
        state = outcome_mark("supports", "opened")
        if source.rows is None:
            state = outcome_mark("contradicts", "not opened")
        size = number(source.rows, "rows") or source.failed or ""
        rows.append([source.table, state, size, source.engine, measured])
    for name, probe in sorted(case.assessment.probes.items()):
        read = sum(fact.state == "read" for fact in probe.facts)
        facts = f"{read} of {count(len(probe.facts), 'fact')} read"
        engine = f"readybook {probe.readybook}"
        state = outcome_mark("informs", "probed")
        rows.append([name, state, facts, engine, day(probe.measured_on)])
    columns = "Source:head | State | Size | With | On:date"
    empty = "No source was opened and no machine was probed yet."
    note = _not_run(case.assessment.data_model)
    return table("What was looked at", columns, rows, empty=empty, note=note)


def _not_run(model: DataModel) -> str:
    """Return how many quality rules of the contract no program ran, "" where none."""
    tables = [table for table in model.tables if table.rules_not_run]
    rules = sum(table.rules_not_run for table in tables)
    if not rules:
        return ""
    of = ", ".join(f"{table.name} {table.rules_not_run}" for table in tables)
    are, were = ("is", "was") if rules == 1 else ("are", "were")
    return (
        f"{count(rules, 'quality rule')} in SQL {are} in the contract and {were} not "
        f"run ({of}): nothing but what is measured here is asked of a source."
    )


# --- findings ------------------------------------------------------------------------


def findings_table(case: Case, *checks: str) -> Fragment:
    """Return findings, loudest first; where there are many, the quiet ones folded.

    Those of the named checks are shown; without a name, all. The team's edition lists
    what was supported, that of leadership counts it.
    """
    shown = [f for f in case.evidence if not checks or f.check in checks]
    shown.sort(key=lambda f: LOUDEST.index(f.outcome))
    titles = [CHECKS[c].title if c in CHECKS else c for c in checks]
    few = 0 < len(titles) <= _MOST_TITLES
    caption = "; ".join(titles) if few else "What was measured"
    if len(shown) <= _MOST_ROWS:
        return _findings(case, caption, shown, f"{caption}: nothing was measured yet.")
    loud = [f for f in shown if f.outcome not in _FOLDED]
    empty = "Nothing that was measured contradicts a claim."
    first = _findings(case, caption, loud, empty)
    listed = {"supports": case.edition == "team", "not measured": True}
    folds = [
        (f"{len(quiet)} {words}", _alike(quiet, case) if listed[outcome] else ())
        for outcome, words in _FOLDED.items()
        if (quiet := [f for f in shown if f.outcome == outcome])
    ]
    html = draw("folded.html.j2", first=first.html, folds=folds)
    found = Counter(one.outcome for one in shown)
    told = [f"{found[o]} {OUTCOMES[o].word.lower()}" for o in LOUDEST if found[o]]
    told_of = f"{caption}: of {count(len(shown), 'finding')}, {', '.join(told)}"
    return Fragment(html, told_of)


def _findings(  # noqa: PLR0913, PLR0917 - what a table of them consists of
    case: Case,
    caption: str,
    shown: Sequence[Finding],
    empty: str,
    more: Sequence[list[str | Markup]] = (),
    around: Literal["", "titled"] = "",
) -> Fragment:
    """Return findings as rows, and other rows below; the date of most stands below."""
    dates = Counter(finding.measured_on for finding in shown).most_common()
    usual = dates[0][0] if dates else None
    rows = [*(_row(finding, case, usual) for finding in shown), *more]
    columns = "Subject:field | Outcome | What was found:wide | Measured:number"
    columns += " | Needed:number"
    others = ", where no other day is named" if len(dates) > 1 else ""
    note = f"Measured on {day(usual)}{others}." if usual else ""
    return table(caption, columns, rows, empty=empty, note=note, around=around)


def _row(finding: Finding, case: Case, usual: dt.date | None) -> list[str | Markup]:
    source = (finding.threshold_source or "").removesuffix(f": {finding.subject}")
    source = source.removesuffix("data.odcs.yaml")  # where needs of data stand anyway
    if case.edition == "leadership":
        source = _FILES.get(source.partition(":")[0], "")
    beside = [
        f"Needed according to {source}" if source else "",
        ""
        if finding.measured_on == usual
        else f"measured on {day(finding.measured_on)}",
    ]
    return [
        code(finding.subject),
        outcome_mark(finding.outcome),
        lines(
            without_keys(finding.message),
            small(capital("; ".join(filter(None, beside)))),
            replies_to(case, f"{finding.check} {finding.subject}"),
        )
        + _again(finding, case),
        _amount(finding.value, finding.unit),
        _amount(finding.threshold, finding.unit),
    ]


def _again(finding: Finding, case: Case) -> Markup:
    """Return the SQL that counts a finding again, for the team.

    The command prints it with the place of the rows, which no page names.
    """
    text = case.sql(finding) if case.edition == "team" else ""
    if not text:
        return Markup("")
    words = ("readybook", "explain", case.assessment.name, finding.check)
    command = " ".join(shlex.join([*words, finding.subject]).split())
    where = f"-- with where the rows lie: {command}"
    return folded_code("SQL that counts it again", f"{where}\n{text}")


def _amount(value: float | str | None, unit: str | None) -> str | Markup:
    """Return a number with its unit; a unit of several words on a line of its own."""
    if value is None or unit is None or " " not in unit or unit.startswith("share"):
        return number(value, unit)
    return lines(number(value), small(unit))


def _alike(findings: Sequence[Finding], case: Case) -> list[tuple[str, str, Markup]]:
    """Return findings check by check, each with the subjects that it stands for."""
    told = list[tuple[str, str, Markup]]()
    for check in dict.fromkeys(finding.check for finding in findings):
        first, likewise = _first_of([one for one in findings if one.check == check])
        shown = [(without_keys(one.message), _again(one, case)) for one in first]
        told += [(message, "", again) for message, again in shown[:-1]]
        told.append((shown[-1][0], likewise, shown[-1][1]))
    return told


def _first_of(alike: Sequence[Finding]) -> tuple[Sequence[Finding], str]:
    """Return those of a check's findings that are told, and the others' subjects."""
    if len(alike) <= _MOST_ALIKE:
        return alike, ""
    return alike[:1], ", ".join(finding.subject for finding in alike[1:])


# --- needs -----------------------------------------------------------------------------

_FEW = 3  #: fields of which each is told what is the same of all
_MARKS = (
    "Tick: the data supports it. Cross: the data contradicts it, by how much. Dotted: "
    "untested. Empty: nothing is declared that could be tested."
)
#: What is asked of a field: the checks that measure it, and what is said where they
#: support it.
_ASPECTS: dict[str, tuple[set[str], str]] = {
    "Present": ({"fields-present"}, "present"),
    "Type": ({"types-match"}, "fits"),
    "Filled": ({"nulls-tolerated", "label-filled"}, "filled"),
    "Categories": ({"categories-populated"}, "all there"),
    "Values": ({"values-declared", "values-in-range"}, "as declared"),
    "Stand-ins": ({"sentinels-absent"}, "none"),
    "History": ({"history-span", "history-gaps"}, "long enough"),
    "Keys, joins": ({"keys-unique", "joins-match"}, "match"),
    "Train, live": ({"live-like-training"}, "alike"),
}
_MEASURED = frozenset().union(*(checks for checks, _ in _ASPECTS.values()))
#: What a contradicted check says of its value.
_BAD = {
    "fields-present": "absent",
    "types-match": "is {}",
    "nulls-tolerated": "{} empty",
    "label-filled": "{} filled",
    "values-declared": "{} not declared",
    "values-in-range": "{} out of range",
    "joins-match": "{} find no partner",
}


def need_matrix(case: Case) -> Fragment:
    """Return what the prediction changes, and a row per need with a mark for each aspect."""
    needs = case.assessment.scope.needs
    fields = [need.field for need in needs if need.field]
    failed = sum(
        any(f.outcome == "contradicts" for f in _about(field, _MEASURED, case))
        for field in fields
    )
    title = f"{failed or 'None'} of {count(len(fields), 'needed field')} "
    title += f"{'is' if failed == 1 else 'are'} contradicted by the data in something"
    if unknown := len(needs) - len(fields):
        title += f"; {count(unknown, 'need')} without a field"
    rows = [_need_row(need, case) for need in needs]
    known = [row for row, need in zip(rows, needs, strict=True) if need.field]
    # What is the same of all is told once; the first aspect has what is not known.
    same = {
        at: known[0][at]
        for at in range(2, len(_ASPECTS) + 1)
        if len(known) > _FEW and len({row[at] for row in known}) == 1
    }
    told = [
        Markup("{} {}").format(name.lower(), same[at])
        for at, name in enumerate(_ASPECTS, 1)
        if same.get(at)
    ]
    alike = Markup("Of all fields: {}. ").format(Markup("; ").join(told))
    columns = ["Need:long", *_ASPECTS]
    shown = table(
        title,
        " | ".join(name for at, name in enumerate(columns) if at not in same),
        [[cell for at, cell in enumerate(row) if at not in same] for row in rows],
        empty="Nobody has said yet what the use case needs from the data.",
        note=(alike if told else "") + _MARKS,
        around="titled marks",
    )
    if (decision := case.assessment.scope.decision) is None:
        return shown
    said = Markup('<div class="prose"><p>{}</p></div>').format(decision)
    return Fragment(f"{said}{shown.html}", f"{decision}\n{shown.text}")


def _about(field: str, checks: Collection[str], case: Case) -> list[Finding]:
    """Return what some checks found of a field."""
    mine = [finding for finding in case.evidence if finding.check in checks]
    model = case.assessment.data_model
    return [finding for finding in mine if _uses(finding.subject, field, model)]


def _uses(subject: str, field: str, model: DataModel) -> bool:
    """Return whether a finding's subject is a field, its table, its key or its join."""
    name, column = model.split(field)
    if subject in {field, name}:
        return True
    sides = [model.split(side) for side in subject.split(" -> ")]
    return any(side == name and column in columns.split("+") for side, columns in sides)


def _need_row(need: Need, case: Case) -> list[str | Markup]:
    asked = case.title(need.ask)
    if need.field is None:
        head = lines(need.what, small(need.use))
        unknown = mark(UNTESTED, f"no field known yet: ask {asked}")
        return [head, unknown, *[""] * (len(_ASPECTS) - 1)]
    field, model = need.field, case.assessment.data_model
    declared, column = model.table_of(field), model.split(field)[1]
    is_known = declared is not None and declared.column(column)
    missing = "" if is_known else "; not in the data model"
    name = Markup("{} {}").format(code(field), small(f"{need.use}{missing}"))
    untested = [f"not looked at: ask {asked}", *["untested"] * (len(_ASPECTS) - 1)]
    return [
        lines(need.what, name),
        *(
            _cell(field, checks, good, words, case)
            for (checks, good), words in zip(_ASPECTS.values(), untested, strict=True)
        ),
    ]


def _cell(
    field: str, checks: Collection[str], good: str, untested: str, case: Case
) -> Markup:
    """Return the loudest outcome in few words; "" where nothing is declared."""
    found = _about(field, checks, case)
    measured = [f for f in found if f.outcome != "not measured"]
    if not measured:
        model = case.assessment.data_model
        asked = (name for c in checks for name in CHECKS[c].covered(case.assessment))
        is_asked = found or any(_uses(subject, field, model) for subject in asked)
        return mark(UNTESTED, untested) if is_asked else Markup("")
    loudest = min(measured, key=lambda f: LOUDEST.index(f.outcome))
    look = OUTCOMES[loudest.outcome]
    if loudest.outcome != "contradicts":
        return mark(look, good)
    unit = None if loudest.unit == "type" else loudest.unit
    value = number(loudest.value, unit).removesuffix(" of rows")
    said = _BAD.get(loudest.check, "{}").format(value or "not as declared")
    return mark(look, said)


# --- keys and joins ------------------------------------------------------------------


def join_table(case: Case) -> Fragment:
    """Return every declared key and join: what was found of it, or that nothing was."""
    checks = ("joins-match", "keys-unique")
    found = [finding for check in checks for finding in case.found(check)]
    found.sort(key=lambda f: LOUDEST.index(f.outcome))
    known = {finding.subject for finding in found}
    missing = [
        name
        for check in reversed(checks)
        for name in CHECKS[check].covered(case.assessment)
        if name not in known
    ]
    untested = outcome_mark("not measured", "Untested")
    parts = [
        _held(case, "keys-unique", "key", "unique", "not unique"),
        _held(case, "joins-match", "join", "complete", "leaving rows without partner"),
        f"{len(missing)} untested" if missing else "",
    ]
    return _findings(
        case,
        capital("; ".join(filter(None, parts))),
        found,
        "Nobody has said yet what tells one row from another, and what joins tables.",
        more=[[code(name), untested, "", "", ""] for name in missing],
        around="titled",
    )


def _held(case: Case, check: str, noun: str, good: str, bad: str) -> str:
    measured = len(case.found(check, "supports", "contradicts", "informs"))
    failed = len(case.found(check, "contradicts"))
    of = count(measured, noun)
    said = f"{failed} of {of} {bad}" if failed else f"{of} {good}"
    return said if measured else ""


# --- the register --------------------------------------------------------------------


def register_findings(case: Case) -> Fragment:
    """Return one row per check of the register: what fails, and how much holds."""
    found = ((check, case.found(check.id)) for check in checks_of("register"))
    rows = [_check_row(check, mine) for check, mine in found if mine]
    columns = "Looked at:long | Outcome | Holds:number | What was found:wide"
    empty = "Nobody has said yet who owns what."
    return table("What the register shows", columns, rows, empty=empty)


def _check_row(check: Check, mine: Sequence[Finding]) -> list[str | Markup]:
    loud = [one for one in mine if one.outcome in {"contradicts", "informs"}]
    unseen = [one for one in mine if one.outcome == "not measured"]
    # What only informs is louder here than what was not measured.
    loudest = min((one.outcome for one in loud or unseen or mine), key=LOUDEST.index)
    first, likewise = _first_of(loud or unseen)
    holds = sum(one.outcome == "supports" for one in mine)
    told = [one.message for one in first]
    return [
        lines(check.title, small(without_keys(check.threshold))),
        outcome_mark(loudest),
        f"{holds} of {len(mine)}",
        lines(*told, small(f"likewise: {likewise}" if likewise else "")),
    ]


# --- how the report came about -------------------------------------------------------


def method_and_provenance(case: Case) -> Fragment:
    """Return the method in brief and everything needed to repeat the report."""
    changes = dict.fromkeys(sentence(str(change)) for change in case.changes_of_bank)
    files, signatures = case.assessment.measured, case.assessment.signatures
    html = draw(
        "method.html.j2",
        case=case,
        version=__version__,
        own=case.bank if isinstance(case.bank, ExtendedBank) else None,
        changes=changes,
        shared=case.assessment.shared,
        told=_shared(case),
        measured=[
            (name, one.measured_on, one.readybook, _signed(signatures.get(name), case))
            for name, one in files.items()
        ],
    )
    told = f"Bank {case.bank.id} {case.bank.version}, as of {day(case.result.as_of)}"
    return Fragment(html, "\n".join([f"{told}, readybook {__version__}.", *changes]))


def _shared(case: Case) -> str:
    """Return in words what a register says that cases share."""
    if (shared := case.assessment.shared) is None:
        return ""
    roles = as_list([case.title(role) for role in shared.roles], len(shared.roles))
    rows = as_list(shared.resources, len(shared.resources))
    return (
        f"who holds {count(len(shared.roles), 'role')}{roles and f' ({roles})'} and the "
        f"permissions for {count(len(shared.resources), 'resource')}{rows and f' ({rows})'}"
    )


def _signed(signature: Signature | None, case: Case) -> str:
    """Return in words who signed an evidence file; "" where nobody did."""
    if signature is None:
        return ""
    if signature.why:
        return f"signature not verified: {signature.why}"
    of = f" ({signature.team})" if signature.team else ""
    return f"signed by {case.title(signature.role)}{of}"
