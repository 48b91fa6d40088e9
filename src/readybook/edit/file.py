"""One file of an assessment that is changed in place: locked, judged, then written.

Everything that is saved goes through here: an answer, a row, a scope fact, a sign-off.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from filelock import FileLock, Timeout

from readybook.bank.read import bank_ref
from readybook.case.cross_check import (
    AGREED,
    FILES,
    check_documents,
    model_of,
    parse_file,
)
from readybook.edit.yamltext import UneditableError, YamlText, yaml_lines
from readybook.model.bank import Bank
from readybook.model.errors import InvalidInputError, Problem, in_the_way
from readybook.text.documents import (
    Loaded,
    is_absent,
    packaged,
    read_bytes,
    refuse_outside,
    save_text,
    validate,
)
from readybook.text.yaml import parse_yaml

Data = Mapping[str, Any]
Edit: TypeAlias = Callable[[YamlText], YamlText]

_TRIES = 20  #: times that somebody else may write between our reading and writing
_KEPT = 16  #: parsed files; an assessment has six that are judged together
_LOCKS = Path(".readybook", "locks")
_PATIENCE = 10.0  #: seconds; a save takes a tenth of one
_POLL = 0.003  #: seconds between two looks at a lock that another process holds
_parsed = lru_cache(maxsize=_KEPT)(parse_file)


class NotSavedError(InvalidInputError):
    """The file could not be written: its system, or another program, is in the way."""

    def __init__(self, file: str, found: str, expected: str, do: str) -> None:
        """Keep the one problem, of the file as a whole."""
        problem = Problem(file, 0, "", found, expected, f"{do}, then save again")
        super().__init__([problem])


class _ChangedError(Exception):
    """Another program wrote the file while it was being saved."""


class EditableFile:
    """A YAML file that people and programs change by turns.

    What is written was judged by the code that reads it, as a whole and with the files
    beside it. Of the text, only the lines of what changed differ.
    """

    def __init__(self, folder: Path, name: str, bank: Bank, *, role: str = "") -> None:
        """Touch nothing yet: a file that is not there is made by its first change.

        The name is relative to the assessment's folder. A file of answers has to hold
        those of a role; it is "" for any other file.
        """
        self.name = name
        self._folder = folder
        self._path = folder / name
        self._bank = bank
        self._role = role
        self._known: YamlText | None = None  #: what the file was when last seen
        self._others: list[Problem] = []  #: of other files, which it did not cause
        #: Bytes before and after the last change of this object.
        self.last_change: tuple[bytes | None, bytes] = (None, b"")

    def read(self) -> Data:
        """Return the plain data of the file; none where there is no file.

        Raises:
            InvalidInputError: the file is not what it must be; nothing was changed.
        """
        text = self.text()
        return {} if text is None else _mapping(text)

    def text(self) -> YamlText | None:
        """Return the text of the file and what it means; None where there is no file.

        Raises:
            InvalidInputError: as by `read`.
        """
        raw = self._raw()
        return None if raw is None else self._text(raw)

    def change(
        self, edit: Callable[[Data], Data | None], begin: Edit = lambda text: text
    ) -> None:
        """Write what an edit makes of the data of the file, or of a new one.

        Args:
            edit: is given the data; returns those that the file is to hold, or None to
                leave it. It may be called more than once.
            begin: returns the text that they are written into, with other comments.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or cannot
                be written; the file is as it was.
        """
        with self._alone():
            for _ in range(_TRIES):
                with contextlib.suppress(_ChangedError):
                    self._change(edit, begin)
                    return
        raise NotSavedError(self.name, "another program that keeps writing it",
                            "a file at rest", "wait until it is done")  # fmt: skip

    def take_back(self, before: bytes | None, after: bytes) -> bool:
        """Put back a text that the file had, where nobody has written it since.

        Returns:
            Whether it stands there again, to the byte; where the file is no longer what
            the change left, or the text no longer fits the files beside it, nothing is
            written.

        Raises:
            InvalidInputError: it cannot be written; the file is as it was.
        """
        if before is None:
            return False
        text = YamlText.read(before, name=self.name)
        with self._alone(), contextlib.suppress(_ChangedError):
            if not self._new_problems(text):
                self._write(text, after)
                return True
        return False

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs out, and say in words what the system says in numbers."""
        try:
            refuse_outside(self.name, self._folder)
            target = self._path.resolve().relative_to(self._folder.resolve())
            with locked(self._folder, target.as_posix()):
                yield
        except OSError as error:
            raise NotSavedError(self.name, *in_the_way(error)) from error

    def _change(self, edit: Callable[[Data], Data | None], begin: Edit) -> None:
        raw = self._raw()
        text = self._text(self._start().encode("utf-8") if raw is None else raw)
        after = edit(_mapping(text))
        if after is None:
            return
        try:
            changed = begin(text).with_data(after)
        except UneditableError:
            whole = parse_yaml("\n".join(yaml_lines(after)), name=self.name)
            if whole.problems:  # what no text may hold
                told = (replace(one, line=0) for one in whole.problems)
                raise InvalidInputError(told) from None
            found = "a form that cannot be changed in place, such as & and *"
            raise NotSavedError(self.name, found, "keys and values that are written out",
                                "write them out in an editor") from None  # fmt: skip
        if new := self._new_problems(changed):
            raise InvalidInputError(new)
        self._write(changed, raw)
        self.last_change = (raw, changed.raw)

    def _write(self, text: YamlText, expected: bytes | None) -> None:
        def is_ours() -> None:
            if self._raw() != expected:
                raise _ChangedError

        self._path.parent.mkdir(exist_ok=True)
        save_text(self._path, text.raw.decode("utf-8"), last_look=is_ours)
        self._known = text

    # --- reading and judging --------------------------------------------------------

    def _raw(self) -> bytes | None:
        if is_absent(self._path):
            return None
        refuse_outside(self.name, self._folder)
        return read_bytes(self._path, name=self.name)

    def _start(self) -> str:
        """Return the text of a new file, before its first change."""
        if self.name == "assessment.yaml":
            expected = "the one file that is required"
            do = "run: readybook new"
            raise InvalidInputError.of(self.name, "no such file", expected, do)
        templates = packaged("templates")
        if self.name in FILES:
            path = templates / "assessment" / self.name
            return path.read_text(encoding="utf-8")
        head, last = ("agreed", "settled") if self.name == AGREED else ("answers",) * 2
        ref = bank_ref(self._bank).model_dump(exclude_none=True)
        keys = {"role": self._role} if self._role else {}
        lines = [*yaml_lines({**keys, "bank": ref}), "", f"{last}: {{}}"]
        text = (templates / "answers" / f"{head}.yaml").read_text(encoding="utf-8")
        return text + "\n".join(lines) + "\n"

    def _text(self, raw: bytes) -> YamlText:
        known = self._known
        if known is None or known.raw != raw:
            known = YamlText.read(raw, name=self.name)
            problems = self._problems(known)
            if any(problem.file == self.name for problem in problems):
                raise InvalidInputError(problems)
            self._known, self._others = known, problems
        return known

    def _new_problems(self, text: YamlText) -> list[Problem]:
        problems = self._problems(text)
        return [p for p in problems if p.file == self.name or p not in self._others]

    def _problems(self, text: YamlText) -> list[Problem]:
        """Return what contradicts the bank or a file beside it, here or there.

        A file beside it that is refused is left out, as if it were not there. Only
        where that may be the reason for a problem here are its own problems told too.
        """
        plain, model = text.plain, model_of(self.name)
        if model is None:
            try:
                file = _parsed(text.raw, self.name, self._folder)
            except InvalidInputError as error:
                return list(error.problems)
        else:
            file = Loaded[Any](plain.name, validate(plain, model), plain.lines)
        documents, refused = {self.name: file}, list[Problem]()
        for name in FILES if self.name in FILES else ():
            path = self._folder / name
            if not (name == self.name or is_absent(path)):
                try:
                    raw = read_bytes(path, name=name)
                    documents[name] = _parsed(raw, name, self._folder)
                except InvalidInputError as error:
                    refused += error.problems
        problems = check_documents(documents, self._bank, self._folder)
        if self._role and file.model.role != self._role:
            found, line = f"the role '{file.model.role}'", file.line("role")
            do = f"answer as '{file.model.role}', or in a file of another name"
            expected = f"'{self._role}'"
            problems.append(Problem(self.name, line, "role", found, expected, do))
        is_own = any(problem.file == self.name for problem in problems)
        return [*problems, *(refused if is_own else ())]


def _mapping(text: YamlText) -> Data:
    data = text.plain.data
    return data if isinstance(data, Mapping) else {}


@contextlib.contextmanager
def locked(folder: Path, name: str, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of one file of an assessment, between threads and processes.

    The lock is a file of its own, below `.readybook/locks`: the file that is saved is
    replaced, so a lock on it would be a lock on what is gone. The name is relative to
    the folder; whoever holds the lock is waited for so many seconds.

    Raises:
        NotSavedError: another program held it for that long.
        OSError: the lock cannot be made.
    """
    refuse_outside(_LOCKS.as_posix(), folder)
    home = folder.resolve() / _LOCKS
    if not (ours := home / ".gitignore").is_file():
        home.parent.mkdir(exist_ok=True)  # without parents: the folder must exist
        home.mkdir(exist_ok=True)
        # Locks are of this machine and of the moment: no version control wants them.
        save_text(ours, "*\n")
    path = home / f"{name.replace('/', '-')}.lock"
    found = f"another program that has been writing it for {patience:g} seconds"
    busy = NotSavedError(name, found, "a file that is free", "wait until it is done")
    try:
        with FileLock(path, poll_interval=_POLL).acquire(timeout=patience):
            yield
    except Timeout:
        raise busy from None
