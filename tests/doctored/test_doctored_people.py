"""Tricks with people: answers, documents, what the room settled, register, sign-offs."""

import datetime as dt
import shutil

import pytest

import ready_case as case
from doctoring import (
    NOT_KNOWN,
    NOT_READY,
    Refused,
    answer,
    empty_category,
    looked,
    no_sponsor,
    old_papers,
    on_word,
    opposed,
    outdated,
    settle,
    sheet_of,
    short_history,
    tricks,
    two_owners,
    unanswered,
    unowned,
    unsigned,
)

TRICKS, trick = tricks()

pytestmark = pytest.mark.slow
ONE_CONDITION = "Ready for production, with 1 condition"
LATER = dt.date(2026, 12, 20)


@pytest.mark.parametrize("played", TRICKS, ids=lambda one: one.name)
def test_trick_with_people_changes_nothing_for_the_better(play, played):
    """Who answers, agrees and looks is who the register says."""
    assert not play(played)


def register_of(folder):
    """Yield the register, and write what became of it."""
    return case.edited(folder, "stakeholders.yaml")


def role_of(register, role):
    """A role of the register."""
    return next(one for one in register["roles"] if one["role"] == role)


# --- answers -------------------------------------------------------------------------


@trick(no_sponsor, NOT_KNOWN)
def answer_removed(folder):
    """Take the sponsor's answer out of the sheet."""
    with case.edited(folder, "answers/sponsor.yaml") as sheet:
        del sheet["answers"]["OWN-01"]


@trick(no_sponsor, NOT_KNOWN)
def sheet_removed(folder):
    """Lose the sponsor's sheet."""
    (folder / "answers" / "sponsor.yaml").unlink()


@trick(no_sponsor, NOT_KNOWN)
def answer_unknown(folder):
    """Turn the sponsor's no into "unknown"."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own["answer"] = "unknown"
        del own["proof"]


@trick(no_sponsor, Refused("sponsor.yaml", "answers.OWN-01.answer"))
def sponsor_waved_off(folder):
    """Say that a sponsor does not apply."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own |= {"answer": "does-not-apply", "reason": "other", "because": "Small."}
        own["approved_by"] = "business-owner"


@trick(no_sponsor, Refused("sponsor.yaml", "answers.OWN-01.date"))
def answer_promised(folder):
    """Enter the answer that the sponsor is to give next month."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own |= {"answer": 3, "date": LATER}


@trick(no_sponsor, NOT_READY)
def answer_of_somebody_else(folder):
    """Answer for the sponsor, whom the register knows to be somebody else."""
    sheet_of(folder, "lead", "sponsor", OWN_01=4)


@trick(unanswered, NOT_KNOWN)
def answer_in_place_of_the_sponsor(folder):
    """Let the data scientist answer what the sponsor has not."""
    with case.edited(folder, "answers/data-scientist.yaml") as sheet:
        sheet["answers"]["OWN-01"] = {"answer": 4, "date": case.SAID,
            "proof": {"reference": "On file", "date": case.SAID}}  # fmt: skip


@trick(no_sponsor, NOT_KNOWN)
def deputy_answers(folder):
    """Let the sponsor's deputy say the opposite."""
    sheet_of(folder, "sponsor-deputy", "sponsor", OWN_01=4)


@trick(no_sponsor, NOT_KNOWN)
def register_without_sponsor(folder):
    """Drop the sponsor from the register, and answer in that role."""
    with register_of(folder) as register:
        register["roles"].remove(role_of(register, "sponsor"))
    sheet_of(folder, "lead", "sponsor", OWN_01=4)


@trick(no_sponsor, NOT_KNOWN)
def lead_beside_the_sponsor(folder):
    """Enter the lead as a second sponsor, who says the opposite."""
    with register_of(folder) as register:
        role_of(register, "sponsor")["held_by"].append("lead")
    sheet_of(folder, "lead", "sponsor", OWN_01=4)


@trick(no_sponsor, NOT_KNOWN)
def sheet_of_the_sponsor_called_another_roles(folder):
    """Say that the sponsor has answered as finance, and that a newcomer is sponsor."""
    with case.edited(folder, "answers/sponsor.yaml") as sheet:
        sheet["role"] = "finance"
    sheet_of(folder, "newcomer", "sponsor", OWN_01=4)


