"""Frozen models of resources.yaml: what must be provisioned, and who permits it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from readybook.model.actions import Range
from readybook.model.bank import Document, Frozen, Id, Text

__all__ = [
    "Account",
    "Budget",
    "Endpoint",
    "Privilege",
    "Resource",
    "ResourceNeeds",
    "Resources",
    "Route",
]

Privilege = Literal["root", "sudo", "package-install", "container-build"]


class Endpoint(Frozen):
    """Something on the network that a job must reach; nothing is sent to it."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*)$")]
    port: Annotated[int, Field(ge=1, le=65_535)]
    tls: bool = False  #: True: a TLS handshake must succeed too


class ResourceNeeds(Frozen):
    """What the use case needs of a machine, in the units of the names."""

    memory_gib: Annotated[float, Field(gt=0)] | None = None
    swap_gib: Annotated[float, Field(ge=0)] | None = None
    cpus: Annotated[float, Field(gt=0)] | None = None
    disk_gib: Annotated[float, Field(gt=0)] | None = None  #: free, working folder
    write_mib_per_s: Annotated[float, Field(gt=0)] | None = None
    matrix_gflops: Annotated[float, Field(gt=0)] | None = None  #: double precision
    gpus: Annotated[int, Field(ge=1)] | None = None
    gpu_memory_gib: Annotated[float, Field(gt=0)] | None = None  #: of each GPU
    open_files: Annotated[int, Field(gt=0)] | None = None
    package_index: bool | None = None  #: True: a package index must answer
    privileges: tuple[Privilege, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()


class Account(Frozen):
    """A cloud account as it was declared; credentials are never written down."""

    provider: Literal["aws", "azure", "google", "other"]
    id: Text  #: shown masked: its last four characters
    profile: Text | None = None  #: name of the credentials' profile, AWS


class Budget(Frozen):
    """What was approved to be spent."""

    limit: Annotated[float, Field(ge=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    per: Literal["month", "year", "once"]


class Resource(Frozen):
    """Something that must be provisioned, and the permission that it needs."""

    id: Id
    what: Text
    kind: Literal[
        "compute", "storage", "network", "account", "privilege", "licence", "service"
    ]
    grants: Id | None = None  #: role that can say yes
    pays: Id | None = None  #: role whose budget it is
    budget_code: Text | None = None
    budget: Budget | None = None
    asked_on: dt.date | None = None
    lead_time_days: Annotated[int, Field(ge=0)] | None = None  #: as the granter says
    lead_time_weeks: Range | None = None  #: as experience says; forecasts use it first
    waits_for: tuple[Text, ...] = ()  #: steps without which it cannot be granted
    granted_on: dt.date | None = None
    refused_on: dt.date | None = None
    expires: dt.date | None = None
    needs: ResourceNeeds | None = None
    probe: Id | None = None  #: evidence/<probe>.json measures it
    same_as: Id | None = None  #: resource whose environment it must equal
    account: Account | None = None


class Route(Frozen):
    """How changes reach production: what is claimed, and the log that shows it.

    Lead time for changes and deployment frequency are those of DORA (dora.dev).
    """

    log: Text | None = None  #: CSV or JSON lines inside the assessment's folder
    lead_time_days: Annotated[float, Field(ge=0)] | None = None  #: claimed median
    deployments_per_week: Annotated[float, Field(gt=0)] | None = None  #: claimed


class Resources(Document):
    """resources.yaml: what must be provisioned."""

    resources: tuple[Resource, ...] = ()
    route: Route | None = None
