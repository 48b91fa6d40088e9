"""The packaged bank's files: valid by the models, consistent with each other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel

import readybook
from readybook.checks.catalogue import CHECKS
from readybook.model.bank import (
    SECTION_TITLES,
    AnswerSet,
    Bank,
    Binding,
    Fact,
    FactValue,
    Gate,
    NextStep,
    Question,
    QuestionFile,
    Role,
    SourceRef,
    StandIn,
    Work,
)
from readybook.text.yaml import parse_yaml

FOLDER = Path(readybook.__file__).parent / "questions"
FILES = ("scope", "availability", "quality", "provisioning", "ownership", "value")
#: Words that praise instead of naming what can be seen.
VAGUE = re.compile(
    r"\b(good|adequate\w*|appropriate\w*|suitable|suitably|regularly|proper\w*|clear\w*|"
    r"sufficient\w*|robust\w*|effective\w*|reasonabl\w+)\b",
    re.IGNORECASE,
)


def frozen(node: object) -> object:
    """Return the node with every list turned into a tuple, as the models want."""
    if isinstance(node, dict):
        return {key: frozen(value) for key, value in node.items()}
    if isinstance(node, list):
        return tuple(frozen(value) for value in node)
    return node


def load(name: str) -> dict[str, object]:
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    data = frozen(parse_yaml(text, name=name).data)
    assert isinstance(data, dict)
    return data


def read_bank() -> Bank:
    files = [QuestionFile.model_validate(load(name)) for name in FILES]
    return Bank.model_validate(
        load("bank")
        | {"answer_sets": load("answer-sets")["answer_sets"]}
        | {"sections": {file.section: file.questions for file in files}}
        | {"fingerprint": "sha256:0"}
    )


BANK = read_bank()
QUESTIONS = [question for _, question in BANK.questions]


def manual_keys(name: str) -> Counter[str]:
    """Return the keys that the header comment of a bank file explains."""
    header = (FOLDER / f"{name}.yaml").read_text().split("\nformat: ")[0]
    return Counter(
        re.findall(r"^# {3,7}(\w+) {2,}(?:required|optional)", header, re.MULTILINE)
    )


def model_keys(*models: type[BaseModel]) -> Counter[str]:
    return Counter(key for model in models for key in model.model_fields)


def test_every_section_has_its_file_in_the_models_order() -> None:
    """Each section of the models is filled, in the order in which it is asked."""
    assert list(BANK.sections) == list(SECTION_TITLES)


def test_the_bank_holds_its_questions_in_the_order_of_their_ids() -> None:
    """Each section is numbered from 01 without a hole, in the order of asking."""
    for section, questions in BANK.sections.items():
        assert [question.id for question in questions] == [
            f"{section}-{number:02d}" for number in range(1, len(questions) + 1)
        ]


def test_few_questions_decide_alone() -> None:
    """There are ten gates at least and sixteen at most, as the method allows."""
    assert 10 <= sum(item.gate is not None for item in QUESTIONS) <= 16


def test_every_role_is_the_authority_of_a_question() -> None:
    """No role of the bank is asked for its help only, never for its answer."""
    assert {item.authority for item in QUESTIONS} == {role.id for role in BANK.roles}


@pytest.mark.parametrize("key", ["text", "title", "why", "proof"])
def test_no_two_questions_share_a_text(key: str) -> None:
    """Each question asks, explains and wants something of its own."""
    texts = Counter(getattr(item, key) for item in QUESTIONS)

    assert [text for text, count in texts.items() if count > 1] == []


def test_ids_are_unique_and_begin_with_their_section() -> None:
    """No id is used twice, and an id says where its question stands."""
    ids = [question.id for _, question in BANK.questions]

    assert len(ids) == len(set(ids))
    assert all(item.id.startswith(f"{section}-") for section, item in BANK.questions)


@pytest.mark.parametrize("kind", ["roles", "facts", "works", "answer_sets"])
def test_ids_of_parts_are_unique(kind: str) -> None:
    """No role, fact, work or answer set is declared twice."""
    ids = [part.id for part in getattr(BANK, kind)]

    assert len(ids) == len(set(ids))


def test_roles_are_the_twelve_of_the_method() -> None:
    """The bank knows twelve roles, each with one sentence."""
    assert len(BANK.roles) == 12
    assert all(role.does.count(".") == 1 for role in BANK.roles)


def test_what_a_question_names_exists() -> None:
    """Roles, answer set, checks, works and facts that a question names are known."""
    roles = {role.id for role in BANK.roles}
    facts = {fact.id: {value.id for value in fact.values} for fact in BANK.facts}

    for question in QUESTIONS:
        assert {question.authority, *(step.role for step in question.next)} <= roles, (
            question.id
        )
        assert question.answers in {item.id for item in BANK.answer_sets}, question.id
        assert {binding.check for binding in question.checks} <= set(CHECKS), (
            question.id
        )
        assert {ref.work for ref in question.sources} <= {
            work.id for work in BANK.works
        }, question.id
        for fact, values in question.applies_when.items():
            assert set(values) < facts[fact], question.id


def test_works_answer_sets_and_checks_are_all_used() -> None:
    """Nothing is declared that no question uses."""
    works = {ref.work for item in QUESTIONS for ref in item.sources}
    checks = {binding.check for item in QUESTIONS for binding in item.checks}

    assert works == {work.id for work in BANK.works}
    # how much one role carries is told beside the register, and proves no level
    assert set(CHECKS) - checks == {"load-spread"}
    assert {item.answers for item in QUESTIONS} == {s.id for s in BANK.answer_sets}


def test_one_answer_set_lets_a_question_be_waved_off() -> None:
    """The other one is for what every use case has to answer."""
    assert {item.id: item.does_not_apply for item in BANK.answer_sets} == {
        "in-place": True,
        "always-applies": False,
    }


def test_a_question_is_one_sentence_that_asks_one_thing() -> None:
    """A question is one sentence without "and"; its title has two to four words."""
    for question in QUESTIONS:
        assert " and " not in question.text, question.id
        assert question.text.endswith("?"), question.id
        assert len(re.findall(r"[.?!]", question.text)) == 1, question.id
        assert 2 <= len(question.title.split()) <= 4, question.id
        assert 1 <= len(re.findall(r"[.?!](?:\s|$)", question.why)) <= 2, question.id


def test_levels_are_five_distinct_facts() -> None:
    """Five level texts differ, are short, and praise nothing."""
    for question in QUESTIONS:
        assert len(set(question.levels)) == 5, question.id
        assert all(len(text.split()) <= 30 for text in question.levels), question.id
        assert not any(
            VAGUE.search(text) for text in (question.text, *question.levels)
        ), question.id


def test_next_steps_name_no_duration_and_no_cost() -> None:
    """Four distinct steps, without the figures that only the team can declare."""
    for question in QUESTIONS:
        assert len({step.do for step in question.next}) == 4, question.id
        assert not any(re.search(r"\d|[€$£]", step.do) for step in question.next), (
            question.id
        )


def test_a_check_proves_at_most_what_it_supports() -> None:
    """A failed check never leaves more than a passed one supports."""
    for question in QUESTIONS:
        assert all(b.proves <= b.supports for b in question.checks), question.id


def test_no_check_supports_watching() -> None:
    """One measurement cannot show that somebody keeps watching."""
    for question in QUESTIONS:
        assert all(binding.supports < 4 for binding in question.checks), question.id


def test_each_question_that_no_check_may_be_able_to_look_at_names_a_stand_in() -> None:
    """Data and machines may be out of reach by nature; the register never is."""
    wanted = {
        one.id
        for one in QUESTIONS
        if one.checks and all(CHECKS[c.check].reads != "register" for c in one.checks)
    }
    named = {one.id for one in QUESTIONS if one.stand_in}

    assert wanted <= named
    assert named - wanted == {"OWN-11"}  # of a data model, where there is one


def test_manual_of_questions_names_every_key() -> None:
    """The header of scope.yaml explains every key that the models accept."""
    models = (
        QuestionFile, Question, Gate, Binding, SourceRef, StandIn, NextStep,
    )  # fmt: skip

    assert manual_keys("scope") == model_keys(*models)


def test_manual_of_bank_names_every_key() -> None:
    """The header of bank.yaml explains every key that it holds."""
    elsewhere = Counter(["answer_sets", "sections", "fingerprint"])
    models = (Bank, Role, Fact, FactValue, Work)

    assert manual_keys("bank") == model_keys(*models) - elsewhere


def test_manual_of_answer_sets_names_every_key() -> None:
    """The header of answer-sets.yaml explains every key that it holds."""
    expected = model_keys(AnswerSet) + Counter(["format", "answer_sets"])

    assert manual_keys("answer-sets") == expected


@pytest.mark.parametrize("name", [*FILES, "bank", "answer-sets"])
def test_lines_fit_the_page(name: str) -> None:
    """Every line of a bank file fits 88 columns and has no trailing space."""
    lines = (FOLDER / f"{name}.yaml").read_text().splitlines()

    assert [line for line in lines if len(line) > 88 or line != line.rstrip()] == []
