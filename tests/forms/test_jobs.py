"""Buttons for long work: started as processes, followed, stopped, told in words."""

from __future__ import annotations

import os
import queue
import shlex
import shutil
import signal
import sys
from pathlib import Path

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.cli.files import Drafting, start_assessment
from readybook.forms.cell import buttons_cell
from readybook.forms.jobs import HERE, Jobs, jobs_for
from shown import words_of

PATIENCE_S = 120


@pytest.fixture(scope="module")
def drafted(tmp_path_factory):
    """A small assessment with a table to measure; only to be copied."""
    home = tmp_path_factory.mktemp("drafted")
    data = home / "orders.csv"
    data.write_text("order,amount\n1,20\n2,30\n", encoding="utf-8")
    start_assessment(home / "churn", data=[data], drafting=Drafting(copies=True))
    return home / "churn"


@pytest.fixture
def case(drafted, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(drafted, tmp_path / drafted.name))


@pytest.fixture
def told():
    """What the jobs told, in order."""
    return queue.SimpleQueue()


def opened(folder):
    return open_assessment(folder, bank=load_bank_for(folder))


def jobs(folder, told):
    return Jobs(folder, jobs_for(opened(folder)), told.put)


def until_done(told):
    """Return the messages up to the one that says how it ended."""
    messages = []
    while not messages or messages[-1]["kind"] != "done":
        messages.append(told.get(timeout=PATIENCE_S))
    return messages


class Started:
    """A process of the system: what it says, and the code that it ends with."""

    pid = 4711

    def __init__(self, lines=(), code=0):
        self.stdout = iter(lines)
        self.code, self.ended = code, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def poll(self):
        return self.ended

    def wait(self):
        self.ended = self.code
        return self.code


@pytest.fixture
def run(case, told, monkeypatch):
    """Press a button whose command says some lines; what was told, first to last."""

    def pressed(job, lines, code=0, *, stop=False):
        running = jobs(case, told)
        monkeypatch.setattr(running, "_open", lambda _: Started(said(), code))
        signals = []
        monkeypatch.setattr(os, "killpg", lambda *sent: signals.append(sent))
        began = queue.SimpleQueue()

        def said():
            began.get(timeout=PATIENCE_S)
            yield from lines

        first = running.handle({"kind": "run", "job": job})
        refused = running.handle({"kind": "run", "job": "measure"})
        if stop:
            assert running.handle({"kind": "cancel"}) == []
            assert running.handle({"kind": "cancel"}) == []
        began.put(None)
        messages = until_done(told)
        assert signals == [(Started.pid, signal.SIGTERM)] * stop
        assert running.handle({"kind": "open"})[1:] == messages[-1:]
        return [*first, *refused, *messages]

    return pressed


def ended(job, state, says, lines=()):
    return {"kind": "done", "job": job, "state": state, "says": says,
            "lines": list(lines)}  # fmt: skip


def test_job_is_told_from_its_start_to_its_end(run, case, monkeypatch):
    """The last lines stay; of a bar, how far it is; a second job is refused meanwhile."""
    monkeypatch.setenv("HOME", str(case.parent))  # JupyterLab's page writes it as ~
    bars = ["\n", "0 of 2 , orders\n", "2 of 2 \n"]
    lines = [f"line {number}\n" for number in range(13)]

    def progress(says):
        return {"kind": "progress", "job": "report", "says": says}

    assert run("report", [*bars, *lines]) == [
        progress("Started."),
        ended("measure", "refused",
              "“Render the report” is still running; wait, or stop it."),
        progress("0 of 2 done; now: orders"),
        progress("2 of 2 done"),
        ended("report", "done",
              "Done. line 12 Open the file in a browser, or send it.",
              [f"line {number}" for number in range(1, 13)])
        | {"file": "~/line 12"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "stop", "state", "says"),
    [
        (1, False, "failed", "It did not succeed; this is what it said:"),
        (130, True, "stopped", "Stopped; what was finished is kept."),
        (0, True, "done", "Done. It is so. The next report tells what moved since."),
    ],
)
def test_job_tells_how_it_ended(run, code, stop, state, says):
    """Who stopped it too late is told that it is done."""
    *_, last = run("milestone", ["It is so.\n"], code, stop=stop)

    assert last == ended("milestone", state, says, ["It is so."])


