"""CloudFormation templates: what they say for certain, where they land, what they leave open, and what is no template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.config import Config
from scanner.errors import GateError
from scanner.gate import accounts, changes, inputs, judge
from scanner.gate.changes import Changes
from scanner.gated import Gated
from tests.gate import small

STACKS = Path(__file__).parent / "cloudformation" / "stacks"
PLACE = f"{small.PRODUCTION}/{small.REGION}"
HEAD = "AWSTemplateFormatVersion: '2010-09-09'\n"


def gathered(*paths: Path, place: str = PLACE, said: tuple[str, ...] | None = None) -> Changes:
    plans = [plan for path in paths for plan in inputs.read(path)]
    given = accounts.given(said if said is not None else [f"{path}={place}" for path in paths], {})
    for plan in plans:
        accounts.place(plan, given)
    return changes.gather(plans)


def rows(found: Changes, table: str) -> list[dict[str, Any]]:
    return found.come.plain[table]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text)
    return path


# ---------------------------------------------------------------------- what it says


def test_a_network_and_its_database() -> None:
    found = gathered(STACKS / "network.yaml")
    assert [(row["subnet_id"], row["cidr"], row["vpc_id"]) for row in rows(found, "subnets")] == [
        ("network.PrivateA", "10.50.0.0/24", "network.Vpc"),
        ("network.PrivateB", "10.50.1.0/24", "network.Vpc"),
    ]
    database = rows(found, "databases")[0]
    assert database["arn"] == f"arn:aws:rds:{small.REGION}:{small.PRODUCTION}:db:orders-new"
    assert (database["subnet_group"], database["group_ids"]) == ("network.Subnets", ["network.DatabaseGroup"])
    assert database["backup_retention_days"] == 14  # of the mapping, by Region
    assert rows(found, "vpc_peerings")[0]["status"] == "active"  # with a role of the other account
    named = {
        (row["group_id"], row["peer"]) for row in rows(found, "security_group_rules") if row["direction"] == "egress"
    }
    assert ("network.AppGroup", "0.0.0.0/0") in named  # what EC2 leaves where a template says nothing
    assert ("network.DatabaseGroup", "0.0.0.0/0") not in named
    assert {one.text for one in found.unread} == {
        f"network.Private{name}: availability_zone names availability zones, which only the account knows"
        for name in "AB"
    }


def test_conditions_leave_out_what_does_not_hold() -> None:
    there = gathered(STACKS / "network.yaml")
    elsewhere = gathered(STACKS / "network.yaml", place=f"{small.PRODUCTION}/eu-west-1")
    assert (len(rows(there, "vpc_peerings")), len(rows(elsewhere, "vpc_peerings"))) == (1, 0)
    assert there.looked_at - elsewhere.looked_at == 2
    assert rows(elsewhere, "databases")[0]["backup_retention_days"] == 7


def test_roles_their_policies_and_what_is_not_said() -> None:
    found = gathered(STACKS / "baseline.yaml")
    stem = f"arn:aws:iam::{small.PRODUCTION}:role"
    assert {row["arn"] for row in rows(found, "principals") if row["type"] == "role"} == {
        f"{stem}/baseline/baseline-audit",
        f"{stem}/baseline-deploy",
    }
    trust = {row["holder_arn"]: row["document"] for row in rows(found, "policy_documents") if row["kind"] == "trust"}
    said = json.loads(trust[f"{stem}/baseline/baseline-audit"])["Statement"][0]
    assert said["Principal"] == {"AWS": "arn:aws:iam::444444444444:root"}
    assert said["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-small00000"}}
    assert trust[f"{stem}/baseline-deploy"] is None
    assert [one.text for one in found.unread] == [
        "baseline.DeployRole: assume_role_policy hangs on parameter PipelineAccountId, which has no default (--parameter says a value)"
    ]
    assert found.strangers == {"AWS::Logs::LogGroup": 1}


def test_lines_and_waivers() -> None:
    found = {one.name: one for plan in gathered(STACKS / "baseline.yaml").plans for one in plan.resources}
    text = (STACKS / "baseline.yaml").read_text().splitlines()
    assert all(text[(one.location.line or 0) - 1].strip() == f"{name}:" for name, one in found.items())
    role = found["DeployRole"]
    assert [(skip.check, skip.reason) for skip in role.skips] == [
        ("CKV_BULKHEAD_BLAST_RADIUS_TRUSTS_WHOLE_ACCOUNT", "the pipeline is an account of its own")
    ]
    assert [name for name, one in found.items() if one.skips] == ["DeployRole"]


def test_json_knows_its_lines_too() -> None:
    found = gathered(STACKS / "backup.json").plans[0]
    text = (STACKS / "backup.json").read_text().splitlines()
    assert all(f'"{one.name}": {{' in text[(one.location.line or 0) - 1] for one in found.resources)


def test_a_comment_belongs_to_the_block_it_stands_in(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Resources:
  One:
    # checkov:skip=CKV_1: of the first
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16  # checkov:skip=CKV_2: beside it
  # checkov:skip=CKV_3: nobody's, as Checkov sees it
  Two:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.1.0.0/16}
""")  # fmt: skip
    found = {one.name: [skip.check for skip in one.skips] for one in gathered(path).plans[0].resources}
    assert found == {"One": ["CKV_1", "CKV_2"], "Two": []}


