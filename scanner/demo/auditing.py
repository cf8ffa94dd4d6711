"""The trail of the organization, who records what changes, who watches, and who has credentials of its own."""

from __future__ import annotations

from scanner.demo.estate import MAIN, SECOND, Account, allow
from scanner.demo.store import Store


def build(accounts: dict[str, Account], store: Store) -> None:
    """Clean: the trail ends in the log archive, which gathers what AWS Config records everywhere, and Security Hub enrols everybody.

    Planted: a user of marketing with an access key; an account without a recorder and one where it was stopped; GuardDuty, which
    enrols new accounts in one Region of two.
    """
    cloudtrail = accounts["harbour-management"].client("cloudtrail")
    cloudtrail.create_trail(
        Name="harbour-goods",
        S3BucketName="harbour-log-archive",
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        EnableLogFileValidation=True,
    )
    cloudtrail.start_logging(Name="harbour-goods")
    for account in accounts.values():
        if account.name != "team-phoenix":
            _record(account)
    accounts["marketing-test"].client("config").stop_configuration_recorder(ConfigurationRecorderName="default")
    _gather(accounts["log-archive"])
    _watch(accounts["harbour-management"], accounts["log-archive"], store)
    _give_key(accounts["marketing-production"], "campaign-uploader")


def _record(account: Account) -> None:
    for region in (MAIN, SECOND):
        config = account.client("config", region)
        config.put_configuration_recorder(
            ConfigurationRecorder={
                "name": "default",
                "roleARN": account.role_arn("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": region == MAIN},
            }
        )
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "harbour-log-archive"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")


def _gather(security: Account) -> None:
    role = security.role_arn("aws-service-role/organizations.amazonaws.com/AWSServiceRoleForConfigOrganizations")
    security.client("config", MAIN).put_configuration_aggregator(
        ConfigurationAggregatorName="harbour-goods",
        OrganizationAggregationSource={"RoleArn": role, "AllAwsRegions": True},
    )


def _watch(management: Account, security: Account, store: Store) -> None:
    for region, guardduty in ((MAIN, "ALL"), (SECOND, "NONE")):
        security.client("guardduty", region).create_detector(Enable=True)
        store.enrolment[security.id, region] = guardduty
        security.client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)
        management.client("securityhub", region).enable_organization_admin_account(AdminAccountId=security.id)
        security.client("securityhub", region).update_organization_configuration(AutoEnable=True)


def _give_key(account: Account, name: str) -> None:
    iam = account.client("iam")
    user = iam.create_user(UserName=name, Tags=account.resource_tags(name))["User"]
    upload = allow("s3:PutObject", "arn:aws:s3:::harbour-campaign-assets/uploads/*")
    iam.put_user_policy(UserName=name, PolicyName="upload", PolicyDocument=upload)
    iam.create_access_key(UserName=name)
    account.remember(name, user["Arn"])
