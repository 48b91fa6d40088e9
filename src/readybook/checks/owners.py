"""Findings on the register: owners, roles and agreements; and notes on it; pure.

Nothing is measured: stakeholders.yaml is the evidence, judged at the as-of date. What it
does not say is "not measured"; only what it says can contradict a claim.
"""

import itertools
from collections import Counter
from collections.abc import Iterator

from readybook.checks.catalogue import CHECKS, Judged, Told, fingerprint_of
from readybook.checks.sign_offs import Cell, Signed, SignOffs, known_covers, subject_of
from readybook.model.bank import Bank
from readybook.model.case import Assessment, Asset, BuyIn
from readybook.model.errors import Problem, nearest
from readybook.model.findings import Finding
from readybook.model.words import capital, count, day, days, in_words, listed

_FILE = "stakeholders.yaml"
_MOST_CHANGES = 3  #: that a sentence names; the matrix has them all
#: Share of the assets, and of the key questions, from which one role carries too much;
#: rules of thumb: beyond half, what that role does not get done stops most of the case.
_MOST = 0.5
#: Assets from which a share says something.
_FROM = 4
_REFUSES = ("unaware", "opposed")


def check_register(assessment: Assessment, bank: Bank | None = None) -> list[Finding]:
    """Return the findings on assets, loads, needed tables, roles, approvers, sign-offs.

    Key questions of the bank count towards the load of a role; without one, none do.
    """
    if "stakeholders" not in assessment.declared:
        return []
    fingerprint = fingerprint_of(assessment.stakeholders)
    return [
        told._replace(
            source=f"{_file(assessment, told.source or '')}: {told.source}"
        ).finding(assessment.as_of, fingerprint)
        for told in (
            *_assets(assessment),
            *_loads(assessment, bank),
            *_needs(assessment),
            *_roles(assessment),
            *_granters(assessment),
            *_agreements(assessment),
        )
    ]


def _file(assessment: Assessment, key: str) -> str:
    """Return in words the file that has a key: the cases' own, or one that they share."""
    *_, role, field = ("", *key.split())
    is_shared = field in {"held_by", "deputies"}
    return assessment.source_of(f"role/{role}") if is_shared else _FILE


def _people(assessment: Assessment, role: str) -> int | None:
    """Return how many can answer for a role; None where the register lacks it."""
    people = assessment.stakeholders.people(role)
    return None if people is None else len(people)


def _title(role: str) -> str:
    return capital(in_words(role))


# --- one asset ---------------------------------------------------------------------


def _assets(assessment: Assessment) -> Iterator[Told]:
    for asset in assessment.stakeholders.assets:
        roles = tuple(dict.fromkeys(asset.accountable))
        if asset.kind == "model":
            yield _model(assessment, asset, roles)
        else:
            yield _single(asset, roles)
            yield _willing(assessment, asset, roles)
        yield _confirmed(assessment, asset, roles)
        yield _backed(assessment, asset, roles)


def _model(assessment: Assessment, asset: Asset, roles: tuple[str, ...]) -> Told:
    """Return whether one role that is held and willing answers for the model."""
    told = _single(asset, roles)
    if told.outcome:
        told = _willing(assessment, asset, roles)
        if _people(assessment, roles[0]) == 0:
            message = f"Nobody holds {in_words(roles[0])}, accountable for {asset.id}."
            key = f"{roles[0]} held_by"
            told = Told("model-owned", asset.id, "contradicts", message, key)
    return told._replace(check="model-owned")


def _single(asset: Asset, roles: tuple[str, ...]) -> Told:
    if not roles:
        message = f"Nobody is accountable for {asset.id}: {asset.what}."
    elif len(roles) == 1:
        message = f"{_title(roles[0])} alone is accountable for {asset.id}."
    else:
        titles = listed([in_words(role) for role in roles])
        message = (
            f"{capital(titles)} are {'both' if len(roles) == 2 else 'all'} "  # noqa: PLR2004
            f"accountable for {asset.id}: nobody has the last word."
        )
    key, is_one = f"{asset.id} accountable", len(roles) == 1
    return Told("owners-single", asset.id, is_one, message, key, len(roles), 1)


def _nobody(check: str, asset: Asset, so: str, key: str) -> Told:
    message = f"Nobody is accountable for {asset.id}, so nobody {so}."
    return Told(check, asset.id, None, message, f"{asset.id} {key}")