def test_a_vault_with_its_lock_and_policy_counts_once() -> None:
    found = gathered(STACKS / "backup.json")
    assert (found.looked_at, found.understood, found.strangers) == (5, 5, {})
    arn = f"arn:aws:backup:{small.REGION}:{small.PRODUCTION}:backup-vault:central"
    columns: dict[str, Any] = {}
    for label, row in found.come.patches["backup_vaults"]:
        assert (label, row["arn"]) == ("backup.Vault", arn)
        columns |= row
    assert (columns["locked"], columns["min_retention_days"], columns["policy_read"]) == (True, 7, True)
    selection = rows(found, "backup_selections")[0]
    assert (selection["plan_id"], selection["tag_conditions"]) == ("backup.Plan", ["environment=production"])


def test_the_rest() -> None:
    found = gathered(STACKS / "rest.yaml")
    rules = [row for row in rows(found, "security_group_rules") if row.get("peer_account_id") == small.TEST]
    assert [(row["peer"], row["from_port"]) for row in rules] == [("sg-0123456789abcdef0", 5433)]
    databases = {row["name"]: row for row in rows(found, "databases")}
    assert databases["rest.Aurora"]["encrypted"] is True  # a parameter is a text
    assert (databases["graph"]["engine"], databases["documents"]["port"]) == ("neptune", 27017)
    assert (databases["restored"]["encrypted"], databases["restored"]["publicly_accessible"]) == (None, None)
    table = rows(found, "dynamodb_tables")[0]
    assert (table["replica_regions"], table["deletion_protection"]) == (["eu-west-1"], True)
    gateways = {row["gateway_id"]: row["vpc_id"] for _, row in found.come.patches["internet_gateways"]}
    assert gateways == {"rest.Office": "rest.Vpc"}
    routes = {row["destination"]: (row["target_type"], row["target_id"]) for row in rows(found, "routes")}
    assert routes["192.168.0.0/16"] == ("vpn_gateway", "rest.Office")
    assert [row["arn"] for _, row in found.come.patches["secrets"]] == [rows(found, "secrets")[0]["arn"]]
    instances = {row["instance_id"]: row["group_ids"] for row in rows(found, "instances")}
    assert instances == {"rest.Launched": ["rest.Group"], "rest.FromTemplate": None}
    assert {row["target_id"] for row in rows(found, "policy_targets")} >= {"rest.Unit", "rest.Account"}


# ---------------------------------------------------------------------- where it lands


OPEN = "database_integration/open_to_whole_network"
RULE = """
Parameters:
  Range: {Type: String%s}
Resources:
  FromOffice:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: !Ref Range}
"""


def gate(snapshot: Path, *paths: Path, said: tuple[str, ...] = (), **settings: Any) -> Gated:
    return judge.gate(paths, snapshot, Config(select=[OPEN], **settings), said=said)


