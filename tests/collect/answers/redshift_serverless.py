"""A namespace with its workgroup, one without, and snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:redshift-serverless:eu-west-1:111122223333"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k1"

ANSWERS: dict[str, Any] = {
    "redshift-serverless.list_workgroups": {
        "workgroups": [
            {
                "workgroupName": "reports",
                "workgroupArn": f"{HERE}:workgroup/w1",
                "namespaceName": "reports",
                "subnetIds": ["subnet-1", "subnet-2"],
                "securityGroupIds": ["sg-1"],
                "publiclyAccessible": False,
                "endpoint": {"address": "reports.redshift", "port": 5439, "vpcEndpoints": [{"vpcId": "vpc-1"}]},
            }
        ]
    },
    "redshift-serverless.list_namespaces": {
        "namespaces": [
            {
                "namespaceName": "reports",
                "namespaceArn": f"{HERE}:namespace/n1",
                "status": "AVAILABLE",
                "kmsKeyId": KEY,
            },
            {"namespaceName": "bare", "namespaceArn": f"{HERE}:namespace/n2", "kmsKeyId": "AWS_OWNED_KMS_KEY"},
        ]
    },
    "redshift-serverless.list_snapshots": {
        "snapshots": [
            {
                "snapshotName": "friday",
                "snapshotArn": f"{HERE}:snapshot/s1",
                "namespaceArn": f"{HERE}:namespace/n1",
                "snapshotCreateTime": datetime(2026, 1, 2, tzinfo=UTC),
                "status": "AVAILABLE",
                "ownerAccount": "111122223333",
                "kmsKeyId": KEY,
                "accountsWithRestoreAccess": ["444455556666"],
            },
            {"snapshotName": "bare", "snapshotArn": f"{HERE}:snapshot/s2"},
            {"snapshotName": "theirs", "snapshotArn": f"{HERE}:snapshot/s3", "ownerAccount": "444455556666"},
        ]
    },
}
