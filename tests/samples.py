"""Small banks and assessments for tests, built from the real models."""

from __future__ import annotations

import datetime as dt

from readybook.model.bank import (
    AnswerSet,
    Bank,
    BankRef,
    Binding,
    Fact,
    FactValue,
    Gate,
    NextStep,
    Question,
    Role,
    SourceRef,
    Work,
)
from readybook.model.case import (
    AgreedAnswers,
    Answer,
    AnswerSheet,
    Assessment,
    Confirmation,
    Need,
    Proof,
    Scope,
)
from readybook.model.contract import Category, Column, DataModel, Table
from readybook.model.findings import DataEvidence, Finding, MeasuredTable

AS_OF = dt.date(2026, 6, 30)
REF = BankRef(id="small", version="1.0.0")
#: check id -> the one subject that DATA_MODEL gives it
SUBJECTS = {
    "source-opened": "t",
    "fields-present": "t.a",
    "categories-populated": "t.a",
    "keys-unique": "t.a",
}
DATA_MODEL = DataModel(
    id="model",
    version="1.0.0",
    status="active",
    servers=(),
    tables=(
        Table(
            name="t",
            location="t",
            columns=(Column(name="a", needed=True, categories=(Category(value="x"),)),),
            keys=(("a",),),
            declared="sha256:model",
        ),
    ),
    fingerprint="sha256:contract",
)


def question(id_, *, weight="key", gate=None, checks=(), authority="owner", **more):
    """A question with made-up texts; `gate` is (phase, level) or None."""
    return Question(
        id=id_,
        title=f"Title of {id_}",
        weight=weight,
        authority=authority,
        answers="in-place",
        gate=Gate(phase=gate[0], level=gate[1]) if gate else None,
        checks=tuple(Binding(check=c, supports=s, proves=p) for c, s, p in checks),
        sources=(SourceRef(work="work"),),
        text="Is it there?",
        why="It matters.",
        proof="A record.",
        levels=tuple(f"{id_} stands at {n}" for n in range(5)),
        next=tuple(NextStep(do=f"Reach {n}", role="owner") for n in range(1, 5)),
        **more,
    )


def bank(*questions):
    """A bank of these questions; the section is the id's first three letters."""
    sections = {}
    for one in questions:
        sections.setdefault(one.id[:3], []).append(one)
    return Bank(
        format=1,
        id="small",
        version="1.0.0",
        title="Small bank",
        roles=(
            Role(id="owner", title="Owner", does="Owns."),
            Role(id="other", title="Other", does="Helps."),
            Role(id="business-owner", title="Business owner", does="Decides."),
        ),
        facts=(
            Fact(
                id="stakes",
                text="How high are the stakes?",
                values=(
                    FactValue(id="low", text="Low"),
                    FactValue(id="high", text="High", raises_need=True),
                ),
            ),
        ),
        works=(Work(id="work", title="Work", by="Author", year=2020),),
        answer_sets=(AnswerSet(id="in-place", does_not_apply=True),),
        sections={section: tuple(own) for section, own in sections.items()},
        fingerprint="sha256:bank",
    )


def days_ago(days):
    """The day that lies so many days before the as-of date."""
    return AS_OF - dt.timedelta(days=days)


def answer(value, *, age=10, proof_age=None, **more):
    """An answer; `proof_age` adds a document of that age in days."""
    proof = (
        Proof(reference="file no. 7", date=days_ago(proof_age))
        if proof_age is not None
        else None
    )
    return Answer(answer=value, date=days_ago(age), proof=proof, **more)


def waved_off(age=10):
    """A complete "does not apply"."""
    return answer(
        "does-not-apply",
        age=age,
        reason="out-of-scope",
        because="Not in this use case.",
        approved_by="other",
    )


def confirmation(level, *, age=10):
    """Another role's look at the document."""
    return Confirmation(level=level, saw="the document", date=days_ago(age))


def sheet(role="owner", answers=None, confirms=None):
    """One person's answers."""
    return AnswerSheet(
        format=1, role=role, bank=REF, answers=answers or {}, confirms=confirms or {}
    )


def finding(check, outcome, *, age=10, subject=None):
    """A finding about the one subject of a check."""
    return Finding(
        check=check,
        subject=subject or SUBJECTS[check],
        outcome=outcome,
        message=f"{check} {outcome}.",
        measured_on=days_ago(age),
        fingerprint="sha256:data",
    )


def assessment(sheets=None, *, findings=(), settled=None, as_of=AS_OF, **scope):
    """An assessment of the small bank; `sheets` is a mapping by respondent."""
    scope = {"phase": "pilot", "facts": {"stakes": "low"}, "track": "full"} | scope
    return Assessment(
        name="small",
        as_of=as_of,
        scope=Scope(
            format=1,
            title="Small case",
            team="Team",
            as_of=as_of,
            needs=(Need(id="a", what="A", use="label", field="t.a", ask="owner"),),
            **scope,
        ),
        data_model=DATA_MODEL,
        sheets=sheets or {},
        data=DataEvidence(
            format=1,
            kind="data",
            readybook="0",
            measured_on=AS_OF,
            tables=(
                MeasuredTable(
                    table="t",
                    engine="duckdb",
                    rows=5,
                    columns={"a": "string"},
                    fingerprint="sha256:data",
                    declared="sha256:model",
                ),
            ),
            findings=tuple(findings),
        ),
        fingerprint="sha256:assessment",
        **(
            {"agreed": AgreedAnswers(format=1, bank=REF, settled=settled)}
            if settled
            else {}
        ),
    )


def without(assessment, name):
    """The assessment without one of its documents, as if there were no such file."""
    kept = {field: getattr(assessment, field) for field in assessment.model_fields_set}
    del kept[name]
    return Assessment(**kept)
