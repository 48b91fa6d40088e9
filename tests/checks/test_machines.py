"""Needs of resources against what their probes measured."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from readybook.checks.catalogue import CHECKS
from readybook.checks.machines import check_accounts, check_machines
from readybook.model.case import Account, Endpoint, ResourceNeeds
from readybook.model.findings import (
    AccountEvidence,
    AccountSeen,
    MachineEvidence,
    Reach,
)
from resource_case import (
    AS_OF,
    FAILED,
    PASSED,
    PROBED,
    SILENT,
    bears,
    case,
    fact,
    probe,
    resource,
    the_one,
)

NODE = probe(
    fact("memory-granted", 23.541),
    fact("swap-granted", 0.0),
    fact("cpus-granted", 4),
    fact("cpu-throttled", 0.0),
    fact("disk-free", 61.2),
    fact("disk-write", 92.6),
    fact("matrix-rate", 31.25),
    fact("matrix-threads", 4),
    fact("blas-threads", 4),
    fact("gpus", 2),
    fact("gpu-memory", 15.9),
    fact("open-files", 1024),
    fact("root", "no"),
    fact("package-install", "yes"),
    fact("package-index", "yes"),
)


def node(needs, evidence=NODE):
    """An assessment with one machine, needs as given, probed unless None."""
    declared = resource("node", needs=ResourceNeeds(**needs), probe="node")
    return case(declared, probes={"node": evidence} if evidence else {})


def changed(*facts):
    """The probe of the node, with other facts in place of those of the same name."""
    kept = {one.fact: one for one in (*NODE.facts, *facts)}
    return NODE.model_copy(update={"facts": tuple(kept.values())})


def without(*names):
    """The probe of the node, which did not look at some facts."""
    kept = tuple(one for one in NODE.facts if one.fact not in names)
    return NODE.model_copy(update={"facts": kept})


# --- amounts -----------------------------------------------------------------------

ENOUGH = [
    (
        "memory-enough",
        {"memory_gib": 16.0},
        "The machine grants 23.5 GiB of memory; 16 GiB are needed.",
    ),
    (
        "swap-enough",
        {"swap_gib": 0.0},
        "The machine grants 0 GiB of swap; 0 GiB are needed.",
    ),
    ("cpus-enough", {"cpus": 1.0}, "The machine grants 4 CPUs; 1 CPU is needed."),
    (
        "cpu-unthrottled",
        {"cpus": 4.0},
        "The machine stopped the job in no period of a one-second load.",
    ),
    (
        "disk-enough",
        {"disk_gib": 20.0},
        "The working folder has 61.2 GiB free; 20 GiB are needed.",
    ),
    (
        "disk-fast-enough",
        {"write_mib_per_s": 50.0},
        "The working folder is written at 92.6 MiB/s; 50 MiB/s are needed.",
    ),
    (
        "matrix-fast-enough",
        {"matrix_gflops": 20.0},
        "Matrices are multiplied at 31.2 GFLOP/s; 20 GFLOP/s are needed.",
    ),
    (
        "matrix-fast-enough",
        {"cpus": 4.0},
        "The numerical library (BLAS) works with 4 threads.",
    ),
    ("gpus-enough", {"gpus": 1}, "The machine offers 2 GPUs; 1 GPU is needed."),
    (
        "gpu-memory-enough",
        {"gpu_memory_gib": 12.0},
        "The smallest GPU has 15.9 GiB of memory; 12 GiB are needed.",
    ),
    (
        "files-enough",
        {"open_files": 1024},
        "A process may open 1,024 files at once; 1,024 files are needed.",
    ),
]
SHORT = [
    (
        "memory-enough",
        {"memory_gib": 32.0},
        "The machine grants 23.5 GiB of memory; 32 GiB are needed.",
    ),
    (
        "swap-enough",
        {"swap_gib": 8.0},
        (
            "The machine has no swap and 8 GiB are needed, so a job that outgrows the "
            "memory is killed instead of slowed."
        ),
    ),
    ("cpus-enough", {"cpus": 8.0}, "The machine grants 4 CPUs; 8 CPUs are needed."),
    (
        "disk-enough",
        {"disk_gib": 100.0},
        "The working folder has 61.2 GiB free; 100 GiB are needed.",
    ),
    (
        "disk-fast-enough",
        {"write_mib_per_s": 200.0},
        "The working folder is written at 92.6 MiB/s; 200 MiB/s are needed.",
    ),
    (
        "matrix-fast-enough",
        {"matrix_gflops": 50.0},
        "Matrices are multiplied at 31.2 GFLOP/s; 50 GFLOP/s are needed.",
    ),
    ("gpus-enough", {"gpus": 4}, "The machine offers 2 GPUs; 4 GPUs are needed."),
    (
        "gpu-memory-enough",
        {"gpu_memory_gib": 40.0},
        "The smallest GPU has 15.9 GiB of memory; 40 GiB are needed.",
    ),
    (
        "files-enough",
        {"open_files": 4096},
        "A process may open 1,024 files at once; 4,096 files are needed.",
    ),
]


@pytest.mark.parametrize(("check", "needs", "message"), ENOUGH)
def test_what_suffices_supports_the_gate(check, needs, message):
    """Enough is said with both figures, and carries the claim."""
    assessment = node(needs)
    finding = the_one(check, assessment)

    assert (finding.outcome, finding.message) == ("supports", message)
    assert bears(check, assessment) == PASSED


@pytest.mark.parametrize(("check", "needs", "message"), SHORT)
def test_what_falls_short_fails_the_gate(check, needs, message):
    """Too little is said with both figures, whatever was claimed."""
    assessment = node(needs)
    finding = the_one(check, assessment)

    assert (finding.outcome, finding.message) == ("contradicts", message)
    assert bears(check, assessment) == FAILED


@pytest.mark.parametrize(("check", "needs", "_message"), ENOUGH)
def test_need_without_a_probe_is_untested(check, needs, _message):
    """A missing probe never supports a claim."""
    assessment = node(needs, evidence=None)
    finding = the_one(check, assessment)

    assert finding.outcome == "not measured"
    assert finding.value is None
    assert finding.message == "node was not measured: there is no evidence/node.json."
    assert bears(check, assessment) == SILENT


def test_finding_names_its_day_its_source_and_what_declared_the_need():
    """A reader can go back to what was measured and to who asked for it."""
    finding = the_one("memory-enough", node({"memory_gib": 16.0}))

    assert finding.measured_on == PROBED
    assert finding.fingerprint.startswith("sha256:")
    assert (finding.value, finding.unit, finding.threshold) == (23.541, "GiB", 16.0)
    assert finding.threshold_source == "resources.yaml: node needs.memory_gib"


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (probe(), "evidence/node.json does not have swap-granted"),
        (
            probe(fact("swap-granted", None, "not visible", "no group is mounted")),
            "the probe cannot see swap-granted (no group is mounted)",
        ),
        (
            probe(fact("swap-granted", None, "denied", "not allowed")),
            "the probe was denied swap-granted (not allowed)",
        ),
        (
            probe(fact("swap-granted", "none")),
            "what the probe read of swap-granted is not what is compared",
        ),
        (
            probe(fact("swap-granted", 9.0), on=AS_OF + dt.timedelta(days=1)),
            "evidence/node.json is dated after the as-of date",
        ),
    ],
)
def test_what_a_probe_did_not_see_is_untested(evidence, why):
    """A blind probe says why, and never supports a need."""
    assessment = node({"swap_gib": 8.0}, evidence)
    finding = the_one("swap-enough", assessment)

    assert finding.message == f"node was not measured: {why}."
    assert (finding.outcome, finding.value) == ("not measured", None)
    assert bears("swap-enough", assessment) == SILENT


def test_need_without_a_named_probe_says_so():
    """Where resources.yaml names no probe, that is what is missing."""
    declared = resource("node", needs=ResourceNeeds(swap_gib=8.0))
    (finding,) = check_machines(case(declared))

    assert finding.message == (
        "node was not measured: no probe is named in resources.yaml."
    )


def test_resource_without_needs_has_no_finding():
    """Where nothing is declared as needed, nothing is compared."""
    assessment = case(resource("node", probe="node"), probes={"node": NODE})

    assert check_machines(assessment) == []


def test_no_limit_of_open_files_is_enough():
    """Without a limit any number of files may be open."""
    unlimited = changed(fact("open-files", "none", why="no limit is set"))
    finding = the_one("files-enough", node({"open_files": 4096}, unlimited))

    assert (finding.outcome, finding.value) == ("supports", "no limit")
    assert finding.message == (
        "A process may open any number of files at once; 4,096 files are needed."
    )


@pytest.mark.parametrize(
    ("check", "needs", "message"),
    [
        ("gpus-enough", {"gpus": 1}, "The machine offers no GPU; 1 GPU is needed."),
        (
            "gpu-memory-enough",
            {"gpu_memory_gib": 16.0},
            "The machine offers no GPU; 16 GiB are needed.",
        ),
    ],
)
def test_machine_without_a_gpu_fails_both_needs(check, needs, message):
    """No GPU has no memory: that is known, though the memory was not visible."""
    none = changed(
        fact("gpus", 0), fact("gpu-memory", None, "not visible", "there is no GPU")
    )
    finding = the_one(check, node(needs, none))

    assert (finding.outcome, finding.value) == ("contradicts", 0)
    assert finding.message == message


def test_gpu_that_nobody_looked_for_is_untested():
    """Without the library, no GPU seen is no proof that there is none."""
    why = "nvidia-ml-py is not installed"
    unseen = changed(fact("gpus", None, "not visible", why))

    assert bears("gpus-enough", node({"gpus": 1}, unseen)) == SILENT


def test_old_probe_supports_no_more_but_still_proves_what_failed():
    """After its shelf life a pass counts as said; a failure stays until a new probe."""
    long_ago = AS_OF - dt.timedelta(days=CHECKS["memory-enough"].shelf_life_days + 1)
    old = NODE.model_copy(update={"measured_on": long_ago})

    assert bears("memory-enough", node({"memory_gib": 16.0}, old)) == SILENT
    assert bears("memory-enough", node({"memory_gib": 32.0}, old)) == FAILED


def test_other_content_has_another_fingerprint():
    """A finding is bound to the probe that it is from."""
    prints = {
        the_one("swap-enough", node({"swap_gib": 8.0}, one)).fingerprint
        for one in (NODE, changed(fact("memory-granted", 4.0)))
    }

    assert len(prints) == 2


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_fact_that_is_no_number_is_refused(value):
    """Nothing is enough against a figure that cannot be compared."""
    written = NODE.model_dump_json().replace("23.541", value)

    with pytest.raises(ValidationError):
        MachineEvidence.model_validate_json(written)


#: Check, its need, the fact that decides it, and whether more of it is better.
DECIDED = [
    ("memory-enough", {"memory_gib": 8.0}, "memory-granted", 1),
    ("swap-enough", {"swap_gib": 8.0}, "swap-granted", 1),
    ("cpus-enough", {"cpus": 8.0}, "cpus-granted", 1),
    ("cpu-unthrottled", {"cpus": 8.0}, "cpu-throttled", -1),
    ("disk-enough", {"disk_gib": 8.0}, "disk-free", 1),
    ("disk-fast-enough", {"write_mib_per_s": 8.0}, "disk-write", 1),
    ("matrix-fast-enough", {"matrix_gflops": 8.0}, "matrix-rate", 1),
    ("matrix-fast-enough", {"cpus": 8.0}, "blas-threads", 1),
    ("matrix-fast-enough", {"cpus": 8.0}, "cpus-granted", 1),
    ("gpus-enough", {"gpus": 8}, "gpus", 1),
    ("gpu-memory-enough", {"gpu_memory_gib": 8.0}, "gpus", 1),
    ("gpu-memory-enough", {"gpu_memory_gib": 8.0}, "gpu-memory", 1),
    ("files-enough", {"open_files": 8}, "open-files", 1),
]


@pytest.mark.parametrize(("check", "needs", "name", "better"), DECIDED)
def test_better_machine_never_worsens_a_finding(check, needs, name, better):
    """From the worst measurement to the best, a finding only rises."""
    rank = {"contradicts": 0, "supports": 1}
    ranks = [
        rank[the_one(check, node(needs, changed(fact(name, amount)))).outcome]
        for amount in (0, 1, 2, 7, 8, 9, 100)[::better]
    ]

    assert ranks == sorted(ranks)


# --- throttling --------------------------------------------------------------------


def test_throttled_cpu_fails_the_gate():
    """A job that its quota stops is slower than its CPUs promise."""
    assessment = node({"cpus": 1.0}, changed(fact("cpu-throttled", 46.2)))
    finding = the_one("cpu-unthrottled", assessment)

    assert finding.message == (
        "The machine stopped the job in 46.2 % of periods in a one-second load, "
        "because its share of the CPUs was used up."
    )
    assert bears("cpu-unthrottled", assessment) == FAILED


def test_throttling_that_is_not_visible_is_untested():
    """Outside of control groups nobody counts, which is not the same as none."""
    blind = changed(fact("cpu-throttled", None, "not visible", "no group is mounted"))

    assert bears("cpu-unthrottled", node({"cpus": 1.0}, blind)) == SILENT


# --- the numerical library ---------------------------------------------------------

ONE_THREAD = changed(fact("blas-threads", 1), fact("matrix-threads", 1))


def test_one_thread_blas_fails_where_several_cpus_are_needed():
    """CPUs that the numerical library leaves idle do not meet the need."""
    assessment = node({"cpus": 4.0}, ONE_THREAD)
    finding = the_one("matrix-fast-enough", assessment)

    assert finding.message == (
        "The numerical library (BLAS) works with one thread, so 3 of the 4 CPUs "
        "granted stand idle in matrix products; 4 CPUs are needed."
    )
    assert (finding.value, finding.unit, finding.threshold) == (1, "threads", 2)
    assert bears("matrix-fast-enough", assessment) == FAILED


def test_more_cpus_do_not_worsen_a_one_thread_blas():
    """One thread fails on one CPU too, so that a better machine is never worse off."""
    one_cpu = changed(*ONE_THREAD.facts, fact("cpus-granted", 1))
    finding = the_one("matrix-fast-enough", node({"cpus": 4.0}, one_cpu))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "The numerical library (BLAS) works with one thread; 4 CPUs are needed."
    )


def test_one_thread_blas_is_named_as_the_reason_of_a_low_rate():
    """A rate that is missed says what stands idle."""
    slow = changed(*ONE_THREAD.facts, fact("matrix-rate", 8.0))
    finding = the_one(
        "matrix-fast-enough", node({"matrix_gflops": 20.0, "cpus": 2.0}, slow)
    )

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "Matrices are multiplied at 8 GFLOP/s by one thread, while 3 of the 4 CPUs "
        "granted stand idle; 20 GFLOP/s are needed."
    )


def test_need_of_one_cpu_asks_for_no_threads():
    """Who needs one CPU needs no second thread."""
    findings = check_machines(node({"cpus": 1.0}, ONE_THREAD))

    assert {one.check for one in findings} == {"cpus-enough", "cpu-unthrottled"}


# --- privileges --------------------------------------------------------------------


def test_privileges_that_are_held_support():
    """Held privileges are named."""
    assessment = node({"privileges": ("package-install",)})
    finding = the_one("privileges-held", assessment)

    assert finding.message == (
        "The job has every privilege that it needs: installing packages."
    )
    assert bears("privileges-held", assessment) == PASSED


def test_missing_privileges_fail_the_gate_and_are_named():
    """One privilege that is lacking decides, and the count of the others is kept."""
    assessment = node({"privileges": ("package-install", "root")})
    finding = the_one("privileges-held", assessment)

    assert finding.message == "The job lacks what it needs: root rights."
    assert (finding.value, finding.threshold) == (1, 2)
    assert bears("privileges-held", assessment) == FAILED


def test_root_of_a_namespace_is_told_as_such():
    """Root in a container is not root on the machine, and the sentence says so."""
    inside = "in its own namespace of users only, not on the machine"
    rootless = changed(fact("root", "yes", why=inside))
    finding = the_one("privileges-held", node({"privileges": ("root",)}, rootless))

    assert finding.message == (
        f"The job has every privilege that it needs: root rights ({inside})."
    )


def test_privilege_that_nobody_tried_is_untested():
    """What the probe did not see is neither held nor lacking."""
    assessment = node({"privileges": ("package-install", "container-build")})
    finding = the_one("privileges-held", assessment)

    assert finding.message == (
        "node was not measured: evidence/node.json does not have container-build."
    )
    assert bears("privileges-held", assessment) == SILENT


# --- endpoints ---------------------------------------------------------------------

FEED = Endpoint(host="feed.example", port=443, tls=True)


def reached(state, **more):
    """The probe of the node, which tried the feed."""
    row = Reach(host="feed.example", port=443, tls=True, state=state, **more)
    return NODE.model_copy(update={"endpoints": (row,)})


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            "refused",
            "node does not reach feed.example:443: the connection was refused.",
        ),
        (
            "timed out",
            "node does not reach feed.example:443: nothing answered in time.",
        ),
        ("no route", "node does not reach feed.example:443: there is no route to it."),
        (
            "no name",
            "node does not reach feed.example:443: its name is not known there.",
        ),
        (
            "no tls",
            (
                "node does not reach feed.example:443: it answered, but not with a valid "
                "TLS handshake."
            ),
        ),
    ],
)
def test_endpoint_that_is_not_reached_fails_the_gate(state, message):
    """Each way of not being reached has its own words."""
    assessment = node({"endpoints": (FEED,)}, reached(state))
    finding = the_one("endpoints-reached", assessment)

    assert (finding.subject, finding.message) == ("node feed.example:443", message)
    assert bears("endpoints-reached", assessment) == FAILED


def test_endpoint_that_is_reached_supports():
    """What was declared with TLS was reached with TLS."""
    assessment = node({"endpoints": (FEED, FEED)}, reached("reached"))
    finding = the_one("endpoints-reached", assessment)

    assert finding.message == "node reaches feed.example:443 with TLS."
    assert bears("endpoints-reached", assessment) == PASSED


def test_endpoint_that_its_probe_did_not_try_is_untested():
    """An endpoint that was declared after the probe ran is not passed."""
    later = Endpoint(host="store.example", port=5432)
    assessment = node({"endpoints": (FEED, later)}, reached("reached"))
    messages = [one.message for one in check_machines(assessment)]

    assert messages[1] == (
        "node was not measured: its probe did not try store.example:5432."
    )
    assert bears("endpoints-reached", assessment) == SILENT


# --- package index -----------------------------------------------------------------


def test_package_index_that_answers_supports():
    """An index is looked for only where one is needed."""
    assessment = node({"package_index": True})

    assert the_one("package-index-answers", assessment).message == (
        "A package index answered the machine."
    )
    assert bears("package-index-answers", assessment) == PASSED
    assert check_machines(node({"package_index": False})) == []


def test_package_index_that_does_not_answer_fails_the_gate():
    """Without an index nothing can be installed, and the sentence says so."""
    silent = changed(fact("package-index", "no", why="no route"))
    assessment = node({"package_index": True}, silent)

    assert the_one("package-index-answers", assessment).message == (
        "No package index answered the machine, so nothing can be installed on it "
        "from outside."
    )
    assert bears("package-index-answers", assessment) == FAILED
    blind = without("package-index")
    assert bears("package-index-answers", node({"package_index": True}, blind)) == (
        SILENT
    )


def test_each_check_of_a_need_covers_what_was_found_and_no_more():
    """The subjects of a check are those of its findings, so that a pass is whole."""
    needs = {
        name: value for _, wanted, _ in ENOUGH for name, value in wanted.items()
    } | {"privileges": ("root",), "endpoints": (FEED,), "package_index": True}
    for chosen in (needs, {"cpus": 4.0}, {"cpus": 1.0}, {"endpoints": (FEED,)}):
        assessment = node(chosen)
        found = check_machines(assessment)
        told = {(one.check, one.subject) for one in found}
        covered = {
            (check.id, subject)
            for check in CHECKS.values()
            if check.id not in {"granters-backed", "permission-granted"}
            for subject in check.covered(assessment)
        }

        assert told == covered


@pytest.mark.parametrize(
    "check", ["memory-enough", "matrix-fast-enough", "endpoints-reached"]
)
def test_machine_of_which_no_need_is_declared_leaves_the_check_open(check):
    """Silence on a second machine stands no better than a need that is not met."""
    known = node({"memory_gib": 1, "matrix_gflops": 1, "endpoints": (FEED,)})
    (one,) = known.resources.resources
    silent = one.model_copy(update={"id": "second", "needs": None})
    both = known.resources.model_copy(update={"resources": (one, silent)})
    subjects = CHECKS[check].subjects(known.model_copy(update={"resources": both}))

    assert subjects == (*CHECKS[check].subjects(known), "second")


# --- accounts ------------------------------------------------------------------------

ACCOUNT = "account-as-declared"
NUMBER = "123456789012"


def cloud(*seen, on=AS_OF, number=NUMBER, **more):
    """An assessment with one declared account, and what was seen of it."""
    account = Account(provider="aws", id=number)
    evidence = AccountEvidence(
        format=1, kind="accounts", readybook="0.1.0", measured_on=on, accounts=seen
    )
    return case(
        resource("cloud", account=account, **more), accounts=evidence if seen else None
    )


def seen(number="…9012", *, state="read", same=None, why=None, of="cloud"):
    return AccountSeen(
        resource=of, state=state, seen=number, is_declared=same, how="STS", why=why
    )


def test_declared_account_supports_and_is_masked():
    """The right account carries the claim, and its number is not told."""
    assessment = cloud(seen(same=True))
    finding = the_one(ACCOUNT, assessment)

    assert finding.message == "The credentials belong to the declared account …9012."
    assert (finding.value, finding.threshold) == ("…9012", "…9012")
    assert finding.threshold_source == "resources.yaml: cloud account.id"
    assert bears(ACCOUNT, assessment) == PASSED


@pytest.mark.parametrize(
    ("declared", "planned"),
    [
        (
            {"pays": "business-owner", "budget_code": "IT-4412"},
            "may not fall on business owner, budget code IT-4412",
        ),
        ({"pays": "finance"}, "may not fall on finance"),
        ({}, "may fall on somebody else"),
    ],
)
def test_wrong_account_fails_and_says_who_may_not_pay(declared, planned):
    """Another account is told beside the declared one, with what it means for money."""
    assessment = cloud(seen("…0001", same=False), **declared)

    assert the_one(ACCOUNT, assessment).message == (
        "The credentials belong to account …0001, not to the declared …9012; the cost "
        f"{planned}."
    )
    assert bears(ACCOUNT, assessment) == FAILED


def test_wrong_account_with_the_same_last_digits_is_still_another():
    """What is shown of two numbers may be equal when the numbers are not."""
    finding = the_one(ACCOUNT, cloud(seen(same=False)))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "The credentials belong to another account than the declared …9012; the cost "
        "may fall on somebody else."
    )


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("expired", None, "the credentials have expired"),
        ("invalid", None, "the provider did not accept the credentials"),
        ("missing", None, "there are no credentials"),
        (
            "not visible",
            "only AWS accounts can be asked",
            (
                "it could not be seen whose the credentials are (only AWS accounts can be "
                "asked)"
            ),
        ),
    ],
)
def test_credentials_that_tell_nothing_are_untested(state, why, said):
    """Four ways of not knowing have four sentences, and none is a pass."""
    assessment = cloud(seen(None, state=state, why=why))
    finding = the_one(ACCOUNT, assessment)

    assert finding.message == f"cloud was not measured: {said}."
    assert finding.outcome == "not measured"
    assert bears(ACCOUNT, assessment) == SILENT


@pytest.mark.parametrize(
    ("assessment", "why"),
    [
        (cloud(), "there is no evidence/accounts.json"),
        (cloud(seen(same=True, of="other")), "evidence/accounts.json does not have it"),
        (
            cloud(seen(same=True), on=AS_OF + dt.timedelta(days=1)),
            "evidence/accounts.json is dated after the as-of date",
        ),
        (
            cloud(seen(same=True), number="999999990000"),
            "another account was declared when the credentials were looked at",
        ),
    ],
)
def test_account_that_nobody_looked_at_is_untested(assessment, why):
    """Evidence that is missing, of another account or from the future is none."""
    assert the_one(ACCOUNT, assessment).message == f"cloud was not measured: {why}."
    assert bears(ACCOUNT, assessment) == SILENT


def test_old_look_at_an_account_supports_no_more():
    """Credentials change hands, so a look at them lapses after 90 days."""
    long_ago = AS_OF - dt.timedelta(days=91)

    assert bears(ACCOUNT, cloud(seen(same=True), on=long_ago)) == SILENT
    assert bears(ACCOUNT, cloud(seen("…0001", same=False), on=long_ago)) == FAILED


@pytest.mark.parametrize(
    ("number", "shown"),
    [(NUMBER, "…9012"), ("1234-5678-9012", "…9012"), ("acme", "…me"), ("7", "…")],
)
def test_number_is_never_told_in_full(number, shown):
    """At most four characters are shown, and at most half of a short name."""
    finding = the_one(ACCOUNT, cloud(number=number))

    assert finding.threshold == shown
    assert number not in finding.model_dump_json()


def test_resource_without_an_account_has_no_finding():
    """Where no account is declared, there is nothing to compare."""
    assert check_accounts(case(resource("node"))) == []
