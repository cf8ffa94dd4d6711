"""A domain in a VPC, one on the internet with a policy, one that is being deleted."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:es:eu-west-1:111122223333:domain"


def domain(name: str, **more: Any) -> dict[str, Any]:
    return {
        "DomainId": f"111122223333/{name}",
        "DomainName": name,
        "ARN": f"{HERE}/{name}",
        "ClusterConfig": {},
        **more,
    }


ANSWERS: dict[str, Any] = {
    "opensearch.list_domain_names": {"DomainNames": [{"DomainName": name} for name in ("logs", "open", "gone")]},
    "opensearch.describe_domains": {
        "DomainStatusList": [
            domain(
                "logs",
                EngineVersion="OpenSearch_2.19",
                Endpoints={"vpc": "vpc-logs.es"},
                VPCOptions={"VPCId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
                EncryptionAtRestOptions={"Enabled": True, "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1"},
            ),
            domain(
                "open",
                EngineVersion="Elasticsearch_7.10",
                Endpoint="open.es",
                AccessPolicies='{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"es:*",'
                '"Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
            ),
            domain("gone", Deleted=True),
        ]
    },
}
