"""Read where a contract's data lies; secrets stay in the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readybook.contract.readiness import custom_values
from readybook.model.contract import Server
from readybook.text.documents import Judge
from readybook.text.paths import check_local_path
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath

__all__ = ["read_servers"]

#: What the engine would take for something else than a file: `:memory:`, `md:name`.
_NO_FILE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|:")
_DIGITS = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 65_535


def read_servers(
    items: Sequence[Mapping[str, Any]],
    locations: Sequence[str],
    folder: Path,
    judge: Judge,
) -> tuple[Server, ...]:
    """Return the servers of a contract, in its order.

    Args:
        items: the servers, as the contract has them.
        locations: what `{model}` in a path may be.
        folder: the assessment's folder, which files may not leave.
        judge: takes paths that leave it, and ports that are no numbers.
    """
    for at, item in enumerate(items):
        path: KeyPath = ("servers", at)
        if item["type"] == "local":
            check_local_path(
                item["path"], (*path, "path"), locations, folder, judge
            )  # fmt: skip
        elif item["type"] == "duckdb":
            _check_database(item["database"], (*path, "database"), folder, judge)
        _check_port(item, path, judge)
    return tuple(map(_server, items))


def _check_database(text: str, path: KeyPath, folder: Path, judge: Judge) -> None:
    if _NO_FILE.match(text):
        # Not repeated: an address may hold a password.
        judge.report(
            path, "an address, or a database in memory",
            "the path of a file inside the folder",
            "copy the database into the folder, such as data/case.duckdb",
        )  # fmt: skip
    else:
        check_local_path(text, path, (), folder, judge)


def _check_port(item: Mapping[str, Any], path: KeyPath, judge: Judge) -> None:
    """Report a port that cannot be used where the server is meant to be read.

    The standard allows references that are resolved elsewhere; to leave them out
    would ask another server, at the usual port.
    """
    if custom_values(item) and "port" in item and _port(item) is None:
        expected = f"a number from 1 to {_LAST_PORT}"
        found = describe(item["port"])
        judge.report((*path, "port"), found, expected, f"write {expected}")


def _port(item: Mapping[str, Any]) -> int | None:
    port = item.get("port")
    if isinstance(port, str):
        port = int(port) if _DIGITS.fullmatch(port) else None
    return int(port) if port is not None and 0 < port <= _LAST_PORT else None


def _server(item: Mapping[str, Any]) -> Server:
    custom = custom_values(item)

    def text(key: str) -> str | None:
        return (item.get(key) or "").strip() or None  # the standard allows empty ones

    return Server(
        server=item.get("server") or item.get("id") or item["type"],
        type=item["type"],
        path=text("path"),
        format=text("format"),
        host=text("host"),
        port=_port(item),
        database=text("database"),
        schema_name=text("schema") or text("dataset"),
        catalog=text("catalog"),
        project=text("project"),
        account=text("account"),
        warehouse=text("warehouse"),
        user_variable=custom.get("userVariable"),
        password_variable=custom.get("passwordVariable"),
    )