def _willing(assessment: Assessment, asset: Asset, roles: tuple[str, ...]) -> Told:
    """Return how the owners stand to the case, the least willing of them first."""
    check = "owners-willing"
    if not roles:
        return _nobody(check, asset, "could agree to it", "accountable")
    known = {role: _buy_in(role, assessment) for role in roles}
    against = [r for r, told in known.items() if told and told.state in _REFUSES]
    unknown = [role for role, told in known.items() if told is None]
    role = [*against, *unknown, *roles][0]
    told, key = known[role], f"{role} buy_in"
    message = f"{_title(role)} is accountable for {asset.id}"
    if told is None:
        message += "; how that role stands to the case is not recorded."
        return Told(check, asset.id, None, message, key)
    message += f" and {told.state}, as of {day(told.on)} ({told.known_from})."
    state, on = told.state, told.on
    return Told(check, asset.id, not against, message, key, state, None, "", on)


def _buy_in(role: str, assessment: Assessment) -> BuyIn | None:
    """Return how a role stands to the case, as far as it was known on the as-of date."""
    holder = assessment.stakeholders.holder(role)
    known = holder.buy_in if holder else None
    return known if known and known.on <= assessment.as_of else None


def _confirmed(assessment: Assessment, asset: Asset, roles: tuple[str, ...]) -> Told:
    check, key = "owners-confirmed", f"{asset.id} confirmed_on"
    if not roles:
        return _nobody(check, asset, "could confirm it", "confirmed_on")
    as_of, on = assessment.as_of, asset.confirmed_on
    titles = capital(listed([in_words(role) for role in roles]))
    if on is None or on > as_of:
        message = f"{titles} never confirmed being accountable for {asset.id}."
        return Told(check, asset.id, "contradicts", message, key)
    age, most = (as_of - on).days, CHECKS[check].shelf_life_days
    message = f"{titles} last confirmed {asset.id} on {day(on)}, "
    message += f"{days(on, as_of) if age else 'less than a day'} ago"
    message += f", which is more than {most}." if age > most else "."
    outcome: Judged = "informs" if age > most else "supports"
    return Told(check, asset.id, outcome, message, key, age, most, None, on)


def _backed(assessment: Assessment, asset: Asset, roles: tuple[str, ...]) -> Told:
    """Return whether an asset falls with one person; deputies are counted."""
    check = "owners-backed"
    if not roles:
        return _nobody(check, asset, "stands in", "accountable")
    known = {role: assessment.stakeholders.people(role) for role in roles}
    people = frozenset[str]().union(*(found for found in known.values() if found))
    titles = listed([in_words(role) for role in roles])
    unknown = [in_words(role) for role, found in known.items() if found is None]
    if unknown and len(people) <= 1:
        message = f"Who holds {unknown[0]}, accountable for {asset.id}, is not said."
        return Told(check, asset.id, None, message, "roles")
    if not people:
        message = f"Nobody holds {titles}: {asset.id} falls with that role."
    elif len(people) == 1:
        message = f"{capital(titles)} has no deputy: {asset.id} falls with one person."
    else:
        message = f"{len(people)} people can answer for {asset.id}: {titles}."
    is_backed, key = len(people) > 1, f"{roles[0]} deputies"
    return Told(check, asset.id, is_backed, message, key, len(people), 2)


# --- load --------------------------------------------------------------------------


def _loads(assessment: Assessment, bank: Bank | None) -> Iterator[Told]:
    assets = assessment.stakeholders.assets
    questions = bank.questions if bank else ()
    asked = [
        question.authority for _, question in questions if question.weight == "key"
    ]
    owned = Counter(role for one in assets for role in dict.fromkeys(one.accountable))
    for role, number in owned.items():
        share, answers = number / len(assets), asked.count(role)
        is_most = len(assets) >= _FROM and share > _MOST
        answers_most = answers > _MOST * len(asked)
        half = ", more than half"
        message = (
            f"{_title(role)} is accountable for {number} of "
            f"{count(len(assets), 'asset')}{half * is_most}"
        )
        if asked:
            message += (
                f"{',' * is_most} and answers {answers} of "
                f"{count(len(asked), 'key question')}{half * answers_most}"
            )
        yield Told(
            "load-spread", role,
            "informs" if is_most or answers_most else "supports", f"{message}.",
            "assets accountable", round(share, 4), _MOST,
        )  # fmt: skip


# --- what the needs mention --------------------------------------------------------


