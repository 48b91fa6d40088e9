"""To freeze a milestone without names and notes, and to thaw its bank; pure.

Respondents are numbered, with three digits that tell one from another without saying
who it is; of the place of a table's data four digits stay, which tell only that it
moved. Findings lose their series, which no rule reads. What is dated after the as-of
date was not known then and is left out too: no rule reads it either.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from typing import TypeVar

from readybook.bank.history import question_hash
from readybook.model.bank import (
    LEVEL_WORDS,
    AnswerSet,
    Bank,
    BankRef,
    NextStep,
    Question,
    Role,
    Section,
    SourceRef,
)
from readybook.model.case import (
    Answer,
    AnswerSheet,
    Assessment,
    Confirmation,
    Decisions,
    Resources,
    Settled,
    Stakeholders,
)
from readybook.model.contract import DataModel, Table
from readybook.model.findings import DataEvidence
from readybook.model.results import (
    FrozenBank,
    FrozenQuestion,
    Milestone,
    Result,
    Snapshot,
    Stood,
    plain,
    seal_of,
)

_Dated = TypeVar("_Dated", Answer, Confirmation, Settled)

_LEFT_OUT = "not kept"  #: in the place of texts that a milestone does not need
_ANSWERS = "not-kept"  #: as an id
_ALIAS = re.compile(r"respondent-\d{3,}(?:-([0-9a-f]{3}))?")
_MARKS = 3  #: digits of that mark
_PLACE = re.compile(r"place-([0-9a-f]{4})")
_PLACE_MARKS = 4  #: digits of that mark
_NO_PLACE = {"server", "user_variable", "password_variable"}  #: name and secrets
_SHOWN = 4  #: digits of an account that stay, as reports show them
_DIGITS = 23  #: of a fingerprint: "sha256:" and sixteen more
#: What is kept of a question as it stands in the bank.
_KEPT = tuple(name for name in FrozenQuestion.model_fields if name != "hash")


def freeze(
    result: Result,
    assessment: Assessment,
    bank: Bank,
    *,
    version: str,
    name: str | None = None,
) -> Milestone:
    """Return what is known on the as-of date, without names and notes.

    Args:
        result: what the method concludes of the assessment.
        assessment: as it was read.
        bank: that it was scored under.
        version: of readybook.
        name: what people call the milestone.
    """
    unsealed = Milestone(
        format=1,
        kind="milestone",
        readybook=version,
        on=assessment.as_of,
        name=name,
        bank=_frozen_bank(bank),
        inputs=_nameless(assessment),
        result=snapshot_of(result),
        fingerprint=_LEFT_OUT,
    )
    return unsealed.model_copy(update={"fingerprint": seal_of(plain(unsealed))})


def snapshot_of(result: Result) -> Snapshot:
    """Return what is compared of a result."""
    return Snapshot(
        phase=result.phase,
        headline=result.headline,
        subline=result.subline,
        because=result.because,
        on_word=result.on_word.headline,
        verdict=result.verdict,
        dimensions=result.dimensions,
        questions={
            one.question.id: Stood(
                section=one.section,
                status=one.status,
                bounds=one.bounds,
                proof=one.proof,
                proven=one.proven,
                gate=one.gate.level if one.gate else None,
                gate_state=one.gate_state,
            )
            for one in result.standings
        },
        answered=result.answered,
        applicable=result.applicable,
        proven=result.proven,
    )


def _frozen_bank(bank: Bank) -> FrozenBank:
    sections: dict[Section, tuple[FrozenQuestion, ...]] = {}
    for section, question in bank.questions:
        kept = {name: getattr(question, name) for name in _KEPT}
        frozen = FrozenQuestion(**kept, hash=question_hash(question))
        sections[section] = (*sections.get(section, ()), frozen)
    return FrozenBank(
        ref=BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint),
        title=bank.title,
        roles={role.id: role.title for role in bank.roles},
        facts=bank.facts,
        sections=sections,
    )


def _nameless(assessment: Assessment) -> Assessment:
    aliases, as_of = _aliases(assessment), assessment.as_of
    model = assessment.data_model
    tables = [
        one.model_copy(update={"location": f"place-{mark}" if mark else one.name})
        for one in model.tables
        for mark in [place_mark(model, one)]
    ]
    documents = {
        "data_model": model.model_copy(update={"servers": (), "tables": (*tables,)}),
        "resources": _masked(assessment.resources),
        "stakeholders": _numbered(assessment.stakeholders, aliases),
        "decisions": _wordless(assessment.decisions, as_of),
        "agreed": assessment.agreed.model_copy(
            update={"settled": _known(assessment.agreed.settled, as_of)}
        ),
    }
    update: dict[str, object] = {
        name: documents[name] for name in documents.keys() & assessment.declared
    }
    update["sheets"] = {
        aliases[name]: _noteless(sheet, as_of)
        for name, sheet in sorted(assessment.sheets.items())
    }
    update["probes"] = {
        name: probe
        for name, probe in assessment.probes.items()
        if probe.measured_on <= as_of
    }
    for name in ("data", "accounts", "route"):
        evidence = getattr(assessment, name)
        is_known = evidence is not None and evidence.measured_on <= as_of
        update[name] = evidence if is_known else None
    if isinstance(known := update["data"], DataEvidence):
        update["data"] = _brief(known, as_of)
    return assessment.model_copy(update={**update, "fingerprint": _LEFT_OUT})


def _aliases(assessment: Assessment) -> dict[str, str]:
    """Return a number for each respondent: who is the same person still shows."""
    names = set(assessment.sheets)
    for holder in assessment.stakeholders.roles:
        names |= {*holder.deputies, *holder.holders}
    ordered = enumerate(sorted(names), 1)
    return {name: f"respondent-{at:03}-{mark_of(name)}" for at, name in ordered}


def mark_of(name: str) -> str | None:
    """Return digits by which a person is known again; None: a milestone kept none.

    One name in some four thousand has those of another, so that they are no name.
    """
    if alias := _ALIAS.fullmatch(name):
        return alias[1]
    return hashlib.sha256(name.encode()).hexdigest()[:_MARKS]


def place_mark(model: DataModel, table: Table) -> str | None:
    """Return digits by which the place of a table's data is known again.

    None: a milestone kept none, or no server is declared. One place in some 65,000 has
    the digits of another.
    """
    if marked := _PLACE.fullmatch(table.location):
        return marked[1]
    if not model.servers:
        return None
    places = [one.marked(but=_NO_PLACE) for one in model.servers]
    content = json.dumps([places, table.location], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:_PLACE_MARKS]


def _noteless(sheet: AnswerSheet, as_of: dt.date) -> AnswerSheet:
    bare = {"note": None, "private": False, "first": None, "typed_by": None}
    known = _known(sheet.answers, as_of)
    answers = {name: one.model_copy(update=bare) for name, one in known.items()}
    update = {"answers": answers, "confirms": _known(sheet.confirms, as_of)}
    return sheet.model_copy(update=update)


def _known(dated: Mapping[str, _Dated], as_of: dt.date) -> dict[str, _Dated]:
    return {name: one for name, one in dated.items() if one.date <= as_of}


def _numbered(register: Stakeholders, aliases: Mapping[str, str]) -> Stakeholders:
    roles = []
    for row in register.roles:
        held: object = row.held_by
        if row.held_by != "nobody-yet":
            held = tuple(aliases[name] for name in row.held_by)
        known = row.buy_in and row.buy_in.model_copy(update={"known_from": _LEFT_OUT})
        deputies = tuple(aliases[name] for name in row.deputies)
        update = {"held_by": held, "deputies": deputies, "buy_in": known}
        roles.append(row.model_copy(update=update))
    return register.model_copy(update={"roles": tuple(roles), "signers": ()})


def _wordless(kept: Decisions, as_of: dt.date) -> Decisions:
    texts = {"decisions": "asked decided", "exceptions": "because", "replies": "text"}
    update: dict[str, object] = {}
    for key, names in texts.items():
        day = "asked_on" if key == "decisions" else "on"
        known = (one for one in getattr(kept, key) if getattr(one, day) <= as_of)
        update[key] = tuple(
            one.model_copy(
                update={text: _LEFT_OUT for text in names.split() if getattr(one, text)}
            )
            for one in known
        )
    return kept.model_copy(update=update)


def _masked(resources: Resources) -> Resources:
    rows = []
    for row in resources.resources:
        account = row.account
        if account is not None:
            kept = min(_SHOWN, len(account.id) // 2)
            hidden = "0" * (len(account.id) - kept)
            number = hidden + account.id[len(hidden) :]
            account = account.model_copy(update={"id": number, "profile": None})
        rows.append(row.model_copy(update={"account": account}))
    return resources.model_copy(update={"resources": tuple(rows)})


def _brief(data: DataEvidence, as_of: dt.date) -> DataEvidence:
    bare = {"series": (), "threshold_source": None}
    findings = tuple(
        one.model_copy(update={**bare, "fingerprint": one.fingerprint[:_DIGITS]})
        for one in data.findings
        if one.measured_on <= as_of
    )
    return data.model_copy(update={"findings": findings})


def thaw_bank(frozen: FrozenBank) -> Bank:
    """Return a bank that scores as the frozen one did; it has no texts but titles."""
    return Bank(
        format=1,
        id=frozen.ref.id,
        version=frozen.ref.version,
        title=frozen.title,
        roles=tuple(
            Role(id=name, title=title, does=_LEFT_OUT)
            for name, title in frozen.roles.items()
        ),
        facts=frozen.facts,
        works=(),
        answer_sets=(AnswerSet(id=_ANSWERS, does_not_apply=True),),
        sections={
            section: tuple(map(_thawed, questions))
            for section, questions in frozen.sections.items()
        },
        fingerprint=frozen.ref.fingerprint or _LEFT_OUT,
    )


def _thawed(frozen: FrozenQuestion) -> Question:
    kept = {name: getattr(frozen, name) for name in _KEPT}
    step = NextStep(do=_LEFT_OUT, role=frozen.authority)
    return Question(
        **kept,
        answers=_ANSWERS,
        sources=(SourceRef(work=_ANSWERS),),
        text=frozen.title,
        why=_LEFT_OUT,
        proof=_LEFT_OUT,
        levels=LEVEL_WORDS,
        next=(step, step, step, step),
    )
