"""What takes the place of a coupling that crosses a wall, and what has to exist before a resource can move.

Facts about moving data between accounts: a snapshot encrypted with an AWS-managed key cannot be shared, one with a customer managed
key can, where the key policy lets the other account use it (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/share-encrypted-snapshot.html,
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html); AWS Backup copies what it covers, DynamoDB tables
too, into vaults of other accounts of the organization (https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html);
names of buckets are unique over all accounts; KMS keys cannot be moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.split.model import Cell, Coupling, Crossing, Resource


def instead(coupling: Coupling, source: Cell, target: Cell) -> str:
    """What takes the place of a coupling between two cells."""
    if target.sort == "shared" and coupling.kind not in ("attachment", "cluster"):
        return _lent(coupling.kind, source, target)
    if source.sort == "undecided" or target.sort == "undecided":
        return "decide whose the undecided end is, then cut the coupling or move both together"
    same = source.workload == target.workload
    return _INSTEAD[coupling.kind].format(
        source=source.name,
        target=target.name,
        mover=(target if source.stays else source).name,
        api=_own_copy(source) if same else _offer(source, target),
    )


def _offer(source: Cell, target: Cell) -> str:
    return f"{target.workload} offers an API, or a copy of the data, for what {source.workload} needs"


def _own_copy(source: Cell) -> str:
    return f"{source.name} gets one of its own, with data of its own"


def _lent(kind: str, source: Cell, target: Cell) -> str:
    how = {
        "subnet": "share the subnet through RAM, or give it a VPC of its own",
        "part": "share the subnet through RAM, or give it a VPC of its own",
        "vpc": "share its subnets through RAM, or give it a VPC of its own",
        "key": "let its key policy admit the account, or encrypt with a key of its own",
        "policy": "let the policy of the resource admit the role of the account",
        "connection": "keep it as an offered service: an endpoint service (PrivateLink) or an API",
    }
    return f"{target.name} goes on serving {source.name}: " + how.get(kind, "let its policy admit the account")


_INSTEAD = {
    "attachment": "cannot be cut: one of the two is tagged wrongly, or its data moves by a snapshot",
    "cluster": "cannot be cut: one of the two is tagged wrongly",
    "replica": "stop the replica or promote it; {api}",
    "connection": "close it; {api}",
    "secret": "a user and a secret of its own for {source}; none that both sides know",
    "secret_name": "see whether it holds credentials of that database; if so, a user and a secret of its own for {source}",
    "key": "a key of its own for {mover}; what is copied is encrypted with it",
    "role": "a role of its own for {mover}",
    "policy": "take the resource out of the policy; {api}",
    "resource_policy": "take the principal of {target} out of the policy, or name it with its new account and a condition",
    "trust": "take the principal of {target} out of the trust policy",
    "group_rule": "drop the rule, which admits nobody of another account without a peering; {api}",
    "membership": "a security group of its own for {mover}",
    "copy": "copy it into a vault of {mover}, or keep it here until it expires",
    "vault": "a vault of its own for {mover}, and copies into the backup account",
    "part": "a VPC of its own for {mover}, with a range that overlaps no other",
    "subnet": "a subnet in a VPC of its own for {mover}",
    "vpc": "a VPC of its own for {mover}, with a range that overlaps no other",
}


def needs(cell: Cell, moved: Iterable[Resource], cuts: Iterable[Crossing], keyed_by_aws: frozenset[str]) -> list[str]:
    """What has to exist before resources move into a cell, and be used, each once."""
    found = list(_needs(cell, list(moved), keyed_by_aws))
    for cut in cuts:
        if cut.coupling.kind in _OFFERED:
            found.append(cut.instead.partition("; ")[2] or cut.instead)
        elif cut.coupling.kind in _REPLACED:
            found.append(cut.instead)
    return list(dict.fromkeys(found))


_OFFERED = frozenset(("connection", "replica", "policy", "group_rule"))
"""Kinds in whose place something has to work before the move: what their remedy says behind the semicolon."""
_REPLACED = frozenset(("secret", "key", "role"))


def _needs(cell: Cell, moved: list[Resource], keyed_by_aws: frozenset[str]) -> Iterator[str]:
    account, booted = cell.account, any(one.kind == "instance" for one in moved)
    yield f"account {account} with its network, roles and keys"
    for one in moved:
        if one.kind == "volume" and booted:
            continue  # its image brings it along
        if one.arn in keyed_by_aws and one.kind in ("database", "volume"):
            yield f"a snapshot copied to a customer managed key: what {one.kind} {one.name} is encrypted with cannot be shared"
        if one.kind in _BY_KIND:
            yield _BY_KIND[one.kind].format(account=account)
        elif one.nature == "data":
            yield f"a copy of its data in {account}, and a way back"
    if any(one.nature == "data" and not (one.kind == "volume" and booted) for one in moved):
        yield f"a backup plan in {account} whose copies go to another account, before the old copies are given up"


_BY_KIND = {
    "instance": "an image with its volumes shared with {account}, and their key too where they are encrypted",
    "volume": "a snapshot shared with {account}, its key policy admitting that account",
    "database": "a snapshot shared with {account} and restored there, its key policy admitting that account",
    "dynamodb_table": "a copy through AWS Backup, or an export to S3, in {account}",
    "bucket": "a bucket of another name in {account} that replication, then a batch copy, has filled",
    "file_system": "a copy through AWS Backup in {account}",
    "function": "its code and settings deployed in {account} from where they were deployed here",
    "container_service": "its image readable from {account}, and its settings deployed there",
    "kubernetes_cluster": "a cluster in {account}, and what runs in it deployed there",
    "load_balancer": "a load balancer in {account}, and names that can be pointed at it",
    "queue": "a queue in {account} that senders can be pointed at, and time to read the old one empty",
    "topic": "a topic in {account} with the same subscribers",
    "secret": "a secret with a value of its own in {account}",
}
