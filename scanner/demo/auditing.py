"""The trail of the organization, and who has credentials of its own."""

from __future__ import annotations

from scanner.demo.estate import Account, allow


def build(accounts: dict[str, Account]) -> None:
    """Clean: the trail ends in the log archive. Planted: a user of marketing with an access key."""
    cloudtrail = accounts["harbour-management"].client("cloudtrail")
    cloudtrail.create_trail(
        Name="harbour-goods",
        S3BucketName="harbour-log-archive",
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        EnableLogFileValidation=True,
    )
    cloudtrail.start_logging(Name="harbour-goods")
    _give_key(accounts["marketing-production"], "campaign-uploader")


def _give_key(account: Account, name: str) -> None:
    iam = account.client("iam")
    user = iam.create_user(UserName=name, Tags=account.resource_tags(name))["User"]
    upload = allow("s3:PutObject", "arn:aws:s3:::harbour-campaign-assets/uploads/*")
    iam.put_user_policy(UserName=name, PolicyName="upload", PolicyDocument=upload)
    iam.create_access_key(UserName=name)
    account.remember(name, user["Arn"])
