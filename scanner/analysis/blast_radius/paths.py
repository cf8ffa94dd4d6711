"""Known combinations of permissions that make more of a principal than its policies say: data, no code.

Written from the documentation of each service's calls (https://docs.aws.amazon.com/service-authorization/latest/reference/) and of
passing roles (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html). `covers` are ids of the
catalogue of pathfinding.cloud, so that a test can say that none of them is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

PASS_ROLE = "iam:PassRole"


@dataclass(frozen=True, eq=False)
class Path:
    """One combination, the same as itself alone. Kinds:

    `grow`: the first action, on a user, role, group or managed policy (`target`), adds whatever permissions one likes;
    `enter`: the actions, on a user, role or group, make one that principal;
    `pass`: iam:PassRole on a role that trusts one of `services`, with the actions of that service, makes one that role;
    `use`: the actions, on something that exists and runs with a role that trusts one of `services`, do the same;
    `make`: the actions, on a new user or role, make one that gets whatever permissions one likes;
    `lift`: the action, on a user or role, or on the policy that is its boundary, takes its permissions boundary away.
    """

    name: str
    kind: str
    actions: tuple[str, ...]
    target: str = "role"
    services: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    condition: str = ""
    """What has to hold beside the permissions, and no table tells."""

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Every permission it takes."""
        return (PASS_ROLE, *self.actions) if self.kind == "pass" else self.actions

    @cached_property
    def covered(self) -> tuple[str, ...]:
        """The same in lower case."""
        return tuple(action.lower() for action in self.needs)


def _grow(name: str, action: str, target: str, *covers: str, condition: str = "") -> Path:
    return Path(name, "grow", (action,), target, covers=covers, condition=condition)


def _enter(name: str, action: str, target: str, *covers: str) -> Path:
    return Path(name, "enter", (action,), target, covers=covers)


def _make(name: str, target: str, actions: str) -> Path:
    return Path(name, "make", tuple(actions.split()), target)


def _lift(name: str, action: str, target: str) -> Path:
    return Path(name, "lift", (action,), target)


def _pass(name: str, services: str, actions: str, *covers: str) -> Path:
    return Path(name, "pass", tuple(actions.split()), services=tuple(services.split()), covers=covers)


def _use(name: str, services: str, actions: str, *covers: str) -> Path:
    return Path(name, "use", tuple(actions.split()), services=tuple(services.split()), covers=covers)


LAMBDA, EC2, ECS = "lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"
GLUE, SAGEMAKER, CODEBUILD = "glue.amazonaws.com", "sagemaker.amazonaws.com", "codebuild.amazonaws.com"
STACKS, AGENTS = "cloudformation.amazonaws.com", "bedrock-agentcore.amazonaws.com"
APP_RUNNER = "tasks.apprunner.amazonaws.com"
PIPELINES = "datapipeline.amazonaws.com elasticmapreduce.amazonaws.com ec2.amazonaws.com"

