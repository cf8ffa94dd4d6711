"""A Terraform directory without a plan: what its blocks say for certain, where they land, and what they leave open."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.gate import accounts, changes, directory, inputs
from scanner.gate.changes import Changes

HERE = Path(__file__).parent
PRODUCTION, TEST, DATA = "953871371665", "559865455987", "759448279025"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    folder = tmp_path_factory.mktemp("estate") / "estate"
    shutil.copytree(HERE / "terraform" / "estate", folder)
    said = f'accounts = {{ production = "{PRODUCTION}" }}\ndata_account = "{DATA}"\n'
    (folder / "all.auto.tfvars").write_text(said)
    return gathered(folder)


def gathered(folder: Path) -> Changes:
    read = directory.read(folder)
    accounts.place(read, {})
    return changes.gather([read])


def rows(found: Changes, table: str) -> list[dict[str, Any]]:
    return found.come.plain[table]


def test_modules_instances_and_their_accounts(estate: Changes) -> None:
    found = {row["vpc_id"]: (row["account_id"], row["region"]) for row in rows(estate, "vpcs")}
    assert found == {
        'module.network["catalog"].aws_vpc.this': (PRODUCTION, "eu-central-1"),
        'module.network["checkout"].aws_vpc.this': (PRODUCTION, "eu-central-1"),
        "module.test_network.aws_vpc.this": (TEST, "eu-west-1"),
    }
    assert {row["arn"]: row["account_id"] for row in rows(estate, "principals")} == {
        f"arn:aws:iam::{PRODUCTION}:role/gate-app": PRODUCTION,
        f"arn:aws:iam::{DATA}:role/gate-reader": DATA,
    }


def test_references_run_through_modules(estate: Changes) -> None:
    group = next(row for row in rows(estate, "security_groups") if row["name"] == "gate-app")
    assert group["vpc_id"] == 'module.network["checkout"].aws_vpc.this'
    named = [row["subnet_id"] for row in rows(estate, "subnet_groups")]
    assert named == [f'module.network["checkout"].aws_subnet.private[{number}]' for number in (0, 1)]


def test_count_zero_makes_nothing(estate: Changes) -> None:
    assert rows(estate, "databases") == []
    assert rows(estate, "vpc_peerings") == []


def test_documents_written_as_constants_and_put_together(estate: Changes) -> None:
    found = {row["holder_arn"]: row["readable"] for row in rows(estate, "policy_documents") if row["kind"] == "trust"}
    assert found == {
        f"arn:aws:iam::{PRODUCTION}:role/gate-app": True,
        f"arn:aws:iam::{DATA}:role/gate-reader": True,
    }


def test_an_object_that_looks_like_a_block_is_a_document(tmp_path: Path) -> None:
    """`jsonencode` of an object with lists only is what Checkov also makes of a nested block."""
    role = 'assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }] })'
    provider = 'provider "aws" {\n  allowed_account_ids = ["111111111111"]\n}\n'
    (tmp_path / "main.tf").write_text(f'{provider}resource "aws_iam_role" "r" {{\n  name = "r"\n  {role}\n}}\n')
    found = gathered(tmp_path)
    assert [row["readable"] for row in rows(found, "policy_documents")] == [True]
    assert [row["effect"] for row in rows(found, "policy_statements")] == ["Allow"]


def test_a_module_beside_the_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "net").mkdir()
    (tmp_path / "live" / "main.tf").write_text('module "net" {\n  source = "../net"\n}\n')
    (tmp_path / "net" / "main.tf").write_text('resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    monkeypatch.chdir(tmp_path)
    read = directory.read(Path("live"))
    assert ([one.address for one in read.resources], read.lost) == (["module.net.aws_vpc.a"], ())
    found = changes.gather([read])
    inputs.locate(found, None)
    assert (read.resources[0].location.file, read.resources[0].location.line) == ("net/main.tf", 1)


@pytest.mark.parametrize("spelling", ["more.tf.json", "more.tofu", "more.tofu.json"])
def test_files_of_other_spellings_are_told(spelling: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    (tmp_path / spelling).write_text("{}")
    (lost,) = directory.read(tmp_path).lost
    assert f"{spelling} was not read" in lost


@pytest.mark.parametrize(("destroyed", "told"), [("", True), ("destroy = true", True), ("destroy = false", False)])
def test_what_a_block_takes_away_is_told(destroyed: str, told: bool, tmp_path: Path) -> None:
    inner = tmp_path / "vault"
    inner.mkdir()
    (tmp_path / "main.tf").write_text('module "vault" {\n  source = "./vault"\n}\n')
    block = f"removed {{\n  from = aws_backup_vault.old\n  lifecycle {{\n    {destroyed}\n  }}\n}}\n"
    (inner / "main.tf").write_text('resource "aws_backup_vault" "new" {\n  name = "new"\n}\n' + block)
    lost = directory.read(tmp_path).lost
    assert [one.rpartition("main.tf ")[2].partition(":")[0] for one in lost] == (
        ["takes aws_backup_vault.old away"] if told else []
    )


REGIONS = """us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-north-1
ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2""".split()


def test_a_baseline_of_seventeen_regions_lands_where_its_providers_lead(tmp_path: Path) -> None:
    """As landing zones write it: an alias for each Region, a call of the same module with each, and a module in that one."""
    role = f'assume_role {{\n    role_arn = "arn:aws:iam::{PRODUCTION}:role/deploy"\n  }}'
    main = ""
    for region in REGIONS:
        main += f'provider "aws" {{\n  alias  = "{region}"\n  region = "{region}"\n  {role}\n}}\n'
        main += f'module "baseline_{region}" {{\n  source = "./baseline"\n  providers = {{\n    aws = aws.{region}\n  }}\n}}\n'
    (tmp_path / "main.tf").write_text(main)
    inner = tmp_path / "baseline" / "vpc"
    inner.mkdir(parents=True)
    (tmp_path / "baseline" / "main.tf").write_text('module "vpc" {\n  source = "./vpc"\n}\n')
    (inner / "main.tf").write_text(
        'resource "aws_default_vpc" "this" {}\nresource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    )
    found = gathered(tmp_path)
    assert {
        row["vpc_id"]: (row["account_id"], row["region"]) for row in rows(found, "vpcs") if ".aws_vpc." in row["vpc_id"]
    } == {f"module.baseline_{region}.module.vpc.aws_vpc.this": (PRODUCTION, region) for region in REGIONS}


def test_a_factory_makes_an_account_for_each_name(tmp_path: Path) -> None:
    (tmp_path / "factory").mkdir()
    (tmp_path / "main.tf").write_text(
        f"""
