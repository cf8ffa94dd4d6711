"""AWS, read live: roles are assumed into accounts, pages are fetched under the scheduler."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.session import Session

from scanner.aws import outcomes
from scanner.aws.clients import Clients
from scanner.aws.identity import Assumed, Identity, Own, entered
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call, Place, ReadError, Response
from scanner.collect.estate import Caller, Sent
from scanner.errors import AccessError, UsageError

DEFAULT_ROLES = ("BulkheadReadOnly", "OrganizationAccountAccessRole", "AWSControlTowerExecution")
SESSION_NAME = "aws-bulkhead"
"""Name of every role session; the role that `deploy/` sets up asks for it."""
PARTITION_HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
# Without MaxResults, EC2 reads draw on a smaller bucket; IAM's default page is a tenth of what it can be; S3 tells a
# bucket's Region only when its listing is paged; SQS ends its listing at 1,000 queues, without a word, where no size is named.
TOKENS = ("NextToken", "NextPageToken")
PAGE_SIZES = {"config": 100, "ec2": 1000, "iam": 1000, "s3": 1000, "sqs": 1000}


@dataclass(frozen=True)
class Access:
    """How accounts are entered. `roles` are tried in order; `external_id` goes with each attempt."""

    profile: str | None = None
    roles: tuple[str, ...] = DEFAULT_ROLES
    external_id: str | None = None


class Live:
    """An estate that answers from AWS."""

    def __init__(self, access: Access, calls: tuple[Call, ...], scheduler: Scheduler, connections: int):
        self._access = access
        self._scheduler = scheduler
        session = Session(profile=access.profile)
        self._own = Own("unknown", base_credentials(session, access.profile))
        home = session.get_config_variable("region") or PARTITION_HOME["aws"]
        self._clients = Clients(calls, scheduler, connections, home)
        self._caller: Caller | None = None
        self._identities: dict[str, Identity] = {}
        self._paginators: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def caller(self) -> Caller:
        if self._caller is None:
            try:
                with entered(self._own, self._clients.home_region):
                    answer = self._clients.get("sts", "global").get_caller_identity()
            except outcomes.FAILURES as error:
                raise AccessError(entry_problem(error)) from error
            account, arn = answer["Account"], answer["Arn"]
            self._caller = Caller(account, arn.split(":")[1], arn)
            self._own = Own(account, self._own.credentials)
            self._identities[account] = self._own
        return self._caller

    def enter(self, account_id: str) -> None:
        if account_id in self._identities:
            return
        refusals = []
        for role in self._access.roles:
            arn = f"arn:{self.caller().partition}:iam::{account_id}:role/{role}"
            try:
                self._identities[account_id] = Assumed(account_id, arn, self._assume)
                return
            except outcomes.FAILURES as error:
                problem = outcomes.from_exception(error, "global")
                if problem.cause == "expired":
                    raise AccessError(entry_problem(error)) from error
                refusals.append(f"{role}: {problem.reason}")
        raise ReadError("no_role", "no role could be assumed; " + "; ".join(refusals))

    def _assume(self, role_arn: str) -> dict[str, Any]:
        extra = {"ExternalId": self._access.external_id} if self._access.external_id else {}
        with entered(self._own, self._clients.home_region):
            answer = self._clients.get("sts", "global").assume_role(
                RoleArn=role_arn, RoleSessionName=SESSION_NAME, **extra
            )
        credentials: dict[str, Any] = answer["Credentials"]
        return credentials

    def leave(self, account_id: str) -> list[Sent]:
        if self._caller is None or account_id != self._caller.account_id:
            self._identities.pop(account_id, None)
        return self._scheduler.drain(account_id)

    def finish(self) -> list[Sent]:
        return self._scheduler.drain()

    def unit_done(self, account_id: str) -> None:
        return None

    def accounts(self) -> tuple[str, ...]:
        return ()

    def regions(self, account_id: str) -> tuple[str, ...]:
        return ()

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        identity = self._identities[place.account_id]
        client = self._clients.get(call.client, place.region)
        if client.can_paginate(call.method):
            pages = iter(self._paginator(client, place.region, call).paginate(**params))
        else:
            pages = _pages_by_token(client, call, params)
        while True:
            # Entered page by page: between two pages the caller may work elsewhere.
            with entered(identity, place.region):
                page = _answer(lambda: next(pages, None), place.region, call.client)
            if page is None:
                return
            yield page

    def _paginator(self, client: Any, region: str, call: Call) -> Any:
        key = (region, call.name)
        with self._lock:
            if key not in self._paginators:
                self._paginators[key] = _Paged(client, call)
            return self._paginators[key]


class _Paged:
    """A paginator with the page size that suits the service, built once: botocore makes a new class each time."""

    def __init__(self, client: Any, call: Call):
        self._paginator = client.get_paginator(call.method)
        self._config = {}
        size = PAGE_SIZES.get(call.client)
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[call.method])
        limit = self._paginator._pagination_cfg.get("limit_key")
        if size and limit:
            most = model.input_shape.members[limit].metadata.get("max", size)
            self._config = {"PageSize": min(size, most)}

    def paginate(self, **params: Any) -> Any:
        return self._paginator.paginate(**params, PaginationConfig=self._config)


def _pages_by_token(client: Any, call: Call, params: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every page of a call that botocore has no paginator for, such as all of Cost Explorer's; one where there are none."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[call.method])
    asked, told = (set(shape.members) if shape else set() for shape in (model.input_shape, model.output_shape))
    token = next((name for name in TOKENS if name in asked & told), None)
    page = getattr(client, call.method)(**params)
    yield page
    while token and page.get(token):
        page = getattr(client, call.method)(**params, **{token: page[token]})
        yield page


def _answer(ask: Any, region: str, service: str) -> Any:
    try:
        return ask()
    except outcomes.FAILURES as error:
        problem = outcomes.from_exception(error, region, service)
        if problem.cause == "expired":
            raise AccessError(entry_problem(error)) from error
        raise problem from error


def base_credentials(session: Session, profile: str | None) -> Any:
    """Return the credentials of a session. Raises UsageError for an unknown profile, AccessError where there are none."""
    try:
        credentials = session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()
    except ProfileNotFound as error:
        raise UsageError(f"{error}; name an existing one with --profile") from error
    except outcomes.FAILURES as error:
        raise AccessError(entry_problem(error)) from error
    if credentials is None:
        hint = f"profile {profile} has none" if profile else "set AWS_PROFILE, --profile or the AWS_* variables"
        raise AccessError(f"no AWS credentials found: {hint}")
    return credentials


def entry_problem(error: Exception) -> str:
    """Say in one sentence why AWS could not be entered, and what to do."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"no usable AWS credentials: {error}; set AWS_PROFILE, --profile or the AWS_* variables"
    if isinstance(error, ClientError):
        code = outcomes.code_of(error.response)
        if code in outcomes.EXPIRED:
            return f"the AWS session has expired ({code}); sign in again, then go on with --resume"
        return f"AWS refused the credentials ({code}); check the profile and the account they belong to"
    if isinstance(error, EndpointConnectionError):
        return f"AWS cannot be reached: {error}; check the network and AWS_ENDPOINT_URL"
    return f"AWS cannot be entered: {error}"
