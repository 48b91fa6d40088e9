"""The checks of ownership and agreement: who owns, grants and signed what."""

from __future__ import annotations

from readybook.checks.assets import (
    each_data_asset,
    each_data_owner,
    each_granter,
    each_model_asset,
    each_needed_table,
)
from readybook.checks.signoffs import each_sign_off, each_wanted
from readybook.checks.spec import Check

__all__ = ["CONFIRMED_FOR", "OWNERSHIP_CHECKS"]

#: Days for which a confirmation counts: a quarter, in which people change their posts.
CONFIRMED_FOR = 90

OWNERSHIP_CHECKS = (
    Check(
        "needs-owned",
        "What is needed has an owner",
        "Each table that the use case needs is looked up in what the assets cover.",
        "owners",
        "an asset that stands for it, with an accountable role (assets of "
        "stakeholders.yaml); a register that covers no data says nothing",
        each_needed_table,
    ),
    Check(
        "owners-single",
        "One accountable role each",
        "Accountable roles of each asset that is data.",
        "roles",
        "exactly one (accountable of stakeholders.yaml)",
        each_data_asset,
    ),
    Check(
        "owners-willing",
        "Owners stand behind it",
        "How the accountable role of each asset that is data stands to the case.",
        "buy-in",
        "neither unaware nor opposed (buy_in of stakeholders.yaml)",
        each_data_asset,
    ),
    Check(
        "owners-confirmed",
        "Owners have confirmed it",
        "Days since the accountable role of each asset that is data last confirmed it.",
        "days",
        f"confirmed, at most {CONFIRMED_FOR} days ago (confirmed_on of "
        "stakeholders.yaml); one that is older is told and decides nothing",
        each_data_asset,
        shelf_life_days=CONFIRMED_FOR,
    ),
    Check(
        "owners-backed",
        "Owners have a deputy",
        "People who hold the accountable role of each asset that is data, deputies "
        "counted.",
        "people",
        "at least two (held_by and deputies of stakeholders.yaml)",
        each_data_asset,
    ),
    Check(
        "roles-known",
        "Roles are held",
        "People who hold each role that is accountable for data.",
        "people",
        "at least one (held_by of stakeholders.yaml)",
        each_data_owner,
    ),
    Check(
        "load-spread",
        "Load is spread",
        "Share of all assets that each role is accountable for, and of the bank's key "
        "questions that it answers.",
        "share of assets",
        "at most half, from four assets on; more than that is told and decides nothing",
        each_data_owner,
    ),
    Check(
        "model-owned",
        "The model has one owner",
        "Accountable roles of the model in production, who holds them, and how they "
        "stand to the case.",
        "roles",
        "exactly one, held by somebody, neither unaware nor opposed (assets of kind "
        "model in stakeholders.yaml)",
        each_model_asset,
    ),
    Check(
        "granters-backed",
        "Approvers can be reached",
        "People who hold each role that must permit something, deputies counted.",
        "people",
        "at least two; none fails, and one without a deputy is told and decides "
        "nothing (held_by and deputies of stakeholders.yaml)",
        each_granter,
    ),
    Check(
        "agreements-current",
        "Agreements are current",
        "What each sign-off covered is compared with the data model of today.",
        "changes",
        "none since (sign_offs of stakeholders.yaml)",
        each_sign_off,
    ),
    Check(
        "agreements-complete",
        "Every party has agreed",
        "Whoever is accountable or responsible for declared categories, against the "
        "sign-offs.",
        "agreements",
        "one by each of them, current (sign_offs of stakeholders.yaml); before the "
        "first sign-off nothing is said",
        each_wanted,
    ),
)
