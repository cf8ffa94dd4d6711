"""What VPCs are allowed at first."""

from __future__ import annotations

from typing import Any

from tests.collect.answers.quotas import quota

ANSWERS: dict[str, Any] = {
    "service-quotas.list_aws_default_service_quotas": [
        ({"ServiceCode": "vpc"}, {"Quotas": [quota("vpc", "L-F678F1CE", "VPCs per Region", 5.0)]}),
        ({}, {"Quotas": []}),
    ]
}
