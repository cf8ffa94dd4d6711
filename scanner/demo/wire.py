"""From an HTTP request to a named AWS call with its parameters, and from a plain answer back to HTTP.

The four protocols are those of https://smithy.io/2.0/aws/protocols/. Names are boto3's (`service-quotas`,
`list_service_quotas`), members of parameters and answers are AWS's (`ServiceCode`), as boto3 users see them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.sax.saxutils import escape

from botocore import xform_name
from botocore.parsers import create_parser
from moto.core.model import OperationModel
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import IAMBackend, iam_backends
from werkzeug.exceptions import HTTPException

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")

# The name in the signature, where it is not boto3's client name.
CLIENT_OF_SIGNING_NAME = {
    "access-analyzer": "accessanalyzer",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "es": "opensearch",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "sso": "sso-admin",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
GLOBAL_SERVICES = frozenset({"account", "budgets", "ce", "iam", "organizations"})


class Moto(Protocol):
    """moto's server as an application; it holds `lock` while it makes the routes of a service it has not heard of."""

    lock: Lock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse, /) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class Answer:
    """One finished HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Refusal(Exception):
    """The call ends with this AWS error instead of an answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass
class Call:
    """One AWS API call as it arrived: who asks (`account`), where (`region`) and what.

    `region` is the one in the signature (us-east-1 for global services). `operation` is boto3's method name, or
    the HTTP method and path where botocore has no such operation; then `model` is None and `params` empty.
    """

    account: str
    region: str
    service: str
    operation: str
    params: dict[str, Any]
    environ: WSGIEnvironment
    body: bytes
    moto: Moto
    model: OperationModel | None = None
    protocol: str = "json"
    access_key: str = field(default="", repr=False)

    @property
    def action(self) -> str:
        """As IAM writes it, such as `ec2:DescribeVpcs`."""
        name = self.model.name if self.model else self.operation
        prefix = str(self.model.service_model.signing_name) if self.model else self.service
        return f"{prefix}:{name}"

    def forward(self, body: bytes | None = None) -> Answer:
        """What moto answers, with another request body if given."""
        environ = dict(self.environ)
        sent = self.body if body is None else body
        environ["wsgi.input"] = io.BytesIO(sent)
        environ["CONTENT_LENGTH"] = str(len(sent))
        return run(self.moto, environ)

    def ask_moto(self, body: bytes | None = None) -> dict[str, Any]:
        """moto's answer, parsed. Raises `Refusal` when moto refuses."""
        answer = self.forward(body)
        assert self.model is not None
        shape: Any = None if answer.status >= 300 else self.model.output_shape  # None is how botocore parses errors
        parsed = create_parser(self.protocol).parse(
            {"body": answer.body, "headers": dict(answer.headers), "status_code": answer.status}, shape
        )
        if answer.status >= 300:
            error = parsed.get("Error", {})
            raise Refusal(error.get("Code", "InternalError"), error.get("Message", ""), answer.status)
        parsed.pop("ResponseMetadata", None)
        return dict(parsed)


def run(application: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Call a WSGI application and gather its whole response."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda data: None

    chunks: Iterable[bytes] = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Answer(int(status.split()[0]), headers, body)


def send(answer: Answer, start_response: StartResponse) -> list[bytes]:
    """Hand an answer to a WSGI server, which adds the length."""
    start_response(f"{answer.status} -", answer.headers)
    return [answer.body]


def read_call(environ: WSGIEnvironment, moto: Moto) -> Call | None:
    """Name the call in a signed request; None for anything else (moto's own pages, unsigned requests)."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signed is None:
        return None
    access_key, region, signing_name = signed.groups()
    account = account_of(access_key)
    # moto would look the key up in every partition of every account, loading 1,500 policies for each (a second).
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    call = Call(
        account=account,
        region=region,
        service=_client_name(signing_name, environ, body),
        operation=f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}",
        params={},
        environ=environ,
        body=body,
        moto=moto,
        access_key=access_key,
    )
    _name_operation(call)
    return call


def account_of(access_key: str) -> str:
    """The account a key belongs to; as in moto, a key it never issued is the management account's."""
    for account in list(iam_backends):
        known: IAMBackend | None = dict.get(iam_backends[account], "aws")  # [] would create the backend
        if known is not None and access_key in known.access_keys:
            return account
    return DEFAULT_ACCOUNT_ID


def _client_name(signing_name: str, environ: WSGIEnvironment, body: bytes) -> str:
    if signing_name == "elasticloadbalancing" and b"Version=2012-06-01" in body:
        return "elb"
    if signing_name == "s3" and environ["PATH_INFO"].startswith("/v20180820/"):
        return "s3control"
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    return CLIENT_OF_SIGNING_NAME.get(signing_name, signing_name)


def _name_operation(call: Call) -> None:
    """Fill operation, parameters, model and protocol from botocore's description of the service."""
    request = Request({**call.environ, "wsgi.input": io.BytesIO(call.body)})
    try:
        service_model = get_service_model(call.service)
        # The first match of a service compiles its routes, as moto does under this lock: two threads at once sometimes fail,
        # https://github.com/python/cpython/issues/106905.
        with call.moto.lock:
            model, path_parameters = get_service_router(call.service).match(request)
        call.protocol = determine_request_protocol(service_model, request.content_type)
    except (HTTPException, NotImplementedError, ValueError, LookupError):
        return  # no such operation in botocore: moto may still answer it
    call.model = model
    call.operation = xform_name(model.name)
    if call.service == "s3":
        call.params = dict(path_parameters)
        return
    call.params = PROTOCOL_PARSERS[call.protocol](model).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": path_parameters,
        }
    )


def write_answer(call: Call, result: Mapping[str, Any]) -> Answer:
    """Serialize a boto3-shaped answer in the protocol of the call."""
    assert call.model is not None
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.model)
    response = serializer.serialize(dict(result))
    body = response["body"]
    raw = body.encode() if isinstance(body, str) else body
    return Answer(response["status_code"], [(key, str(value)) for key, value in response["headers"].items()], raw)


def write_refusal(call: Call, refusal: Refusal) -> Answer:
    """An AWS error in the protocol of the call."""
    code, message = escape(refusal.code), escape(refusal.message)
    if call.protocol in ("json", "rest-json"):
        text = json.dumps({"__type": refusal.code, "message": refusal.message, "Message": refusal.message})
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", refusal.code)]
        return Answer(refusal.status, headers, text.encode())
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if call.protocol == "ec2":
        error = f"<Response><Errors>{error}</Errors><RequestID>demo</RequestID></Response>"
    elif call.protocol == "query":
        error = f"<ErrorResponse>{error}<RequestId>demo</RequestId></ErrorResponse>"
    return Answer(refusal.status, [("Content-Type", "text/xml")], error.encode())
