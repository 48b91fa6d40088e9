"""Frozen models of actions.yaml: what is done next, by whom, and what it takes."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from readybook.model.bank import Document, Frozen, Id, QuestionId, Text

__all__ = ["Action", "Actions", "Range"]


class Range(Frozen):
    """A declared figure, low to high; never made up by the tool."""

    low: float
    likely: float
    high: float


class Action(Frozen):
    """Something that somebody does next: a step on the way into production."""

    id: Id
    action: Text
    owner: Id  #: role
    state: Literal["open", "done", "dropped"] = "open"
    accepted_on: dt.date | None = None  #: None: proposed
    started_on: dt.date | None = None
    done_on: dt.date | None = None
    due: dt.date | None = None
    leadership: bool = False  #: True: only leadership can decide it
    decides: tuple[QuestionId, ...] = ()
    needs: tuple[Text, ...] = ()  #: actions, or derived steps, that must be done before
    lead_time_weeks: Range | None = None  #: from its start to its end
    effort_days: Range | None = None  #: person-days
    cost: Range | None = None  #: besides effort, in the currency of `value`
    workaround_for: Text | None = None  #: step that it makes unnecessary for now
    proof: Text | None = None


class Actions(Document):
    """actions.yaml: what is done next, by whom, until when."""

    actions: tuple[Action, ...] = ()
