"""IAM's features for the whole organization: central management of root credentials, and root sessions.

Read with the credentials of the management account or IAM's delegated administrator.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "organization"
CALLS = (
    Call("organizations.describe_organization", ("iam_features",)),
    Call("iam.list_organizations_features", ("iam_features",)),
)
NONE = (
    "OrganizationNotFoundException",
    "OrganizationNotInAllFeaturesModeException",
    "ServiceAccessNotEnabledException",
)


def fetch(api: Api) -> Iterator[Row]:
    organization = (known(api.get("organizations.describe_organization")) or {}).get("Organization")
    if organization and organization.get("FeatureSet") == "ALL":
        answer = known(api.get("iam.list_organizations_features", absent=NONE))
        for feature in (answer or {}).get("EnabledFeatures") or ():
            yield "iam_features", {"feature": feature}