@trick(empty_category, NOT_READY)
def failed_gate_waved_off(folder):
    """Wave off the gate that the data fails, with a reason and an approver."""
    with answer(folder, "data-owner", "AVL-03") as own:
        own |= {"answer": "does-not-apply", "reason": "business-priority",
                "because": "Two shops will do.", "approved_by": "data-engineer"}  # fmt: skip
        del own["proof"]


@trick(short_history, NOT_READY)
def failed_question_waved_off(folder):
    """Wave off the question that the data fails."""
    with answer(folder, "data-owner", "AVL-05") as own:
        own |= {
            "answer": "does-not-apply",
            "reason": "out-of-scope",
            "because": "Enough.",
        }
        del own["proof"]


@trick(unsigned, NOT_KNOWN)
def gate_waved_off_by_its_own_authority(folder):
    """Wave off a gate, and approve of that oneself."""
    with answer(folder, "data-owner", "AVL-03") as own:
        own |= {"answer": "does-not-apply", "reason": "business-priority",
                "because": "Two shops will do.", "approved_by": "data-owner"}  # fmt: skip
        del own["proof"]


@trick(unsigned, NOT_KNOWN)
def gate_waved_off_by_nobody(folder):
    """Wave off a gate without an approver."""
    with answer(folder, "data-owner", "AVL-03") as own:
        own |= {"answer": "does-not-apply", "reason": "business-priority",
                "because": "Two shops will do."}  # fmt: skip
        del own["proof"]


# --- documents -----------------------------------------------------------------------


@trick(on_word, Refused("sponsor.yaml", "answers.OWN-01.proof.date"))
def document_promised(folder):
    """File the document that will be signed next month."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own["proof"] = {"reference": "Charter", "date": LATER}


@trick(on_word, NOT_KNOWN)
def document_of_another_year(folder):
    """File a document of two years ago."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own["proof"] = {"reference": "Charter", "date": dt.date(2024, 11, 20)}


@trick(old_papers, Refused("sponsor.yaml", "answers.OWN-01.proof.shelf_life_days"))
def documents_keep_forever(folder):
    """Let every document count for thirty years."""
    for role in case.ROLES:
        with case.edited(folder, f"answers/{role}.yaml") as sheet:
            for own in sheet["answers"].values():
                own["proof"]["shelf_life_days"] = 10_000


@trick(on_word, NOT_KNOWN)
def looked_at_by_oneself(folder):
    """Let the sponsor's deputy, as security, confirm what the sponsor says."""
    with register_of(folder) as register:
        role_of(register, "security")["held_by"] = ["sponsor-deputy"]
    sheet_of(folder, "sponsor-deputy", "security")
    (folder / "answers" / "security.yaml").unlink()
    with case.edited(folder, "answers/sponsor-deputy.yaml") as sheet:
        sheet["confirms"] = {"OWN-01": {"level": 4, "saw": "It", "date": case.SAID}}


@trick(on_word, NOT_KNOWN)
def empty_file_confirmed(folder):
    """Let another role confirm that an empty file was seen."""
    with case.edited(folder, "answers/security.yaml") as sheet:
        sheet["confirms"] = {"OWN-01": {"level": 0, "saw": "Empty", "date": case.SAID}}


@trick(looked, NOT_KNOWN)
def looker_is_called_a_deputy(folder):
    """Enter security as the sponsor's deputy, so that it is nobody else who looked."""
    with register_of(folder) as register:
        role_of(register, "sponsor")["deputies"].append("security")


@trick(looked, NOT_KNOWN)
def older_look(folder):
    """Add an older look at another draft, which was fine."""
    with case.edited(folder, "answers/legal.yaml") as sheet:
        seen = {"level": 4, "saw": "Draft", "date": dt.date(2026, 11, 1)}
        sheet["confirms"] = {"OWN-01": seen}


