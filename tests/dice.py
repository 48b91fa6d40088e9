"""Random assessments: the same seed draws the same one."""

from __future__ import annotations

import datetime as dt
import random

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import BankRef, StandIn
from readybook.model.case import (
    AgreedAnswers,
    Answer,
    AnswerSheet,
    Assessment,
    Confirmation,
    Need,
    NotNeeded,
    Proof,
    Scope,
    Settled,
)
from readybook.model.contract import Category, Column, DataModel, Relationship, Table
from readybook.model.findings import DataEvidence, Finding, MeasuredTable
from samples import bank as bank_of
from samples import question

#: Not drawn: they follow from the contract alone.
BY_CONTRACT = ("lineage-traced", "supply-not-expired")
AS_OF = dt.date(2026, 6, 30)
SAMPLES = bank_of(
    question("SCP-01", gate=("prototype", 2)),
    question(
        "AVL-01",
        gate=("prototype", 2),
        checks=[("source-opened", 3, 1)],
        stand_in=StandIn(seen_by="other", proof="A manifest."),
    ),
    question(
        "AVL-02",
        checks=[("fields-present", 3, 1)],
        stand_in=StandIn(seen_by="business-owner", proof="A sample."),
    ),
    *(question(f"AVL-1{n}", weight="major") for n in range(5)),
    question(
        "QLT-01",
        gate=("pilot", 3),
        checks=[("categories-populated", 3, 0), ("keys-unique", 4, 2)],
    ),
    question("PRV-01", weight="minor", gate=("production", 4), authority="other"),
    question("OWN-01", weight="key", applies_when={"stakes": ("high",)}),
)
MODEL = DataModel(
    id="model",
    version="1.0.0",
    status="active",
    servers=(),
    tables=tuple(
        Table(
            name=name,
            location=name,
            columns=(
                Column(name="a", needed=True, categories=(Category(value="x"),)),
                Column(name="b", needed=name == "t"),
            ),
            keys=(("a",), ("a", "b")),
            relationships=(
                Relationship(
                    table=name, columns=("a",), to_table="u", to_columns=("b",)
                ),
            ),
            event_time="b",
            grain="P1D",
            history_needed="P1Y" if name == "t" else None,
            declared=f"sha256:{name}",
        )
        for name in ("t", "u")
    ),
    fingerprint="sha256:contract",
)


