"""What a message says of one answer, as the file is to hold it: dated, and whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

__all__ = ["dated", "mapping_in", "today"]

#: What a vote in the room leaves as it stands in the person's file.
_BESIDE = ("proof", "note", "private")
#: What belongs to "does not apply", and stays as long as that is the answer.
_WAIVED = ("reason", "because", "approved_by")


def mapping_in(message: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return what was typed; None where it is to be removed."""
    answer = message.get("answer")
    return answer if isinstance(answer, Mapping) else None


def dated(
    message: Mapping[str, object], before: Mapping[str, object] | None
) -> dict[str, object] | None:
    """Return the answer with its date: today's, unless the answer itself is as it was.

    A vote in the room is the answer alone: what the file says beside it stays.
    """
    answer = mapping_in(message)
    if answer is None:
        return None
    is_same = before is not None and before.get("answer") == answer["answer"]
    if before is not None and message.get("vote"):
        kept = (*_BESIDE, *(_WAIVED if is_same else ()))
        answer = {**{key: before.get(key) for key in kept}, **answer}
    whole = {"answer": answer["answer"], "date": today().isoformat()}
    if before is not None and is_same and not message.get("redate"):
        whole["date"] = str(before["date"])
    return {**whole, **{key: value for key, value in answer.items() if value}, **whole}


def today() -> dt.date:
    """Return the date on the clock of this machine."""
    return dt.datetime.now(dt.UTC).astimezone().date()
