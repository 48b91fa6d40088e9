"""Run the real probe as people do: in a process of its own, in the limits given."""

import os
import subprocess
import sys
from pathlib import Path

from readybook.model.findings import MachineEvidence

PROBE = (sys.executable, "-m", "readybook", "probe")

RESOURCES = """\
format: 1
resources:
  - id: training-node
    what: Machine on which the model is trained
    kind: compute
    needs:
      package_index: {index}
      endpoints:
        - host: {host}
          port: {port}
          tls: {tls}
"""


def line(fact):
    """All that a fact says, on one line: name, state, value, unit, where, why."""
    said = (fact.state, fact.value, fact.unit, fact.how, fact.why)
    return " | ".join([fact.fact, *(str(one) for one in said if one is not None)])


def run_probe(*words, wrap=(), cwd=None, **environ):
    """Run the probe behind the words of a wrapper; returns the finished process."""
    return subprocess.run(
        [*map(str, wrap), *PROBE, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def probed(*words, wrap=(), cwd=None, **environ):
    """Return the evidence of a probe that ran in those limits."""
    done = run_probe(*words, "--out", "-", wrap=wrap, cwd=cwd, **environ)
    assert done.returncode == 0, done.stderr
    return MachineEvidence.model_validate_json(done.stdout)


def shell(line):
    """Return a wrapper that runs a line of the shell, then the rest in its place."""
    return ("sh", "-ec", f'{line}\nexec "$@"', "sh")


def declare(
    folder: Path, host: str, port: int, *, index: bool = False, tls: bool = False
) -> Path:
    """Make an assessment whose resource needs an endpoint; returns its folder."""
    from readybook.cli.files import start_assessment  # noqa: PLC0415 - reads data

    start_assessment(folder)
    flags = {"index": str(index).lower(), "tls": str(tls).lower()}
    text = RESOURCES.format(host=host, port=port, **flags)
    (folder / "resources.yaml").write_text(text, "utf-8")
    return folder
