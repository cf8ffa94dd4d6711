"""What an AWS error means for the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from scanner.collect.api import ReadError
from scanner.collect.run import ALWAYS_ON

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "NotAuthorized",
        "InsufficientPrivilegesException",
        "AllAccessDisabled",
        "Forbidden",
        "403",
    }
)
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
REGION_OFF = frozenset({"OptInRequired", "AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId"})
# The same codes tell that credentials are no good. Where the Region cannot be off, that is what they mean, and a Region
# that is off would pass for one without resources.
UNKNOWN_KEY = REGION_OFF - {"OptInRequired"}
NEVER_OFF = frozenset({"global"}.union(*ALWAYS_ON.values()))
NOT_IN_USE = frozenset({"AWSOrganizationsNotInUseException", "SubscriptionRequiredException", "NotSubscribedException"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
FAILURES = (ClientError, BotoCoreError, ResponseParserError)
"""What a botocore call raises when it got no usable answer; the last is no BotoCoreError."""
TRANSIENT = (ConnectionError, HTTPClientError, ReadTimeoutError, ConnectTimeoutError)


def _not_offered(message: str, region: str, service: str) -> bool:
    """Whether the endpoint has no name because there is none: AWS's own one, of a Region that botocore does not list for it."""
    if not service or region == "global" or ".amazonaws.com" not in message:
        return False
    session = get_session()
    offered = [session.get_available_regions(service, partition) for partition in session.get_available_partitions()]
    return not any(region in regions for regions in offered)


def code_of(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code", ""))


def denied_by(message: str) -> str:
    """Return `scp` or `iam` when AWS names the kind of policy that refused, else `unknown`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    text = message.lower()
    if "service control policy" in text or "resource control policy" in text:
        return "scp"
    if any(word in text for word in ("identity-based", "permissions boundary", "session policy", "resource-based")):
        return "iam"
    return "unknown"


def from_response(response: Mapping[str, Any], region: str) -> ReadError:
    """Translate the `response` of a ClientError (which is also how a recording keeps an error) from a Region."""
    code = code_of(response)
    message = str(response.get("Error", {}).get("Message", ""))
    reason = f"{code}: {message}" if message else code
    http = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in DENIED:
        return ReadError("access_denied", reason, denied_by(message), code)
    if code in THROTTLED:
        return ReadError("throttled", reason, code=code)
    if code in UNKNOWN_KEY and region in NEVER_OFF:
        return ReadError("failed", f"the credentials were not accepted ({reason})", code=code)
    if code in REGION_OFF:
        return ReadError("region_off", reason, code=code)
    if code in NOT_IN_USE:
        return ReadError("not_in_use", reason, code=code)
    if code in EXPIRED:
        return ReadError("failed", reason, "expired", code)
    if code.isdigit() or http == 501 or "NotImplemented" in code:
        return ReadError("failed", f"the endpoint does not answer this call (HTTP {http or code})", code=code)
    return ReadError("failed", reason, code=code)


def from_exception(error: Exception, region: str, service: str = "") -> ReadError:
    """Translate any of `FAILURES`, raised by a call to a service (by its boto3 name) in a Region."""
    if isinstance(error, ClientError):
        return from_response(error.response, region)
    if isinstance(error, EndpointConnectionError) and _not_offered(str(error), region, service):
        return ReadError("not_in_use", f"AWS does not offer {service} in {region}")
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return ReadError("failed", f"no connection: {error}")
    if isinstance(error, ReadTimeoutError):
        return ReadError("failed", f"no answer in time: {error}")
    if isinstance(error, ResponseParserError):
        return ReadError("failed", "the endpoint answered with something that is no AWS response")
    return ReadError("failed", f"{type(error).__name__}: {error}")
