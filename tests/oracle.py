"""The method's sections 1 to 4 once more, word by word and without any haste.

Nothing of readybook's scoring is imported: from a bank and an assessment to a verdict by
enumeration, so that two independent readings of the same text can be compared.
"""

from __future__ import annotations

import datetime as dt
from itertools import compress, product

from readybook.checks.catalogue import CHECKS

PHASES = ("prototype", "pilot", "production")
DIMENSIONS = ("AVL", "QLT", "PRV", "OWN")
WORST_FIRST = ("not ready", "conditions", "ready")


def asked(bank, case):
    """Rows of what may be asked, sections of the track, ids that may yet be ruled out."""
    rows, sections, doubtful = [], set(), set()
    for section, question in bank.questions:
        on_track = (
            case.scope.track == "full" or question.gate or question.weight == "key"
        )
        is_refuted = refuted(question, case)
        if on_track or is_refuted:
            sections |= {section}
            if is_refuted or applies(question, case.scope.facts):
                row = (section, question, *stands(question, case))
                facts, wanted = case.scope.facts, question.applies_when
                off = not on_track or not applies(question, facts)
                is_alone = is_refuted and (row[-1] or off)
                rows.append((*row[:-1], is_alone))
                if is_refuted and not is_alone and {*wanted} - {*facts}:
                    doubtful.add((question.id, "refuted"))
                if not is_refuted and {*question.applies_when} - {*case.scope.facts}:
                    doubtful.add(question.id)
    return rows, sections, doubtful


def verdicts(bank, case):
    """Everything compared: three verdicts as (lower, upper), levels, gate states."""
    phase = PHASES.index(case.scope.phase)
    rows, sections, doubtful = asked(bank, case)
    low, high = needed(bank, case)

    def counted(rows):
        return [row for row in rows if row[2] != "waved off"]

    def worlds(*, upper=False):
        """All that may be asked, and whatever is left of it.

        What counts for a failure alone may go too: it is no merit, at either end.
        """
        may_go = [
            r[1].id
            for r in rows
            if r[5] or (not upper and {r[1].id, (r[1].id, "refuted")} & doubtful)
        ]
        for goes in product((False, True), repeat=len(may_go)):
            gone = {*compress(may_go, goes)}
            yield [row for row in rows if row[1].id not in gone]

    def said(world, need, stand, counts):
        has_gate = any(in_force(row[1], phase) for row in world)
        if not has_gate or not {*DIMENSIONS} <= sections:
            return "not ready"
        return word([(r[0], r[1], stand(r)) for r in counts(world)], need, phase)

    def best(row, upper):
        return 4 if row[1].id in doubtful else upper

    def stands_in(section, world, *, upper=False):
        own = [row for row in counted(world) if row[0] == section]
        return level([(r[1], best(r, r[3][1]) if upper else r[3][0]) for r in own])

    def verdict(pick, counts=counted):
        words = {said(one, high, lambda r: pick(r)[0], counts) for one in worlds()}
        best_words = {
            said(one, low, lambda r: best(r, pick(r)[1]), counts)
            for one in worlds(upper=True)
        }
        return (
            min(words, key=WORST_FIRST.index),
            min(best_words, key=WORST_FIRST.index),
        )

    return {
        "printed": verdict(lambda row: row[3]),
        "on people's word": verdict(lambda row: row[4]),
        "nothing waved": verdict(
            lambda row: (0, 0) if row[2] == "waved off" else unwaved(row, case), list
        ),
        "levels": {
            section: (
                min(
                    (
                        at
                        for one in worlds()
                        if (at := stands_in(section, one)) is not None
                    ),
                    default=None,
                ),
                min(
                    (
                        at
                        for one in worlds(upper=True)
                        if (at := stands_in(section, one, upper=True)) is not None
                    ),
                    default=None,
                ),
            )
            for section in DIMENSIONS
        },
        "gates": {
            row[1].id: state(row[1].gate.level, (row[3][0], best(row, row[3][1])))
            for row in counted(rows)
            if in_force(row[1], phase)
        },
    }


def unwaved(row, case):
    """Bounds where nothing is declared away, not a part of it: the check has failed."""
    _, question, _, bounds, *_ = row
    away = [
        binding.proves
        for binding in question.checks
        if (
            not CHECKS[binding.check].subjects(case)
            or CHECKS[binding.check].uncovered(case)
        )
        and any(
            binding.check in one.checks and one.on <= case.as_of
            for one in case.scope.not_needed
        )
    ]
    return tuple(min([bound, *away]) for bound in bounds)