class Dice:
    """Draws an assessment; the same seed draws the same one.

    `noise` is how often a question is not answered as well as can be: without it, a
    long bank would never come out ready.
    """

    def __init__(self, bank, seed, *, past=False):
        self.oldest_first = 1 if past else 0  # of what may lie after the as-of date
        self.bank, self.rng = bank, random.Random(seed)  # noqa: S311 - no secret
        self.noise = self.rng.choice(
            [0.02, 0.05, 0.1, 0.2, 0.4] if past else [0, 0, 0.01, 0.05, 0.3, 1]
        )
        self.ref = BankRef(id=bank.id, version=bank.version)
        self.roles = [role.id for role in bank.roles]

    def day(self):
        return AS_OF - dt.timedelta(
            days=self.rng.choice([-3, 0, 10, 179, 180, 181, 400][self.oldest_first :])
        )

    def proof(self):
        days = self.rng.choice([None, 30, 500])
        return Proof(reference="file", date=self.day(), shelf_life_days=days)

    def some(self, draw):
        return draw() if self.rng.random() < 0.5 else None

    def settled(self, *, good):
        wave = {"reason": "other", "approved_by": self.roles[0]}
        value = self.rng.choice(
            [4] if good else [0, 1, 2, 3, 4, "unknown", "does-not-apply"]
        )
        if value == "does-not-apply":
            more = {key: v for key, v in wave.items() if self.rng.random() < 0.8}
            return {"answer": value, **more}
        return {"answer": value}

    def answer(self, *, good):
        if good:
            return Answer(answer=self.rng.choice([3, 4, 4]), date=AS_OF)
        body = self.settled(good=False)
        if body["answer"] == "does-not-apply" and self.rng.random() < 0.9:
            body["because"] = "Not here."
        return Answer(**body, date=self.day(), proof=self.some(self.proof))

    def confirmation(self, *, good):
        level = 4 if good else self.rng.randrange(5)
        return Confirmation(level=level, saw="it", date=AS_OF if good else self.day())

    def sheets(self):
        answers, confirms = {}, {}
        for _, one in self.bank.questions:
            good = self.rng.random() >= self.noise
            other = next(role for role in self.roles if role != one.authority)
            if good or self.rng.random() < 0.8:
                answers[f"{one.authority}-1", one.id] = self.answer(good=good)
            if not good and self.rng.random() < 0.2:
                answers[f"{one.authority}-2", one.id] = self.answer(good=False)
            if not good and self.rng.random() < 0.3:
                answers[f"{other}-1", one.id] = self.answer(good=False)
            if not good and self.rng.random() < 0.2:
                confirms[f"{one.authority}-2", one.id] = self.confirmation(good=False)
            if good or self.rng.random() < 0.2:
                confirms[f"{other}-1", one.id] = self.confirmation(good=good)
        names = dict.fromkeys(name for name, _ in (*answers, *confirms))
        return {
            name: AnswerSheet(
                format=1,
                role=name[:-2],
                bank=self.ref,
                answers={q: a for (n, q), a in answers.items() if n == name},
                confirms={q: c for (n, q), c in confirms.items() if n == name},
            )
            for name in names
        }

    def agreed(self):
        settled = {
            one.id: Settled(
                **self.settled(good=False),
                because="We looked.",
                present=tuple(self.rng.sample(self.roles, 2)),
                date=self.day(),
                proof=self.some(self.proof),
            )
            for _, one in self.bank.questions
            if self.rng.random() < 0.2 * self.noise
        }
        return AgreedAnswers(format=1, bank=self.ref, settled=settled)

    def model(self):
        """The contract, with or without an origin and a last day of supply."""
        good = self.rng.random() >= self.noise
        origin = "A till" if good else self.rng.choice(["A till", None])
        ends = None if good else self.some(self.day)
        tables = tuple(
            table.model_copy(update={"origin": origin, "expires": ends})
            for table in MODEL.tables
        )
        return MODEL.model_copy(update={"tables": tables})

    def not_needed(self):
        """Declared for the checks, those that have something to look at included."""
        checks = tuple(c for c in CHECKS if self.rng.random() >= self.noise)
        row = {"because": "None.", "approved_by": self.roles[0], "on": self.day()}
        good = {**row, "on": AS_OF} if self.noise < 0.3 else row
        return (NotNeeded(checks=checks, **good),) if checks else ()

    def findings(self, case):
        draws = [None, "supports", "supports", "contradicts", "not measured"]
        return tuple(
            Finding(
                check=check.id,
                subject=subject,
                outcome=outcome,
                message="It was measured.",
                measured_on=AS_OF if good else self.day(),
                fingerprint="sha256:data",
            )
            for check in CHECKS.values()
            if check.id not in BY_CONTRACT
            for subject in check.subjects(case)
            for good in [self.rng.random() >= self.noise]
            if (outcome := "supports" if good else self.rng.choice(draws))
        )

    def assessment(self):
        rng = self.rng
        facts = {
            fact.id: rng.choice([value.id for value in fact.values])
            for fact in self.bank.facts
            if rng.random() < 0.7
        }
        case = Assessment(
            name="drawn",
            as_of=AS_OF,
            scope=Scope(
                format=1,
                title="Drawn",
                team="Nobody",
                phase=rng.choice(["prototype", "prototype", "pilot", "production"]),
                track=rng.choice(["starter", "full"]),
                as_of=AS_OF,
                facts=facts,
                needs=(
                    Need(id="a", what="A", use="label", field="t.a", ask=self.roles[0]),
                ),
                not_needed=self.not_needed(),
            ),
            data_model=self.model(),
            sheets=self.sheets(),
            **({"agreed": agreed} if (agreed := self.some(self.agreed)) else {}),
            fingerprint="sha256:drawn",
        )
        tables = tuple(
            MeasuredTable(
                table=table.name,
                engine="duckdb",
                rows=1,
                columns={"a": "string"},
                fingerprint="sha256:data",
                declared=table.declared,
            )
            for table in MODEL.tables
        )
        data = DataEvidence(
            format=1,
            kind="data",
            readybook="0",
            measured_on=AS_OF,
            tables=tables,
            findings=self.findings(case),
        )
        return case.model_copy(update={"data": data})
