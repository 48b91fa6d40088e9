"""Long work that a button starts: each runs as a process of its own, and can be stopped.

JSON messages in, JSON messages out; no widget here. No form waits for a job.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from readybook.forms.session import Message
from readybook.model.case import Assessment
from readybook.model.errors import reason_of
from readybook.text.visible import visible

#: Name of the evidence of this machine, where no resource names a probe.
HERE = "this-machine"
_BAR = re.compile(r"(\d+) of (\d+)\b[ ,]*(.*)")
_GRACE_S = 5.0  #: from asking a process to stop until it is ended
_KEPT = 12  #: lines of what a process said that are shown


@dataclass(frozen=True)
class Job:
    """One button: what it does, and the command that does it."""

    id: str
    label: str
    about: str
    words: tuple[str, ...]  #: after `readybook`; {choice} and {name} are filled in
    after: str  #: what to do to see the result
    asks: str = ""  #: the question that a choice answers, "" for none
    choices: tuple[str, ...] = ()
    names: str = ""  #: the question that a text for --name answers, "" for none
    replaces: str = ""  #: the words beside a box that stands for --replace, "" for none
    opens: bool = False  #: whether the last line is a file for a browser

    def command(
        self, name: str, choice: str = "", title: str = "", *, replace: bool = False
    ) -> tuple[str, ...]:
        """Return the words after `readybook`, for a folder's name."""
        chosen = choice or next(iter(self.choices), "")
        name = f"./{name}" if name.startswith("-") else name  # else it is an option
        words = [word.format(name=name, choice=chosen) for word in self.words]
        words += [f"--name={title}"] if self.names and title else []
        words += ["--replace"] if self.replaces and replace else []
        return tuple(words)


def jobs_for(assessment: Assessment, register: str = "") -> tuple[Job, ...]:
    """Return the jobs of an assessment, in the order of its buttons.

    A register that cases share, by its path, is named to those that judge the case.
    """
    shared = register.replace("{", "{{").replace("}", "}}")
    judged = ("{name}", "--register", shared) if shared else ("{name}",)
    resources = assessment.resources.resources
    probes = dict.fromkeys(one.probe for one in resources if one.probe)
    return (
        Job(
            "measure", "Measure now",
            "Reads the data that data.odcs.yaml names; keeps figures, never rows.",
            ("measure", "{name}"), "Run the notebook again to see what was found.",
        ),
        Job(
            "probe", "Probe this machine",
            "Reads what the machine that runs this notebook gives a job; changes "
            "nothing on it.",
            ("probe", "--for", "{name}", "--out", "{name}/evidence/{choice}.json"),
            "Run the notebook again to see what was found.",
            asks="Which machine is this?", choices=(*probes, HERE),
        ),
        Job(
            "report", "Render the report",
            "Writes the report for leadership into the folder reports, beside the "
            "assessment.",
            ("report", *judged), "Open the file in a browser, or send it.",
            opens=True,
        ),
        Job(
            "milestone", "Freeze a milestone",
            "Keeps what is known today and what follows from it, without names and "
            "notes.",
            ("milestone", *judged), "The next report tells what moved since.",
            names="What people call it (its date, if empty)",
            replaces="Take the place of the one of today, if there is one",
        ),
    )  # fmt: skip


@dataclass
class _Run:
    """A process that was started, and what it has said."""

    job: Job
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    asked_to_stop: bool = False