def applies(question, facts):
    """A condition reads declared facts; while one is undeclared, it may apply."""
    for fact, values in question.applies_when.items():
        if fact in facts and facts[fact] not in values:
            return False
    return True


def needed(bank, case):
    """1, 2, 3 by phase; one more for a raising fact; undeclared, perhaps one more."""
    base = PHASES.index(case.scope.phase) + 1
    raised = undeclared = False
    for fact in bank.facts:
        raising = {value.id for value in fact.values if value.raises_need}
        if fact.id in case.scope.facts:
            raised |= case.scope.facts[fact.id] in raising
        else:
            undeclared |= bool(raising)
    if raised:
        return min(base + 1, 4), min(base + 1, 4)
    return base, min(base + undeclared, 4)


def stands(question, case):
    """Status, bounds, bounds on people's word alone, and whether it was waved off."""
    as_of = case.as_of
    voices = [
        (sheet.role, sheet.answers[question.id])
        for sheet in case.sheets.values()
        if question.id in sheet.answers and sheet.answers[question.id].date <= as_of
    ]
    settled = case.agreed.settled.get(question.id)
    if settled and settled.date > as_of:
        settled = None
    if settled and (
        question.authority not in {s.role for s in case.sheets.values()}
        or question.authority not in settled.present
        or len({s.role for s in case.sheets.values()} & set(settled.present)) < 2
    ):
        settled = None
    own = [answer for role, answer in voices if role == question.authority]
    answers = [settled] if settled else own
    status, claim = claimed(question, answers, case)

    cap, floor, support = checked(question, case)
    is_refuted = status == "waved off" and refuted(question, case)
    status = "unanswered" if is_refuted else status  # what failed applies
    away = bool(question.checks) and support is None
    support = max(
        [1, support or 0, *documents(question, case, own, settled, away=away)]
    )
    support = min(support, floor, looked(question, case))
    if status == "answered":
        bounds = min(claim[0], cap, support), min(claim[1], cap)
    else:
        bounds = 0, cap
    others = [a.answer for _, a in voices if isinstance(a.answer, int)]
    said = (4, 4) if is_refuted else (0, 4)
    if status == "answered":
        said = claim
    elif status == "unanswered" and others and not is_refuted:
        said = min(others), max(others)
    return status, bounds, said, is_refuted


def claimed(question, answers, case):
    """A level, unknown, waved off, or nothing that counts."""
    others = {sheet.role for sheet in case.sheets.values()} - {question.authority}
    if any(answer.answer == "unknown" for answer in answers):
        return "unknown", None
    levels = [answer.answer for answer in answers if isinstance(answer.answer, int)]
    if levels:
        return "answered", (min(levels), max(levels))
    waved = [answer for answer in answers if answer.answer == "does-not-apply"]
    complete = all(
        answer.reason
        and answer.because
        and (answer.approved_by in others or not question.gate)
        for answer in waved
    )
    return ("waved off" if waved and complete else "unanswered"), None


def documents(question, case, own, settled, *, away):
    """What documents carry that are dated, in date and filed or confirmed.

    Where every check is declared away, whoever the bank names must have seen it.
    """
    must = question.stand_in.seen_by if question.stand_in else None
    carried = []
    for answer in [*own, *([settled] if settled else [])]:
        proof = answer.proof
        if proof:
            days = question.shelf_life_days
            days = min(proof.shelf_life_days or days, days)
            if proof.date <= case.as_of <= proof.date + dt.timedelta(days=days):
                carried.append(2 if away else 3)
    for sheet in case.sheets.values():
        seen = sheet.confirms.get(question.id)
        if seen and sheet.role != question.authority:
            last = seen.date + dt.timedelta(days=question.shelf_life_days)
            if seen.date <= case.as_of <= last:
                is_other = away and must not in (None, sheet.role)
                carried.append(min(seen.level, 2) if is_other else seen.level)
    return carried


def looked(question, case):
    """What the last one who saw the document confirms, of several the least.

    Of the authority's own people, each one counts.
    """
    seen = [
        (sheet.role == question.authority, sheet.confirms[question.id])
        for sheet in case.sheets.values()
        if question.id in sheet.confirms
        and sheet.confirms[question.id].date <= case.as_of
    ]
    last = max((one.date for is_own, one in seen if not is_own), default=None)
    return min([4, *(o.level for own, o in seen if own or o.date == last)])


