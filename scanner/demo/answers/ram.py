"""Resource Access Manager: who shares what with whom, from both sides, out of moto's own shares.

moto lacks ListResources, ListPrincipals and the view of the receiving account, and calls no principal external.
https://docs.aws.amazon.com/ram/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.organizations.models import organizations_backends
from moto.ram.models import ResourceShare, ram_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "ram"

# The last part of a RAM resource type, by the ARN's own word.
TYPE_WORDS = {
    "cluster": "Cluster",
    "prefix-list": "PrefixList",
    "resolver-rule": "ResolverRule",
    "subnet": "Subnet",
    "transit-gateway": "TransitGateway",
}


def list_resources(call: Call, store: Store) -> dict[str, Any]:
    resources = [_resource(share, arn) for share in _asked_shares(call) for arn in share.resource_arns]
    arns, kind = call.params.get("resourceArns"), call.params.get("resourceType")
    kept = [one for one in resources if (not arns or one["arn"] in arns) and kind in (None, one["type"])]
    return {"resources": kept}


def list_principals(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params.get("principals")
    shares = _asked_shares(call)
    found = [_principal(share, name) for share in shares for name in _visible_principals(share, call)]
    return {"principals": [one for one in found if not wanted or one["id"] in wanted]}


def get_resource_shares(call: Call, store: Store) -> dict[str, Any]:
    """moto raises on OTHER-ACCOUNTS and ignores the filters."""
    shares = [share for share in _asked_shares(call) if call.params.get("name") in (None, share.name)]
    return {"resourceShares": [{**share.describe(), "tags": _tags(share, call, store)} for share in shares]}


def create_resource_share(call: Call, store: Store) -> dict[str, Any]:
    """moto drops the tags."""
    answer = call.ask_moto()
    store.share_tags[answer["resourceShare"]["resourceShareArn"]] = call.params.get("tags", [])
    return answer


def get_resource_share_associations(call: Call, store: Store) -> dict[str, Any]:
    """moto lists own shares only and calls no principal external."""
    of_principals = call.params["associationType"] == "PRINCIPAL"
    wanted = call.params.get("principal" if of_principals else "resourceArn")
    arns = call.params.get("resourceShareArns")
    shares = [share for share in _own(call) if not arns or share.arn in arns]
    return {
        "resourceShareAssociations": [
            _association(share, entity, of_principals)
            for share in shares
            for entity in (share.principals if of_principals else share.resource_arns)
            if wanted in (None, entity)
        ]
    }


def _asked_shares(call: Call) -> list[ResourceShare]:
    shares = _own(call) if call.params["resourceOwner"] == "SELF" else list(_received(call))
    arns = call.params.get("resourceShareArns")
    return [share for share in shares if not arns or share.arn in arns]


def _tags(share: ResourceShare, call: Call, store: Store) -> list[dict[str, str]]:
    """Tags are the owner's: a receiving account sees none."""
    return store.share_tags.get(share.arn, []) if share.owning_account_id == call.account else []


def _own(call: Call) -> list[ResourceShare]:
    return list(ram_backends[call.account][call.region].resource_shares)


def _received(call: Call) -> Iterator[ResourceShare]:
    for owner in sorted(ram_backends):
        if owner != call.account and call.region in ram_backends[owner]:
            yield from (s for s in ram_backends[owner][call.region].resource_shares if _visible_principals(s, call))


def _visible_principals(share: ResourceShare, call: Call) -> list[str]:
    """A receiving account sees only the principals it is itself part of."""
    if share.owning_account_id == call.account:
        return list(share.principals)
    return [name for name in share.principals if _includes(name, call.account)]


def _includes(principal: str, account: str) -> bool:
    if principal == account or re.match(rf"arn:aws[^:]*:iam::{account}:", principal):
        return True
    if ":organization/" in principal:
        return account in _members()
    return ":ou/" in principal and principal.rsplit("/", 1)[1] in _units_of(account)


def _organization() -> Any:
    for account in organizations_backends:
        for backend in organizations_backends[account].values():
            if backend.org is not None and backend.org.master_account_id == account:
                return backend
    return None


def _members() -> set[str]:
    organization = _organization()
    return {account.id for account in organization.accounts} if organization else set()


def _units_of(account: str) -> set[str]:
    """Ids of the units above an account, up to the root."""
    organization, units = _organization(), set[str]()
    parents = {one.id: one.parent_id for one in (*organization.accounts, *organization.ou)} if organization else {}
    parent = parents.get(account)
    while parent is not None:
        units.add(parent)
        parent = parents.get(parent)
    return units


def _resource(share: ResourceShare, arn: str) -> dict[str, Any]:
    service, word = arn.split(":")[2], re.split("[:/]", arn.split(":", 5)[5])[0]
    return {
        "arn": arn,
        "type": f"{service}:{TYPE_WORDS.get(word, word)}",
        "resourceShareArn": share.arn,
        "status": "AVAILABLE",
        "creationTime": share.creation_time,
        "lastUpdatedTime": share.last_updated_time,
        "resourceRegionScope": "REGIONAL",
    }


def _principal(share: ResourceShare, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "resourceShareArn": share.arn,
        "creationTime": share.creation_time,
        "lastUpdatedTime": share.last_updated_time,
        "external": _external(name),
    }


def _external(principal: str) -> bool:
    account = re.search(r"(?:^|::)(\d{12})(?::|$)", principal)
    return account is not None and ":organizations:" not in principal and account.group(1) not in _members()


def _association(share: ResourceShare, entity: str, of_principals: bool) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": entity,
        "associationType": "PRINCIPAL" if of_principals else "RESOURCE",
        "status": "ASSOCIATED",
        "creationTime": share.creation_time,
        "lastUpdatedTime": share.last_updated_time,
        "external": of_principals and _external(entity),
    }
