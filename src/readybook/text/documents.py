"""Files to frozen models, or every Problem at once; safe writing; paths that may be named.

YAML is written by people, who are told what to mend. JSON is written by readybook:
whoever finds it damaged is told how to have it written again.
"""

import contextlib
import json
import os
import platform
import re
import secrets
import shutil
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from psutil import pid_exists
from pydantic import BaseModel, ValidationError

from readybook.model.errors import (
    InvalidInputError,
    Nearest,
    Problem,
    ReadybookError,
    reason_of,
)
from readybook.model.findings import Evidence
from readybook.model.results import seal_of
from readybook.text.refusals import refusals
from readybook.text.yaml import KeyPath, Plain, dotted, parse_yaml, shown, uncollected

_DRAFT = re.compile(r"\..*\.([0-9a-f]{8})-(\d{1,9})-[0-9a-f]{8}\.tmp", re.DOTALL)
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A document that was read, and where each of its keys stands."""

    name: str  #: of the file, relative to the folder that was named
    model: Model
    lines: dict[KeyPath, int]  #: 1-based

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

    def report(
        self, path: KeyPath, found: str, expected: str, do: str | Nearest
    ) -> None:
        """Add a problem at a key."""
        line = self.file.line(*path)
        key = self.file.key(*path)
        self.problems.append(Problem(self.file.name, line, key, found, expected, do))

    def known(
        self, path: KeyPath, name: str, known: Collection[str], noun: str
    ) -> None:
        """Report a name that is not among the known ones; says what it should be."""
        if name not in known:
            self.report(path, f"'{shown(name)}'", noun, Nearest(name, known))

    def once(self, paths: Iterable[tuple[KeyPath, str]]) -> None:
        """Report each name that stands a second time."""
        first: dict[str, int] = {}
        for path, name in paths:
            if name in first:
                found = f"'{shown(name)}' a second time (first: line {first[name]})"
                self.report(path, found, "each once", "rename or remove one of them")
            first.setdefault(name, self.file.line(*path))


def found_at(part: object, places: str) -> Iterator[tuple[KeyPath, Any]]:
    """Yield what stands at places of a model, where anything does.

    "role answers.*.approved_by": `*` stands for each row, `@` for each key itself.
    """
    for place in places.split():
        yield from _found(part, place.split("."), ())


def _found(
    part: Any,  # noqa: ANN401 - any part of a model
    place: Sequence[str],
    path: KeyPath,
) -> Iterator[tuple[KeyPath, Any]]:
    if part is None:
        return
    if not place:
        yield path, part
        return
    name, *rest = place
    if name == "@":
        inner = [(key, key) for key in part]
    elif name == "*":
        inner = [*(part.items() if isinstance(part, Mapping) else enumerate(part))]
    else:
        inner = [(name, getattr(part, name))]
    for key, one in inner:
        yield from _found(one, rest, (*path, key))


def load_document(path: Path, model: type[Model], *, name: str) -> Loaded[Model]:
    """Return the document in a YAML file, with a name for problems to print.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    return parse_document(read_bytes(path, name=name), model, name=name)


def parse_document(raw: bytes | str, model: type[Model], *, name: str) -> Loaded[Model]:
    """Return the document in a text; otherwise as `load_document`."""
    plain = parse_yaml(raw, name=name)
    return Loaded(name, validate(plain, model), plain.lines)


@uncollected()
def validate(plain: Plain, model: type[Model]) -> Model:
    """Return plain data as a model.

    Raises:
        InvalidInputError: with the problems of the text and those of its meaning.
    """
    problems, data = list(plain.problems), plain.data
    if later := _later_format(plain):
        raise InvalidInputError([*problems, later])
    if isinstance(data, dict) and data.get("format") == 1:
        found = str(data["format"]).lower()
        if found != "1":  # `true` and `1.0` equal 1 in Python
            line, do = plain.line(("format",)), "write format: 1"
            problems.append(Problem(plain.name, line, "format", found, "1", do))
    try:
        result = model.model_validate(data)
    except ValidationError as error:
        refused = refusals(plain, model, error)
        # Of keys where none may stand, it does not matter that they are no texts.
        moot = {dotted(path) for path in plain.holes & refused.keys()}
        problems = [problem for problem in problems if problem.key not in moot]
        problems += refused.values()
    if problems:
        raise InvalidInputError(problems)
    return result


def _later_format(plain: Plain) -> Problem | None:
    """Return that a later version wrote it; what else is in it, this one cannot judge."""
    number = plain.data.get("format") if isinstance(plain.data, dict) else None
    if type(number) is not int or number <= 1:
        return None
    line = plain.line(("format",))
    do = "open it with the later version of readybook that wrote it"
    return Problem(plain.name, line, "format", f"the number {number}", "1", do)


