"""STS: roles that do not exist cannot be assumed. moto hands out credentials for any name."""

from __future__ import annotations

import re
from typing import Any

from moto.iam.models import iam_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "sts"


def assume_role(call: Call, store: Store) -> dict[str, Any]:
    arn = call.params["RoleArn"]
    named = re.fullmatch(r"arn:aws:iam::(\d{12}):role/(?:.*/)?([^/]+)", arn)
    roles = iam_backends[named.group(1)]["aws"].roles.values() if named and named.group(1) in iam_backends else ()
    if not any(role.arn == arn for role in roles):
        # The same words whether the role is missing or does not trust the caller, as in AWS.
        message = f"User: {call.account} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise Refusal("AccessDenied", message, 403)
    return call.ask_moto()