PATHS: tuple[Path, ...] = (
    # ------------------------------------------------------------------ adding permissions
    _grow("put_user_policy", "iam:PutUserPolicy", "user", "iam-007", "iam-018"),
    _grow("attach_user_policy", "iam:AttachUserPolicy", "user", "iam-008", "iam-015"),
    _grow("put_role_policy", "iam:PutRolePolicy", "role", "iam-005", "iam-017", "iam-021"),
    _grow("attach_role_policy", "iam:AttachRolePolicy", "role", "iam-009", "iam-014", "iam-019"),
    _grow("put_group_policy", "iam:PutGroupPolicy", "group", "iam-011"),
    _grow("attach_group_policy", "iam:AttachGroupPolicy", "group", "iam-010"),
    _grow("new_policy_version", "iam:CreatePolicyVersion", "policy", "iam-001", "iam-016", "iam-020"),
    _grow(
        "other_policy_version",
        "iam:SetDefaultPolicyVersion",
        "policy",
        condition="another version of that policy allows more",
    ),
    # ------------------------------------------------------------------ becoming another principal
    _enter("new_access_key", "iam:CreateAccessKey", "user", "iam-002", "iam-003"),
    _enter("new_password", "iam:CreateLoginProfile", "user", "iam-004"),
    _enter("other_password", "iam:UpdateLoginProfile", "user", "iam-006"),
    _enter("rewrite_trust", "iam:UpdateAssumeRolePolicy", "role", "iam-012"),
    _enter("join_group", "iam:AddUserToGroup", "group", "iam-013"),
    _enter("assume_role", "sts:AssumeRole", "role", "sts-001"),
    # ------------------------------------------------------------------ a new principal, and an old one without its boundary
    _make("new_user_with_key", "user", "iam:CreateUser iam:PutUserPolicy iam:CreateAccessKey"),
    _make("new_user_with_password", "user", "iam:CreateUser iam:PutUserPolicy iam:CreateLoginProfile"),
    _make("new_administrator_with_key", "user", "iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey"),
    _make("new_administrator_with_password", "user", "iam:CreateUser iam:AttachUserPolicy iam:CreateLoginProfile"),
    _make("new_role", "role", "iam:CreateRole iam:PutRolePolicy"),
    _make("new_administrator_role", "role", "iam:CreateRole iam:AttachRolePolicy"),
    _lift("no_boundary_of_user", "iam:DeleteUserPermissionsBoundary", "user"),
    _lift("no_boundary_of_role", "iam:DeleteRolePermissionsBoundary", "role"),
    _lift("other_boundary_of_user", "iam:PutUserPermissionsBoundary", "user"),
    _lift("other_boundary_of_role", "iam:PutRolePermissionsBoundary", "role"),
    _lift("new_version_of_boundary", "iam:CreatePolicyVersion", "policy"),
    # ------------------------------------------------------------------ a role passed to something new
    _pass("new_service", APP_RUNNER, "apprunner:CreateService", "apprunner-001"),
    _pass(
        "new_interpreter",
        AGENTS,
        "bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession"
        " bedrock-agentcore:InvokeCodeInterpreter",
        "bedrock-001",
    ),
    _pass("new_stack", STACKS, "cloudformation:CreateStack", "cloudformation-001"),
    _pass("new_role_for_stack", STACKS, "cloudformation:UpdateStack"),
    _pass(
        "new_stack_set",
        STACKS,
        "cloudformation:CreateStackSet cloudformation:CreateStackInstances",
        "cloudformation-003",
    ),
    _pass("other_stack_set", STACKS, "cloudformation:UpdateStackSet", "cloudformation-004"),
    _pass("new_change_set", STACKS, "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet"),
    _pass("new_build", CODEBUILD, "codebuild:CreateProject codebuild:StartBuild", "codebuild-001"),
    _pass("new_build_batch", CODEBUILD, "codebuild:CreateProject codebuild:StartBuildBatch", "codebuild-004"),
    _pass("other_build", CODEBUILD, "codebuild:UpdateProject codebuild:StartBuild"),
    _pass(
        "new_data_pipeline",
        PIPELINES,
        "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline",
        "datapipeline-001",
    ),
    _pass("new_instance", EC2, "ec2:RunInstances", "ec2-001"),
    _pass("new_spot_instance", EC2, "ec2:RequestSpotInstances", "ec2-003"),
    _pass("other_instance_profile", EC2, "ec2:AssociateIamInstanceProfile"),
    _pass("other_instance_profile_2", EC2, "ec2:ReplaceIamInstanceProfileAssociation"),
    _pass("new_fleet", EC2, "autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup"),
    _pass("new_task", ECS, "ecs:RegisterTaskDefinition ecs:RunTask", "ecs-002", "ecs-004"),
    _pass("new_task_service", ECS, "ecs:RegisterTaskDefinition ecs:CreateService", "ecs-001", "ecs-003"),
    _pass("other_task_service", ECS, "ecs:RegisterTaskDefinition ecs:UpdateService"),
    _pass("new_task_on_host", ECS, "ecs:RegisterTaskDefinition ecs:StartTask", "ecs-005"),
    _pass("new_batch_job", ECS, "batch:RegisterJobDefinition batch:SubmitJob"),
    _pass("new_endpoint", GLUE, "glue:CreateDevEndpoint", "glue-001"),
    _pass("new_glue_job", GLUE, "glue:CreateJob glue:StartJobRun", "glue-003"),
    _pass("new_glue_job_by_trigger", GLUE, "glue:CreateJob glue:CreateTrigger", "glue-004"),
    _pass("other_glue_job", GLUE, "glue:UpdateJob glue:StartJobRun", "glue-005"),
    _pass("other_glue_job_by_trigger", GLUE, "glue:UpdateJob glue:CreateTrigger", "glue-006"),
    _pass("new_function", LAMBDA, "lambda:CreateFunction lambda:InvokeFunction", "lambda-001"),
    _pass("new_function_by_events", LAMBDA, "lambda:CreateFunction lambda:CreateEventSourceMapping", "lambda-002"),
    _pass("new_function_by_permission", LAMBDA, "lambda:CreateFunction lambda:AddPermission", "lambda-006"),
    _pass("new_function_by_url", LAMBDA, "lambda:CreateFunction lambda:CreateFunctionUrlConfig"),
    _pass("other_function", LAMBDA, "lambda:UpdateFunctionConfiguration lambda:UpdateFunctionCode"),
    _pass("new_notebook", SAGEMAKER, "sagemaker:CreateNotebookInstance", "sagemaker-001"),
    _pass("new_training", SAGEMAKER, "sagemaker:CreateTrainingJob", "sagemaker-002"),
    _pass("new_processing", SAGEMAKER, "sagemaker:CreateProcessingJob", "sagemaker-003"),
    _pass("new_automation", "ssm.amazonaws.com", "ssm:StartAutomationExecution"),
    _pass("new_state_machine", "states.amazonaws.com", "states:CreateStateMachine states:StartExecution"),
    _pass("other_state_machine", "states.amazonaws.com", "states:UpdateStateMachine states:StartExecution"),
    _pass("new_schedule", "scheduler.amazonaws.com", "scheduler:CreateSchedule"),
    _pass("new_cluster", "elasticmapreduce.amazonaws.com ec2.amazonaws.com", "elasticmapreduce:RunJobFlow"),
    _pass(
        "new_delivery_pipeline",
        "codepipeline.amazonaws.com",
        "codepipeline:CreatePipeline codepipeline:StartPipelineExecution",
    ),
    _pass("new_anchor", "rolesanywhere.amazonaws.com", "rolesanywhere:CreateTrustAnchor rolesanywhere:CreateProfile"),
    # ------------------------------------------------------------------ something that runs already
    _use("running_service", APP_RUNNER, "apprunner:UpdateService", "apprunner-002"),
    _use(
        "running_interpreter",
        AGENTS,
        "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter",
        "bedrock-002",
    ),
    _use("other_stack", STACKS, "cloudformation:UpdateStack", "cloudformation-002"),
    _use("change_set", STACKS, "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet", "cloudformation-005"),
    _use("build", CODEBUILD, "codebuild:StartBuild", "codebuild-002"),
    _use("build_batch", CODEBUILD, "codebuild:StartBuildBatch", "codebuild-003"),
    _use("key_on_instance", EC2, "ec2-instance-connect:SendSSHPublicKey", "ec2instanceconnect-003"),
    _use(
        "other_user_data",
        EC2,
        "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances",
        "ec2-002",
    ),
    _use("other_launch_template", EC2, "ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate", "ec2-004"),
    _use("session_on_instance", EC2, "ssm:StartSession", "ssm-001"),
    _use("command_on_instance", EC2, "ssm:SendCommand", "ssm-002"),
    _use("command_in_task", ECS, "ecs:ExecuteCommand"),
    _use("key_on_endpoint", GLUE, "glue:UpdateDevEndpoint", "glue-002"),
    _use("other_code", LAMBDA, "lambda:UpdateFunctionCode", "lambda-003", "lambda-004", "lambda-005"),
    _use("notebook", SAGEMAKER, "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker-004"),
    _use(
        "notebook_start_script",
        SAGEMAKER,
        "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance"
        " sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance",
        "sagemaker-005",
    ),
)