def _needs(assessment: Assessment) -> Iterator[Told]:
    """Yield who owns each needed table; a need without a field can have no owner."""
    for table, fields in assessment.needed_tables.items():
        yield _needed(assessment, table, fields)
    for need in assessment.scope.needs:
        if need.field is None:
            message = (
                f"No field is known for {need.id}, so nobody can own it; "
                f"{in_words(need.ask)} can say where it is."
            )
            yield Told("needs-owned", f"need {need.id}", None, message, "assets")


def _needed(assessment: Assessment, table: str, fields: tuple[str, ...]) -> Told:
    owners: dict[str, None] = {}
    unowned = []
    for field in fields:
        standing = assessment.stakeholders.standing_for(field)
        roles = [role for asset in standing for role in asset.accountable]
        owners |= dict.fromkeys(roles)
        if not roles:
            unowned.append(field)
    needed = (
        f"{count(len(fields), 'field')} {'is' if len(fields) == 1 else 'are'} needed"
    )
    outcome: Judged = not unowned
    if not unowned:
        titles = capital(", ".join(in_words(role) for role in owners))
        message = f"{titles} answers for {table}, of which {needed}."
    elif assessment.data_assets:
        whole = f"{table}, of which {needed}"
        names = whole if unowned == [*fields] else ", ".join(unowned)
        message = f"Nobody is accountable for {names}."
    else:
        outcome = None
        message = f"No asset says that it stands for {table}: key covers."
    value = ", ".join(owners) or "nobody"
    return Told(
        "needs-owned", f"table {table}", outcome, message, "assets covers", value
    )


# --- roles -------------------------------------------------------------------------


def _roles(assessment: Assessment) -> Iterator[Told]:
    if not assessment.stakeholders.roles:
        return  # an empty register says of nobody that nobody is there
    for role, times in Counter(_named(assessment)).items():
        held = _people(assessment, role)
        outcome: Judged = None if held is None else held > 0
        if held is None:
            rest = ", and the register lacks that role"
        elif held:
            rest = f"; {count(held, 'person', 'people')} can answer for it"
        else:
            rest = ", and nobody holds that role"
        message = f"{_title(role)} is named {count(times, 'time')}{rest}."
        key = f"roles {role} held_by"
        yield Told("roles-known", role, outcome, message, key, held, 1)


def _named(assessment: Assessment) -> Iterator[str]:
    """Yield each role as often as the documents name it, in the order of files.

    Counted are assets, resources, open actions and the needs' roles to ask.
    """
    for asset in assessment.stakeholders.assets:
        responsible = filter(None, (asset.responsible,))
        yield from dict.fromkeys(
            (*asset.accountable, *responsible, *asset.consulted, *asset.informed)
        )
    for row in assessment.resources.resources:
        yield from dict.fromkeys(filter(None, (row.grants, row.pays)))
    yield from (action.owner for action in assessment.open_actions)
    yield from (need.ask for need in assessment.scope.needs)


def _granters(assessment: Assessment) -> Iterator[Told]:
    for role, resources in assessment.resources.granted_by.items():
        held = _people(assessment, role)
        outcome: Judged = None if held is None else held > 0
        if held is None:
            rest = "; who holds that role is not said"
        elif held <= 1:
            rest = (
                ": one person, without a deputy"
                if held
                else ", and nobody holds that role"
            )
        else:
            rest = f"; {held} people can"
        message = f"{_title(role)} must permit {', '.join(resources)}{rest}."
        key = f"roles {role} deputies"
        yield Told("granters-backed", role, outcome, message, key, held, 1)


# --- agreements --------------------------------------------------------------------


def _agreements(assessment: Assessment) -> Iterator[Told]:
    """Yield what is said of each sign-off, then of each that is wanted.

    One that is out of date is told and decides nothing, like one that is missing: that
    role may have agreed elsewhere, and who agreed once is no worse than who never did.
    """
    sign_offs = SignOffs(assessment)
    for signed in sign_offs.signed:
        yield _current(signed, sign_offs.in_words(signed.entry.covers))
    for role, covers in sign_offs.wanted:
        yield _wanted(sign_offs.cell(role, covers), sign_offs.in_words(covers))


