"""The checks of resources: machines, accounts, permissions and the way to production."""

from __future__ import annotations

from readybook.checks.spec import Check
from readybook.checks.subjects import (
    each_account,
    each_endpoint,
    each_matrix,
    each_permission,
    each_same,
    resources_with,
    the_route,
)

__all__ = ["RESOURCE_CHECKS"]

RESOURCE_CHECKS = (
    Check(
        "memory-enough",
        "Memory suffices",
        "The least of the machine's memory and its container's limits, against "
        "the need.",
        "GiB",
        "at least needs.memory_gib of resources.yaml",
        resources_with("memory_gib"),
    ),
    Check(
        "swap-enough",
        "Swap suffices",
        "Swap that the process may use, against the need.",
        "GiB",
        "at least needs.swap_gib of resources.yaml",
        resources_with("swap_gib"),
    ),
    Check(
        "cpus-enough",
        "CPUs granted suffice",
        "The least of CPUs seen, allowed by affinity and granted by quota, "
        "against the need.",
        "CPUs",
        "at least needs.cpus of resources.yaml",
        resources_with("cpus"),
    ),
    Check(
        "cpu-unthrottled",
        "The job is not stopped",
        "Share of periods of a one-second load in which the machine stopped the job "
        "because its quota was used up, where CPUs are needed.",
        "% of periods",
        "none",
        resources_with("cpus"),
    ),
    Check(
        "disk-enough",
        "Disk space suffices",
        "Space that is free in the working folder, against the need.",
        "GiB",
        "at least needs.disk_gib of resources.yaml",
        resources_with("disk_gib"),
    ),
    Check(
        "disk-fast-enough",
        "Files are written fast enough",
        "Rate at which a short file is written in the working folder, against the "
        "need.",
        "MiB/s",
        "at least needs.write_mib_per_s of resources.yaml",
        resources_with("write_mib_per_s"),
    ),
    Check(
        "matrix-fast-enough",
        "Matrices are multiplied fast enough",
        "Rate of a timed product of two matrices in double precision, with the "
        "threads that a job gets, against the need; where no rate is declared but "
        "several CPUs are needed, the threads of the numerical library.",
        "GFLOP/s, or threads",
        "at least needs.matrix_gflops of resources.yaml; without it, two "
        "threads where needs.cpus is above 1",
        each_matrix,
    ),
    Check(
        "gpus-enough",
        "GPUs suffice",
        "GPUs that the job can use, against the need.",
        "GPUs",
        "at least needs.gpus of resources.yaml",
        resources_with("gpus"),
    ),
    Check(
        "gpu-memory-enough",
        "GPU memory suffices",
        "Memory of the smallest GPU that the job can use, against the need.",
        "GiB",
        "at least needs.gpu_memory_gib of resources.yaml",
        resources_with("gpu_memory_gib"),
    ),
    Check(
        "files-enough",
        "Enough files can be open",
        "Files that a process may have open at once, against the need.",
        "files",
        "at least needs.open_files of resources.yaml",
        resources_with("open_files"),
    ),
    Check(
        "privileges-held",
        "Privileges are held",
        "Needed privileges that the job has, each tried without effect.",
        "privileges",
        "all of needs.privileges of resources.yaml",
        resources_with("privileges"),
    ),
    Check(
        "endpoints-reached",
        "Endpoints are reached",
        "Each endpoint that a resource needs is connected to from its machine, with "
        "TLS where that is declared; nothing is sent.",
        "answers",
        "each of needs.endpoints of resources.yaml",
        each_endpoint,
        shelf_life_days=90,
    ),
    Check(
        "package-index-answers",
        "A package index answers",
        "A package index is asked from the machine, where one is needed.",
        "answers",
        "an answer (needs.package_index of resources.yaml)",
        resources_with("package_index"),
        shelf_life_days=90,
    ),
    Check(
        "environments-same",
        "Environments are the same",
        "Two machines are compared: minor version of Python, platform, packages, "
        "numerical library and its architecture; threads of that library, memory, "
        "CPUs and CPU features are told and decide nothing.",
        "differences",
        "none (same_as of resources.yaml)",
        each_same,
    ),
    Check(
        "account-as-declared",
        "The account is the declared one",
        "The account that the credentials belong to, against the declared one.",
        "account",
        "the same (account.id of resources.yaml)",
        each_account,
        shelf_life_days=90,
    ),
    Check(
        "permission-granted",
        "Permission is granted",
        "Dates on which each permission was asked for, granted and ends, at the "
        "as-of date.",
        "last day, or days of waiting",
        "granted until the target date; a permission that waits for longer than its "
        "lead_time_days, or that nobody asked for, fails",
        each_permission,
    ),
    Check(
        "lead-time-met",
        "Changes arrive as fast as claimed",
        "Days from the commit of a change until it runs in production, median of "
        "the deployment log (lead time for changes, DORA).",
        "days",
        "at most lead_time_days of the route of resources.yaml",
        the_route,
    ),
    Check(
        "deployments-often",
        "Deployments are as frequent as claimed",
        "Deployments to production a week in the deployment log (deployment "
        "frequency, DORA).",
        "deployments a week",
        "at least deployments_per_week of the route of resources.yaml",
        the_route,
    ),
)