class Jobs:
    """Runs one job at a time and tells how far it is."""

    def __init__(
        self, folder: Path, jobs: tuple[Job, ...], tell: Callable[[Message], None]
    ) -> None:
        """Run nothing yet; each message is told from threads of its own."""
        self._folder = folder.resolve()
        self._jobs = {job.id: job for job in jobs}
        self._tell = tell
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._last: dict[str, Message] = {}  #: what was told last, by job

    def handle(self, message: Mapping[str, object]) -> list[Message]:
        """Return the replies to one message; what goes on is told later."""
        kind = message.get("kind")
        with self._lock:
            if kind == "run":
                return self._start(message)
            if kind == "cancel":
                self._cancel()
            jobs = [vars(job) for job in self._jobs.values()]
            known: Message = {"kind": "jobs", "jobs": jobs}
            return [known, *self._last.values()] if kind == "open" else []

    def shown(self, job: Job) -> str:
        """Return the command of a job as one would type it beside the folder."""
        return shlex.join(["readybook", *job.command(self._folder.name)])

    def _start(self, message: Mapping[str, object]) -> list[Message]:
        job = self._jobs.get(str(message.get("job")))
        if job is None:
            return []
        if self._run is not None:
            says = f"“{self._run.job.label}” is still running; wait, or stop it."
            return [_done(job, "refused", says)]
        choice = str(message.get("choice") or "")
        if job.choices and choice and choice not in job.choices:
            return [_done(job, "refused", f"No machine is called “{choice}”.")]
        told = message.get("title")
        title = told.strip() if isinstance(told, str) else ""
        replace = message.get("replace") is True
        words = job.command(self._folder.name, choice, title, replace=replace)
        try:
            process = self._open(words)
        except OSError as error:
            says = f"It could not be started: {reason_of(error)}."
            return [_done(job, "failed", says)]
        except ValueError:  # half a character, or none at all
            says = "It could not be started: the name has what is no letter."
            return [_done(job, "failed", says)]
        self._run = _Run(job, process)
        threading.Thread(target=self._follow, args=(self._run,), daemon=True).start()
        return [self._keep(_progress(job, "Started."))]

    def _open(self, words: tuple[str, ...]) -> subprocess.Popen[str]:
        # -P: a file beside the assessment must not stand in for a module of Python.
        command = [sys.executable, "-P", "-m", "readybook", *words]
        env = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8",
               "TQDM_BAR_FORMAT": "{n_fmt} of {total_fmt} {postfix}"}  # fmt: skip
        return subprocess.Popen(  # noqa: S603 - our own program, words of our own
            command,
            cwd=self._folder.parent,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def _cancel(self) -> None:
        run = self._run
        if run is None or run.asked_to_stop:
            return
        run.asked_to_stop = True
        # told here, not replied: a reply could come after the end
        self._tell(self._keep(_progress(run.job, "Stopping.")))
        # a kernel ignores SIGINT while no cell runs, and what it starts inherits that
        _signal(run.process, signal.SIGTERM)
        timer = threading.Timer(_GRACE_S, _signal, (run.process, signal.SIGKILL))
        timer.daemon = True
        timer.start()

    def _follow(self, run: _Run) -> None:
        """Tell what a process says until it ends; in a thread of its own."""
        with run.process as process:
            for line in process.stdout or ():
                if step := _BAR.fullmatch(said := line.strip()):
                    done, total, name = step.groups()
                    says = f"{done} of {total} done{f'; now: {name}' if name else ''}"
                    with self._lock:
                        if not run.asked_to_stop:
                            self._tell(self._keep(_progress(run.job, says)))
                elif said:
                    run.lines.append(visible(said))
            code = process.wait()
        with self._lock:
            self._run = None
            message = self._keep(self._ended(run, code))
        self._tell(message)

    def _keep(self, message: Message) -> Message:
        self._last[str(message["job"])] = message
        return message

    def _ended(self, run: _Run, code: int) -> Message:
        job, lines = run.job, run.lines[-_KEPT:]
        last = lines[-1] if lines else ""
        if code == 0:
            done = _done(job, "done", f"Done. {last} {job.after}", lines)
            file = _as_jupyter_writes(self._folder.parent / last)
            return {**done, "file": file} if job.opens else done
        if run.asked_to_stop:
            return _done(job, "stopped", "Stopped; what was finished is kept.", lines)
        return _done(job, "failed", "It did not succeed; this is what it said:", lines)


def _progress(job: Job, says: str) -> Message:
    return {"kind": "progress", "job": job.id, "says": says}


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, number)  # the kernels that it started are stopped too
    else:
        process.terminate()


def _done(job: Job, state: str, says: str, lines: list[str] | None = None) -> Message:
    return {"kind": "done", "job": job.id, "state": state, "says": says,
            "lines": lines or []}  # fmt: skip


def _as_jupyter_writes(path: Path) -> str:
    """Return a path as a server's page writes its root: ~ for the home folder."""
    home = Path.home()
    inside = path.is_relative_to(home)
    return f"~/{path.relative_to(home).as_posix()}" if inside else path.as_posix()