ASSUME = "sts:assumerole"
GROW = tuple(path for path in PATHS if path.kind == "grow")
ENTER = tuple(path for path in PATHS if path.kind == "enter" and path.name != "assume_role")
PASS = tuple(path for path in PATHS if path.kind == "pass")
USE = tuple(path for path in PATHS if path.kind == "use")
MAKE = tuple(path for path in PATHS if path.kind == "make")
LIFT = tuple(path for path in PATHS if path.kind == "lift")

DESTROYS = (
    "rds:DeleteDBInstance rds:DeleteDBCluster rds:DeleteDBSnapshot rds:DeleteDBClusterSnapshot dynamodb:DeleteTable"
    " dynamodb:DeleteBackup s3:DeleteObject s3:DeleteObjectVersion s3:DeleteBucket s3:PutLifecycleConfiguration"
    " ec2:DeleteSnapshot ec2:DeleteVolume backup:DeleteRecoveryPoint backup:DeleteBackupVault kms:ScheduleKeyDeletion"
    " elasticfilesystem:DeleteFileSystem fsx:DeleteFileSystem redshift:DeleteCluster docdb-elastic:DeleteCluster"
).split()
"""Calls that delete data stores, what is in them, their copies, or the key without which these are worthless."""

_STACKS = ("cloudformation:CreateStackSet", "cloudformation:CreateStackInstances")
_ASSIGN = ("sso:CreatePermissionSet", "sso:AttachManagedPolicyToPermissionSet", "sso:CreateAccountAssignment")
GOVERNING = {
    "member.org.stacksets.cloudformation.amazonaws.com": _STACKS,
    "stacksets.cloudformation.amazonaws.com": _STACKS,
    "sso.amazonaws.com": _ASSIGN,
}
"""Services of AWS Organizations through which the management account, or the member that administers the service for it, gets into
every member account (a delegated administrator not into the management account), with the calls that do it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html and
https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html"""

ANYTHING = "any:any"
_ASKED = (
    *(action for path in PATHS for action in path.needs),
    *DESTROYS,
    *(action for calls in GOVERNING.values() for action in calls),
    ANYTHING,
)
LEADING = frozenset(action.lower() for action in _ASKED if action not in DESTROYS)
"""Actions that edges are made of."""
INTERESTING = frozenset(action.lower() for action in _ASKED)
"""Actions that a closure asks about; `any:any` stands for one that only wildcards name."""