def read_bytes(path: Path, *, name: str) -> bytes:
    """Return the content of a file.

    Raises:
        InvalidInputError: it cannot be read; the problem says why.
    """
    try:
        status = path.stat()  # to open a pipe would wait for whoever writes into it
        is_whole = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        if is_whole and status.st_size <= _MOST_BYTES:
            return path.read_bytes()
        refused = (
            f"a file of {status.st_size:,} bytes" if is_whole else "a pipe or device",
            f"a file of at most {_MOST_BYTES:,} bytes", "put such a file in its place",
        )  # fmt: skip
    except FileNotFoundError:
        refused = ("no such file", f"a file '{name}'", "create it")
        if path.is_symlink():
            refused = ("a link that leads nowhere", "a file", "put one in its place")
    except OSError as error:
        refused = (f"a file that cannot be read ({reason_of(error)})", "a readable file",
                   "make it a file that you may read")  # fmt: skip
    raise InvalidInputError.of(name, *refused)


def is_absent(path: Path) -> bool:
    """Return whether nothing has this name, not even a link that leads nowhere.

    What cannot be looked at is not absent: who reads it is told why.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def listed(folder: Path, name: str = ".") -> list[Path]:
    """Return what lies in a folder of an assessment, in order; nothing if it is absent.

    Raises:
        InvalidInputError: it is no folder, lies outside, or cannot be listed.
    """
    place = folder / name
    if is_absent(place):
        return []
    try:
        held = sorted(place.iterdir())
    except FileNotFoundError:
        found = "a link that leads nowhere"
    except OSError as error:
        found = f"what cannot be listed ({(error.strerror or 'an error').lower()})"
    else:
        if place.is_symlink():
            refuse_outside(name, folder)
        return held
    raise InvalidInputError.of(
        name, found, "a folder that you may read",
        "make it a folder that you may read, or remove it",
    )  # fmt: skip


def save_text(
    path: Path, text: str | bytes, *, last_look: Callable[[], None] | None = None
) -> None:
    """Write a text so that the file is either the old or the new one, never half.

    Args:
        path: the file; a symbolic link is followed.
        text: written as UTF-8, line ends as they are; bytes as they are.
        last_look: called when all is ready to replace the file; if it raises, the old
            file stays.

    Raises:
        InvalidInputError: it is named in an assessment, and a link takes it out of it.
        OSError: it cannot be written.
    """
    if within := place_in_case(path):
        refuse_outside(*within)
    target = path.resolve()
    draft = draft_beside(target)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if target.exists():
                draft.chmod(target.stat().st_mode & 0o777)
            file.write(text if isinstance(text, bytes) else text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if last_look is not None:
            last_look()
        draft.replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)  # of the file that is meant, not of a draft
        raise
    # Without it a crash may lose the new name; Windows cannot open a folder.
    with contextlib.suppress(OSError):
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def place_in_case(path: Path) -> tuple[str, Path] | None:
    """Return how a path is named in the assessment that it lies in, and the latter.

    A link counts where it lies, not where it leads.
    """
    named = Path(os.path.abspath(path))  # noqa: PTH100 - resolves no link
    for folder in named.parents:
        if (folder / "assessment.yaml").exists():
            return named.relative_to(folder).as_posix(), folder
    return None


def draft_beside(target: Path) -> Path:
    """Return a path for a draft that will take the place of a file or folder.

    Drafts beside it that runs on this machine left when they were killed are removed.
    """
    here = zlib.crc32(platform.node().encode())
    for left in target.parent.glob(".*.tmp"):
        owner = _DRAFT.fullmatch(left.name)
        dead = owner and int(owner[1], 16) == here and not pid_exists(int(owner[2]))
        with contextlib.suppress(OSError):
            if dead and left.is_dir():
                shutil.rmtree(left)
            elif dead:
                left.unlink()
    end = f"{here:08x}-{os.getpid()}-{secrets.token_hex(4)}"
    return target.with_name(f".{target.name}.{end}.tmp")


def packaged(name: str) -> Path:
    """Return a folder that comes with readybook: `notebooks`, `templates`, ...

    Raises:
        ReadybookError: neither the package nor the checkout around it has it.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / "_share", package, package.parents[1]):
        if (place / name).is_dir():
            return place / name
    message = f"readybook was installed without '{name}'; install it again"
    raise ReadybookError(message)


# One point a line: a series of days stays readable, and so does its difference.
_MOST_BYTES = 50_000_000  #: of a file that is read whole, such as evidence
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  #: as JSON writes it
_DIGITS = 300  #: of an integer; one of more is no float
_ENDLESS = re.compile(rb"\d{300}")
_POINT = re.compile(r'\{\n\s+("label": .*),\n\s+("value": .*)\n\s+\}')


def evidence_text(evidence: Evidence) -> str:
    """Return evidence as JSON with its seal: the same models give the same text."""
    content = evidence.model_dump(mode="json")
    for key in ("way", "unlisted_before"):  # files from before there was one lack it
        if not content.get(key):
            content.pop(key, None)
    sealed = {**content, "seal": seal_of(content, "seal")}
    text = json.dumps(sealed, indent=1, ensure_ascii=False)
    return _POINT.sub(r"{\1, \2}", text) + "\n"


