"""Evidence as deterministic text, and its way to disk."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path

from pydantic import ValidationError

from readybook.model.findings import DataEvidence, Evidence

__all__ = ["drop_begun", "evidence_text", "load_begun", "save_evidence"]

# One point a line: a series of days stays readable, and so does its difference.
_POINT = re.compile(r'\{\n\s+("label": .*),\n\s+("value": .*)\n\s+\}')


def evidence_text(evidence: Evidence) -> str:
    """Return evidence as JSON: the same models give the same text."""
    text = json.dumps(evidence.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return _POINT.sub(r"{\1, \2}", text) + "\n"


def load_begun(path: Path) -> DataEvidence | None:
    """Return what a run that was stopped left behind; None where there is nothing.

    It only saves time: what this version cannot read is measured again.
    """
    try:
        return DataEvidence.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def drop_begun(path: Path) -> None:
    """Remove what a run kept, now that it is finished."""
    path.unlink(missing_ok=True)


def save_evidence(evidence: Evidence, path: Path) -> None:
    """Write evidence to a file in one step; its folder is made where it is missing.

    Raises:
        OSError: the file cannot be written; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(evidence_text(evidence))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
