"""Text files that are written plainly: into Parquet in one pass, by Arrow's reader.

It takes a text for a value as strictly as `delimited` does, or more so, and takes a
fifth of the time. Of files in which anything is odd nothing is taken: the slower reader
tells what it is.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

_BLOCK = 1_000_000  #: bytes at a time; a line of over two of them is odd
_ROWS, _BYTES = 120_000, 64_000_000  #: written at once: what has so many of either
_QUOTE = ord('"')

#: The types that a column may have, by their names in SQL.
TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
}
#: What Arrow alone takes for numbers, 0x1F and nan(1), by the letter that shows it: to
#: look for one letter takes hardly any time.
_ODD = {
    b"x": [b"0x"], b"X": [b"0X"], b"(": [b"nan(", b"NaN(", b"NAN("], b"\0": [b"\0"],
}  # fmt: skip


class OddError(ValueError):
    """A file is not written plainly."""


class Plain(NamedTuple):
    """What the texts of a column become."""

    kind: str  #: one of `TYPES`
    form: str = ""  #: of all of a text; "": whatever Arrow takes for one of the type
    tokens: frozenset[str] = frozenset()  #: texts that are nulls
    is_empty: bool = False  #: no text is a value

    def made(self, texts: pa.Array) -> pa.Array:
        """Return texts as values.

        Raises:
            OddError: one is none.
        """
        if self.tokens:
            tokens = pa.array(self.tokens)
            values = pc.if_else(pc.is_in(texts, tokens), None, texts)
        else:
            values = texts
        if self.is_empty and values.null_count < len(values):
            raise OddError
        if self.form:
            fits = pc.match_substring_regex(values, f"^({self.form})$")
            if pc.all(fits, min_count=0).as_py() is False:
                raise OddError
        return texts if self.kind == "VARCHAR" else values.cast(TYPES[self.kind])


class _Checked:
    """The bytes of one text file, as Arrow asks for them.

    `read` raises OddError where another reader might part them otherwise: a quotation
    mark stands inside of a text, lines end in two ways, a tab may be a blank.
    """

    closed = False

    def __init__(self, stream: Any, delimiter: str) -> None:  # noqa: ANN401 - gzip's or a file
        self._stream = stream
        self._beside = list(f'{delimiter}\r\n"'.encode())  # of a quotation mark
        self._odd = _ODD if delimiter == "\t" else _ODD | {b"\t": [b"\t"]}
        self._last, self._quotes, self._end = b"", 0, b"\n"

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end."""
        chunk: bytes = self._stream.read(size)
        if not self._last:  # before the first line stands the end of another
            self._end = b"\r\n" if b"\r" in chunk else b"\n"
            self._last = b" " + self._end
        # A byte is looked at beside the next one, so the last one waits for it.
        text = self._last[-2:] + (chunk or self._end)
        is_odd = any(
            letter in text and any(one in text for one in odd)
            for letter, odd in self._odd.items()
        )
        if is_odd or self._is_torn(text) or self._is_misquoted(text):
            raise OddError
        self._last = text
        return chunk

    def close(self) -> None:
        """End it."""
        self._stream.close()
        self.closed = True

    def _is_torn(self, text: bytes) -> bool:
        """Return whether lines end in more than one way."""
        if self._end == b"\n":
            return b"\r" in text
        returns, feeds = (text[1:-1].count(one) for one in (b"\r", b"\n"))
        pairs = text[1:].count(self._end), text[:-1].count(self._end)
        return (returns, feeds) != pairs

    def _is_misquoted(self, text: bytes) -> bool:
        """Return whether a quotation mark in a text is not doubled.

        The first one opens and the next one closes; before one that opens, and after
        one that closes, another field or line ends or begins. A doubled one closes and
        opens again.
        """
        if b'"' not in text:
            return False
        letters = np.frombuffer(text, dtype=np.uint8)
        at = np.flatnonzero(letters[1:-1] == _QUOTE) + 1
        opens = (np.arange(len(at)) + self._quotes) % 2 == 0
        self._quotes += len(at)
        beside = np.where(opens, letters[at - 1], letters[at + 1])
        return not np.isin(beside, self._beside).all()


def write_plain(
    files: Sequence[Path],
    delimiter: str,
    columns: Mapping[str, Plain],
    target: Path,
    is_over: Callable[[], bool],
) -> bool:
    """Write the rows of text files into one Parquet file; return whether all are in it.

    They are not where a file is odd, a text is no value, there is no room, or the time
    is over.

    Args:
        files: in UTF-8, each with a header; with gzip where it is called so.
        delimiter: what parts the fields.
        columns: those of the header, in its order.
        target: the file.
        is_over: whether nobody waits any more.
    """
    schema = pa.schema([(name, TYPES[one.kind]) for name, one in columns.items()])
    held: list[pa.RecordBatch] = []
    try:
        with parquet.ParquetWriter(target, schema) as writer:
            for file in files:
                for batch in _batches(file, delimiter, columns):
                    held.append(batch)
                    if is_over():
                        return False
                    rows, size = (
                        sum(map(of, held)) for of in (len, lambda one: one.nbytes)
                    )
                    if rows >= _ROWS or size >= _BYTES:
                        writer.write_table(pa.Table.from_batches(held))
                        held.clear()
            writer.write_table(pa.Table.from_batches(held, schema))
    except (OddError, pa.ArrowException, OSError):
        return False
    return True


def _batches(
    file: Path, delimiter: str, columns: Mapping[str, Plain]
) -> Iterator[pa.RecordBatch]:
    every = {one.tokens for one in columns.values()}
    shared = min(every) if len(every) == 1 else frozenset[str]()
    checked = {
        name: one
        for name, one in columns.items()
        if one.form or one.is_empty or (one.kind != "VARCHAR" and one.tokens != shared)
    }
    kinds = {name: TYPES[one.kind] for name, one in columns.items()}
    kinds |= dict.fromkeys(checked, TYPES["VARCHAR"])
    opener: Any = gzip.open if file.suffix.lower() == ".gz" else open
    with opener(file, "rb") as stream:
        reader = csv.open_csv(
            pa.PythonFile(_Checked(stream, delimiter), "r"),
            csv.ReadOptions(
                block_size=_BLOCK, column_names=list(columns), skip_rows_after_names=1
            ),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            csv.ConvertOptions(
                column_types=kinds,
                null_values=["", *sorted(shared)],
                strings_can_be_null=True,
                true_values=["true", "True", "TRUE"],
                false_values=["false", "False", "FALSE"],
            ),
        )
        for batch in reader:
            made = [
                checked[name].made(values) if name in checked else values
                for name, values in zip(batch.schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(made, list(columns))
