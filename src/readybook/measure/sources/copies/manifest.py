"""Pictures, audio, texts and documents as a table: a row a file, by what is declared.

A column says what of a file it holds (`readiness.ofFile`). The rows are a folder's own
listing, or those of a CSV file that names one in each. Of a file its bytes are read, and
its header: nothing is decoded, no link is followed, and what is no file is not opened.
"""

import contextlib
import datetime as dt
import hashlib
import io
import itertools
import os
import re
import stat
import warnings
import wave
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from pyarrow.parquet import ParquetFile

from readybook.contract.form import strptime_of
from readybook.measure.sources.copies.cells import pack_rows
from readybook.measure.sources.copies.delimited import pack_text
from readybook.measure.sources.engine import Copy, Reading, driver, escaped
from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import FEW_INVALID, Column, OfFile, Table
from readybook.model.errors import SourceError
from readybook.model.words import as_list, count

_AT_ONCE = 4  #: files; more of them do not read faster from one disk
_CHUNK = 500  #: files between two looks at the limit
_BLOCK = 2**20  #: bytes at a time
_LARGEST = 2**33  #: bytes of a file that is read
_MOST_READ = 2**24  #: bytes of a header, of which no more is given to a library
_A_READ = 2**6  #: bytes that a read counts as at least
_TAIL = 2**26  #: bytes at a file's end in which its last mark is looked for
_MOST_NAMED = 3  #: endings of files that nothing looks into
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
#: What parts of a date, as strptime has them, look like in a name; others have digits.
_PARTS = {"%Y": r"\d{4}", "%y": r"\d{2}", "%b": "[A-Za-z]{3}", "%p": "[AaPp][Mm]"}
_MANIFESTS = {".csv", ".tsv"}

# --- one file ------------------------------------------------------------------------


class Facts(NamedTuple):
    """What is known of one file; None: it has none, or nothing here knows it."""

    state: str | None  #: "read", or what is amiss
    kind: str | None = None  #: what it really is, "PNG", whatever its name says
    bytes: int | None = None
    content: str | None = None  #: SHA-256; None: nothing is in it
    width: int | None = None  #: pixels
    height: int | None = None
    seconds: float | None = None
    unread: str = ""  #: why nothing looked into it, without its name


_DAMAGED, _TOO_LARGE, _NO_TEXT = "damaged", "too large", "not UTF-8"


class _AmissError(Exception):
    """A file is not as its kind is: with the word for its state."""


class _File(BufferedReader):
    """A file whose reading ends with the limit, and of which a header is only so long.

    A stranger's file may have parts without end, or one of gigabytes, and libraries
    would read them all.
    """

    def __init__(self, raw: io.FileIO, is_over: Callable[[], bool]) -> None:
        super().__init__(raw)
        self._is_over = is_over
        self.left: int | None = None  #: bytes; None: it may be read to its end

    def _check(self, size: int | None) -> None:
        if self._is_over():
            msg = "it took too long"
            raise UnreachedError(msg)
        if self.left is not None:
            every = size is None or size < 0
            rest = os.fstat(self.fileno()).st_size - self.tell() if every else 0
            self.left -= max(size or 0, rest, _A_READ)
            if self.left < 0:
                raise _AmissError(_TOO_LARGE)

    def read(self, size: int | None = -1, /) -> bytes:
        self._check(size)
        return super().read(size)

    def read1(self, size: int = -1, /) -> bytes:
        self._check(size)
        return super().read1(size)

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - a buffer has no type
        self._check(len(buffer))
        return super().readinto(buffer)


#: Returns what a file of so many bytes holds.
_Look = Callable[[_File, int], dict[str, Any]]


