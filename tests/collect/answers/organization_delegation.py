"""One account may attach policies, another may only read them."""

from __future__ import annotations

import json
from typing import Any

MEMBER = "222222222222"
DELEGATION = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"}, "Action": ["organizations:AttachPolicy", "organizations:Describe*"], "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": "333333333333"}, "Action": ["organizations:List*", "organizations:DescribePolicy"], "Resource": "*"},
]})  # fmt: skip

ANSWERS: dict[str, Any] = {
    "organizations.describe_resource_policy": {"ResourcePolicy": {"Content": DELEGATION}},
}