provider "aws" {{
  region              = "eu-west-1"
  allowed_account_ids = ["{DATA}"]
}}
variable "accounts" {{
  default = {{
    orders-production = {{ owner = "orders", unit = "ou-abcd-11111111" }}
    orders-test       = {{ owner = "orders", unit = "ou-abcd-22222222" }}
  }}
}}
module "account" {{
  source   = "./factory"
  for_each = var.accounts
  name     = each.key
  owner    = each.value.owner
  unit     = each.value.unit
}}
"""
    )
    (tmp_path / "factory" / "main.tf").write_text(
        """
variable "name" {}
variable "owner" {}
variable "unit" {}
resource "aws_organizations_account" "this" {
  name      = var.name
  email     = "aws+${var.name}@example.com"
  parent_id = var.unit
  tags      = { owner = var.owner }
}
"""
    )
    found = gathered(tmp_path)
    assert {(row["name"], row["parent_id"]) for row in rows(found, "accounts")} == {
        ("orders-production", "ou-abcd-11111111"),
        ("orders-test", "ou-abcd-22222222"),
    }
    assert [row["value"] for row in rows(found, "tags") if row["key"] == "owner"] == ["orders", "orders"]


def test_default_tags_of_the_provider(estate: Changes) -> None:
    tags = {
        row["key"]: row["value"]
        for row in rows(estate, "tags")
        if row["arn"].endswith('network["catalog"].aws_vpc.this')
    }
    assert tags == {"Name": "catalog", "product": "catalog", "owner": "checkout", "environment": "production"}


def test_what_cannot_be_worked_out_is_a_gap(estate: Changes) -> None:
    texts = {one.text for one in estate.unread}
    assert "module.test_network.aws_subnet.private[0]: cidr_block is known after apply only" in texts
    assert all(row["cidr"] is None for row in rows(estate, "subnets"))


def write(folder: Path, text: str) -> Path:
    head = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111111111111"]\n}\n'
    (folder / "main.tf").write_text(head + text)
    return folder


def test_unknown_numbers_and_dynamic_blocks_are_gaps(tmp_path: Path) -> None:
    found = gathered(write(tmp_path, '''
variable "n" { type = number }
variable "open" { type = list(string) }
resource "aws_vpc" "v" {
  count      = var.n
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "g" {
  name = "g"
  dynamic "ingress" {
    for_each = var.open
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}
'''))  # fmt: skip
    assert any("aws_vpc.v" in text and "count" in text for text in found.lost)
    assert ("ingress", True) in {(one.attribute, one.whole) for one in found.unread}
    assert rows(found, "security_group_rules") == [] or all(
        "default" in row["group_id"] for row in rows(found, "security_group_rules")
    )


def test_a_document_in_quotes_and_one_in_a_heredoc(tmp_path: Path) -> None:
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
    )
    quoted = document.replace('"', '\\"')
    found = gathered(write(tmp_path, f'''
resource "aws_iam_role" "a" {{
  name               = "a"
  assume_role_policy = "{quoted}"
}}
resource "aws_iam_role" "b" {{
  name               = "b"
  assume_role_policy = <<EOT
{document}
EOT
}}
'''))  # fmt: skip
    read = {row["holder_arn"].rpartition("/")[2]: row["readable"] for row in rows(found, "policy_documents")}
    assert read == {"a": True, "b": True}


def test_broken_hcl_and_empty_directories_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", str(tmp_path)]) == 2
    assert "no .tf files" in capsys.readouterr().err
    (tmp_path / "broken.tf").write_text('resource "aws_vpc" "v" {\n  cidr_block = \n')
    assert main(["gate", str(tmp_path)]) == 2
    assert str(tmp_path / "broken.tf") in capsys.readouterr().err


def test_a_broken_module_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, 'module "m" {\n  source = "./m"\n}\n')
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text("resource {{{\n")
    assert main(["gate", str(tmp_path)]) == 2
    assert "main.tf" in capsys.readouterr().err


def test_a_module_from_elsewhere_was_not_read(tmp_path: Path) -> None:
    found = gathered(write(tmp_path, 'module "far" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'))
    assert any("module.far" in text and "not read" in text for text in found.lost)


def test_constants_in_quotes_name_nothing() -> None:
    assert directory.references("${jsonencode({'Service': 'ecs-tasks.amazonaws.com'})}") == []
    assert directory.references('${"arn:aws:iam::${var.a["x"]}:role/deploy"}') == ['var.a["x"]']
    assert directory.references('${"arn:aws:iam::${var.a["x"]}:role/${aws_iam_role.r[*].name}"}') == [
        'var.a["x"]',
        "aws_iam_role.r.name",
    ]


def test_checks_of_checkov_are_not_imported_and_can_be_afterwards(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    program = (
        "import sys; from pathlib import Path; from scanner.gate import checkov\n"
        "print(checkov.blocks_in(Path(sys.argv[1]))[0].name)\n"
        "print(sum(name.startswith('checkov.terraform.checks.resource.aws') for name in sys.modules))\n"
        "from checkov.terraform.checks.resource.registry import resource_registry\n"
        "print(len(resource_registry.checks) > 50)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["aws_vpc.v", "0", "True"]