def look(path: Path, is_over: Callable[[], bool]) -> Facts:
    """Return what a file holds, by all of its bytes and by its header.

    Raises:
        UnreachedError: it is over, before the file was at its end.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return Facts("link")
        if not stat.S_ISREG(mode):
            return Facts("no file")  # to open a pipe may wait for ever
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
        with _File(io.FileIO(descriptor), is_over) as stream:
            return _read(stream, path.suffix.lower())
    except PermissionError:
        return Facts(None, unread="may not be read by this user")
    except (FileNotFoundError, NotADirectoryError):
        return Facts("missing")
    except (OSError, ValueError):  # a name that is too long, or has a NUL
        return Facts("unreadable")


def _read(stream: _File, suffix: str) -> Facts:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):  # it was exchanged since
        return Facts("no file")
    size = status.st_size
    if size > _LARGEST:
        return Facts(_TOO_LARGE, bytes=size)
    if not size:
        return Facts("empty", bytes=0)
    content = hashlib.file_digest(stream, "sha256").hexdigest()
    state, unread = "", ""
    stream.seek(0)
    stream.left = None if suffix in _TEXTS else _MOST_READ
    try:
        found = _LOOKS.get(suffix, _unknown(suffix))(stream, size)
        return Facts("read", bytes=size, content=content, **found)
    except UnreachedError as error:
        unread = str(error)
    except _AmissError as amiss:
        state = str(amiss)
    except Exception:  # noqa: BLE001 - libraries raise what they like at a stranger's file
        state = _DAMAGED
    return Facts(state or None, bytes=size, content=content, unread=unread)


def _unknown(suffix: str) -> _Look:
    end = suffix if _ENDING.fullmatch(suffix) else "another way"

    def look_into(_stream: _File, _size: int) -> dict[str, Any]:
        msg = f"their names end in {end}"
        raise UnreachedError(msg)

    return look_into


_TEXTS = {
    ".txt", ".text", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".ndjson",
    ".xml", ".html", ".htm", ".log", ".srt", ".vtt", ".yaml", ".yml",
}  # fmt: skip


def _text(stream: _File, _size: int) -> dict[str, Any]:
    try:
        with io.TextIOWrapper(stream, "utf-8") as text:
            while text.read(_BLOCK):
                pass
    except UnicodeDecodeError:
        raise _AmissError(_NO_TEXT) from None
    return {"kind": "text"}


#: Of a picture's formats those that people train with; others have readers that are
#: seldom used, and a stranger's file would choose among them.
_PICTURES = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF")
_SAME_KIND = {"MPO": "JPEG"}  # a telephone's JPEG with a second picture in it


def _picture(stream: _File, size: int) -> dict[str, Any]:
    """Return what a picture's header says; PNG, JPEG and WebP are looked at to the end."""
    begin = stream.read(_WEBP)
    if begin[:4] + begin[8:12] == b"RIFFWEBP":  # its library would decode it
        return _webp(begin, size)
    image = driver("pictures", ".Image")
    stream.seek(0)
    try:
        picture = image.open(stream, formats=_PICTURES)
    except image.DecompressionBombError:
        raise _AmissError(_TOO_LARGE) from None
    width, height = picture.size
    kind = _SAME_KIND.get(picture.format, picture.format)
    stream.left = None
    if kind == "PNG":
        _check_png(stream)
    if kind == "JPEG":
        stream.seek(max(0, size - _TAIL))
        end = stream.read(_TAIL)
        # The last scan is closed; in scans neither mark can stand.
        if end.rfind(b"\xff\xd9") <= end.rfind(b"\xff\xda"):
            raise _AmissError(_DAMAGED)
    return {"kind": kind, "width": width, "height": height}


def _check_png(stream: _File) -> None:
    """Compare each part of a PNG with its sum; its library holds a part in memory."""
    stream.seek(8)
    while len(head := stream.read(8)) == 8:  # noqa: PLR2004 - a length, a name
        left, total = int.from_bytes(head[:4]), zlib.crc32(head[4:])
        while left and (block := stream.read(min(left, _BLOCK))):
            left, total = left - len(block), zlib.crc32(block, total)
        if stream.read(4) != total.to_bytes(4):
            break
        if head[4:] == b"IEND":
            return
    raise _AmissError(_DAMAGED)


_WEBP = 30  #: bytes of a WebP's header