@trick(looked, NOT_KNOWN)
def newer_document(folder):
    """File the same document anew, at a higher level."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own |= {"answer": 4, "date": case.AS_OF}
        own["proof"]["date"] = case.AS_OF


@trick(on_word, Refused("security.yaml", "confirms.OWN-01.date"))
def look_promised(folder):
    """Enter that security is to look at it next month."""
    with case.edited(folder, "answers/security.yaml") as sheet:
        sheet["confirms"] = {"OWN-01": {"level": 3, "saw": "It", "date": LATER}}


# --- what the room settled -----------------------------------------------------------


@trick(no_sponsor, NOT_READY)
def settled_without_the_sponsor(folder):
    """Settle the sponsor's question in a meeting without the sponsor."""
    settle(folder, "data-scientist", "business-owner")


@trick(no_sponsor, NOT_READY)
def settled_alone(folder):
    """Settle it with the sponsor, and with nobody else."""
    settle(folder, "sponsor")


@trick(no_sponsor, NOT_READY)
def settled_with_oneself(folder):
    """Settle it with the sponsor twice, in two roles."""
    with register_of(folder) as register:
        role_of(register, "security").update(held_by=["sponsor"], deputies=[])
    (folder / "answers" / "security.yaml").unlink()
    settle(folder, "sponsor", "security")


@trick(no_sponsor, NOT_KNOWN)
def settled_without_a_sheet(folder):
    """Lose the sponsor's sheet, and type that the sponsor was in the room."""
    (folder / "answers" / "sponsor.yaml").unlink()
    settle(folder, "sponsor", "business-owner")


@trick(no_sponsor, NOT_KNOWN)
def settled_by_nobody(folder):
    """Settle it with a sponsor whom the register does not have yet."""
    with register_of(folder) as register:
        role_of(register, "sponsor").update(held_by="nobody-yet", deputies=[])
    (folder / "answers" / "sponsor.yaml").unlink()
    settle(folder, "sponsor", "business-owner")


@trick(no_sponsor, NOT_READY)
def settled_with_somebody_else_of_no_sheet(folder):
    """Settle it with the sponsor and a role of whom nobody has a sheet."""
    (folder / "answers" / "user-representative.yaml").unlink()
    settle(folder, "sponsor", "user-representative")


@trick(no_sponsor, Refused("agreed.yaml", "settled.OWN-01.date"))
def settled_next_month(folder):
    """Enter what next month's meeting is to settle."""
    settle(folder, "sponsor", "business-owner", on=LATER)


@trick(empty_category, NOT_READY)
def settled_against_the_data(folder):
    """Settle that all categories are populated."""
    settle(folder, "data-owner", "data-engineer", question="AVL-03")


@trick(empty_category, NOT_READY)
def settled_away(folder):
    """Settle that the gate which the data fails does not apply."""
    settle(folder, "data-owner", "data-engineer", question="AVL-03", answer="does-not-apply",
           reason="out-of-scope", approved_by="business-owner")  # fmt: skip


# --- register ------------------------------------------------------------------------


@trick(unowned, NOT_READY)
def register_removed(folder):
    """Take the register away: what nobody says cannot fail."""
    (folder / "stakeholders.yaml").unlink()
    shutil.rmtree(folder / "agreements")


@trick(unowned, NOT_READY)
def asset_removed(folder):
    """Take the asset that nobody owns out of the register."""
    with register_of(folder) as register:
        del register["assets"][0]


@trick(unowned, NOT_READY)
def asset_is_a_process(folder):
    """Call the table a process, so that it is no data."""
    with register_of(folder) as register:
        register["assets"][0]["kind"] = "process"


@trick(two_owners, "Ready for production, with 2 conditions")
def asset_of_two_owners_is_a_process(folder):
    """Call the table a process, which may have two owners."""
    with register_of(folder) as register:
        register["assets"][0]["kind"] = "process"


@trick(two_owners, "Ready for production, with 3 conditions")
def asset_of_two_owners_is_a_model(folder):
    """Call the table a model, which nobody asks as data."""
    with register_of(folder) as register:
        register["assets"][0]["kind"] = "model"


@trick(unowned, NOT_READY)
def asset_renamed(folder):
    """Register the same table anew under another name."""
    with register_of(folder) as register:
        register["assets"][0]["id"] = "all-orders"


@trick(opposed, ONE_CONDITION)
def opposition_removed(folder):
    """Take out how the data owner stands to the case."""
    with register_of(folder) as register:
        del role_of(register, "data-owner")["buy_in"]


