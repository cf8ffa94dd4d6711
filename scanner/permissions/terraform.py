"""Terraform: the same role and policies as a module of one file, as `terraform fmt` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from scanner.permissions.policy import Document
from scanner.permissions.trust import DESCRIPTION, SCANNER, SECONDS, STARTING, trust

HEAD = """\
# {description}.
# Made by `{command}`.
terraform {{
  required_version = ">= 1.3"
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }}
  }}
}}

{variable}
"""

POLICIES = """\
locals {{
  policies = {documents}
}}

resource "aws_iam_policy" "read" {{
  count  = length(local.policies)
  name   = "{name}-${{count.index + 1}}"
  policy = jsonencode(local.policies[count.index])
}}
"""

SCANNER_VARIABLE = f"""\
variable "scanner_account_id" {{
  type        = string
  description = "{SCANNER}"

  validation {{
    condition     = can(regex("^[0-9]{{12}}$", var.scanner_account_id))
    error_message = "The id of an account has twelve digits."
  }}
}}
"""

ROLE = """\
data "aws_partition" "current" {{}}

resource "aws_iam_role" "read" {{
  name                 = "{name}"
  description          = "{description}"
  max_session_duration = {seconds}
  assume_role_policy = jsonencode({trust})
}}

{policies}
resource "aws_iam_role_policy_attachment" "read" {{
  count      = length(local.policies)
  role       = aws_iam_role.read.name
  policy_arn = aws_iam_policy.read[count.index].arn
}}

output "role_arn" {{
  value = aws_iam_role.read.arn
}}
"""

ROLES_VARIABLE = """\
variable "role_names" {
  type        = set(string)
  default     = []
  description = "Roles of this account that scans start with; empty to attach the policies otherwise"

  validation {
    condition     = alltrue([for name in var.role_names : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "A role is meant by its name, without its path."
  }
}
"""

ATTACHED = """\
resource "aws_iam_role_policy_attachment" "read" {
  for_each = {
    for pair in setproduct(var.role_names, range(length(local.policies))) : "${pair[0]}-${pair[1] + 1}" => pair
  }
  role       = each.value[0]
  policy_arn = aws_iam_policy.read[each.value[1]].arn
}

output "policy_arns" {
  value = aws_iam_policy.read[*].arn
}
"""


def member_role(name: str, documents: Sequence[Document]) -> str:
    """The role in an account and its policies."""
    principal = "arn:${data.aws_partition.current.partition}:iam::${var.scanner_account_id}:root"
    head = HEAD.format(
        description=DESCRIPTION, command="bulkhead permissions --format terraform", variable=SCANNER_VARIABLE
    )
    return head + ROLE.format(
        name=name,
        description=DESCRIPTION,
        seconds=SECONDS,
        trust=hcl(trust(principal), 2),
        policies=_policies(name, documents),
    )


def management(documents: Sequence[Document]) -> str:
    """The policies of the credentials that the scan starts with, attached to roles where some are named."""
    head = HEAD.format(
        description="What the credentials need that a scan of Bulkhead starts with",
        command="bulkhead permissions --management --format terraform",
        variable=ROLES_VARIABLE,
    )
    return head + _policies(STARTING, documents) + "\n" + ATTACHED


def _policies(name: str, documents: Sequence[Document]) -> str:
    return POLICIES.format(name=name, documents=hcl(list(documents), 2))


def hcl(value: Any, indent: int) -> str:
    """A JSON value as an expression; `${` in a text is Terraform's, as nothing in a policy of ours is a variable of IAM's."""
    pad = " " * indent
    if isinstance(value, dict):
        return "{\n" + "".join(f"{pad}  {line}\n" for line in _members(value, indent)) + pad + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{pad}  {hcl(item, indent + 2)},\n" for item in value) + pad + "]"
    return json.dumps(value)


def _members(value: dict[str, Any], indent: int) -> Iterator[str]:
    """Yield `key = value`; the signs of neighbours that take one line each stand below each other, as `terraform fmt` has it."""
    written = {_key(name): hcl(inner, indent + 2) for name, inner in value.items()}
    run: list[str] = []
    for name, text in [*written.items(), ("", "\n")]:
        if "\n" not in text:
            run.append(name)
            continue
        width = max(map(len, run), default=0)
        yield from (f"{one:<{width}} = {written[one]}" for one in run)
        run = []
        if name:
            yield f"{name} = {text}"


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
