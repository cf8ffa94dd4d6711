from __future__ import annotations

import pytest
from botocore.session import Session

from scanner.aws.clients import Clients
from scanner.aws.guard import SECRETS, Guard
from scanner.aws.identity import Own, entered
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call
from scanner.collect.run import all_calls
from scanner.errors import ForbiddenCall
from tests.aws.server import Answer, point_at, serving
from tests.collect.fake import operation

LIST_KEYS = Call("kms.list_keys", ("kms_keys",))


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def test_an_undeclared_operation_is_refused_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Answer()) as server:
        point_at(server.url, monkeypatch)
        clients = Clients([LIST_KEYS], Scheduler(), 4, "eu-west-1")
        kms, ec2 = clients.get("kms", "eu-west-1"), clients.get("ec2", "eu-west-1")
        with entered(Own("1", Session().get_credentials()), "eu-west-1"):
            for forbidden in (
                lambda: kms.describe_key(KeyId="k"),
                lambda: kms.schedule_key_deletion(KeyId="k"),
                lambda: ec2.terminate_instances(InstanceIds=["i-1"]),
                lambda: list(ec2.get_paginator("describe_vpcs").paginate()),
                lambda: clients.get("sts", "global").get_session_token(),
            ):
                with pytest.raises(ForbiddenCall, match="not declared by any collector"):
                    forbidden()
            assert server.requests == []
            kms.list_keys()
    assert server.actions() == ["ListKeys"]


@pytest.mark.parametrize(
    "name",
    [
        "ec2.terminate_instances", "iam.create_access_key", "s3.put_bucket_policy", "kms.decrypt", "kms.generate_data_key",
        "rds.start_db_instance", "sts.assume_role_with_saml", "organizations.move_account", "lambda.invoke", "ec2.run_instances",
    ],
)  # fmt: skip
def test_a_declared_call_that_is_no_read_is_refused(name: str) -> None:
    with pytest.raises(ForbiddenCall, match=name):
        Guard([Call(name, ("vpcs",))])


@pytest.mark.parametrize(("client", "secret"), sorted(SECRETS))
def test_reads_of_secrets_are_refused(client: str, secret: str) -> None:
    call = Call(f"{client}.{snake(secret)}", ("secrets",))
    assert operation(call).name == secret  # or the list would refuse a name that AWS does not have
    with pytest.raises(ForbiddenCall, match="does not only read"):
        Guard([call])


def test_every_collector_may_make_its_calls() -> None:
    guard = Guard(all_calls())
    for call in all_calls():
        guard._check(operation(call))
    with pytest.raises(ForbiddenCall):
        Guard([LIST_KEYS])._check(operation(Call("kms.describe_key", ())))


def test_only_the_two_entry_calls_are_allowed_without_declaration() -> None:
    guard = Guard([])
    guard._check(operation(Call("sts.assume_role", ())))
    guard._check(operation(Call("sts.get_caller_identity", ())))
    for name in ("sts.get_federation_token", "sts.assume_root", "iam.get_user"):
        with pytest.raises(ForbiddenCall):
            guard._check(operation(Call(name, ())))
