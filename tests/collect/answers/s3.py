"""A bucket with everything, in a Region of its own, and one of 2008 with nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.fake import Refused

ANSWERS: dict[str, Any] = {
    "s3.list_buckets": {
        "Buckets": [
            {"Name": "full", "CreationDate": datetime(2026, 1, 1, tzinfo=UTC), "BucketRegion": "eu-central-1"},
            {"Name": "bare", "CreationDate": datetime(2008, 1, 1, tzinfo=UTC)},
        ]
    },
    "s3.get_bucket_location": {"LocationConstraint": "EU"},
    "s3.get_bucket_versioning": [({"Bucket": "full"}, {"Status": "Enabled"}), ({"Bucket": "bare"}, {})],
    "s3.get_bucket_replication": [
        (
            {"Bucket": "full"},
            {
                "ReplicationConfiguration": {
                    "Role": "arn:aws:iam::111122223333:role/replication",
                    "Rules": [
                        {
                            "Status": "Enabled",
                            "Destination": {"Bucket": "arn:aws:s3:::vault", "Account": "444455556666"},
                        },
                        {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::near"}},
                        {"Status": "Disabled", "Destination": {"Bucket": "arn:aws:s3:::off"}},
                    ],
                }
            },
        ),
        ({}, Refused("ReplicationConfigurationNotFoundError")),
    ],
    "s3.get_object_lock_configuration": [
        (
            {"Bucket": "full"},
            {
                "ObjectLockConfiguration": {
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}},
                }
            },
        ),
        ({}, Refused("ObjectLockConfigurationNotFoundError")),
    ],
    "s3.get_bucket_encryption": [
        (
            {"Bucket": "full"},
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k1"}}
                    ]
                }
            },
        ),
        ({}, Refused("ServerSideEncryptionConfigurationNotFoundError")),
    ],
    "s3.get_public_access_block": [
        (
            {"Bucket": "full"},
            {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": True,
                    "RestrictPublicBuckets": True,
                }
            },
        ),
        ({}, Refused("NoSuchPublicAccessBlockConfiguration")),
    ],
    "s3.get_bucket_policy": [
        (
            {"Bucket": "full"},
            {
                "Policy": '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",'
                '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
            },
        ),
        ({}, Refused("NoSuchBucketPolicy")),
    ],
    "s3.get_bucket_tagging": [
        ({"Bucket": "full"}, {"TagSet": [{"Key": "team", "Value": "orders"}]}),
        ({}, Refused("NoSuchTagSet")),
    ],
}