@trick(opposed, Refused("stakeholders.yaml", "roles[].buy_in.on"))
def support_promised(folder):
    """Enter that the data owner will be convinced by next month."""
    with register_of(folder) as register:
        buy_in = role_of(register, "data-owner")["buy_in"]
        buy_in |= {"state": "committed", "on": LATER}


@trick(unowned, Refused("stakeholders.yaml", "assets[].confirmed_on"))
def ownership_promised(folder):
    """Enter that the data owner is to confirm it next month."""
    with register_of(folder) as register:
        register["assets"][0] |= {"accountable": ["data-owner"], "confirmed_on": LATER}


# --- sign-offs -----------------------------------------------------------------------


@trick(unsigned, NOT_KNOWN)
def signed_without_a_version(folder):
    """Write by hand that all agree to the data model."""
    with register_of(folder) as register:
        register["sign_offs"] = [
            {"role": role, "covers": "model", "on": case.SAID}
            for role in ("data-owner", "data-engineer", "data-scientist")
        ]


@trick(unsigned, NOT_KNOWN)
def signed_by_the_owner_alone(folder):
    """Let the data owner alone agree to limits that the data owner has set."""
    case.signed(folder, "data-owner")


@trick(unsigned, NOT_KNOWN)
def signed_by_one_person_in_two_roles(folder):
    """Let the data owner agree in the role of security too, which that person holds."""
    with register_of(folder) as register:
        for role in ("data-owner", "security"):
            role_of(register, role).update(held_by=["data-owner"], deputies=[])
    for role in ("data-owner", "security"):
        case.signed(folder, role)


def nobody_speaks_for_the_users(folder):
    """Let a role agree that nobody holds, and in which nobody answered."""
    for role in ("data-owner", "user-representative"):
        case.signed(folder, role)
    (folder / "answers" / "user-representative.yaml").unlink()


@trick(unsigned, NOT_KNOWN)
def signed_by_a_role_that_nobody_holds(folder):
    """Let a role agree, and say that nobody holds it yet."""
    nobody_speaks_for_the_users(folder)
    with register_of(folder) as register:
        row = role_of(register, "user-representative")
        row.update(held_by="nobody-yet", deputies=[])


@trick(unsigned, NOT_KNOWN)
def signed_by_a_role_that_is_not_registered(folder):
    """Let a role agree that the register lacks."""
    nobody_speaks_for_the_users(folder)
    with register_of(folder) as register:
        register["roles"].remove(role_of(register, "user-representative"))


@trick(unsigned, NOT_KNOWN)
def gate_waved_off_by_a_role_that_nobody_holds(folder):
    """Wave off a gate with the approval of a role that nobody holds yet."""
    (folder / "answers" / "user-representative.yaml").unlink()
    with register_of(folder) as register:
        row = role_of(register, "user-representative")
        row.update(held_by="nobody-yet", deputies=[])
    with answer(folder, "data-owner", "AVL-03") as own:
        own |= {"answer": "does-not-apply", "reason": "business-priority",
                "because": "Two shops will do.", "approved_by": "user-representative"}  # fmt: skip
        del own["proof"]


@trick(empty_category, NOT_READY)
def agreement_kept(folder):
    """Promise less than was agreed to, and keep the old sign-offs."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    case.measured(folder)


@trick(empty_category, Refused("[].json", ""))
def agreement_edited(folder):
    """Change what was agreed to, so that it fits what is promised now."""
    agreement_kept(folder)
    for path in (folder / "agreements").glob("*.json"):
        path.write_text(path.read_text("utf-8").replace("west", "east"), "utf-8")


@trick(outdated, ONE_CONDITION)
def outdated_agreement_removed(folder):
    """Take out the sign-off that is out of date."""
    with register_of(folder) as register:
        signed = register["sign_offs"]
        register["sign_offs"] = [s for s in signed if s["role"] != "data-engineer"]


@trick(unsigned, Refused("stakeholders.yaml", "sign_offs[].on"))
def signed_next_month(folder):
    """Enter that all are to agree next month."""
    for role in ("data-owner", "data-engineer", "data-scientist"):
        case.signed(folder, role)
    with case.edited(folder, "stakeholders.yaml") as register:
        for entry in register["sign_offs"]:
            entry["on"] = LATER
