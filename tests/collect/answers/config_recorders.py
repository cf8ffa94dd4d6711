"""A recorder of the account that leaves a type out, and one of another service."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "config.describe_configuration_recorders": {
        "ConfigurationRecorders": [
            {
                "name": "default",
                "roleARN": "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
                "recordingGroup": {
                    "allSupported": False,
                    "includeGlobalResourceTypes": False,
                    "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::NetworkInterface"]},
                    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                },
            },
            {
                "name": "AWSConfigurationRecorderForObservabilityAdmin_1",
                "servicePrincipal": "observabilityadmin.amazonaws.com",
                "recordingScope": "INTERNAL",
                "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::VPC", "AWS::EC2::Instance"]},
            },
        ]
    },
    "config.describe_configuration_recorder_status": {
        "ConfigurationRecordersStatus": [
            {"name": "default", "recording": True, "lastStatus": "SUCCESS"},
            {"name": "AWSConfigurationRecorderForObservabilityAdmin_1", "recording": True, "lastStatus": "SUCCESS"},
        ]
    },
}