def by_contract(check, case):
    """What the contract alone says of a check's subjects: outcome by subject."""
    tables = {table.name: table for table in case.data_model.tables}
    if check == "supply-not-expired":
        aim = case.scope.target_date
        found, needed = {}, {(n.field or "").split(".")[0] for n in case.scope.needs}
        for name in needed & {*tables}:
            table = tables[name]
            if table.expires == "never":
                found[name] = "supports"
            elif table.expires and table.expires < max(case.as_of, aim or case.as_of):
                found[name] = "contradicts"
            elif table.expires and aim:
                found[name] = "supports"
        return found
    if check == "lineage-traced":
        known = {
            f"{table.name}.{column.name}"
            for table in tables.values()
            for column in table.columns
            if table.origin or column.origin or column.made_from or column.definitions
        }
        needed = {need.field for need in case.scope.needs if need.field} | {
            f"{table.name}.{column.name}"
            for table in tables.values()
            for column in table.columns
            if column.needed
        }
        return {one: "supports" if one in known else "contradicts" for one in needed}
    return None


def refuted(question, case):
    """Whether data, machines or the register fail one of its checks."""
    measured = tuple(
        one
        for one in question.checks
        if CHECKS[one.check].reads in ("data", "resources", "register")
    )
    return checked(question.model_copy(update={"checks": measured}), case)[0] < 4


def checked(question, case):
    """Cap of failures, floor of all that has not passed in date, support of passes.

    There is no support to speak of, None, where every check is declared away.
    """
    cap, floor, support = 4, 4, None
    declared_away = {
        check
        for row in case.scope.not_needed
        if row.on <= case.as_of
        for check in row.checks
    }
    for binding in question.checks:
        check = CHECKS[binding.check]
        subjects = check.subjects(case)
        seen = {
            f.subject: f
            for f in case.data.findings
            if f.check == check.id
            and f.subject in subjects
            and f.measured_on <= case.as_of
        }
        outcomes = {f.outcome for f in seen.values()}
        declared = by_contract(check.id, case)
        if declared is not None:
            # A contract is as old as the day on which it is read.
            outcomes, in_date = set(declared.values()), True
            complete = set(declared) == set(subjects)
        else:
            life = dt.timedelta(days=check.shelf_life_days)
            in_date = all(case.as_of <= f.measured_on + life for f in seen.values())
            complete = len(seen) == len(subjects)
        if "contradicts" in outcomes:
            cap = min(cap, binding.proves)
        elif subjects and outcomes == {"supports"} and complete and in_date:
            # No case that is drawn has a sign-off.
            reach = min(binding.supports, 2) if check.limit else binding.supports
            support = max(support or 0, reach)
            floor = min(floor, 2) if check.limit else floor
            continue
        elif not subjects and check.id in declared_away:
            continue
        floor, support = min(floor, binding.proves), support or 0
    return cap, floor, support


def in_force(question, phase):
    """A gate holds from its phase on."""
    return question.gate is not None and PHASES.index(question.gate.phase) <= phase


def state(minimum, bounds):
    """Passed if the lower bound reaches it, failed if the upper one does not."""
    if bounds[0] >= minimum:
        return "passed"
    return "failed" if bounds[1] < minimum else "undecided"


def level(stood):
    """The greatest level of all keys and three quarters of the majors; None: nothing."""
    if not stood:
        return None
    best = 0
    for candidate in (1, 2, 3, 4):
        keys = [at for q, at in stood if q.weight == "key"]
        majors = [at for q, at in stood if q.weight == "major"]
        reached = sum(at >= candidate for at in majors)
        if all(at >= candidate for at in keys) and reached >= 0.75 * len(majors):
            best = candidate
    return best


def word(rows, need, phase):
    """The verdict with each question standing at one level."""
    if any(in_force(q, phase) and at < q.gate.level for _, q, at in rows):
        return "not ready"
    short = 0
    for section in ("SCP", *DIMENSIONS):
        stood = [(q, at) for s, q, at in rows if s == section]
        stands = level(stood) if section != "SCP" else None
        if stands is not None and stands <= need - 2:
            return "not ready"
        short += sum(at < need for q, at in stood if q.weight == "key")
        majors = [at >= need for q, at in stood if q.weight == "major"]
        while section != "SCP" and sum(majors) < 0.75 * len(majors):
            majors[majors.index(False)] = True
            short += 1
    if short > 5:
        return "not ready"
    return "conditions" if short else "ready"