def _current(signed: Signed, part: str) -> Told:
    entry = signed.entry
    outcome: Judged = "informs"
    if signed.state == "agreed":
        outcome, rest = "supports", "nothing in it has changed since"
        if not signed.is_stored:
            rest += ", but what it covered is not stored: sign off again to keep it"
    elif signed.is_gone:
        rest = "the data model has no such part now"
    elif signed.state == "not bound":
        outcome = "not measured"
        rest = "to which version is not recorded: run readybook sign-off"
    else:
        told = [one.words for one in signed.changes[:_MOST_CHANGES]]
        if len(signed.changes) > _MOST_CHANGES:
            told.append(f"and {len(signed.changes) - _MOST_CHANGES} more")
        since = f"since then {'; '.join(told)}"
        if not told:
            since = "it has changed since, and what it covered is not stored"
        rest = f"{since}. That role has to agree again"
    subject = subject_of(entry.role, entry.covers)
    message = f"{_title(entry.role)} agreed to {part} on {day(entry.on)}; {rest}."
    number = len(signed.changes) if signed.is_stored else None
    check = "agreements-current"
    return Told(check, subject, outcome, message, "sign_offs", number, 0)


def _wanted(cell: Cell, part: str) -> Told:
    role = _title(cell.role)
    outcome: Judged = "informs"
    if cell.state == "agreed" and cell.by:
        outcome, message = True, f"{role} agreed to {part} on {day(cell.by.on)}."
    elif cell.state == "missing":
        outcome = "not measured"
        message = f"{role} has not agreed to {part}."
    elif cell.state == "not bound":
        message = f"{role} agreed to {part}; to which version is not recorded."
    else:
        message = f"{role} agreed to {part} as it was, and has to agree again."
    check, subject = "agreements-complete", subject_of(cell.role, cell.covers)
    return Told(check, subject, outcome, message, "sign_offs", cell.state)


# --- notes -------------------------------------------------------------------------


def register_notes(assessment: Assessment) -> tuple[Problem, ...]:
    """Return what to look at in the register, in the order of the file."""
    rows = (
        *_sheets(assessment),
        *_deputies(assessment),
        *_covers(assessment),
        *_sign_offs(assessment),
    )
    return tuple(Problem(_file(assessment, row[0]), 0, *row) for row in rows)


_Note = tuple[str, str, str, str]  #: key, found, expected, what to do


def _sheets(assessment: Assessment) -> Iterator[_Note]:
    for name in sorted(assessment.sheets.keys() - assessment.counted_sheets.keys()):
        role = assessment.sheets[name].role
        yield (
            f"roles {role} held_by", f"answers/{name}.yaml, which does not count",
            "answers of who holds the role", "correct who holds it, or who answered",
        )  # fmt: skip


def _deputies(assessment: Assessment) -> Iterator[_Note]:
    for holder in assessment.stakeholders.roles:
        same = [name for name in holder.deputies if name in holder.holders]
        if same:
            yield (
                f"roles {holder.role} deputies", f"'{same[0]}', who holds the role",
                "somebody else", "name who stands in, or remove the entry",
            )  # fmt: skip
    known = set[frozenset[str]]()
    for one, other in itertools.combinations(assessment.stakeholders.roles, 2):
        # Two people are told once: three who hold all roles would fill a page.
        swapped = {
            frozenset((here, there))
            for here in set(one.holders) & set(other.deputies)
            for there in set(other.holders) & set(one.deputies) - {here}
        }
        if not swapped <= known:
            known |= swapped
            yield (
                f"roles {one.role} deputies", f"who holds {other.role}, and the reverse",
                "deputies who do not stand in for each other", "name a third person",
            )  # fmt: skip


def _covers(assessment: Assessment) -> Iterator[_Note]:
    if "data_model" not in assessment.declared:
        return
    tables = assessment.data_model.tables
    known = [
        *(table.name for table in tables),
        *(f"{table.name}.{one.name}" for table in tables for one in table.columns),
        *(row.id for row in assessment.resources.resources),
    ]
    for asset in assessment.stakeholders.assets:
        for name in asset.covers:
            if name not in known:
                yield (
                    f"assets {asset.id} covers", f"'{name}'",
                    "a table, a table.field or a resource that is declared",
                    nearest(name, known),
                )  # fmt: skip


def _sign_offs(assessment: Assessment) -> Iterator[_Note]:
    for signed in SignOffs(assessment).signed:
        entry = signed.entry
        key = f"sign_offs {entry.role} {entry.covers}"
        if signed.is_gone and "data_model" in assessment.declared:
            yield (
                key, f"'{entry.covers}', which the data model lacks",
                "the model, a table or a declared category list",
                nearest(entry.covers, known_covers(assessment.data_model)),
            )  # fmt: skip
        elif not signed.is_stored:
            found = "no record of what it covered"
            if entry.fingerprint is not None:
                found = "a fingerprint whose file is not in agreements/"
            yield (
                key, found, "what `readybook sign-off` writes",
                "put the file back, or sign off again",
            )  # fmt: skip
