"""Things of one file that are saved one by one, unless somebody else changed them."""

import contextlib
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from readybook.edit.file import Data, Edit, EditableFile
from readybook.edit.yamltext import same
from readybook.model.bank import Bank, Frozen
from readybook.text.refusals import member, members
from readybook.text.yaml import as_json

Value = TypeVar("Value")
Entry = dict[str, Any]  #: plain data, as the file has them
_DIGITS = 16
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Saved:
    """What was saved is on disk."""

    file: str  #: relative to the assessment's folder
    at: dt.datetime  #: with the time zone of this machine
    mark: str  #: of what is stored now
    stored: dict[str, object] | None  #: None: nothing, it was removed


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed the same thing; nothing was written."""

    file: str  #: relative to the assessment's folder
    mark: str  #: of what is stored now
    theirs: dict[str, object] | None  #: None: it was removed


def mark_of(stored: Mapping[str, object] | None) -> str:
    """Return the fingerprint of one stored answer or row; "" for none."""
    if stored is None:
        return ""
    content = json.dumps(stored, sort_keys=True, ensure_ascii=False)
    raw = content.encode("utf-8", "surrogatepass")
    return hashlib.sha256(raw).hexdigest()[:_DIGITS]


class Entries:
    """Entries of a file by their names; what kind they are is for a subclass to say."""

    def __init__(self, file: EditableFile) -> None:
        """Touch nothing yet."""
        self.file = file

    def held(self, data: Data) -> dict[str, Entry]:
        """Return each entry by its name, as the data of the file have it."""
        raise NotImplementedError

    def placed(self, data: Data, name: str, new: Entry | None) -> Data:
        """Return the data with one entry set, or without it."""
        raise NotImplementedError

    def shown(self, entry: Entry | None) -> dict[str, object] | None:
        """Return an entry as JSON: what a mark is the fingerprint of."""
        return None if entry is None else dict(as_json(entry))

    def may_begin(self, name: str) -> bool:
        """Return whether saving may make an entry that is not there."""
        del name
        return True

    def stored(self) -> dict[str, dict[str, object]]:
        """Return every entry by its name, as JSON; none where there is no file.

        Raises:
            InvalidInputError: the file is refused; nothing was changed.
        """
        held = self.held(self.file.read())
        return {name: self.shown(entry) or {} for name, entry in held.items()}

    def change(
        self,
        name: str,
        edit: Callable[[Entry | None], Entry | None],
        base: str,
        begin: Edit = lambda text: text,
    ) -> Saved | Conflict:
        """Save what an edit makes of one entry, unless somebody else has changed it.

        An edit is given what stands there, and returns what is to stand there. The base
        is the mark of what the caller last knew; the text is begun as by the file.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or it
                cannot be written; it is as it was.
        """
        outcome: list[Saved | Conflict] = []

        def change(data: Data) -> Data | None:
            old = self.held(data).get(name)
            new = edit(old)
            theirs = self.shown(old)
            outcome[:] = [self.saved(new)]
            if same(old, new):
                return None
            if mark_of(theirs) != base or (old is None and not self.may_begin(name)):
                outcome[:] = [Conflict(self.file.name, mark_of(theirs), theirs)]
                return None
            return self.placed(data, name, new)

        self.file.change(change, begin)
        return outcome[0]

    def saved(self, entry: Entry | None) -> Saved:
        """Return what tells that an entry is on disk, as of this moment."""
        stored, now = self.shown(entry), dt.datetime.now(dt.UTC).astimezone()
        return Saved(self.file.name, now, mark_of(stored), stored)


class Section(Entries):
    """Entries by question below one key: answers, confirmations, what was settled."""

    def __init__(
        self, file: EditableFile, key: str, model: type[Frozen], bank: Bank
    ) -> None:
        """Touch nothing yet; a new entry will come where the bank has its question."""
        super().__init__(file)
        self._key = key
        self._model = model
        self._order = [one.id for part in bank.sections.values() for one in part]

    def save(
        self, question: str, value: Mapping[str, object] | None, *, base: str
    ) -> Saved | Conflict:
        """Save one entry; those of other questions stay as they are in the file.

        Args:
            question: its id.
            value: keys as the file has them; None removes it.
            base: mark of what the caller last knew of this question.

        Raises:
            InvalidInputError: as by `change`.
        """
        new = None if value is None else to_file(value, self._model)
        return self.change(question, lambda old: self.revised(old, new), base)

    def revised(self, old: Entry | None, new: Entry | None) -> Entry | None:
        """Return what a new entry becomes in the place of an old one: itself."""
        del old
        return new

    def held(self, data: Data) -> dict[str, Entry]:
        """Return each entry by its question."""
        section = data.get(self._key)
        return dict(section) if isinstance(section, Mapping) else {}

    def placed(self, data: Data, name: str, new: Entry | None) -> Data:
        """Return the data with an entry after those that the bank asks before it."""
        held = self.held(data)
        if new is None:
            del held[name]
        elif name in held:
            held[name] = in_order(new, list(self._model.model_fields))
        else:
            order = self._order
            before = set(order[: order.index(name)] if name in order else order)
            at = max((n for n, key in enumerate(held, 1) if key in before), default=0)
            pairs = list(held.items())
            held = dict([*pairs[:at], (name, new), *pairs[at:]])
        return {**data, self._key: held}


def to_file(value: object, kind: object) -> Any:  # noqa: ANN401 - of the kind
    """Return JSON data as a file holds it, in the order of the model's keys.

    Args:
        value: what a page sent. Keys without a value or with an empty text are left
            out, and so are keys whose own keys all are.
        kind: what it is to become: a model, or the type of one of its fields.
    """
    if isinstance(value, Mapping):
        model = member(kind, BaseModel)
        fields = model.model_fields if model else {}
        found = {
            str(key): to_file(item, fields.get(str(key), object))
            for key, item in value.items()
            if not (item is None or (isinstance(item, str) and not item.strip()))
        }
        kept = {key: item for key, item in found.items() if item != {}}
        return in_order(kept, list(fields))
    if isinstance(value, Sequence) and not isinstance(value, str):
        inner = (*get_args(member(kind, tuple)), object)[0]
        return tuple(to_file(item, inner) for item in value)
    if isinstance(value, str):
        if dt.date in members(kind) and _DAY.fullmatch(value):
            with contextlib.suppress(ValueError):  # a day that is not in the calendar
                return dt.date.fromisoformat(value)
        # A page that cuts a text to a length may cut an emoji in two; no file can hold
        # half a sign.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def in_order(data: Mapping[str, Value], names: Sequence[str]) -> dict[str, Value]:
    """Return the data with known keys first, in their order, then the others."""
    known = {key: data[key] for key in names if key in data}
    return {**known, **data}