def test_a_template_that_opens_a_database_fails_with_file_and_line(snapshot: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "rules.yaml", RULE % ', Default: "10.0.0.0/8"')
    found = gate(snapshot, path, said=(f"{path}={PLACE}",), fail_on="medium")
    one = next(one for one in found.judged if one.kind == "new")
    assert (one.finding.rule_id, one.finding.subject.id) == (OPEN, small.DATABASE)
    assert (one.address, one.finding.file, one.finding.line) == ("rules.FromOffice", str(path), 6)
    assert (found.exit_code, one.fails) == (1, True)
    assert found.homes == {str(path): f"{small.PRODUCTION} (--account)"}


def test_a_waiver_in_the_template_holds(snapshot: Path, tmp_path: Path) -> None:
    text = (RULE % ', Default: "10.0.0.0/8"').replace(
        "    Type: AWS", f"    # bulkhead:skip={OPEN}: the office\n    Type: AWS"
    )
    path = write(tmp_path / "rules.yaml", text)
    found = gate(snapshot, path, said=(f"{path}={PLACE}",), fail_on="medium")
    assert [(one.finding.status, one.fails) for one in found.judged if one.kind == "new"] == [("waived", False)]
    assert found.exit_code == 0


def test_an_unknown_range_is_a_gap_and_never_a_pass(snapshot: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "rules.yaml", RULE % "")
    found = gate(snapshot, path, said=(f"{path}={PLACE}",))
    assert found.exit_code == 3
    assert found.unread == (
        "rules.FromOffice: cidr_ipv4 hangs on parameter Range, which has no default (--parameter says a value)",
    )
    assert any(one.kind == "unread" and one.finding.subject.id == small.DATABASE for one in found.judged)


def test_an_account_that_nobody_says_is_a_gap_that_names_the_option(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "stacks" / "rules.yaml", RULE % ', Default: "10.0.0.0/8"')
    path = Path("stacks/rules.yaml")
    found = gate(snapshot, path)
    assert found.exit_code == 3
    assert any("say --account stacks/rules.yaml=ACCOUNT" in text for text in found.shortfalls)
    without_region = gathered(path, said=(f"stacks/rules.yaml={small.PRODUCTION}",)).unplaced[0].unplaced
    assert f"say --account stacks/rules.yaml={small.PRODUCTION}/REGION" in without_region
    for said in (
        f"stacks/rules.yaml={PLACE}",
        f"./stacks/rules.yaml={PLACE}",
        f"stacks/={PLACE}",
        f"{tmp_path}/={PLACE}",
    ):
        assert gathered(path, said=(said,)).unplaced == [], said
    named = {"accounts": {"stacks/": PLACE}}
    assert (
        judge.gate(
            [path], snapshot, Config.model_validate({"gate": named, "select": [OPEN], "fail_on": "medium"})
        ).exit_code
        == 1
    )


def test_the_nearest_of_what_was_said_decides(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "rules.yaml", RULE % "")
    said = (f"{tmp_path}/={small.TEST}/{small.REGION}", f"{tmp_path}/a/={PLACE}")
    assert gathered(path, said=said).plans[0].resources[0].account_id == small.PRODUCTION
    said = (*said, f"{path}={small.BACKUP}/{small.REGION}")
    assert gathered(path, said=said).plans[0].resources[0].account_id == small.BACKUP


def test_a_folder_and_a_provider_of_one_name_are_not_confused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "aws" / "rules.yaml", RULE % "")
    found = gathered(Path("aws"), said=(f"aws={PLACE}",))
    assert [one.label for one in found.unplaced] == ["rules.FromOffice"]


# ---------------------------------------------------------------------- what follows from it


def test_a_role_that_trusts_the_provider_beside_it_trusts_its_issuer(snapshot: Path, tmp_path: Path) -> None:
    rule = "blast_radius/trusts_any_repository"
    path = write(tmp_path / "t.yaml", """
Resources:
  GitHub:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: "https://token.actions.githubusercontent.com", ClientIdList: [sts.amazonaws.com]}
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deploy
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Federated: !Ref GitHub}
          Action: sts:AssumeRoleWithWebIdentity
          Condition: {StringLike: {"token.actions.githubusercontent.com:sub": "repo:*"}}
""")  # fmt: skip
    found = judge.gate([path], snapshot, Config(select=[rule, "blast_radius/dead_trust"]), said=(f"{path}={PLACE}",))
    assert [(one.kind, one.finding.rule_id) for one in found.judged] == [("new", rule)]
    assert found.exit_code == 1


