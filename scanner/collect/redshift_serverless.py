"""Redshift Serverless: namespaces, which keep the data, the workgroups that open them, and snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("redshift-serverless.list_namespaces", ("databases",)),
    Call("redshift-serverless.list_workgroups", ("databases",)),
    Call("redshift-serverless.list_snapshots", ("service_snapshots",)),
)


def fetch(api: Api) -> Iterator[Row]:
    namespaces = list(api.list("redshift-serverless.list_namespaces", "namespaces"))
    listed = api.list("redshift-serverless.list_workgroups", "workgroups") if namespaces else ()
    doors = {workgroup.get("namespaceName"): workgroup for workgroup in listed}
    read = not api.failed("redshift-serverless.list_workgroups")
    for namespace in namespaces:
        door = doors.get(namespace.get("namespaceName"))
        yield "databases", namespace_row(namespace, door if door or not read else {})
    for snapshot in api.list("redshift-serverless.list_snapshots", "snapshots"):
        if snapshot.get("ownerAccount", api.account_id) == api.account_id:
            yield "service_snapshots", snapshot_row(snapshot, api.account_id)


def namespace_row(namespace: dict[str, Any], door: dict[str, Any] | None) -> dict[str, Any]:
    """Shape a namespace with its workgroup: empty where it has none, None where they were not read."""
    endpoint = (door or {}).get("endpoint") or {}
    inner = [one.get("vpcId") for one in endpoint.get("vpcEndpoints") or ()]
    return {
        "arn": namespace["namespaceArn"],
        "name": namespace.get("namespaceName"),
        "type": "namespace",
        "engine": "redshift",
        "status": namespace.get("status"),
        "vpc_id": next(iter(inner), None),
        "subnet_ids": None if door is None else door.get("subnetIds") or [],
        "group_ids": None if door is None else door.get("securityGroupIds") or [],
        "endpoint": endpoint.get("address"),
        "port": endpoint.get("port"),
        "publicly_accessible": None if door is None else door.get("publiclyAccessible", False),
        # Without a key of its own it is encrypted with one of AWS.
        "encrypted": True,
        "kms_key_arn": namespace.get("kmsKeyId") if str(namespace.get("kmsKeyId")).startswith("arn:") else None,
    }


def snapshot_row(snapshot: dict[str, Any], owner: str) -> dict[str, Any]:
    shared = [
        *(snapshot.get("accountsWithRestoreAccess") or ()),
        *(snapshot.get("accountsWithProvisionedRestoreAccess") or ()),
    ]
    key = snapshot.get("kmsKeyId")
    return {
        "arn": snapshot["snapshotArn"],
        "name": snapshot.get("snapshotName"),
        "type": "cluster",
        "source_arn": snapshot.get("namespaceArn"),
        "owner_id": owner,
        "status": str(snapshot["status"]).lower() if snapshot.get("status") else None,
        "kind": "manual",
        "created_at": moment(snapshot.get("snapshotCreateTime")),
        "encrypted": True,
        "kms_key_arn": key if str(key).startswith("arn:") else None,
        "copied_from_arn": None,
        "shared_with": sorted(set(shared)),
    }
