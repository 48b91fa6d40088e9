"""The form, the room and the tables as a notebook's cell shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from readybook.forms.layouts import LAYOUTS, TableName
from readybook.forms.room import RoomSession
from readybook.forms.session import FormSession
from readybook.forms.tables import TableSession
from readybook.forms.widget import Form
from readybook.model.bank import SECTION_TITLES, Bank, Section
from readybook.model.case import Assessment
from readybook.model.words import count
from readybook.score.score import score
from readybook.show.kit.fragment import nothing

__all__ = ["form_cell", "room_cell", "table_cell"]


def form_cell(
    folder: Path,
    bank: Bank,
    assessment: Assessment,
    *,
    section: Section | Literal[""],
    respondent: str,
) -> Form:
    """Return the form of a section, or of the whole bank where it is ""."""
    session = FormSession(
        folder, bank, assessment, section=section, respondent=respondent
    )
    result = score(bank, assessment)
    asked = [s for s in result.standings if s.applies and section in {"", s.section}]
    answered = sum(s.is_answered for s in asked)
    title = SECTION_TITLES[section] if section else "All sections"
    text = (
        f"{title}: {answered} of {count(len(asked), 'question')} answered by the role "
        "that each one asks. In JupyterLab this cell is a form to answer in."
    )
    return Form(session, "form", nothing(text))


def room_cell(folder: Path, bank: Bank, assessment: Assessment) -> Form:
    """Return the room's form: one question at a time, on one projector."""
    session = RoomSession(folder, bank, assessment)
    settled = assessment.agreed.settled
    text = (
        f"The room has agreed on {count(len(settled), 'question')}. In JupyterLab this "
        "cell leads it through the next ones."
    )
    return Form(session, "room", nothing(text))


def table_cell(
    folder: Path, bank: Bank, assessment: Assessment, name: TableName
) -> Form:
    """Return a table of the assessment to edit in place.

    Raises:
        ValueError: no table has this name.
    """
    if name not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        message = f"edit: found '{name}', expected a table, do: use one of: {known}"
        raise ValueError(message)
    session = TableSession(folder, bank, assessment, name)
    title = LAYOUTS[name].title
    text = f"{title}: in JupyterLab this cell is a table to edit in place."
    return Form(session, "table", nothing(text))