def test_program_that_cannot_be_started_is_told(case, told, monkeypatch):
    """The page hears why, and may try again."""
    running = jobs(case, told)

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(running, "_open", refuse)

    says = "It could not be started: permission denied."
    assert running.handle({"kind": "run", "job": "measure"}) == [
        ended("measure", "failed", says)
    ]


@pytest.mark.slow
def test_measuring_writes_evidence_and_says_so_in_words(case, told):
    """The button does what the command does; the caller is not kept waiting."""
    running = jobs(case, told)
    (first,) = running.handle({"kind": "run", "job": "measure"})
    assert first == {"kind": "progress", "job": "measure", "says": "Started."}
    last = until_done(told)[-1]

    assert last["state"] == "done"
    assert "findings in churn/evidence/data.json" in last["says"]
    assert (case / "evidence" / "data.json").is_file()


@pytest.mark.slow
def test_button_says_what_allows_a_variable_to_be_sent(case, told, monkeypatch):
    """A button cannot be asked, so it measures nothing and names the way that can."""
    contract = case / "data.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    start, end = text.index("\nservers:\n"), text.index("\nschema:\n")
    server = (
        "\nservers:\n  - {server: prod, type: postgres, host: db.invalid, port: 5432, "
        "database: d, schema: s, customProperties: "
        "[{property: readiness.passwordVariable, value: SHOP_KEY}]}"
    )
    contract.write_text(text[:start] + server + text[end:], encoding="utf-8")
    monkeypatch.setenv("SHOP_KEY", "planted")
    jobs(case, told).handle({"kind": "run", "job": "measure"})
    last = until_done(told)[-1]

    assert last["state"] == "failed"
    assert "--allow SHOP_KEY@db.invalid:5432" in "\n".join(last["lines"])
    assert "planted" not in str(last)
    assert not (case / "evidence" / "data.json").exists()


@pytest.mark.slow
def test_probe_goes_into_the_file_of_the_machine_that_was_chosen(case, told):
    """Where no resource names a probe, it is this machine's."""
    running = jobs(case, told)
    running.handle({"kind": "run", "job": "probe", "choice": HERE})

    assert until_done(told)[-1]["state"] == "done"
    assert (case / "evidence" / f"{HERE}.json").is_file()
    assert HERE in opened(case).probes


@pytest.mark.slow
def test_report_tells_its_progress_and_can_be_stopped(case, told):
    """Who has seen enough stops it; a second one is refused meanwhile."""
    running = jobs(case, told)
    running.handle({"kind": "run", "job": "report"})
    seen = told.get(timeout=PATIENCE_S)
    (refused,) = running.handle({"kind": "run", "job": "measure"})
    running.handle({"kind": "cancel"})
    last = until_done(told)[-1]

    assert seen["kind"] == "progress"
    assert " done" in seen["says"]
    assert (refused["state"], refused["job"]) == ("refused", "measure")
    assert "still running" in refused["says"]
    assert last["state"] == "stopped"
    assert last["says"] == "Stopped; what was finished is kept."


@pytest.mark.slow
def test_failure_shows_what_the_command_said(case, told):
    """A file that is wrong is named with line and advice, as on the command line."""
    running = jobs(case, told)
    scope = case / "assessment.yaml"
    scope.write_text(
        scope.read_text(encoding="utf-8").replace("phase:", "fase:"), encoding="utf-8"
    )
    running.handle({"kind": "run", "job": "measure"})
    last = until_done(told)[-1]

    assert last["state"] == "failed"
    assert any("did you mean 'phase'?" in line for line in last["lines"])


@pytest.mark.slow
def test_page_that_is_opened_again_is_told_how_it_stands(case, told):
    """A second tab shows the buttons and how the last run ended."""
    running = jobs(case, told)
    running.handle({"kind": "run", "job": "probe"})
    last = until_done(told)[-1]

    listed, state = running.handle({"kind": "open"})
    assert [job["id"] for job in listed["jobs"]] == [
        "measure",
        "probe",
        "report",
        "milestone",
    ]
    assert state == last


