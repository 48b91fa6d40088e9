"""Tricks with a bank of one's own: it may say anything, and the front page says so.

Each bank begins with the case of which the sponsor says that nobody has the budget.
Beside what the bank concludes stands what readybook's own bank concludes, and the name
of what was touched.
"""

import copy
import shutil

import pytest

import ready_case as case
from doctoring import answer, high_stakes, no_sponsor, tell
from readybook.bank.own import find_bank

pytestmark = pytest.mark.slow
OURS = find_bank().bank
SHARED = ("roles", "facts", "works", "answer_sets")
PLAIN = OURS.model_dump(mode="json", exclude_defaults=True)
ROWS = [row | {"section": s} for s, rows in PLAIN["sections"].items() for row in rows]
OWN = next(row for row in ROWS if row["id"] == "OWN-01")
LEFT_OUT = next(q.id for _, q in OURS.questions if not q.is_starter)
EASED = {
    "gate-dropped": {"gate": None},
    "gate-lowered": {"gate": {"phase": "pilot", "level": 1}},
    "weight-least": {"gate": None, "weight": "minor"},
    "levels-turned": {"levels": OWN["levels"][::-1]},
    "authority-is-the-lead": {"authority": "data-scientist"},
    "never-asked": {"applies_when": {"stakes": ["high"]}},
    "retired": {"retired": "Not for us."},
}


def bank(*questions, **more):
    """A bank of one's own."""
    head = {"format": 1, "id": "mine", "version": "1.0.0", "title": "Mine"}
    return head | {"questions": list(questions)} | more


def eased(row, change):
    """A question with some keys changed, or without them."""
    changed = copy.deepcopy(row) | change
    return {key: value for key, value in changed.items() if value is not None}


ALWAYS = next(row["answers"] for row in ROWS if row["id"] == "AVL-03")
STAKES = next(fact for fact in PLAIN["facts"] if fact["id"] == "stakes")
MILD = [*STAKES["values"], {"id": "mild", "text": "Nothing much."}]
EASED["may-be-waved-off"] = {"answers": ALWAYS}
BANKS = {
    name: bank(eased(OWN, change), extends="readybook")
    for name, change in EASED.items()
} | {
    "switched-off": bank(extends="readybook", switched_off={"OWN-01": "No."}),
    "role-retitled": bank(
        extends="readybook",
        roles=[{"id": "sponsor", "title": "Data scientist", "does": "Everything."}],
    ),
    "whole-bank-of-the-same-ids": bank(
        *(eased(r, EASED["weight-least"] if r["id"] == "OWN-01" else {}) for r in ROWS),
        **{key: PLAIN[key] for key in SHARED},
    ),
    "whole-bank-that-leaves-out": bank(
        *(row for row in ROWS if row["id"] != LEFT_OUT),
        **{key: PLAIN[key] for key in SHARED},
    ),
}


@pytest.mark.parametrize("name", BANKS)
def test_own_bank_stands_beside_ours_and_what_it_touched_is_named(
    honest, tmp_path, name
):
    """Whatever it concludes, ours is not ready, and the question is named."""
    weak, headline, _ = honest(no_sponsor)
    folder = tmp_path / weak.name
    shutil.copytree(weak, folder)
    case.write(folder, "bank.yaml", BANKS[name])
    sheet = {"answer": 4, "date": case.SAID}
    with case.edited(folder, "answers/data-scientist.yaml") as answers:
        answers["answers"]["OWN-01"] = sheet
    *_, page = tell(folder)
    beside = page.partition("Judged by the team's own bank")[2]

    assert f"the same answers give: {headline}." in " ".join(beside.split())
    named = {"role-retitled": "sponsor", "whole-bank-that-leaves-out": LEFT_OUT}
    assert named.get(name, "OWN-01") in beside.partition("What and why")[0]


def test_own_bank_cannot_wave_off_what_ours_always_asks(honest, tmp_path):
    """By ours, nobody has answered it; that it may be waved off is named."""
    weak, *_ = honest(no_sponsor)
    folder = tmp_path / weak.name
    shutil.copytree(weak, folder)
    case.write(folder, "bank.yaml", BANKS["may-be-waved-off"])
    with answer(folder, "sponsor", "OWN-01") as own:
        own |= {"answer": "does-not-apply", "reason": "other", "because": "Small.",
                "approved_by": "business-owner"}  # fmt: skip
        del own["proof"]
    *_, page = tell(folder)

    assert (
        "the same answers give: Not enough known: 1 fact decides. Changed: OWN-01"
        in page
    )


@pytest.mark.parametrize(
    ("values", "declared", "ours"),
    [
        (MILD, "mild", "Not enough known: 1 fact decides"),
        (
            [{**one, "text": "Nothing much."} for one in STAKES["values"]],
            "low",
            "Ready",
        ),
    ],
)
def test_own_words_for_a_fact_are_named(honest, tmp_path, values, declared, ours):
    """By ours, a value that it does not have is not declared."""
    weak, *_ = honest(high_stakes)
    folder = tmp_path / weak.name
    shutil.copytree(weak, folder)
    more = {"facts": [STAKES | {"values": values}], "extends": "readybook"}
    case.write(folder, "bank.yaml", bank(**more))
    with case.edited(folder, "assessment.yaml") as scope:
        scope["facts"]["stakes"] = declared
    beside = tell(folder)[-1].partition("the same answers give: ")[2]

    assert beside.startswith(ours)
    assert "Changed: stakes." in beside