def _webp(begin: bytes, size: int) -> dict[str, Any]:
    """Return the size of a WebP picture, by its first part (RFC 9649)."""
    little = partial(int.from_bytes, byteorder="little")
    if len(begin) < _WEBP or size < little(begin[4:8]) + 8:
        raise _AmissError(_DAMAGED)
    match begin[12:16]:
        case b"VP8X":
            width, height = little(begin[24:27]) + 1, little(begin[27:30]) + 1
        case b"VP8L":
            both = little(begin[21:25])
            width, height = (both & 0x3FFF) + 1, (both >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (little(begin[at : at + 2]) & 0x3FFF for at in (26, 28))
        case _:
            raise _AmissError(_DAMAGED)
    return {"kind": "WEBP", "width": width, "height": height}


def _wav(stream: _File, size: int) -> dict[str, Any]:
    try:
        with wave.open(stream) as sound:
            frames, rate = sound.getnframes(), sound.getframerate()
            if frames * sound.getnchannels() * sound.getsampwidth() > size:
                raise _AmissError(_DAMAGED)
    except wave.Error as error:
        if "unknown format" not in str(error):
            raise
        return _audio(stream, size)
    return {"kind": "WAV", "seconds": round(frames / rate, 6)}


def _audio(stream: _File, _size: int) -> dict[str, Any]:
    """Return what the header of a sound says."""
    stream.raw.seek(0, io.SEEK_SET)
    found = driver("audio").info(stream.raw)  # in C, which no error of ours ends
    return {"kind": found.format, "seconds": round(found.frames / found.samplerate, 6)}


def _pdf(stream: _File, size: int) -> dict[str, Any]:
    begin = stream.read(1024)
    stream.seek(max(0, size - 1024))
    if b"%PDF-" not in begin or b"%%EOF" not in stream.read(1024):
        raise _AmissError(_DAMAGED)
    return {"kind": "PDF"}


def _office(kind: str, stream: _File, _size: int) -> dict[str, Any]:
    with zipfile.ZipFile(stream):  # reads the list at its end
        return {"kind": kind}


#: By the end of a name, what looks into a file. It raises where that is not as it says.
_LOOKS: Mapping[str, _Look] = {
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".jpe", ".gif", ".bmp", ".tif", ".tiff", ".webp",
         ".jp2", ".ppm", ".pgm"), _picture),
    **dict.fromkeys(
        (".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au"),
        _audio),
    **dict.fromkeys(_TEXTS, _text),
    ".wav": _wav,
    ".pdf": _pdf,
    **{f".{one}": partial(_office, one.upper())
       for one in ("docx", "pptx", "xlsx", "odt", "odp", "ods", "epub")},
}  # fmt: skip


#: Forms of a date in a name in which nobody takes the month for the day.
_FORMS = ("yyyyMMdd", "yyyy-MM-dd", "yyyy_MM_dd")


def facts_of(names: Sequence[str]) -> dict[OfFile, str]:
    """Return what a row holds of each of some files, by their names, to be declared.

    Nothing where what looks into most of them is not known.

    Returns:
        by what it is, the form that it is written in, "" but for a date.
    """
    looks = [_LOOKS.get(PurePosixPath(name).suffix.lower()) for name in names]
    if 2 * looks.count(None) >= len(looks):
        return {}
    facts: list[OfFile] = ["path"]
    facts += ["folder"] if any("/" in name for name in names) else []
    facts += ["state", "kind", "bytes", "content"]
    facts += ["width", "height"] if _picture in looks else []
    facts += ["seconds"] if {_wav, _audio} & {*looks} else []
    form = next((one for one in _FORMS if all(_has_date(n, one) for n in names)), "")
    dated: dict[OfFile, str] = {"date": form} if form else {}
    return {**dict.fromkeys(facts, ""), **dated}


def _has_date(name: str, form: str) -> bool:
    known = strptime_of(form) or ""
    found = _dates(known).findall(name)
    try:
        return bool(found) and bool(dt.datetime.strptime(found[-1], known))  # noqa: DTZ007 - a day
    except ValueError:
        return False


# --- all of them ---------------------------------------------------------------------


