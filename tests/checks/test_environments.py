"""Two environments that are to be the same, such as training and serving."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.checks.environments import check_environments, compare_environments
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

CHECK = "environments-same"
FACTS = {
    "python": "3.12.4",
    "platform": "Linux x86_64",
    "blas": "openblas 0.3.28",
    "blas-architecture": "Haswell",
    "blas-threads": 4,
    "cpu-features": "avx avx2 fma",
    "memory-granted": 23.5,
    "cpus-granted": 4,
}
UNITS = {"memory-granted": "GiB", "cpus-granted": "CPUs", "blas-threads": "threads"}
PACKAGES = {"numpy": "2.1.0", "pandas": "3.0.1", "scikit-learn": "1.7.0"}
MODEL = "a model saved on one may fail, or answer otherwise, on the other"
KERNELS = "the same input can give slightly other numbers"
SPEED = "a job may run slower or not fit"


def machine(packages=None, *, on=PROBED, **changes):
    """The probe of a machine; a fact that is changed to None was not looked for."""
    facts = FACTS | {name.replace("_", "-"): value for name, value in changes.items()}
    return probe(
        *(
            fact(name, value, unit=UNITS.get(name))
            for name, value in facts.items()
            if value is not None
        ),
        on=on,
        packages=PACKAGES if packages is None else packages,
    )


def pair(serving, training=None):
    """An assessment in which serving must equal training."""
    probes = {"serving": serving, "training": training or machine()}
    return case(
        resource("training", probe="training"),
        resource("serving", probe="serving", same_as="training"),
        probes={name: one for name, one in probes.items() if one},
    )


def test_equal_environments_support():
    """What was compared is told, with the number of packages."""
    assessment = pair(machine())
    finding = the_one(CHECK, assessment)

    assert finding.message == (
        "serving has the Python, the platform, the numerical library and the "
        "3 packages of training."
    )
    assert (finding.subject, finding.value, finding.threshold) == ("serving", 0, 0)
    assert finding.threshold_source == "resources.yaml: serving same_as"
    assert bears(CHECK, assessment) == PASSED


def test_environments_that_differ_fail_with_what_and_why():
    """Python, packages, BLAS, CPU features and memory are told with what they do."""
    assessment = pair(
        machine(
            {"numpy": "1.26.4", "pandas": "3.0.1"},
            python="3.11.9",
            blas="mkl 2024.2",
            cpu_features="avx",
            memory_granted=4.0,
        )
    )
    finding = the_one(CHECK, assessment)

    assert finding.message == (
        "serving differs from training in Python (3.11.9 against 3.12.4), the "
        "numerical library (mkl 2024.2 against openblas 0.3.28), CPU features (avx "
        "against avx avx2 fma), memory (4 GiB against 23.5 GiB), scikit-learn (missing "
        f"against 1.7.0) and numpy (1.26.4 against 2.1.0): {MODEL} and {KERNELS} and "
        f"{SPEED}."
    )
    assert finding.value == 4
    assert bears(CHECK, assessment) == FAILED


@pytest.mark.parametrize(
    ("changes", "told", "why"),
    [
        ({"platform": "Linux aarch64"}, "platform (Linux aarch64 against ", MODEL),
        (
            {"blas_architecture": "SkylakeX"},
            "kernels of the numerical library (SkylakeX against Haswell)",
            KERNELS,
        ),
        ({"packages": PACKAGES | {"numpy": "2.1.1"}}, "numpy (2.1.1 against ", MODEL),
        ({"packages": PACKAGES | {"six": "1.17"}}, "six (1.17 against missing)", MODEL),
    ],
)
def test_each_difference_that_changes_results_fails(changes, told, why):
    """One such difference is enough."""
    finding = the_one(CHECK, pair(machine(**changes)))

    assert finding.outcome == "contradicts"
    assert finding.value == 1
    assert told in finding.message
    assert finding.message.endswith(f": {why}.")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"memory_granted": 4.0}, "memory (4 GiB against 23.5 GiB): " + SPEED),
        ({"cpus_granted": 1}, "CPUs (1 CPU against 4 CPUs): " + SPEED),
        (
            {"blas_threads": 1},
            "threads of the numerical library (1 thread against 4 threads): " + SPEED,
        ),
        ({"cpu_features": "avx"}, "CPU features (avx against avx avx2 fma): " + SPEED),
        ({"python": "3.12.1"}, "Python (3.12.1 against 3.12.4)"),
    ],
)
def test_difference_in_speed_or_size_is_told_and_decides_nothing(changes, told):
    """A smaller machine gives the same answer, later."""
    assessment = pair(machine(**changes))

    assert the_one(CHECK, assessment).message == (
        "serving has the Python, the platform, the numerical library and the "
        f"3 packages of training; it differs from training in {told}."
    )
    assert bears(CHECK, assessment) == PASSED


def test_packages_that_matter_most_are_named_first_and_the_rest_counted():
    """What models are saved with comes first, then other majors, gaps and minors."""
    training = {f"lib-{n}": "1.0" for n in range(4)}
    training |= {"torch": "2.4.0", "numpy": "2.1.0", "aaa": "1.2", "web": "1.0"}
    serving = {f"lib-{n}": "1.1" for n in range(4)}
    serving |= {"torch": "2.4.1", "numpy": "2.1.1", "aaa": "1.3", "web": "2.0"}
    serving |= {"extra": "0.1"}
    finding = the_one(CHECK, pair(machine(serving), machine(training)))

    assert finding.message == (
        "serving differs from training in torch (2.4.1 against 2.4.0), numpy (2.1.1 "
        "against 2.1.0), web (2.0 against 1.0), extra (0.1 against missing), aaa (1.3 "
        f"against 1.2) and 4 more packages: {MODEL}."
    )
    assert finding.value == 9


def test_each_package_that_models_are_made_with_comes_before_others():
    """In the order in which they can spoil a saved model."""
    first = (
        "scikit-learn", "torch", "tensorflow", "keras", "jax", "xgboost", "lightgbm",
        "catboost", "onnxruntime", "transformers", "statsmodels", "numpy", "scipy",
        "pandas", "polars", "pyarrow", "pyspark", "joblib", "cloudpickle",
    )  # fmt: skip
    names = (*first, "aaa")
    here, there = (dict.fromkeys(names, version) for version in ("2.0", "1.0"))
    found = compare_environments(machine(here), machine(there))

    assert [one.what for one in found if one.is_package] == [*names]


def test_five_packages_are_named_and_none_is_counted():
    """One more is."""

    def said(many):
        names = [f"lib-{n}" for n in range(many)]
        here, there = (machine(dict.fromkeys(names, v)) for v in ("1.1", "1.0"))
        return the_one(CHECK, pair(here, there)).message

    assert "lib-4 (1.1 against 1.0): " in said(5)
    assert "lib-4 (1.1 against 1.0) and 1 more package: " in said(6)


def test_names_of_packages_are_compared_as_indexes_compare_them():
    """Two spellings of one package are no difference."""
    here, there = machine({"Scikit_Learn": "1.7.0"}), machine({"scikit-learn": "1.7.0"})

    assert compare_environments(here, there) == ()


@pytest.mark.parametrize(
    ("serving", "training", "message"),
    [
        (
            None,
            machine(),
            "serving was not measured: there is no evidence/serving.json.",
        ),
        (
            machine(on=AS_OF + dt.timedelta(days=1)),
            machine(),
            (
                "serving was not measured: evidence/serving.json is dated after the as-of "
                "date."
            ),
        ),
        (
            machine(blas=None),
            machine(),
            (
                "serving was not compared with training: evidence/serving.json does not "
                "have blas."
            ),
        ),
        (
            machine(),
            machine({}),
            (
                "serving was not compared with training: evidence/training.json lists no "
                "packages."
            ),
        ),
    ],
)
def test_what_was_not_seen_on_both_is_untested(serving, training, message):
    """An environment of which something is unknown is not the same."""
    assessment = pair(serving, training)

    assert the_one(CHECK, assessment).message == message
    assert bears(CHECK, assessment) == SILENT


def test_what_was_not_seen_hides_no_difference():
    """A difference that was seen decides, whatever else was not."""
    assessment = pair(machine(python="3.11.9", blas=None))

    assert bears(CHECK, assessment) == FAILED


def test_other_machine_without_a_probe_is_untested():
    """Both sides must have been probed, and the one that was not is named."""
    serving = resource("serving", probe="serving", same_as="training")
    probes = {"serving": machine()}
    missing = case(serving, probes=probes)
    unnamed = case(serving, resource("training"), probes=probes)

    assert [check_environments(one)[0].message for one in (missing, unnamed)] == [
        "training was not measured: it is not in resources.yaml.",
        "training was not measured: no probe is named in resources.yaml.",
    ]


@pytest.mark.parametrize("same_as", ["serving", "training"])
def test_probe_is_not_compared_with_itself(same_as):
    """One probe that measures both sides has shown nothing."""
    assessment = case(
        resource("training", probe="node"),
        resource("serving", probe="node", same_as=same_as),
        probes={"node": machine()},
    )

    assert the_one(CHECK, assessment).message == (
        "serving was not compared: evidence/node.json measures both sides."
    )
    assert bears(CHECK, assessment) == SILENT


def test_comparison_is_as_old_as_the_older_probe():
    """A new probe on one side does not renew the other."""
    old = PROBED - dt.timedelta(days=200)
    assessment = pair(machine(), machine(on=old))

    assert the_one(CHECK, assessment).measured_on == old
    assert bears(CHECK, assessment) == SILENT
