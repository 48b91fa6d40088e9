"""A question bank as Markdown, HTML or CSV, for people who will not open YAML."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import (
    LEVEL_WORDS,
    SECTION_TITLES,
    Bank,
    ExtendedBank,
    NextStep,
    Question,
)
from readybook.model.words import count, own_change, proof_asked, role_title, sentence
from readybook.show.kit.fragment import draw
from readybook.text.visible import csv_of

Track = Literal["starter", "full"]

_ADDRESS = re.compile(r"https?://[^\s<>]+")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


@dataclass(frozen=True)
class _Row:
    """One question, with every id that it names turned into words."""

    question: Question
    proof: str  #: what would show it
    gate: str
    asked: str  #: when it is asked
    checks: tuple[str, ...]
    sources: tuple[str, ...]
    state: str  #: "" while it is asked as the bank has it


def _move(step: NextStep) -> str:
    """Return what a step does, and what is measured before it."""
    first = "; ".join(CHECKS[check].title for check in step.checks)
    return f"{step.do} Checked first: {first}." if first else step.do


def _drawn(template: str, bank: Bank, track: Track = "full") -> str:
    page = draw(
        template,
        bank=bank,
        about=_about(bank, track),
        sections=_sections(bank, track),
        lists=_lists(bank),
        words=LEVEL_WORDS,
        title=partial(role_title, bank),
        move=_move,
        md=markdown_text,
        link=_link,
    )
    return page + "\n"


#: A heading for each question.
bank_markdown = partial(_drawn, "bank.md.j2")
#: One page that needs nothing else.
bank_html = partial(_drawn, "bank.html.j2")


def bank_csv(bank: Bank, track: Track = "full") -> str:
    """Return the bank as CSV, a row for each question, safe to open in spreadsheets."""
    levels = [f"level {n}: {word}" for n, word in enumerate(LEVEL_WORDS)]
    steps = [f"gains level {n}" for n in range(1, len(LEVEL_WORDS))]
    cells = [
        ["id", "section", "title", "question", "answered by", "weight", "gate",
         "asked", "state", *levels, "why", "proof", *steps, "checks", "sources"]
    ]  # fmt: skip
    for section, rows in _sections(bank, track).items():
        for row in rows:
            q = row.question
            moves = (f"{role_title(bank, step.role)}: {_move(step)}" for step in q.next)
            cells.append([
                q.id, section, q.title, q.text, role_title(bank, q.authority),
                q.weight, row.gate, row.asked, row.state, *q.levels, q.why, row.proof,
                *moves, "; ".join(row.checks), "; ".join(row.sources),
            ])  # fmt: skip
    return csv_of(cells)


#: What `--format` offers.
FORMATS: dict[str, Callable[[Bank, Track], str]] = {
    "markdown": bank_markdown,
    "html": bank_html,
    "csv": bank_csv,
}


def markdown_text(text: str) -> str:
    """Return the text so that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _about(bank: Bank, track: Track) -> str:
    asked = [question for _, question in bank.questions]
    starter = sum(question.is_starter for question in asked)
    gates = sum(question.gate is not None for question in asked)
    shown = "the starter track" if track == "starter" else "the full track"
    return (
        f"Bank {bank.id} {bank.version}, {shown}: {count(len(asked), 'question')} in "
        f"all, {starter} of them on the starter track, {count(gates, 'gate')}."
    )


def _link(url: str) -> str:
    """Return an address as Markdown; one that no browser should open is plain text."""
    if not url:
        return ""
    return f" <{url}>" if _ADDRESS.fullmatch(url) else f" {markdown_text(url)}"


def _lists(bank: Bank) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return what the questions refer to: each with a name, a text and an address."""
    facts = [
        (fact.text, " ".join(sentence(value.text) for value in fact.values), "")
        for fact in bank.facts
    ]
    works = [
        (work.title, f"{work.by}, {work.year}.", work.url or "") for work in bank.works
    ]
    lists = [
        ("Roles", [(role.title, role.does, "") for role in bank.roles]),
        ("Scope facts", facts),
        ("Works", works),
    ]
    return [(title, entries) for title, entries in lists if entries]


def _sections(bank: Bank, track: Track) -> dict[str, list[_Row]]:
    """Return the questions of a track, those that are not asked any more included."""
    sections = {
        SECTION_TITLES[section]: [
            _row(bank, question)
            for question in questions
            if track == "full" or question.is_starter
        ]
        for section, questions in bank.sections.items()
    }
    return {name: rows for name, rows in sections.items() if rows}


def _row(bank: Bank, question: Question) -> _Row:
    gate = question.gate
    works = {work.id: work.title for work in bank.works}
    return _Row(
        question=question,
        proof=proof_asked(question, bank),
        gate=f"{LEVEL_WORDS[gate.level]} from {gate.phase} on" if gate else "",
        asked=_asked(question, bank),
        checks=tuple(
            f"{b.check} (passed: up to {LEVEL_WORDS[b.supports]}; "
            f"failed: at most {LEVEL_WORDS[b.proves]})"
            for b in question.checks
        ),
        sources=tuple(
            works[source.work] + (f", {source.item}" if source.item else "")
            for source in question.sources
        ),
        state=_state(question, bank),
    )


def _asked(question: Question, bank: Bank) -> str:
    facts = {fact.id: fact for fact in bank.facts}
    conditions = []
    for name, values in question.applies_when.items():
        texts = [v.text.rstrip(".") for v in facts[name].values if v.id in values]
        conditions.append(f"“{facts[name].text}” is {' or '.join(texts)}")
    return f"where {'; and '.join(conditions)}" if conditions else "always"


def _state(question: Question, bank: Bank) -> str:
    if question.retired is not None:
        return f"retired {question.retired}"
    off = bank.switched_off if isinstance(bank, ExtendedBank) else {}
    if question.id in off:
        return f"switched off by this bank: {off[question.id]}"
    return own_change(question, bank)