def save_evidence(evidence: Evidence, path: Path) -> None:
    """Write evidence to a file in one step; its folder is made where it is missing.

    A signature of what was there before goes with it.

    Raises:
        OSError: the file cannot be written; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.sig").unlink(missing_ok=True)
    save_text(path, evidence_text(evidence))


def json_parser(name: str, model: type[Model], do: str) -> Callable[[bytes], Model]:
    """Return what parses the content of one file, named as problems print it.

    Whoever finds it damaged is told what to do.
    """

    def parse(raw: bytes) -> Model:
        # half a character is no JSON to the parser; it is quick to see that there is none
        if rb"\u0000" in raw and _NUL.search(raw):
            raise _damaged(name, do)
        if _ENDLESS.search(raw):  # maybe in a text, or a number that is no float
            plain_json(raw, name, do)
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            if error.errors()[0]["type"] == "json_invalid":  # half a character, say
                raise _damaged(name, do) from None
            plain = plain_json(raw, name, do)
            if later := _later_format(plain):
                raise InvalidInputError([later]) from None
            found = refusals(plain, model, error).values()
        raise InvalidInputError(
            replace(item, file=name, line=0, do=do) for item in found
        )

    return parse


def plain_json(raw: bytes, name: str, do: str) -> Plain:
    """Return the content of a file as plain data; arguments as for `json_parser`.

    Raises:
        InvalidInputError: it is no JSON.
    """
    try:
        return Plain(name, json.loads(raw, parse_int=_read_int), {})
    except (ValueError, RecursionError):
        raise _damaged(name, do) from None


def _read_int(text: str) -> int:
    if len(text) <= _DIGITS:
        return int(text)
    message = f"a number of {len(text):,} digits"
    raise ValueError(message)


def _damaged(name: str, do: str) -> InvalidInputError:
    return InvalidInputError.of(name, "a damaged file", "JSON in UTF-8", do)


_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")
_GLOB = re.compile(r"[*?\[]")


def check_local_path(
    text: str, path: KeyPath, locations: Sequence[str], folder: Path, judge: Judge
) -> None:
    """Report a local path of a contract that leaves the assessment's folder.

    `{model}` in its text stands for each of the locations.
    """
    filled = [text.replace("{model}", location) for location in locations] or [text]
    if any(leaves_folder(item, folder) for item in filled):
        judge.report(
            path, f"the path '{shown(text)}', which leaves the assessment's folder",
            "a path inside the folder", "copy the data into the folder, such as data/",
        )  # fmt: skip


def refuse_outside(name: str, folder: Path) -> None:
    """Refuse a file of an assessment that a link takes out of it, read or written.

    Raises:
        InvalidInputError: its place lies outside.
    """
    if leaves_folder(name, folder):
        raise InvalidInputError.of(
            name, "a link that leaves the assessment's folder",
            "a file inside the folder", "put the file or folder in place of the link",
        )  # fmt: skip


def refuse_undecodable(place: Path, name: str = ".") -> None:
    """Refuse a place whose path is no text of one line, as messages and notebooks need.

    Raises:
        InvalidInputError: its name, or that of a folder around it, is not UTF-8, or has
            a line end, behind which it could say what it likes.
    """
    path = str(place.resolve())
    if len(path.splitlines()) > 1:
        raise InvalidInputError.of(
            name, "a path with a line end", "names on one line",
            "rename it, or the folder around it",
        )  # fmt: skip
    if path != path.encode(errors="replace").decode():
        raise InvalidInputError.of(
            name, "a path that is not UTF-8", "names in UTF-8",
            "rename it, or the folder around it",
        )  # fmt: skip


def leaves_folder(text: str, folder: Path) -> bool:
    """Return whether a path is absolute, goes up, or follows a link to outside.

    It is followed part by part, each place once, so that nothing outside is listed and
    no pattern takes long.
    """
    if _ABSOLUTE.match(text) or ".." in re.split(r"[/\\]", text):
        return True
    home = folder.resolve()
    places = {home}
    try:
        for part in Path(text).parts:
            found = below(places, part)
            places = {one.resolve() if one.is_symlink() else one for one in found}
            if not all(place.is_relative_to(home) for place in places):
                return True
    except PermissionError:  # whoever reads it is told so
        return False
    except (OSError, RuntimeError):  # a loop of links
        return True
    return False


def below(places: Iterable[Path], part: str) -> set[Path]:
    """Return what one part of a path, or of a pattern, names below places."""
    if not _GLOB.search(part):
        return {place / part for place in places}
    # Inside a name, only newer Pythons take two stars for one.
    pattern = part if part == "**" else re.sub(r"\*+", "*", part)
    found = {one for place in places for one in place.glob(pattern)}
    # Links may lead to one place in any number of ways: one of them does.
    return set({one.resolve(): one for one in sorted(found, reverse=True)}.values())
