from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from scanner.aws import outcomes

SCP = "explicit deny in a service control policy"
RCP = "explicit deny in a resource control policy"


def response(code: str, message: str = "no", http: int = 400) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": http}}


@pytest.mark.parametrize(
    ("code", "message", "status", "cause"),
    [
        ("AccessDenied", "no", "access_denied", "unknown"),
        ("AccessDeniedException", f"User: x is not authorized to perform: y with an {SCP}", "access_denied", "scp"),
        ("UnauthorizedOperation", f"with an {RCP}", "access_denied", "scp"),
        ("AccessDenied", "because no identity-based policy allows the action", "access_denied", "iam"),
        ("AccessDenied", "with an explicit deny in a permissions boundary", "access_denied", "iam"),
        ("AccessDenied", "because no session policy allows it", "access_denied", "iam"),
        ("403", "Forbidden", "access_denied", "unknown"),
        ("AuthorizationError", "no", "access_denied", "unknown"),
        ("Throttling", "Rate exceeded", "throttled", None),
        ("RequestLimitExceeded", "no", "throttled", None),
        ("TooManyRequestsException", "no", "throttled", None),
        ("SlowDown", "no", "throttled", None),
        ("OptInRequired", "no", "region_off", None),
        ("UnrecognizedClientException", "no", "region_off", None),
        ("AuthFailure", "no", "region_off", None),
        ("AWSOrganizationsNotInUseException", "no", "not_in_use", None),
        ("SubscriptionRequiredException", "no", "not_in_use", None),
        ("ExpiredToken", "no", "failed", "expired"),
        ("ExpiredTokenException", "no", "failed", "expired"),
        ("RequestExpired", "no", "failed", "expired"),
        ("InternalError", "no", "failed", None),
        ("404", "Not Found", "failed", None),
        ("", "", "failed", None),
    ],
)
def test_what_an_error_code_means(code: str, message: str, status: str, cause: str | None) -> None:
    problem = outcomes.from_response(response(code, message), "ap-east-1")
    assert (problem.status, problem.cause, problem.code) == (status, cause, code)


@pytest.mark.parametrize("code", ["AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId"])
@pytest.mark.parametrize("region", ["global", "us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_a_key_that_is_not_accepted_is_no_region_that_is_off(code: str, region: str) -> None:
    """Or an account whose key was revoked would pass for one without resources."""
    problem = outcomes.from_response(response(code), region)
    assert problem.status == "failed"
    assert "credentials were not accepted" in problem.reason


def test_a_service_that_one_has_not_signed_up_for_is_empty_anywhere() -> None:
    assert outcomes.from_response(response("OptInRequired"), "us-east-1").status == "region_off"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EndpointConnectionError(endpoint_url="https://x"), "no connection"),
        (ConnectTimeoutError(endpoint_url="https://x"), "no connection"),
        (ReadTimeoutError(endpoint_url="https://x"), "no answer in time"),
        (SSLError(endpoint_url="https://x", error="bad certificate"), "SSLError"),
        (ParamValidationError(report="bad"), "ParamValidationError"),
        (ResponseParserError("<html>"), "no AWS response"),
    ],
)
def test_what_goes_wrong_without_an_answer_is_a_failure_with_a_reason(error: Exception, words: str) -> None:
    assert isinstance(error, outcomes.FAILURES)
    problem = outcomes.from_exception(error, "eu-west-1")
    assert problem.status == "failed"
    assert words in problem.reason


@pytest.mark.parametrize(
    ("service", "region", "url", "status"),
    [
        ("memorydb", "af-south-1", "https://memory-db.af-south-1.amazonaws.com/", "not_in_use"),
        ("memorydb", "eu-west-1", "https://memory-db.eu-west-1.amazonaws.com/", "failed"),
        ("memorydb", "af-south-1", "http://127.0.0.1:5000/", "failed"),
        ("organizations", "global", "https://organizations.us-east-1.amazonaws.com/", "failed"),
    ],
)
def test_a_service_that_aws_does_not_offer_there_is_not_in_use(
    service: str, region: str, url: str, status: str
) -> None:
    problem = outcomes.from_exception(EndpointConnectionError(endpoint_url=url), region, service)
    assert problem.status == status
