from __future__ import annotations

from scanner.collect import kms
from tests.collect.answers.kms import ANSWERS, HERE
from tests.collect.fake import Fake, api, read, table_of


def test_keys() -> None:
    own, aws = table_of(read(kms, ANSWERS), "kms_keys")
    assert (own["arn"], own["aliases"]) == (f"{HERE}:key/k1", ["alias/data", "alias/orders"])
    assert (own["manager"], own["state"], own["multi_region"]) == ("CUSTOMER", "PendingDeletion", True)
    assert (aws["manager"], aws["policy_read"], aws["aliases"]) == ("AWS", True, ["alias/aws/rds"])


def test_policies_of_aws_managed_keys_are_not_asked_for() -> None:
    source = Fake(ANSWERS)
    rows = list(kms.fetch(api(kms, source)))
    asked = [params["KeyId"] for name, _, params in source.requests if name == "kms.get_key_policy"]
    assert asked == ["k1"]
    assert [row["holder_arn"] for row in table_of(rows, "policy_documents")] == [f"{HERE}:key/k1"]


def test_gaps() -> None:
    own, aws = table_of(read(kms, ANSWERS, "kms.describe_key"), "kms_keys")
    assert (own["manager"], own["state"], own["policy_read"]) == (None, None, True)
    assert (aws["manager"], aws["policy_read"]) == (None, False)
    own, _ = table_of(read(kms, ANSWERS, "kms.list_aliases"), "kms_keys")
    assert own["aliases"] is None
    own, _ = table_of(read(kms, ANSWERS, "kms.get_key_policy"), "kms_keys")
    assert own["policy_read"] is False
