"""S3: buckets with what protects and copies their content. Bucket calls go to the Region of the bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scanner import policy
from scanner.collect.api import UNREAD, Api, Call, Response, Unread, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (
    Call("s3.list_buckets", ("buckets",), "s3:ListAllMyBuckets"),
    Call("s3.get_bucket_location", ("buckets",)),
    Call("s3.get_bucket_versioning", ("buckets",)),
    Call("s3.get_bucket_replication", ("buckets",), "s3:GetReplicationConfiguration"),
    Call("s3.get_object_lock_configuration", ("buckets",), "s3:GetBucketObjectLockConfiguration"),
    Call("s3.get_bucket_encryption", ("buckets",), "s3:GetEncryptionConfiguration"),
    Call("s3.get_public_access_block", ("buckets",), "s3:GetBucketPublicAccessBlock"),
    Call("s3.get_bucket_policy", ("buckets", "policy_documents", "policy_statements")),
    Call("s3.get_bucket_tagging", ("tags",)),
)

Answer = Response | Unread | None

NO_REPLICATION = ("ReplicationConfigurationNotFoundError",)
NO_LOCK = ("ObjectLockConfigurationNotFoundError",)
NO_ENCRYPTION = ("ServerSideEncryptionConfigurationNotFoundError",)
NO_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
NO_POLICY = ("NoSuchBucketPolicy",)
NO_TAGS = ("NoSuchTagSet",)


def fetch(api: Api) -> Iterator[Row]:
    for bucket in api.list("s3.list_buckets", "Buckets"):
        yield from _bucket(api, bucket["Name"], bucket.get("BucketRegion"))


def _bucket(api: Api, name: str, listed_region: str | None) -> Iterator[Row]:
    arn = f"arn:{api.place.partition}:s3:::{name}"
    region = listed_region or bucket_region(api.get("s3.get_bucket_location", Bucket=name))
    # Without a known Region the home Region is asked: S3 redirects, or refuses with a reason.
    ask = partial(api.get, region=region, Bucket=name)
    attached = ask("s3.get_bucket_policy", absent=NO_POLICY)
    yield (
        "buckets",
        {
            "arn": arn,
            "name": name,
            "bucket_region": region,
            "versioning": versioning(ask("s3.get_bucket_versioning")),
            **replication(ask("s3.get_bucket_replication", absent=NO_REPLICATION), api.account_id),
            "object_lock": object_lock(ask("s3.get_object_lock_configuration", absent=NO_LOCK)),
            "kms_key_arn": key_arn(ask("s3.get_bucket_encryption", absent=NO_ENCRYPTION), api, region),
            "public_access_blocked": blocked(ask("s3.get_public_access_block", absent=NO_BLOCK)),
            "policy_read": attached is not UNREAD,
        },
    )
    document = (known(attached) or {}).get("Policy")
    if document:
        yield from policy.rows(arn, "resource", "", document)
    tagging = known(ask("s3.get_bucket_tagging", absent=NO_TAGS))
    yield from tag_rows(arn, (tagging or {}).get("TagSet"))


def bucket_region(answer: Answer) -> str | None:
    """Return the Region; the oldest two answers are no Region names (API reference of GetBucketLocation)."""
    if answer is None or isinstance(answer, Unread):
        return None
    location = answer.get("LocationConstraint")
    return {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(location, location)


def versioning(answer: Answer) -> str | None:
    if answer is None or isinstance(answer, Unread):
        return None
    return answer.get("Status") or "Never"


def replication(answer: Answer, own_account: str) -> dict[str, Any]:
    """Return where enabled rules copy to. A rule names the account only where that account is to own the copies."""
    if isinstance(answer, Unread):
        return {"replication_accounts": None, "replication_buckets": None, "replication_partial": None}
    rules = ((answer or {}).get("ReplicationConfiguration") or {}).get("Rules") or ()
    enabled = [rule for rule in rules if rule.get("Status") == "Enabled"]
    destinations = [rule.get("Destination") or {} for rule in enabled]
    whole = {
        destination["Bucket"] for destination, rule in zip(destinations, enabled, strict=True) if not _chooses(rule)
    }
    return {
        "replication_accounts": sorted({destination.get("Account") or own_account for destination in destinations}),
        "replication_buckets": sorted({destination["Bucket"] for destination in destinations}),
        "replication_partial": sorted({destination["Bucket"] for destination in destinations} - whole),
    }


def _chooses(rule: Mapping[str, Any]) -> bool:
    """Whether a rule is for some objects only. Old rules have a prefix, later ones a filter; empty ones choose all.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRuleFilter.html
    """
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    return any((rule.get("Prefix"), chosen.get("Prefix"), chosen.get("Tag"), both.get("Prefix"), both.get("Tags")))


def object_lock(answer: Answer) -> str | None:
    if isinstance(answer, Unread):
        return None
    configuration = (answer or {}).get("ObjectLockConfiguration") or {}
    if configuration.get("ObjectLockEnabled") != "Enabled":
        return "none"
    mode = ((configuration.get("Rule") or {}).get("DefaultRetention") or {}).get("Mode")
    return mode or "enabled"


def key_arn(answer: Answer, api: Api, region: str | None) -> str | None:
    """Return the ARN of the default key. AWS gives it as it was written: ARN, alias or bare id; none means `aws/s3`."""
    if answer is None or isinstance(answer, Unread):
        return None
    default = _default_encryption(answer)
    if not str(default.get("SSEAlgorithm")).startswith("aws:kms"):
        return None
    key = str(default.get("KMSMasterKeyID") or "alias/aws/s3")
    if key.startswith("arn:") or region is None:
        return key if key.startswith("arn:") else None
    resource = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{api.place.partition}:kms:{region}:{api.account_id}:{resource}"


def _default_encryption(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = (answer.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ()
    found = [rule.get("ApplyServerSideEncryptionByDefault") or {} for rule in rules]
    return found[0] if found else {}


def blocked(answer: Answer) -> bool | None:
    """Whether a policy that is there lets in nobody of another account when it is public.

    Only one of the four settings does that: two are about access control lists, one about policies yet to be put.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if isinstance(answer, Unread):
        return None
    settings = (answer or {}).get("PublicAccessBlockConfiguration") or {}
    return settings.get("RestrictPublicBuckets") is True