class _Tally:
    """What was met in all files."""

    def __init__(self) -> None:
        self.files = self.repeats = 0
        self.states, self.unread = Counter[str](), Counter[str]()
        self.mark = hashlib.sha256()
        self._contents: set[int] = set()

    def add(self, name: str, facts: Facts) -> None:
        """Count a file; the mark is of all of them, in the order of their names."""
        self.files += 1
        if facts.unread:
            self.unread[facts.unread] += 1
        elif facts.state != "read":
            self.states[facts.state or ""] += 1
        if facts.content:
            short = hash(facts.content)  # a tenth of its size
            self.repeats += short in self._contents
            self._contents.add(short)
        line = f"{facts.content or facts.state} {name}\n"
        self.mark.update(line.encode(errors="surrogateescape"))

    def reading(self, table: Table, base: Reading) -> Reading:
        """Return what is to be said of them, in words without a name of a file."""
        notes, unread = [*base.notes], ""
        if self.states:
            parts = [f"{name} ({n:,})" for name, n in sorted(self.states.items())]
            amiss = f"{sum(self.states.values()):,} of {count(self.files, 'file')}"
            notes.append(f"{amiss} cannot be used: {as_list(parts, len(parts))}")
        if self.repeats:
            notes.append(f"{count(self.repeats, 'file')} with another one's content")
        if missed := sum(self.unread.values()):
            parts = [f"{count(n, 'file')} ({why})" for why, n in
                     self.unread.most_common(_MOST_NAMED)]  # fmt: skip
            more = " and others" if len(self.unread) > _MOST_NAMED else ""
            notes.append(f"not looked into: {as_list(parts)}{more}")
            if missed > FEW_INVALID.most(self.files):
                unread = notes[-1]
        # Where no other state is allowed, the check of these tells, and how many may be.
        is_declared = any(
            one.of_file == "state" and {c.value for c in one.categories} == {"read"}
            for one in table.columns
        )
        few = 0 if is_declared else sum(self.states.values())
        return replace(
            base,
            left_out=base.left_out + few,
            notes=tuple(notes),
            unread=unread,
            mark=f"sha256:{self.mark.hexdigest()}",
        )


def pack_files(copy: Copy) -> Reading:
    """Write a row for each file into one Parquet file, columns typed.

    Raises:
        UnreachedError: the limit has passed.
        SourceError: no column says what of a file it holds, or the manifest, a CSV
            file, has no column that names files.
    """
    table, located = copy.table, copy.located
    facts = tuple(one for one in table.columns if one.of_file)
    if not facts:
        msg = (
            f"no column of {table.name} has readiness.ofFile, which says what it holds"
        )
        raise SourceError(msg)
    place, home = located.files[0], located.root or Path()
    files = _Files(home, copy.is_over)
    is_one = located.shown.endswith(place.name)  # no pattern that found it
    if is_one and place.is_file() and place.suffix.lower() in _MANIFESTS:
        reading = _pack_manifest(copy, files)
    else:
        rows = files.rows(_listed(located.files, home), facts)
        reading = pack_rows(copy, [one.name for one in facts], rows)
    return files.tally.reading(table, reading)


def _pack_manifest(copy: Copy, files: "_Files") -> Reading:
    """Write the rows of a manifest, beside what is measured of the files they name."""
    con, table, located, target, _ = copy
    by_fact = {one.of_file: one for one in table.columns if one.of_file}
    key, place = by_fact.pop("path", None), located.files[0]
    if key is None:
        msg = (
            f"no column of {table.name} names the files of {located.shown}: one of its "
            "own needs readiness.ofFile: path"
        )
        raise SourceError(msg)
    given, seen, distinct = (target.with_suffix(f".m{at}") for at in range(3))
    own = tuple(one for one in table.columns if one.of_file in {None, "path"})
    declared = table.model_copy(update={"columns": own})
    rows_of = replace(located, format="csv")
    base = pack_text(copy._replace(table=declared, located=rows_of, target=given))
    held = [row[0] for row in con.execute(f"DESCRIBE FROM {_scan(given)}").fetchall()]
    if key.name not in held:
        msg = f"{located.shown} has no column {key.name}, which names the files"
        raise SourceError(msg)
    name = f"replace(trim({_quoted(key.name)}::VARCHAR), '\\', '/')"
    con.execute(
        f"COPY (SELECT DISTINCT {name} AS name FROM {_scan(given)} ORDER BY 1) "
        "TO $1 (FORMAT parquet)",
        [str(distinct)],
    )
    with ParquetFile(distinct) as one, place.open("rb") as stream:
        # A question of its own while another asks for the rows would wait for it.
        batches = (batch["name"].to_pylist() for batch in one.iter_batches())
        names = itertools.chain.from_iterable(batches)
        text = key.model_copy(update={"type": "string", "written_as": None})
        facts = (text, *by_fact.values())
        rows = files.rows(names, facts)
        keyed = table.model_copy(update={"columns": facts})
        some = copy._replace(table=keyed, target=seen)
        pack_rows(some, [one.name for one in facts], rows)
        mark = hashlib.file_digest(stream, "sha256").hexdigest()
    files.tally.mark.update(mark.encode())
    both = [one.name for one in by_fact.values() if one.name in held]
    kept = f" EXCLUDE ({', '.join(map(_quoted, both))})" if both else ""
    con.execute(
        f"COPY (SELECT m.*{kept}, f.* EXCLUDE ({_quoted(key.name)}) "
        f"FROM {_scan(given)} AS m LEFT JOIN {_scan(seen)} AS f "
        f"ON {name.replace(_quoted(key.name), 'm.' + _quoted(key.name))} "
        f"IS NOT DISTINCT FROM f.{_quoted(key.name)}) TO $1 (FORMAT parquet)",
        [str(target)],
    )
    for one in (given, seen, distinct):
        one.unlink()
    notes = [f"{one} is measured, and not read from the manifest" for one in both]
    if others := files.without_row(place):
        notes.append(f"without a row: {count(others, 'file')} beside them")
    return replace(base, notes=(*base.notes, *notes))


