"""Read deployments from the tags of a git repository, without running what it holds."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from readybook.measure.route.deliveries import Delivery
from readybook.model.errors import SourceError

__all__ = ["list_tags", "read_tags"]

_SECONDS = 120  # a history of a million commits is listed within 20
_LAYOUT = ("objecttype", "objectname", "*objecttype", "*objectname")
_FORMAT = "%09".join(f"%({name})" for name in (*_LAYOUT, "taggerdate:iso-strict"))
#: A repository's own settings may name programs; none is run, nothing is fetched.
_SETTINGS = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OPTIONS = (
    "--no-pager",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.fsmonitor=false",
)


@dataclass(frozen=True, order=True)
class _Tag:
    """An annotated tag: one deployment."""

    moment: dt.datetime
    commit: str


@dataclass(frozen=True)
class _Commit:
    moment: dt.datetime
    parents: tuple[str, ...]


def list_tags(folder: Path) -> bytes:
    """Return the list of a repository's tags; it is another one once a tag changes.

    Raises:
        SourceError: it is no repository, git is missing or refuses, or the history is
            cut off.
    """
    listing = ["for-each-ref", f"--format={_FORMAT}", "refs/tags"]
    return _git(_git_folder(folder), listing)


def read_tags(folder: Path, listed: bytes) -> list[Delivery]:
    """Return each change that the tags put into production.

    An annotated tag is a deployment at the tag's date. Its changes are the commits,
    merges left out, that no earlier tag has; each is dated by its committer. The first
    tag has no tag before it, so that nobody knows which of its commits had been
    deployed already: it counts as a deployment and gives no lead time.

    Args:
        folder: of the repository; nothing in it is written or executed.
        listed: its tags, from `list_tags`.

    Raises:
        SourceError: git refuses, or the tags do not tell when they were made.
    """
    tags = _tags(listed.decode("utf-8", "replace").splitlines())
    if not tags:
        msg = "the repository has no tag that says when a commit was deployed"
        raise SourceError(msg)
    return list(_deliveries(tags, _commits(_git_folder(folder), tags)))


def _git_folder(folder: Path) -> Path:
    bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    if not bare and not (folder / ".git").exists():
        msg = "it is a folder, and no git repository"
        raise SourceError(msg)
    home = folder / ".git" if (folder / ".git").exists() else folder
    if not home.is_dir() or (home != folder and home.is_symlink()):
        msg = (
            "the repository's .git leads elsewhere; put a clone of its own into the "
            "assessment's folder"
        )
        raise SourceError(msg)
    if (home / "shallow").exists():
        msg = "the repository is a shallow clone; fetch its whole history"
        raise SourceError(msg)
    return home


def _git(home: Path, words: Sequence[str], given: str = "") -> bytes:
    """Return what git prints; its own text stays out of messages."""
    program = shutil.which("git")
    if program is None:
        msg = "the log is a git repository, and the git command is not installed"
        raise SourceError(msg)
    own = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [program, *_OPTIONS, *words],
            input=given.encode("ascii"),
            capture_output=True,
            check=True,
            cwd=home,
            env={**own, **_SETTINGS, "GIT_DIR": str(home.resolve())},
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        msg = f"git did not list the repository within {_SECONDS} s"
        raise SourceError(msg) from None
    except (OSError, subprocess.CalledProcessError):
        msg = "git could not read the repository"
        raise SourceError(msg) from None
    return done.stdout


# --- tags and commits ----------------------------------------------------------------


def _tags(lines: Sequence[str]) -> list[_Tag]:
    """Return the annotated tags by date; others than second names are refused."""
    tags: list[_Tag] = []
    undated: list[str] = []
    for line in lines:
        kind, own, target_kind, target, made = line.split("\t")
        if kind == "commit":
            undated.append(own)
        elif target_kind == "commit" and made:
            tags.append(_Tag(_moment(made), target))
        elif target_kind == "commit":
            undated.append(target)
    alone = set(undated) - {tag.commit for tag in tags}
    if alone:
        msg = (
            f"{sum(commit in alone for commit in undated):,} of {len(lines):,} tags "
            "have no date of their own; make them with 'git tag --annotate', or name "
            "a CSV or JSON log"
        )
        raise SourceError(msg)
    return sorted(tags)


def _commits(home: Path, tags: Sequence[_Tag]) -> dict[str, _Commit]:
    wanted = "".join(f"{commit}\n" for commit in sorted({tag.commit for tag in tags}))
    printed = _git(home, ["rev-list", "--parents", "--timestamp", "--stdin"], wanted)
    commits = {}
    for line in printed.decode("ascii").splitlines():
        seconds, name, *parents = line.split(" ")
        commits[name] = _Commit(_moment(int(seconds)), tuple(parents))
    return commits


def _moment(value: str | int) -> dt.datetime:
    try:
        if isinstance(value, int):
            return dt.datetime.fromtimestamp(value, dt.UTC)
        return dt.datetime.fromisoformat(value)
    except (OSError, OverflowError, ValueError):
        msg = "a tag or commit of the repository has a date that cannot be read"
        raise SourceError(msg) from None


def _deliveries(
    tags: Sequence[_Tag], commits: Mapping[str, _Commit]
) -> Iterator[Delivery]:
    seen: set[str] = set()
    for at, tag in enumerate(tags):
        key = f"tag {at + 1:,} of {len(tags):,} by date"
        yield Delivery(0, key, tag.moment)
        for commit in _new_in(tag, commits, seen):
            if at and len(commit.parents) <= 1:
                yield Delivery(0, key, tag.moment, commit.moment)


def _new_in(
    tag: _Tag, commits: Mapping[str, _Commit], seen: set[str]
) -> Iterator[_Commit]:
    """Yield the commits of a tag that no tag before it has, and mark them as seen."""
    waiting = [tag.commit]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield commits[name]
            waiting += commits[name].parents
