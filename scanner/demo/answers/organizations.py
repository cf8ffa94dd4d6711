"""AWS Organizations: backup policies, which moto names but cannot create, and what it lacks around them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from moto.organizations.models import FakeDelegatedAdministrator, organizations_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "organizations"


MANAGEMENT_NAME = "harbour-management"
MANAGEMENT_EMAIL = "aws+management@harbour-goods.example"


def create_organization(call: Call, store: Store) -> dict[str, Any]:
    """moto calls every management account `master`; Organizations keeps the name the account has."""
    created = call.ask_moto()
    backend = organizations_backends[call.account]["aws"]
    if backend.org is not None:
        backend.org.master_account_email = MANAGEMENT_EMAIL
    for account in backend.accounts:
        account.name, account.email = MANAGEMENT_NAME, MANAGEMENT_EMAIL
    return created


INVITED = ("legacy-shop-production", "bolt-electronics")
"""Accounts that came with companies; moto has created all of them."""


def create_account(call: Call, store: Store) -> dict[str, Any]:
    """moto's accounts are all of today; these have been there for a year, and so on every bill."""
    created = call.ask_moto()
    number = created["CreateAccountStatus"]["AccountId"]
    account = organizations_backends[call.account]["aws"].get_account_by_id(number)
    account.create_time -= timedelta(days=365)
    if call.params["AccountName"] in INVITED:
        account.joined_method = "INVITED"
    return created


def create_policy(call: Call, store: Store) -> dict[str, Any]:
    """moto refuses backup policies: they are created as tag policies and change their type."""
    if call.params["Type"] != "BACKUP_POLICY":
        return call.ask_moto()
    created = call.ask_moto(json.dumps({**call.params, "Type": "TAG_POLICY"}).encode())
    backend = organizations_backends[call.account]["aws"]
    policy = backend.get_policy_by_id(created["Policy"]["PolicySummary"]["Id"])
    policy.type = "BACKUP_POLICY"
    policy._arn_format = policy._arn_format.replace("tag_policy", "backup_policy")
    return dict(policy.describe())


UNKNOWN_TO_MOTO = ("config.amazonaws.com", "securityhub.amazonaws.com")


def register_delegated_administrator(call: Call, store: Store) -> dict[str, Any]:
    """moto does not know that some services can be administered by a member account."""
    service, known = call.params["ServicePrincipal"], FakeDelegatedAdministrator.SUPPORTED_SERVICES
    if service in UNKNOWN_TO_MOTO and service not in known:
        known.append(service)
    return call.ask_moto()


def describe_resource_policy(call: Call, store: Store) -> dict[str, Any]:
    raise Refusal("ResourcePolicyNotFoundException", "You specified a resource policy that doesn't exist.")


def describe_effective_policy(call: Call, store: Store) -> dict[str, Any]:
    raise Refusal("EffectivePolicyNotFoundException", "There is no effective policy of this type.")
