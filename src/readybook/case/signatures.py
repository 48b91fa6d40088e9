"""Sign evidence with an SSH key, and verify who signed; `ssh-keygen` does the work.

Nothing is asked of a network. A signature vouches for the content of a file, by a key
that stands under `signers` in stakeholders.yaml.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from readybook.model.case import Signature, Signer
from readybook.model.errors import InvalidInputError, ReadybookError
from readybook.text.documents import read_bytes

SIGNED = ".sig"  #: ending, behind that of the evidence file
_PROGRAM = "ssh-keygen"
_NAMESPACE = "readybook"  #: a signature made for something else is none for evidence
_SECONDS = 10


def check_key(key: Path) -> None:
    """Refuse what cannot sign, before anything is measured.

    Raises:
        ReadybookError: there is no such key, or nothing to sign with.
    """
    if not shutil.which(_PROGRAM):
        message = f"found no {_PROGRAM}, expected OpenSSH, do: install it"
        raise ReadybookError(message)
    if not key.is_file():
        message = f"--sign: found no file '{key}', expected an SSH key, do: name one"
        raise ReadybookError(message)


def sign(path: Path, key: Path) -> None:
    """Write the signature of an evidence file beside it; asks for a passphrase.

    Raises:
        ReadybookError: the key does not sign.
    """
    path.with_name(path.name + SIGNED).unlink(missing_ok=True)
    words = ["-Y", "sign", "-n", _NAMESPACE, "-f"]
    done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
        [shutil.which(_PROGRAM) or _PROGRAM, *words, key.resolve(), path.resolve()],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        message = f"{path.name} was not signed: {done.stderr.strip() or 'no reason'}"
        raise ReadybookError(message)


def signature_of(
    signature: bytes, folder: Path, name: str, signers: Iterable[Signer]
) -> Signature:
    """Return whose a signature is.

    Args:
        signature: content of the file that stands beside the evidence.
        folder: of the assessment.
        name: of the evidence file in it.
        signers: whose keys are known.

    Raises:
        InvalidInputError: it is none of a known key for this content.
    """
    known = {f"{one.role}-{at}": one for at, one in enumerate(signers)}
    allowed = "".join(
        f'{who} namespaces="{_NAMESPACE}" {one.key}\n' for who, one in known.items()
    )
    raw = read_bytes(folder / name, name=name)
    program = shutil.which(_PROGRAM)
    if program is None:
        return Signature(why=f"{_PROGRAM} is not installed")
    try:
        who = _signed_by(raw, signature, allowed, program)
    except (OSError, subprocess.TimeoutExpired):
        return Signature(why=f"{_PROGRAM} gave no answer within {_SECONDS} seconds")
    if who in known:
        return Signature(role=known[who].role, team=known[who].team)
    raise InvalidInputError.of(
        name + SIGNED, "a signature of other content, or by a key that is not known",
        "one by a key under signers in stakeholders.yaml",
        "measure and sign again with --sign, add the key, or delete the signature",
    )  # fmt: skip


@lru_cache(maxsize=16)
def _signed_by(raw: bytes, signature: bytes, allowed: str, program: str) -> str:
    """Return who of the allowed signed the content, "" where none of them did."""
    with tempfile.TemporaryDirectory(prefix="readybook-") as made:
        file, keys = Path(made) / "signature", Path(made) / "allowed"
        file.write_bytes(signature)
        keys.write_text(allowed, encoding="utf-8")
        given = ("-n", _NAMESPACE, "-s", str(file), "-f", str(keys))

        def asked(*words: str) -> str:
            done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
                [program, "-Y", *words, *given],
                input=raw, capture_output=True, timeout=_SECONDS, check=False, cwd=made,
            )  # fmt: skip
            return (
                "" if done.returncode else done.stdout.decode(errors="replace").strip()
            )

        who = asked("find-principals")
        return who if who and asked("verify", "-I", who) else ""
