"""Files to frozen models, or every Problem at once; safe writing; packaged folders."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from readybook.model.errors import InvalidInputError, Problem, ReadybookError, nearest
from readybook.text.refusals import refusals
from readybook.text.yaml import KeyPath, Plain, dotted, parse_yaml, shown

__all__ = [
    "Judge",
    "Loaded",
    "load_document",
    "packaged",
    "parse_document",
    "read_bytes",
    "save_text",
    "validate",
]

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A document that was read, and where each of its keys stands."""

    name: str  #: of the file, relative to the folder that was named
    model: Model
    lines: Mapping[KeyPath, int]  #: 1-based

    def line(self, *path: str | int) -> int:
        """Return the line of a key, or of the nearest thing around it."""
        return Plain(self.name, None, self.lines).line(path)

    def key(self, *path: str | int) -> str:
        """Return a key as messages print it; one of a question names its id."""
        rows = getattr(self.model, "questions", ())
        match path:
            case ("questions", int(at), *_) if at < len(rows):
                return dotted(path, rows[at].id)
        return dotted(path)


class Judge:
    """Collects the problems of one document, each at the line of its key."""

    def __init__(self, file: Loaded[Any]) -> None:
        """Begin with no problem."""
        self.file = file
        self.problems: list[Problem] = []

    def report(self, path: KeyPath, found: str, expected: str, do: str) -> None:
        """Add a problem at a key."""
        line = self.file.line(*path)
        key = self.file.key(*path)
        self.problems.append(Problem(self.file.name, line, key, found, expected, do))

    def known(self, path: KeyPath, name: str, known: Iterable[str], noun: str) -> None:
        """Report a name that is not among the known ones; says what it should be."""
        names = list(known)
        if name not in names:
            self.report(path, f"'{shown(name)}'", noun, nearest(name, names))

    def once(self, paths: Iterable[tuple[KeyPath, str]]) -> None:
        """Report each name that stands a second time."""
        first: dict[str, int] = {}
        for path, name in paths:
            if name in first:
                found = f"'{shown(name)}' a second time (first: line {first[name]})"
                self.report(path, found, "each once", "rename or remove one of them")
            first.setdefault(name, self.file.line(*path))


def load_document(path: Path, model: type[Model], *, name: str) -> Loaded[Model]:
    """Return the document in a file.

    Args:
        path: the YAML file.
        model: what it must be.
        name: of the file, as problems print it.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    return parse_document(read_bytes(path, name=name), model, name=name)


def parse_document(raw: bytes | str, model: type[Model], *, name: str) -> Loaded[Model]:
    """Return the document in a text; otherwise as `load_document`."""
    plain = parse_yaml(raw, name=name)
    return Loaded(name, validate(plain, model), plain.lines)


def validate(plain: Plain, model: type[Model]) -> Model:
    """Return plain data as a model.

    Raises:
        InvalidInputError: with the problems of the text and those of its meaning.
    """
    problems = [*plain.problems, *_format_problems(plain)]
    try:
        result = model.model_validate(plain.data)
    except ValidationError as error:
        refused = refusals(plain, model, error)
        # Of keys where none may stand, it does not matter that they are no texts.
        moot = {dotted(path) for path in plain.holes & refused.keys()}
        problems = [problem for problem in problems if problem.key not in moot]
        problems += refused.values()
    if problems:
        raise InvalidInputError(problems)
    return result


def _format_problems(plain: Plain) -> list[Problem]:
    """Refuse `format: true` and `format: 1.0`, which equal 1 in Python."""
    data = plain.data
    if not isinstance(data, dict) or not isinstance(data.get("format"), bool | float):
        return []
    if data["format"] != 1:
        return []  # the model refuses it
    line = plain.line(("format",))
    found = str(data["format"]).lower()
    return [Problem(plain.name, line, "format", found, "1", "write format: 1")]


def read_bytes(path: Path, *, name: str) -> bytes:
    """Return the content of a file.

    Raises:
        InvalidInputError: it cannot be read; the problem says why.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        problem = Problem(name, 0, "", "no such file", f"a file '{name}'", "create it")
        raise InvalidInputError([problem]) from None
    except OSError as error:
        why = (error.strerror or "an error").lower()
        do = "make it a file that you may read"
        problem = Problem(name, 0, "", f"a file that cannot be read ({why})",
                          "a readable file", do)  # fmt: skip
        raise InvalidInputError([problem]) from None


def save_text(
    path: Path, text: str, *, last_look: Callable[[], None] | None = None
) -> None:
    """Write a text so that the file is either the old or the new one, never half.

    Args:
        path: the file; a symbolic link is followed.
        text: written as UTF-8, line ends as they are.
        last_look: called when all is ready to replace the file; if it raises, the old
            file stays.
    """
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if target.exists():
                draft.chmod(target.stat().st_mode & 0o777)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if last_look is not None:
            last_look()
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    # Without it a crash may lose the new name; Windows cannot open a folder.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def packaged(name: str) -> Path:
    """Return a folder that comes with readybook: `notebooks`, `templates`, ...

    Raises:
        ReadybookError: neither the package nor the checkout around it has it.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (
        package / "_share" / name,
        package / name,
        package.parents[1] / name,
    ):
        if folder.is_dir():
            return folder
    message = f"readybook was installed without '{name}'; install it again"
    raise ReadybookError(message)
