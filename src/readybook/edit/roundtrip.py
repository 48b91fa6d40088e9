"""One file of an assessment that is changed in place: locked, judged, then written."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from readybook.edit.locks import locked
from readybook.edit.outcomes import NotSavedError
from readybook.edit.places import UneditableError
from readybook.edit.splice import Source, read_source, spliced
from readybook.model.bank import Document
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Loaded, read_bytes, save_text, validate

__all__ = ["Data", "Judge", "RoundTrip"]

Model = TypeVar("Model", bound=Document)
Data = Mapping[str, object]
Judge = Callable[[Loaded[Model]], list[Problem]]

_TRIES = 20  #: times that somebody else may write between our reading and writing
_CODE = "utf-8"
#: What is in the way, by the system's error: found, expected, what to do.
_IN_THE_WAY: dict[int, tuple[str, str, str]] = {
    errno.ENOSPC: ("a full disk", "room for the file", "free some space"),
    errno.EDQUOT: ("a full quota", "room for the file", "free some space of yours"),
    errno.EFBIG: ("a limit on the size of files", "room for the file", "raise it"),
    errno.EROFS: ("a disk that cannot be written", "a folder that you may write",
                  "copy the assessment to a folder of your own"),
    errno.EACCES: ("a folder or file that you may not write",
                   "a folder that you may write",
                   "ask for the right to write it, or copy the assessment"),
    errno.EPERM: ("a folder or file that is protected", "a folder that you may write",
                  "ask whoever protected it, or copy the assessment"),
    errno.ENOENT: ("no such folder", "the folder of the assessment",
                   "put it back, or open the assessment where it is now"),
}  # fmt: skip


class _ChangedError(Exception):
    """Another program wrote the file while it was being saved."""


class RoundTrip(Generic[Model]):
    """A YAML file that people and programs change by turns.

    What is written was judged by the code that reads it, as a whole. Of the text, only
    the lines of what changed differ.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        model: type[Model],
        *,
        judge: Judge[Model],
        start: Callable[[], str],
    ) -> None:
        """Touch nothing yet.

        Args:
            folder: of the assessment.
            name: of the file, relative to the folder.
            model: what the file must be.
            judge: returns what contradicts the bank or other files; problems of
                other files count where the change makes them.
            start: returns the text of a new file, before its first change.
        """
        self.name = name
        self._folder = folder
        self._model = model
        self._judge = judge
        self._start = start
        self._known: Source | None = None  #: what the file was when it was last seen
        self._others: list[Problem] = []  #: of other files, which it did not cause
        self._before: bytes | None = None  #: what the last change was made to

    def read(self) -> Data | None:
        """Return the plain data of the file; None where there is no file.

        Raises:
            InvalidInputError: the file is not what it must be; nothing was changed.
        """
        raw = self._raw()
        return None if raw is None else _mapping(self._source(raw))

    def change(self, edit: Callable[[Data], Data | None]) -> Data:
        """Write what the edit makes of the data, and return what the file holds now.

        Args:
            edit: is given the data of the file, or of a new one; returns the data that
                it is to hold, or None to leave it. It may be called more than once.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or cannot
                be written; the file is as it was.
        """
        with self._alone():
            self._remove_leftovers()
            for _ in range(_TRIES):
                with contextlib.suppress(_ChangedError):
                    return self._change(edit)
        raise self._never_quiet()

    def take_back(self) -> bool:
        """Put back the text that the last change of this object was made to.

        Returns:
            Whether it stands there again, to the byte; where somebody wrote the file
            since, or the text no longer fits the files beside it, nothing is written.

        Raises:
            InvalidInputError: it cannot be written; the file is as it was.
        """
        if self._before is None or self._known is None:
            return False
        source, now = read_source(self._before, name=self.name), self._known.raw
        with self._alone(), contextlib.suppress(_ChangedError):
            if self._raw() == now and not self._new_problems(source):
                self._write(source, now)
                return True
        return False

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other programs out, and say in words what goes wrong."""
        with self._told():
            self._refuse_outside()
            target = self._path.resolve().relative_to(self._folder.resolve())
            with locked(self._folder, target.as_posix()):
                yield

    def _change(self, edit: Callable[[Data], Data | None]) -> Data:
        raw = self._raw()
        source = self._source(self._start().encode(_CODE) if raw is None else raw)
        before = _mapping(source)
        after = edit(before)
        if after is None:
            return before
        try:
            changed = spliced(source, after)
        except UneditableError:
            raise self._uneditable() from None
        if new := self._new_problems(changed):
            raise InvalidInputError(new)
        self._write(changed, raw)
        self._before = raw
        return after

    def _new_problems(self, source: Source) -> list[Problem]:
        problems = self._problems(source)
        return [p for p in problems if p.file == self.name or p not in self._others]

    # --- reading -------------------------------------------------------------------

    @property
    def _path(self) -> Path:
        return self._folder / self.name

    def _raw(self) -> bytes | None:
        path = self._path
        if not (path.exists() or path.is_symlink()):
            return None
        self._refuse_outside()
        return read_bytes(path, name=self.name)

    def _source(self, raw: bytes) -> Source:
        known = self._known
        if known is None or known.raw != raw:
            known = read_source(raw, name=self.name)
            problems = self._problems(known)
            if any(problem.file == self.name for problem in problems):
                raise InvalidInputError(problems)
            self._known, self._others = known, problems
        return known

    def _problems(self, source: Source) -> list[Problem]:
        model = validate(source.plain, self._model)
        return self._judge(Loaded(self.name, model, source.plain.lines))

    # --- writing -------------------------------------------------------------------

    def _write(self, source: Source, expected: bytes | None) -> None:
        def is_ours() -> None:
            if self._raw() != expected:
                raise _ChangedError

        text = source.raw.decode(_CODE)
        self._path.parent.mkdir(exist_ok=True)
        save_text(self._path, text, last_look=is_ours)
        self._known = source

    def _remove_leftovers(self) -> None:
        """Remove drafts of saves that were killed; the lock says that none is running."""
        target = self._path.resolve()
        for draft in target.parent.glob(f".{target.name}.*.tmp"):
            with contextlib.suppress(OSError):
                draft.unlink()

    # --- refusals ------------------------------------------------------------------

    def _refuse_outside(self) -> None:
        home = self._folder.resolve()
        try:
            inside = self._path.resolve().is_relative_to(home)
        except (OSError, RuntimeError):  # a loop of links
            inside = False
        if not inside:
            problem = Problem(
                self.name, 0, "", "a link that leaves the assessment's folder",
                "a file inside the folder", "put the file itself in place of the link",
            )  # fmt: skip
            raise InvalidInputError([problem])

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in words what the system says in numbers."""
        try:
            yield
        except OSError as error:
            why = (error.strerror or "an error").lower()
            usual = (f"an error of the system ({why})", "a file that can be written",
                     "mend what the system names")  # fmt: skip
            parts = _IN_THE_WAY.get(error.errno or 0, usual)
            found, expected, do = parts
            raise NotSavedError(
                self.name, found, expected, f"{do}, then save again"
            ) from error

    def _never_quiet(self) -> NotSavedError:
        return NotSavedError(
            self.name, "another program that keeps writing it", "a file at rest",
            "wait until it is done, then save again",
        )  # fmt: skip

    def _uneditable(self) -> NotSavedError:
        return NotSavedError(
            self.name, "a form that cannot be changed in place, such as & and *",
            "keys and values that are written out",
            "write them out in an editor, then save again",
        )  # fmt: skip


def _mapping(source: Source) -> Data:
    data = source.plain.data
    return data if isinstance(data, Mapping) else {}