def test_an_account_that_names_no_unit_is_under_the_root(snapshot: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.yaml",
        "Resources: {A: {Type: 'AWS::Organizations::Account', Properties: {AccountName: a, Email: a@example.com}}}\n",
    )
    rules = ["governance/account_under_root", "governance/can_leave_organization", "governance/no_guardrail"]
    found = judge.gate([path], snapshot, Config(select=rules), said=(f"{path}={small.MANAGEMENT}/{small.REGION}",))
    assert [(one.kind, one.finding.rule_id) for one in found.judged] == [("new", "governance/account_under_root")]
    assert found.exit_code == 0, found.shortfalls  # the guardrail of the root holds there too


def test_what_two_templates_make_is_not_taken_from_one_of_them(snapshot: Path, tmp_path: Path) -> None:
    for name, principal in (("a", "{AWS: '999999999999'}"), ("b", "{Service: ec2.amazonaws.com}")):
        trust = f"{{Statement: [{{Effect: Allow, Principal: {principal}, Action: 'sts:AssumeRole'}}]}}"
        properties = f"{{RoleName: same, AssumeRolePolicyDocument: {trust}}}"
        write(tmp_path / f"{name}.yaml", f"Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {properties}}}}}\n")
    found = gate(snapshot, tmp_path, said=(f"{tmp_path}/={PLACE}",))
    assert found.exit_code == 3
    assert any(one.startswith("a.R and b.R both make arn:") for one in found.shortfalls), found.shortfalls
    alone = gate(snapshot, tmp_path / "b.yaml", said=(f"{tmp_path}/={PLACE}",))
    assert not any("both make" in one for one in alone.shortfalls)


def test_a_template_that_is_named_twice_is_read_once(snapshot: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: b}}}\n")
    found = gate(snapshot, path, tmp_path, tmp_path / "." / "t.yaml", said=(f"{path}={PLACE}",))
    assert (found.counted.looked_at, [one for one in found.shortfalls if "both make" in one]) == (1, [])


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ("{Type: 'AWS::EC2::SecurityGroupIngress', Properties: {GroupId: GROUP, IpProtocol: -1, CidrIp: 0.0.0.0/0}}", {"GROUP": "sg-1-app"}),
        ("{Type: 'AWS::EC2::Route', Properties: {RouteTableId: TABLE, DestinationCidrBlock: 192.168.0.0/16, NetworkInterfaceId: eni-1}}", {"TABLE": "rtb-1"}),
        ("{Type: 'AWS::EC2::NetworkAclEntry', Properties: {NetworkAclId: ACL, RuleNumber: 1, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0}}", {"ACL": "acl-1"}),
        ("{Type: 'AWS::EC2::Instance', Properties: {SubnetId: SUBNET, SecurityGroupIds: [sg-1-app]}}", {"SUBNET": "subnet-1"}),
        ("{Type: 'AWS::IAM::RolePolicy', Properties: {RoleName: nobody, PolicyName: p, PolicyDocument: {Statement: []}}}", {}),
        ("{Type: 'AWS::IAM::ManagedPolicy', Properties: {Users: [nobody], PolicyDocument: {Statement: []}}}", {}),
        ("{Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: g, Users: [nobody]}}", {}),
        ("{Type: 'AWS::Backup::BackupSelection', Properties: {BackupPlanId: none, BackupSelection: {SelectionName: s, IamRoleArn: r}}}", {}),
        ("{Type: 'AWS::Lambda::Permission', Properties: {FunctionName: 'none:live', Action: 'lambda:*', Principal: '*'}}", {}),
    ],
)  # fmt: skip
def test_what_belongs_to_something_that_is_nowhere_never_passes(
    snapshot: Path, tmp_path: Path, block: str, named: dict[str, str]
) -> None:
    path = write(tmp_path / "t.yaml", f"Resources: {{R: {block}}}\n")
    lost = gate(snapshot, path, said=(f"{path}={PLACE}",))
    assert (lost.exit_code, len([one for one in lost.shortfalls if "is in neither" in one])) == (3, 1), lost.shortfalls
    for word, there in named.items():
        write(path, f"Resources: {{R: {block.replace(word, there)}}}\n")
        found = gate(snapshot, path, said=(f"{path}={PLACE}",))
        assert not [one for one in found.shortfalls if "is in neither" in one]


