"""An aggregator of the organization, and one that a service made for accounts it lists."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "config.describe_configuration_aggregators": {
        "ConfigurationAggregators": [
            {
                "ConfigurationAggregatorName": "everything",
                "ConfigurationAggregatorArn": "arn:aws:config:eu-west-1:111122223333:config-aggregator/config-aggregator-pokxzldx",
                "OrganizationAggregationSource": {
                    "RoleArn": "arn:aws:iam::111122223333:role/aws-service-role/organizations.amazonaws.com/ConfigReader",
                    "AllAwsRegions": True,
                },
                "CreationTime": "2024-03-01T09:00:00Z",
                "LastUpdatedTime": "2024-03-01T09:00:00Z",
            },
            {
                "ConfigurationAggregatorName": "guardrails",
                "ConfigurationAggregatorArn": "arn:aws:config:eu-west-1:111122223333:config-aggregator/config-aggregator-q3xyzabc",
                "AccountAggregationSources": [
                    {
                        "AccountIds": ["444455556666", "111122223333"],
                        "AllAwsRegions": False,
                        "AwsRegions": ["us-east-1", "eu-west-1"],
                    }
                ],
                "CreatedBy": "controltower.amazonaws.com",
                "AggregatorFilters": {"ResourceType": {"Type": "INCLUDE", "Value": ["AWS::S3::Bucket"]}},
            },
        ]
    }
}
