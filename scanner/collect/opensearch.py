"""OpenSearch: domains, where they are, and who may use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("opensearch.list_domain_names", ("databases",), "es:ListDomainNames"),
    Call(
        "opensearch.describe_domains",
        ("databases", "policy_documents", "policy_statements"),
        "es:DescribeDomains",
    ),
)
AT_ONCE = 5
"""Domains that one request may name. https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html"""


def fetch(api: Api) -> Iterator[Row]:
    names = [domain["DomainName"] for domain in api.list("opensearch.list_domain_names", "DomainNames")]
    for first in range(0, len(names), AT_ONCE):
        answer = api.get("opensearch.describe_domains", DomainNames=names[first : first + AT_ONCE])
        for domain in (known(answer) or {}).get("DomainStatusList") or ():
            if not domain.get("Deleted"):
                yield from _domain(domain)


def _domain(domain: dict[str, Any]) -> Iterator[Row]:
    yield "databases", domain_row(domain)
    if domain.get("AccessPolicies"):
        yield from policy.rows(domain["ARN"], "resource", "", domain["AccessPolicies"])


def domain_row(domain: dict[str, Any]) -> dict[str, Any]:
    """Shape a domain. One outside of VPCs stands on the internet behind its policy, as a bucket does."""
    network, encryption = domain.get("VPCOptions") or {}, domain.get("EncryptionAtRestOptions") or {}
    return {
        "arn": domain["ARN"],
        "name": domain.get("DomainName"),
        "type": "domain",
        "engine": (domain.get("EngineVersion") or "OpenSearch").partition("_")[0].lower(),
        "vpc_id": network.get("VPCId"),
        "subnet_ids": network.get("SubnetIds") or [],
        "group_ids": network.get("SecurityGroupIds") or [],
        "endpoint": domain.get("Endpoint") or (domain.get("Endpoints") or {}).get("vpc"),
        "port": 443,
        "publicly_accessible": False if network.get("VPCId") else None,
        "encrypted": encryption.get("Enabled"),
        "kms_key_arn": encryption.get("KmsKeyId"),
    }
