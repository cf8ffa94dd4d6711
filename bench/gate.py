"""Plans for synthetic organizations, and what the gate takes for them.

python -m bench.gate --snapshot DIR --resources 20000

The snapshot is judged first, as a scan does. The plan has VPCs with subnets, security groups with rules, instances, roles, buckets
and databases, spread over accounts of the snapshot by one provider each, as a landing zone's would be.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanner.config import Config
from scanner.scan import judge

REGION = "eu-west-1"
PER_STACK = 20


def plan(accounts: list[str], resources: int) -> dict[str, Any]:
    """A plan that creates about so many resources, twenty to a stack."""
    changes: list[dict[str, Any]] = []
    blocks: list[dict[str, Any]] = []
    for number in range(max(1, resources // PER_STACK)):
        provider = f"aws.a{number % len(accounts)}"
        for change, block in _stack(number, provider):
            changes.append(change)
            blocks.append(block)
    providers = {
        f"aws.a{n}": {
            "name": "aws",
            "alias": f"a{n}",
            "expressions": {
                "region": {"constant_value": REGION},
                "assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{account}:role/deploy"}}],
            },
        }
        for n, account in enumerate(accounts)
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "configuration": {"provider_config": providers, "root_module": {"resources": blocks}},
    }


def _stack(n: int, provider: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    made = lambda kind, name, after, refs=None: _resource(provider, kind, f"{name}_{n}", after, refs or {})  # noqa: E731
    yield made("aws_vpc", "net", {"cidr_block": f"10.{n % 200}.0.0/16", "tags": {"Name": f"net-{n}"}})
    for part in range(3):
        yield made(
            "aws_subnet", f"s{part}", {"cidr_block": f"10.{n % 200}.{part}.0/24"}, {"vpc_id": f"aws_vpc.net_{n}.id"}
        )
    for part in range(3):
        yield made("aws_security_group", f"g{part}", {"name": f"g{part}"}, {"vpc_id": f"aws_vpc.net_{n}.id"})
    for part in range(4):
        rule = {"type": "ingress", "protocol": "tcp", "from_port": 5432 + part, "to_port": 5432 + part}
        refs = {"security_group_id": f"aws_security_group.g{part % 3}_{n}.id"}
        yield made("aws_security_group_rule", f"r{part}", {**rule, "cidr_blocks": ["10.0.0.0/8"]}, refs)
    for part in range(3):
        refs = {
            "subnet_id": f"aws_subnet.s{part}_{n}.id",
            "vpc_security_group_ids": f"aws_security_group.g{part}_{n}.id",
        }
        yield made("aws_instance", f"i{part}", {"tags": {"environment": "test"}}, refs)
    trust = {
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]
    }
    for part in range(2):
        after = {"name": f"role-{part}-{n}", "path": "/", "assume_role_policy": json.dumps(trust)}
        yield made("aws_iam_role", f"role{part}", after)
    yield made("aws_s3_bucket", "b", {"bucket": f"bench-{n}"})
    yield made("aws_kms_key", "k", {"description": "bench"})
    yield made("aws_secretsmanager_secret", "x", {"name": f"bench/{n}"})
    yield made("aws_cloudwatch_log_group", "l", {"name": f"/bench/{n}"})


def _resource(
    provider: str, kind: str, name: str, after: dict[str, Any], refs: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    address = f"{kind}.{name}"
    unknown: dict[str, Any] = {"id": True, "arn": True}
    unknown |= dict.fromkeys(refs, True)
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
    expressions: dict[str, Any] = {key: {"constant_value": value} for key, value in after.items()}
    expressions |= {key: {"references": [target, target.rpartition(".")[0]]} for key, target in refs.items()}
    block = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": provider}
    return (
        {"address": address, "mode": "managed", "type": kind, "name": name, "change": change},
        {**block, "expressions": expressions},
    )


def measure(snapshot: Path, resources: int, accounts: int) -> str:
    """Run the gate in a process of its own; returns what it took."""
    import duckdb

    asked = f"SELECT account_id FROM '{snapshot}/accounts.parquet' ORDER BY 1 LIMIT {accounts}"
    found = duckdb.execute(asked).fetchall()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan([row[0] for row in found], resources)))
        judge(snapshot, Config())  # as a scan leaves it: with what was computed of it
        began = time.perf_counter()
        command = [sys.executable, "-m", "scanner", "gate", str(path), "--snapshot", str(snapshot), "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1, 3):
            raise SystemExit(done.stderr)
        said = json.loads(done.stdout)
        megabytes = path.stat().st_size / 2**20
    return (
        f"{said['resources']['looked_at']:,} resources ({megabytes:.0f} MB) over {snapshot}: {wall:.1f} s, "
        f"{used.ru_utime + used.ru_stime:.1f} CPU-seconds, {used.ru_maxrss / 1024:.0f} MB, exit {done.returncode}, "
        f"{len(said['findings']):,} findings"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", type=Path, required=True)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=100, help="accounts of the snapshot that it lands in")
    given = parser.parse_args()
    print(measure(given.snapshot, given.resources, given.accounts))