def test_machine_that_nobody_declared_is_refused(case, told):
    """A message cannot name a file of its own to write."""
    running = jobs(case, told)
    message = {"kind": "run", "job": "probe", "choice": "../../elsewhere"}

    assert running.handle(message) == [
        ended("probe", "refused", "No machine is called “../../elsewhere”.")
    ]
    assert running.handle({**message, "job": "dance"}) == []
    assert not list(case.parent.glob("elsewhere*"))


@pytest.mark.parametrize("title", ["a\0b", "half \ud800"], ids=["nul", "half"])
def test_name_that_no_program_can_be_given_is_told(case, told, title):
    """And the next job can begin."""
    work = jobs(case, told)
    for _ in range(2):
        (reply,) = work.handle({"kind": "run", "job": "milestone", "title": title})
        assert (reply["kind"], reply["state"]) == ("done", "failed")
        assert reply["says"].endswith("the name has what is no letter.")


def test_name_that_is_no_text_is_none(case, told, monkeypatch):
    """A page sends texts; what else sends a message here is a stranger."""
    begun = []
    monkeypatch.setattr(Jobs, "_open", lambda _, words: begun.append(words) or 1 / 0)
    for title in ({"a": 1}, ["b"], 7, None):
        with pytest.raises(ZeroDivisionError):
            jobs(case, told).handle({"kind": "run", "job": "milestone", "title": title})

    assert begun == [("milestone", "churn")] * 4


def test_declared_probes_can_be_chosen(root, tmp_path):
    """The names that resources.yaml waits for are offered first."""
    folder = tmp_path / "case"
    shutil.copytree(root / "templates" / "flight-delays", folder)
    (probe,) = [job for job in jobs_for(opened(folder)) if job.id == "probe"]

    assert probe.choices == ("training-node", "serving-node", "rehearsal", HERE)
    assert probe.command("case") == (
        "probe", "--for", "case", "--out", "case/evidence/training-node.json"
    )  # fmt: skip
    assert probe.command("case", HERE)[-1] == f"case/evidence/{HERE}.json"


@pytest.mark.parametrize("name", ["-x", "--help", "a b", "{name}"])
def test_name_of_a_folder_is_no_option(case, name):
    """Each word that is an option stands in the job; the rest leads to the folder."""
    for job in jobs_for(opened(case)):
        words = job.command(name)
        options = [word for word in words if word.startswith("-")]
        assert options == [word for word in job.words if word.startswith("-")]
        assert job.id == "probe" or Path(words[1]) == Path(name)


def test_only_a_milestone_takes_a_name_and_the_place_of_another(case):
    """What was typed is one word of the command, whatever it begins with."""
    for job in jobs_for(opened(case)):
        plain, full = job.command("x"), job.command("x", "", "-n {x}", replace=True)
        more = ("--name=-n {x}", "--replace") if job.id == "milestone" else ()
        assert full == (*plain, *more)


def test_command_can_be_typed_as_it_is_shown(case, told):
    """A name of two words is one word of the command."""
    folder = case.rename(case.with_name("a b"))
    running = jobs(folder, told)

    for job in jobs_for(opened(folder)):
        shown = running.shown(job)
        assert shlex.split(shown) == ["readybook", *job.command("a b")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ld.so says it")
def test_what_a_process_says_is_shown_and_not_sent(case, told, monkeypatch):
    """The page gets no escape, also of what did not come from our own printing."""
    monkeypatch.setenv("LD_PRELOAD", "\x1b[2J.so")
    jobs(case, told).handle({"kind": "run", "job": "milestone"})
    lines = until_done(told)[-1]["lines"]

    assert any("\\u001b[2J.so" in line for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_without_a_person_the_commands_stand_there(case):
    """Under papermill there is nothing to press, and no widget is made."""
    bundle = buttons_cell(case, opened(case))._repr_mimebundle_()

    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "Commands beside the assessment's folder: 4 rows"
    head, *rows = words_of(bundle["text/html"]).split(" readybook ")
    assert head.endswith(
        "To What it does Command Measure now "
        "Reads the data that data.odcs.yaml names; keeps figures, never rows."
    )
    assert rows[0].startswith("measure churn Probe this machine ")
    assert rows[-1] == "milestone churn"
