"""The CloudFormation templates and the Terraform modules hold the same policies, and their own tools take them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hcl2.api import loads

from scanner.errors import UsageError
from scanner.permissions import cloudformation, policy, terraform, text

MEMBER = policy.member_policies()
START = policy.management_policies(["BulkheadReadOnly", "OrganizationAccountAccessRole"])
SMALLER = policy.packed(policy._read("ReadAccount", policy.account_actions()), 1500)
TRUST_CHARACTERS, TEMPLATE_BYTES = 2_048, 51_200  # of a role's trust policy; of a template handed over as text
DEPLOY = Path(__file__).parents[2] / "deploy"
GUIDE = {"<account>": "222222222222", "<account that scans>": "111122223333", "<root id>": "r-abcd", "<role>": "scan"}
MIRROR = "registry.terraform.io/hashicorp/aws"

TEMPLATES = {
    "member": (cloudformation.member_role("BulkheadReadOnly", MEMBER), MEMBER),
    "start": (cloudformation.management(START), START),
    "member_split": (cloudformation.member_role("BulkheadReadOnly", SMALLER), SMALLER),
    "start_split": (cloudformation.management(SMALLER), SMALLER),
}
MODULES = {
    "member": (terraform.member_role("BulkheadReadOnly", MEMBER), MEMBER),
    "start": (terraform.management(START), START),
    "member_split": (terraform.member_role("BulkheadReadOnly", SMALLER), SMALLER),
    "start_split": (terraform.management(SMALLER), SMALLER),
}
LINT = "from cfnlint.runner import main; main()"
PLANNED = ("member", "start_split")  # each takes seconds
VARIABLES = {"scanner_account_id": "111122223333", "role_names": ["scan", "audit"]}
# Enough for a plan that asks AWS nothing.
OFFLINE = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_the_policies(name: str) -> None:
    template, documents = TEMPLATES[name]
    resources = yaml.safe_load(template)["Resources"]
    held = {key: one["Properties"] for key, one in resources.items() if one["Type"] == "AWS::IAM::ManagedPolicy"}
    assert [one["PolicyDocument"] for one in held.values()] == documents
    if "BulkheadReadOnly" in resources:
        role = resources["BulkheadReadOnly"]["Properties"]
        assert role["ManagedPolicyArns"] == [{"Ref": key} for key in held]
        assert policy.size(role["AssumeRolePolicyDocument"]) <= TRUST_CHARACTERS
    assert len(template.encode()) <= TEMPLATE_BYTES


def test_the_templates_pass_cfn_lint(tmp_path: Path) -> None:
    for name, (template, _) in TEMPLATES.items():
        (tmp_path / f"{name}.yaml").write_text(template)
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--include-checks", "I", "--", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_template_for_the_stack_set_is_what_is_printed() -> None:
    assert (DEPLOY / "member-role.yaml").read_text() == text("cloudformation")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_holds_the_policies(name: str) -> None:
    module, documents = MODULES[name]
    (held,) = loads(module)["locals"]
    assert plain(held["policies"]) == documents


def plain(value: Any) -> Any:
    """What the parser read, with the list it puts around every value taken off again."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return plain(value[0])
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return value


def run(folder: Path, *arguments: str) -> str:
    """Run terraform in a folder, with no network and no configuration but what the test gives it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
    done = subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments], capture_output=True, text=True, check=False, env=kept
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def terraform_installed() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")


@pytest.fixture(scope="module")
def plugins(terraform_installed: None) -> Path:
    """A directory with the AWS provider that this machine has set up for terraform; nothing is downloaded."""
    named = (os.environ.get(name) for name in ("BULKHEAD_TERRAFORM_PLUGINS", "TF_PLUGIN_CACHE_DIR"))
    for folder in (*(Path(one) for one in named if one), Path.home() / ".terraform.d" / "plugins"):
        if (folder / MIRROR).is_dir():
            return folder.resolve()
    pytest.skip(f"terraform has no provider here: BULKHEAD_TERRAFORM_PLUGINS names no directory with {MIRROR}")


@pytest.mark.usefixtures("terraform_installed")
@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_written_as_terraform_formats_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "main.tf").write_text(MODULES[name][0])
    run(tmp_path, "fmt", "-check", "-diff")


@pytest.mark.parametrize("name", PLANNED)
def test_terraform_validates_a_module_and_plans_the_policies(tmp_path: Path, plugins: Path, name: str) -> None:
    module, documents = MODULES[name]
    (tmp_path / "main.tf").write_text(module)
    (tmp_path / "offline.tf").write_text(OFFLINE)
    run(tmp_path, "init", "-input=false", f"-plugin-dir={plugins}")
    run(tmp_path, "validate")
    asked = {key: value for key, value in VARIABLES.items() if f'variable "{key}"' in module}
    (tmp_path / "terraform.tfvars.json").write_text(json.dumps(asked))
    run(tmp_path, "plan", "-input=false", "-refresh=false", "-out=made")
    resources = json.loads(run(tmp_path, "show", "-json", "made"))["planned_values"]["root_module"]["resources"]
    planned = [json.loads(one["values"]["policy"]) for one in resources if one["type"] == "aws_iam_policy"]
    assert planned == documents
    attached = [one for one in resources if one["type"] == "aws_iam_role_policy_attachment"]
    assert len(attached) == len(documents) * (2 if "role_names" in asked else 1)
    for role in (one["values"] for one in resources if one["type"] == "aws_iam_role"):
        template = yaml.safe_load(TEMPLATES["member"][0])["Resources"]["BulkheadReadOnly"]["Properties"]
        trusted = json.dumps(template["AssumeRolePolicyDocument"]).replace(
            json.dumps({"Fn::Sub": "arn:${AWS::Partition}:iam::${ScannerAccountId}:root"}),
            json.dumps("arn:aws:iam::111122223333:root"),
        )
        assert json.loads(role["assume_role_policy"]) == json.loads(trusted)
        assert (role["name"], role["max_session_duration"]) == (template["RoleName"], template["MaxSessionDuration"])


def test_the_terraform_of_the_guide_validates(tmp_path: Path, plugins: Path) -> None:
    guide = "\n".join(re.findall(r"```hcl\n(.*?)```", (DEPLOY / "README.md").read_text(), re.DOTALL))
    for placeholder, value in GUIDE.items():
        assert placeholder in guide
        guide = guide.replace(placeholder, value)
    (tmp_path / "main.tf").write_text(guide)
    (tmp_path / "member-role.yaml").write_text(text("cloudformation"))
    for folder, management in (("bulkhead_role", False), ("bulkhead_start", True)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.tf").write_text(text("terraform", management=management))
    run(tmp_path, "fmt", "-check", "-diff")
    run(tmp_path, "init", "-input=false", f"-plugin-dir={plugins}")
    run(tmp_path, "validate")


@pytest.mark.parametrize("roles", [["a b"], ["path/role"], ["one", "two"], ["x" * 65], ['a"b']])
def test_the_role_that_is_made_has_one_proper_name(roles: list[str]) -> None:
    with pytest.raises(UsageError, match="--role-name"):
        text("terraform", roles=roles)


@pytest.mark.parametrize("role", ["*", "Bulkhead*", "/role", "${a}/role", ""])
def test_the_start_may_enter_named_roles_only(role: str) -> None:
    assert "arn:*:iam::*:role/path/audit" in text("policy", management=True, roles=["path/audit"])
    with pytest.raises(UsageError, match="--role-name"):
        text("policy", management=True, roles=[role])


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(UsageError, match="policy, cloudformation, terraform"):
        text("pulumi")
