from __future__ import annotations

import pytest

from scanner.aws.guard import SECRETS, Guard
from scanner.collect.api import Call
from scanner.collect.run import all_calls
from scanner.errors import ForbiddenCall
from tests.collect.fake import operation


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


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
        Guard([Call("kms.list_keys", ())])._check(operation(Call("kms.describe_key", ())))


def test_only_the_two_entry_calls_are_allowed_without_declaration() -> None:
    guard = Guard([])
    guard._check(operation(Call("sts.assume_role", ())))
    guard._check(operation(Call("sts.get_caller_identity", ())))
    for name in ("sts.get_federation_token", "sts.assume_root", "iam.get_user"):
        with pytest.raises(ForbiddenCall):
            guard._check(operation(Call(name, ())))
