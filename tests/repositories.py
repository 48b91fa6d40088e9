"""Real git repositories of the tests' own, with commits and tags at chosen times."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

GIT = shutil.which("git") or "git"
NAME = "Jane Doe"


def git(folder: Path, *words: str, at: str = "2026-09-01T08:00:00Z") -> str:
    """Run git at a moment, without the settings of whoever runs the tests."""
    own = {key: value for key, value in os.environ.items() if key[:4] != "GIT_"}
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", NAME), ("EMAIL", "jane@x.org"), ("DATE", at))
    }
    none = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        [GIT, *words],
        cwd=folder,
        env=own | who | none,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def make(folder: Path) -> Path:
    """Return a new repository's folder."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def commit(folder: Path, at: str) -> None:
    """Commit at a moment, by the committer's clock."""
    git(folder, "commit", "--quiet", "--allow-empty", "--message=x", at=at)


def tag(folder: Path, name: str, at: str) -> None:
    """Make an annotated tag at a moment."""
    git(folder, "tag", "--annotate", name, "--message=x", at=at)