# ---------------------------------------------------------------------- what it leaves open


def test_a_condition_that_cannot_be_decided_is_a_gap(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Parameters:
  Stage: {Type: String}
Conditions:
  Production: !Equals [!Ref Stage, production]
  Either: !Or [!Condition Production, !Equals [a, a]]
  Neither: !And [!Condition Production, !Equals [a, b]]
Resources:
  Perhaps:
    Type: AWS::EC2::VPC
    Condition: Production
    Properties: {CidrBlock: 10.0.0.0/16}
  Surely:
    Type: AWS::EC2::VPC
    Condition: Either
    Properties: {CidrBlock: !If [Production, 10.1.0.0/16, 10.1.0.0/16]}
  Never:
    Type: AWS::EC2::VPC
    Condition: Neither
    Properties: {CidrBlock: 10.2.0.0/16}
  Open:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: open
      VpcId: !Ref Surely
      SecurityGroupIngress:
        - !If [Production, !Ref AWS::NoValue, {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
""")  # fmt: skip
    found = gathered(path)
    assert [row["vpc_id"] for row in rows(found, "vpcs")] == ["t.Surely"]
    assert [row["cidr"] for row in rows(found, "vpc_cidrs")] == ["10.1.0.0/16"]
    assert [(one.label, one.unplaced) for one in found.unplaced] == [
        (
            "t.Perhaps",
            "its condition Production hangs on parameter Stage, which has no default (--parameter says a value)",
        )
    ]
    assert [(one.address, one.attribute, one.whole) for one in found.unread] == [("t.Open", "ingress", True)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Transform: Our::Macro\nResources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}", "Our::Macro is not run"),
        ("Transform: [AWS::SecretsManager-2020-07-23]\nResources: {V: {Type: 'AWS::S3::Bucket'}}", "SecretsManager-2020-07-23 is not run"),
        ("Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: 'AWS::Serverless::Function'}}", "t.F: what the macro makes"),
        ("Resources: {M: {Type: 'Our::Bucket::MODULE'}}", "Our::Bucket::MODULE was not read"),
        ("Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://example.com/t.yaml'}}}", "t.S: its template"),
        ("Resources: {S: {Type: 'AWS::CloudFormation::StackSet', Properties: {StackSetName: s}}}", "t.S: its template"),
        ("Resources: {P: {Type: 'AWS::ServiceCatalog::CloudFormationProvisionedProduct', Properties: {ProductName: p}}}", "t.P: what its product"),
        ("Parameters: {A: {Type: String}}\nConditions: {C: !Equals [!Ref A, x]}\nResources: {S: {Type: 'AWS::CloudFormation::Stack', Condition: C, Properties: {TemplateURL: 'https://example.com/t.yaml'}}}", "t.S: its template"),
        ("Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::Vpcs': [A, [b], {'V${A}': {Type: 'AWS::EC2::VPC'}}], B: {Type: 'AWS::S3::Bucket'}}", "Fn::ForEach::Vpcs among the resources is not expanded"),
        ("Resources: {'Fn::Transform': {Name: 'AWS::Include'}, B: {Type: 'AWS::S3::Bucket'}}", "Fn::Transform among the resources"),
        ("Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {'Fn::Transform': {Name: 'AWS::Include'}}}}", "comes from a macro"),
        ("Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: b, 'Fn::Transform': {Name: 'AWS::Include'}}}}", "comes from Fn::Transform"),
    ],
)  # fmt: skip
def test_macros_and_what_lies_elsewhere_are_gaps(tmp_path: Path, text: str, says: str) -> None:
    found = gathered(write(tmp_path / "t.yaml", text + "\n"))
    assert any(says in one for one in found.lost), found.lost


def test_a_template_of_which_something_was_not_read_never_passes(tmp_path: Path, snapshot: Path) -> None:
    path = write(tmp_path / "t.yaml", "Transform: Our::Macro\nResources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    found = gate(snapshot, path, said=(f"{path}={PLACE}",))
    assert found.exit_code == 3
    assert any("Our::Macro is not run" in text for text in found.shortfalls)


def test_addresses_that_are_none_are_not_taken_for_known(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Resources:
  Address: {Type: AWS::EC2::EIP}
  Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: subnet-1}}
  A:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: !Sub "${Address}/32"}
  B:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: !Join ["/", [!GetAtt Server.PrivateIp, 32]]}
  C:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: !Ref Server}
  D:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: "{{resolve:ssm:/office/range}}"}
""")  # fmt: skip
    found = gathered(path)
    assert rows(found, "security_group_rules") == []
    assert {(one.address, one.whole) for one in found.unread if one.attribute == "cidr_ipv4"} == {
        (f"t.{name}", True) for name in "ABCD"
    }


def test_a_route_to_a_gateway_that_is_not_known_is_a_gap(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Parameters:
  Gateway: {Type: String}
Resources:
  Unsaid: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  Stranger: {Type: AWS::EC2::Route, Properties: {RouteTableId: rtb-1, DestinationCidrBlock: 10.0.0.0/8, GatewayId: !Ref Carrier}}
  Carrier: {Type: AWS::EC2::LocalGatewayRouteTable, Properties: {LocalGatewayId: lgw-1}}
""")  # fmt: skip
    assert {(one.address, one.attribute, one.whole) for one in gathered(path).unread} == {
        ("t.Unsaid", "gateway_id", True),
        ("t.Stranger", "gateway_id", True),
    }


def test_whom_a_permission_of_a_function_is_narrowed_to(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Parameters:
  Unsaid: {Type: String}
Resources:
  Ours: {Type: AWS::Lambda::Permission, Properties: {FunctionName: a, Action: "lambda:InvokeFunction", Principal: "*", PrincipalOrgID: o-1}}
  Whose: {Type: AWS::Lambda::Permission, Properties: {FunctionName: b, Action: "lambda:InvokeFunction", Principal: "*", PrincipalOrgID: !Ref Unsaid}}
""")  # fmt: skip
    found = {row["name"]: row["document"] for row in rows(gathered(path), "policy_documents")}
    assert json.loads(found["t.Ours"])["Statement"][0]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert found["t.Whose"] is None


def test_what_a_selection_of_backups_picks_out_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "t.yaml", """
Parameters:
  Unsaid: {Type: String}
Resources:
  Selection:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: plan
      BackupSelection:
        SelectionName: s
        IamRoleArn: arn:aws:iam::222222222222:role/backup
        ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: !Ref Unsaid, ConditionValue: "yes"}]
""")  # fmt: skip
    assert [(one.attribute, one.whole) for one in gathered(path).unread] == [("selection_tag.key", True)]


def test_what_another_template_exports(tmp_path: Path) -> None:
    network = write(tmp_path / "network.yaml", (STACKS / "network.yaml").read_text().partition("\n")[2])
    user = write(tmp_path / "user.yaml", """
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: g, VpcId: !ImportValue orders-vpc}
  Lost:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: g, VpcId: !ImportValue nowhere}
""")  # fmt: skip
    together = gathered(network, user)
    groups = {row["group_id"]: row["vpc_id"] for row in rows(together, "security_groups")}
    assert (groups["user.Group"], groups["user.Lost"]) == ("network.Vpc", None)
    alone = gathered(user)
    assert {one.address for one in alone.unread} == {"user.Group", "user.Lost"}
    elsewhere = gathered(network, user, said=(f"{network}={PLACE}", f"{user}={small.TEST}/{small.REGION}"))
    assert {row["vpc_id"] for row in rows(elsewhere, "security_groups") if row["group_id"] == "user.Group"} == {None}


def test_a_nested_template_beside_it_is_read_with_its_parameters(tmp_path: Path) -> None:
    write(tmp_path / "parts" / "group.yaml", """
Parameters:
  Vpc: {Type: AWS::EC2::VPC::Id}
  Ranges: {Type: CommaDelimitedList, Default: "10.0.0.0/8,192.168.0.0/16"}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: g
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Select [1, !Ref Ranges]}]
Outputs:
  Id: {Value: !GetAtt Group.GroupId}
""")  # fmt: skip
    write(tmp_path / "main.yaml", """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Part:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: parts/group.yaml, Parameters: {Vpc: !Ref Vpc}}
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Part.Outputs.Id, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
""")  # fmt: skip
    found = gathered(tmp_path, said=(f"{tmp_path}/={PLACE}",))
    assert [plan.path.name for plan in found.plans] == ["main.yaml"]
    assert (found.lost, found.unread) == ([], [])
    assert {row["group_id"]: row["vpc_id"] for row in rows(found, "security_groups")}["main.Part.Group"] == "main.Vpc"
    peers = {(row["group_id"], row["from_port"], row["peer"]) for row in rows(found, "security_group_rules")}
    assert {("main.Part.Group", 22, "192.168.0.0/16"), ("main.Part.Group", 443, "10.0.0.0/8")} <= peers


def test_templates_of_one_name_do_not_mix_up_their_groups(tmp_path: Path) -> None:
    text = """
Resources:
  App: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: a, VpcId: vpc-1}}
  Data:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: d, VpcId: vpc-1, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, SourceSecurityGroupId: !Ref App}]}
"""
    for name in ("a", "b"):
        write(tmp_path / name / "t.yaml", text)
    found = gathered(tmp_path / "a", tmp_path / "b", said=(f"{tmp_path}/={PLACE}",))
    groups = {row["group_id"] for row in rows(found, "security_groups")}
    rules = [row for row in rows(found, "security_group_rules") if row["peer_type"] == "group"]
    assert len(groups) == 4
    assert {(row["group_id"], row["peer"]) for row in rules} == {
        (f"{tmp_path}/{name}/t.yaml:t.Data", f"{tmp_path}/{name}/t.yaml:t.App") for name in ("a", "b")
    }
    assert {row["peer_account_id"] for row in rules} == {small.PRODUCTION}


# ---------------------------------------------------------------------- what is no template

VPC = "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}\n"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("empty.yaml", "", "is empty"),
        ("other.yaml", "kind: Deployment\n", "no CloudFormation template"),
        ("broken.yaml", "a: [\n", "line 2 is not YAML"),
        ("list.yaml", "- Resources\n- AWSTemplateFormatVersion\n", "no CloudFormation template"),
        ("cut.yaml", VPC[:40], "cannot parse it"),
        ("cut.json", '{"Resources": {"V": {"Type": "AWS::EC2::V', "cannot parse it"),
        ("tab.yaml", "Resources:\n\tV:\n", "cannot parse it"),
        ("null.yaml", "Resources:\n  V:\n    Type: AWS::EC2::VPC\n    Properties:\n", "null"),
        ("twice.yaml", VPC + "Resources: {}\n", "cannot parse it"),
        ("none.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "has no Resources"),
        ("listed.yaml", "Resources: [a, b]\n", "has no Resources"),
        ("untyped.yaml", "Resources: {V: {Properties: {}}}\n", "V has no Type"),
        ("text.yaml", "Resources: {V: text}\n", "V has no Type"),
        ("properties.yaml", "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: [a]}}\n", "Properties of V"),
        ("large.yaml", VPC + "#" + "x" * 1024 * 1024, "takes no template above"),
        ("bomb.yaml", "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + VPC, "repeated beyond"),
        ("deep.yaml", "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {A: " + "[" * 3000 + "]" * 3000 + "}}}\n", "deep.yaml"),
        ("function.yaml", VPC.replace("10.0.0.0/16", "!Bogus x"), "uses Fn::Bogus"),
        ("outputs.yaml", VPC + "Outputs: {O: {Value: {'Fn::Bogus': x}}}\n", "Outputs use Fn::Bogus"),
        ("tag.yaml", "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {A: !!python/object:os.system x}}}\n", "tag.yaml"),
    ],
)  # fmt: skip
def test_what_is_no_template_exits_2_with_file_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert main(["gate", str(path)]) == 2
    told = capsys.readouterr().err
    assert name in told and says in told


def test_a_macro_may_bring_functions_of_its_own_and_is_a_gap(tmp_path: Path) -> None:
    text = "Transform: Ours\n" + VPC.replace("10.0.0.0/16", "!Bogus x")
    found = gathered(write(tmp_path / "t.yaml", text))
    assert any("Ours is not run" in one for one in found.lost)


def test_json_may_be_indented_with_tabs(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(
        '{\n\t"Resources": {\n\t\t"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}\n\t}\n}\n'
    )
    found = gathered(path)
    assert [row["cidr"] for row in rows(found, "vpc_cidrs")] == ["10.0.0.0/16"]
    assert found.plans[0].resources[0].location.line == 3


def test_a_broken_template_in_a_folder_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "good.yaml", VPC)
    write(tmp_path / "below" / "bad.yaml", VPC[:40])
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    assert main(["gate", str(tmp_path)]) == 2
    assert "bad.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mark.yaml", b"\xef\xbb\xbf" + VPC.encode()),
        ("wide.yaml", VPC.encode("utf-16")),
        ("flow.yaml", b"{Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}}"),
        ("mentions.yaml", b'# no "planned_values" here\n' + VPC.encode()),
        ("mentions.json", json.dumps({"Description": '"planned_values"', "Resources": {"V": {"Type": "AWS::EC2::VPC"}}}).encode()),
        ("indented.json", b'{\n  "Resources":\n  {"V": {"Type": "AWS::EC2::VPC"}}\n}'),
    ],
)  # fmt: skip
def test_a_template_in_a_folder_is_found_however_it_is_written(tmp_path: Path, name: str, text: bytes) -> None:
    write(tmp_path / "beside.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    (tmp_path / name).write_bytes(text)
    assert {plan.path.name for plan in inputs.read(tmp_path)} == {"beside.yaml", name}


def test_a_plan_with_a_template_in_it_is_no_template(tmp_path: Path) -> None:
    write(tmp_path / "beside.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    document = {"planned_values": {"template_body": HEAD + VPC}, "resource_changes": []}
    (tmp_path / "plan.json").write_text(json.dumps(document))
    assert [plan.path.name for plan in inputs.read(tmp_path)] == ["beside.yaml"]


def test_only_a_nested_stack_stands_for_the_template_it_names(tmp_path: Path) -> None:
    write(tmp_path / "vpc.yaml", VPC)
    write(
        tmp_path / "custom.yaml",
        "Resources: {C: {Type: 'Custom::C', Properties: {ServiceToken: t, TemplateURL: vpc.yaml}}}\n",
    )
    assert {plan.path.name for plan in inputs.read(tmp_path)} == {"custom.yaml", "vpc.yaml"}


def test_resources_that_name_each_other_in_an_endless_chain(tmp_path: Path) -> None:
    groups = "".join(
        f"  G{n}: {{Type: 'AWS::EC2::SecurityGroup', Properties: {{GroupDescription: !Ref G{n + 1}, VpcId: vpc-1}}}}\n"
        for n in range(499)
    )
    with pytest.raises(GateError, match=r"t\.yaml: its resources name each other"):
        gathered(write(tmp_path / "t.yaml", f"Resources:\n{groups}  G499: {{Type: 'AWS::SNS::Topic'}}\n"))


def test_templates_in_a_folder_that_nest_each_other(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        text = f"Resources: {{S: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {other}.yaml}}}}}}\n"
        write(tmp_path / f"{name}.yaml", text)
    write(tmp_path / "vpc.yaml", VPC)
    with pytest.raises(GateError, match="nested in itself"):
        inputs.read(tmp_path)


def test_a_template_nested_in_itself(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.yaml", "Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: t.yaml}}}\n"
    )
    with pytest.raises(GateError, match="nested in itself"):
        inputs.read(path)


def test_a_folder_with_terraform_and_templates_is_read_as_both(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111111111111"]\n}\n'
        'resource "aws_vpc" "v" {\n  cidr_block = "10.9.0.0/16"\n}\n'
    )
    write(tmp_path / "stacks" / "t.yaml", VPC)
    write(tmp_path / ".terraform" / "t.yaml", VPC)
    found = gathered(tmp_path, said=(f"{tmp_path}/={PLACE}",))
    assert {row["vpc_id"]: row["account_id"] for row in rows(found, "vpcs")} == {
        "aws_vpc.v": small.MANAGEMENT,
        "t.V": small.PRODUCTION,
    }


def test_terraform_that_would_be_left_out_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a" / "t.yaml", VPC)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "main.tf").write_text("")
    with pytest.raises(GateError, match="name both"):
        inputs.read(tmp_path)
