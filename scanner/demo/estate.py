"""Handles the builder works with: an account of the demo organization and its boto3 clients."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

MAIN, SECOND = "eu-central-1", "us-east-1"
"""The two Regions of the organization."""

CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60, max_pool_connections=4)

# Text that reports must survive. XML protocols cannot carry the terminal's escape character, JSON ones do.
HOSTILE = '<script>alert(1)</script> =HYPERLINK("http://x") \u202etxt.exe \u200f \U0001f4a5 <b>|`*_'
TERMINAL = f"\x1b[31m{HOSTILE}\x1b[0m"

Tags = list[dict[str, str]]


@dataclass
class Access:
    """Credentials for one account on the demo's server."""

    url: str
    session: boto3.Session
    credentials: dict[str, str]

    @functools.cache  # noqa: B019 - lives as long as the build
    def client(self, service: str, region: str = MAIN) -> Any:
        make_client: Any = self.session.client  # typed by service name, which varies here
        return make_client(
            service,
            region_name=region,
            endpoint_url=self.url,
            config=CONFIG,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials.get("SessionToken"),
        )

    def __hash__(self) -> int:
        return id(self)


@dataclass
class Account:
    """One account: its name, number, tags as Organizations has them, and a way in."""

    name: str
    id: str
    tags: dict[str, str]
    access: Access = field(repr=False)
    resource_defaults: dict[str, str] = field(default_factory=dict, repr=False)
    """tags of its resources where the account itself lacks the tag"""
    subjects: dict[str, str] = field(default_factory=dict, repr=False)
    """name -> ARN of what the builder made here, as `planted.yaml` names it"""

    def remember(self, name: str, arn: str) -> str:
        self.subjects[name] = arn
        return arn

    def client(self, service: str, region: str = MAIN) -> Any:
        return self.access.client(service, region)

    def resource_tags(self, name: str, **changes: str | None) -> Tags:
        """Owner, product and environment of the account, and a name; None leaves a key out."""
        known = {**self.resource_defaults, **self.tags}
        inherited: dict[str, str | None] = {
            key: known[key] for key in ("owner", "product", "environment") if key in known
        }
        wanted = {**inherited, **changes, "Name": name}
        return [{"Key": key, "Value": value} for key, value in sorted(wanted.items()) if value is not None]

    def role_arn(self, role: str) -> str:
        return f"arn:aws:iam::{self.id}:role/{role}"

    @property
    def root_arn(self) -> str:
        return f"arn:aws:iam::{self.id}:root"


def allow(action: str | list[str], resource: str | list[str] = "*") -> str:
    """An identity policy with one Allow statement."""
    return document({"Effect": "Allow", "Action": action, "Resource": resource})


def document(*statements: dict[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