class _Files:
    """The files of one table below its folder, looked at as their rows are asked for."""

    def __init__(self, home: Path, is_over: Callable[[], bool]) -> None:
        self._home, self._real, self.is_over = home, home.resolve(), is_over
        self._seen: set[PurePosixPath] = set()
        self.tally = _Tally()

    def rows(
        self, names: Iterable[str | None], columns: Sequence[Column]
    ) -> Iterator[tuple[object, ...]]:
        """Yield what columns hold of each file; raises UnreachedError when it is over."""
        makers = [_value_of(one) for one in columns]
        names = iter(names)
        with (
            ThreadPoolExecutor(_AT_ONCE) as pool,
            warnings.catch_warnings(action="ignore"),  # of pictures that are large
        ):
            while some := list(itertools.islice(names, _CHUNK)):
                for name, facts in zip(some, pool.map(self._look, some), strict=True):
                    self.tally.add(name or "", facts)
                    yield tuple(make(name or "", facts) for make in makers)

    def _look(self, name: str | None) -> Facts:
        if not name or "\0" in name:
            return Facts("missing")
        path, place = PurePosixPath(name), self._home / name
        if Path(name).anchor or ".." in path.parts:
            return Facts("outside")
        self._seen.add(path)
        try:
            is_inside = place.parent.resolve().is_relative_to(self._real)
        except (OSError, RuntimeError):  # a loop of links
            is_inside = False
        return look(place, self.is_over) if is_inside else Facts("outside")

    def without_row(self, manifest: Path) -> int:
        """Return how many files that end like some of those looked at have no row."""
        suffixes = {one.suffix.lower() for one in self._seen}
        own = PurePosixPath(manifest.relative_to(self._home).as_posix())
        every = map(PurePosixPath, _listed([self._home], self._home))
        others = (one for one in every if one not in self._seen and one != own)
        return sum(one.suffix.lower() in suffixes for one in others)


def _listed(places: Iterable[Path], home: Path) -> Iterator[str]:
    """Yield the names of files below places, as told from home; hidden ones are none.

    They are the same on every machine: in order, and with / between their parts. A
    folder that cannot be listed is told like a file.
    """
    waiting = [*places][::-1]
    while waiting:
        place, inside = waiting.pop(), None
        with contextlib.suppress(OSError):
            if place == home or (place.is_dir() and not place.is_symlink()):
                inside = sorted(one for one in os.listdir(place) if one[:1] != ".")  # noqa: PTH208 - names alone
        if inside is None:
            yield place.relative_to(home).as_posix()
        else:
            waiting += [place / name for name in reversed(inside)]


def _value_of(column: Column) -> Callable[[str, Facts], object]:
    """Return what takes a column's value of a file; a name that is no text is made one."""
    fact = column.of_file or "path"
    if fact == "path":
        return lambda name, _: _plain(name) or None
    if fact == "folder":
        return lambda name, _: _plain(PurePosixPath(name).parent.name) or None
    if fact == "date":
        dates = _dates(column.written_as or "%Y-%m-%d")
        return lambda name, _: next(reversed(dates.findall(name)), None)
    return lambda _, facts: getattr(facts, fact)


def _plain(name: str) -> str:
    return name.encode(errors="replace").decode()


def _dates(form: str) -> re.Pattern[str]:
    """Return what finds dates of a form, as strptime has it, in a name."""
    parts = re.split("(%.)", form)
    text = "".join(
        _PARTS.get(part, r"\d{1,2}") if part.startswith("%") else re.escape(part)
        for part in parts
    )
    return re.compile(rf"(?<!\d){text}(?!\d)")


def _scan(file: Path) -> str:
    return f"read_parquet('{escaped(file).replace(chr(39), chr(39) * 2)}')"


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
