"""What the accounts use of their quotas, as AWS measures it: no API makes a thousand instances at once."""

from __future__ import annotations

from scanner.demo.estate import MAIN, Account
from scanner.demo.store import Store, UsageMetric

VCPU: UsageMetric = (
    "AWS/Usage",
    "ResourceCount",
    (("Class", "Standard/OnDemand"), ("Resource", "vCPU"), ("Service", "EC2"), ("Type", "Resource")),
)
# Account -> vCPUs of 1,152.
VCPUS = {
    "checkout-production": 196,
    "catalog-production": 768,
    "orders-production": 240,
    "legacy-shop-production": 1_062,
}
# Account -> operation of KMS -> throttled calls of a week.
THROTTLED = {
    "checkout-production": {"CryptographicOperationsSymmetric": 0},
    "legacy-shop-production": {"CryptographicOperationsSymmetric": 412, "DescribeKey": 0},
}


def use_quotas(accounts: dict[str, Account], store: Store) -> None:
    """Planted: instances and IAM users of the old shop near their quotas, and its calls throttled. Clean: a quota that was raised."""
    for name, used in VCPUS.items():
        store.usage[accounts[name].id, MAIN][VCPU] = used
    for name, operations in THROTTLED.items():
        for operation, throttled in operations.items():
            dimensions = (("Class", "None"), ("Resource", operation), ("Service", "KMS"), ("Type", "API"))
            store.usage[accounts[name].id, MAIN]["AWS/Usage", "CallCount", dimensions] = 10_000
            store.usage[accounts[name].id, MAIN]["AWS/Usage", "ThrottleCount", dimensions] = throttled
    legacy, network = accounts["legacy-shop-production"], accounts["network-shared"]
    store.iam_counts[legacy.id] = {"Users": 4_310}
    for account, vpcs in ((network, 50.0), (legacy, 10.0)):
        store.quotas[account.id, MAIN]["vpc"] = [{"QuotaCode": "L-F678F1CE", "Value": vpcs}]
    _remember(legacy, f"{MAIN}:{legacy.id}:ec2/L-1216C47A", "quota of instances")
    _remember(legacy, f":{legacy.id}:iam/L-F55AF5E4", "quota of users")


def _remember(account: Account, place: str, name: str) -> None:
    account.remember(name, f"arn:aws:servicequotas:{place}")
