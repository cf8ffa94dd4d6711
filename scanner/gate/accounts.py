"""Which account and Region a planned resource lands in.

In this order: its own ARN; for what is the organization's, the management account; the role its provider assumes (a constant, or variables that are known); the one account that provider
allows; what the state says of other resources of that provider; for the default provider without a role, what was said of it
(`gate.accounts`, `--account`). What was said on the command line beats all but the resource's own ARN. A provider of which none of
this tells the account is named, with the option that settles it.

A template has no provider: what was said of its file, or of a folder above it, decides; else the manifest that CDK wrote.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.errors import UsageError
from scanner.gate.identity import identity
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned, shown

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:([^:]*):([^:]*):([^:]*):(\d{12}):")
FOREIGN = ("aws_ram_principal_association", "aws_ram_resource_association", "aws_lambda_permission")
"""Types whose ARN may be that of somebody else's resource."""
GLOBAL = ("iam", "organizations", "s3", "account", "budgets", "servicequotas", "ce", "route53", "cloudfront")

SUFFIXES = (".json", ".template", ".yaml", ".yml")
TEMPLATE = "cloudformation"
"""Name of a provider configuration that stands for a template."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a provider configuration leads. `source` says how that is known, `why` (without an account) why it is not."""

    account_id: str | None
    region: str | None
    partition: str = "aws"
    source: str = ""
    why: str = ""
    of_template: bool = False


def given(texts: Iterable[str], configured: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """Account and Region that were said for providers: `PROVIDER=ACCOUNT[/REGION]`. Raises UsageError."""
    said = dict(configured)
    told: dict[str, str] = {}
    for text in texts:
        provider, sign, place = (part.strip() for part in text.partition("="))
        if not sign:
            raise UsageError(f"--account {text}: write PROVIDER=ACCOUNT, such as aws.production=111122223333")
        if told.setdefault(_spelled(provider), place) != place:
            raise UsageError(
                f"--account {provider} is said twice, for {told[_spelled(provider)]} and {place}: run the gate for each"
            )
        said[provider] = place
    found: dict[str, tuple[str, str | None]] = {}
    for provider, place in said.items():
        account, _, region = place.partition("/")
        if not _ACCOUNT.fullmatch(account):
            raise UsageError(f"--account {provider}={place}: an account id has twelve digits")
        found[provider] = (account, region or None)
    return found


def check_files(texts: Iterable[str], plans: Iterable[Plan]) -> None:
    """Raises UsageError for a file or folder that was said and is not among the inputs."""
    paths = [plan.path.resolve() for plan in plans]
    for text in texts:
        name = text.partition("=")[0].strip()
        if name.endswith(("/", *SUFFIXES)):
            place = Path(name).resolve()
            if not any(path == place or place in path.parents for path in paths):
                listed = ", ".join(str(shown(path)) for path in paths[:5])
                raise UsageError(f"--account {name}: it is none of the inputs, which are {listed}")


def _spelled(name: str) -> str:
    """A file or folder is the same however it is written."""
    return f"{Path(name).resolve()}{'/' if name.endswith('/') else ''}"


def place(plan: Plan, said: Mapping[str, tuple[str, str | None]], management: str | None = None) -> dict[str, Home]:
    """Set account and Region of every resource of a plan; returns the home of every provider configuration.

    `management` is the management account as the snapshot knows it; a plan that reads the organization says it too.
    """
    evidence = _evidence(plan)
    homes = {key: _home(plan, key, evidence.get(key, {}), said) for key in _keys(plan)}
    of_organization = management or _management(plan)
    for resource in (*plan.resources, *plan.data):
        home = homes.get(resource.provider)
        if of_organization and resource.type.startswith("aws_organizations_"):
            home = Home(of_organization, None, home.partition if home else "aws", "management account")
        _settle(resource, home, resource.provider)
    return homes


def _management(plan: Plan) -> str | None:
    found = {
        str(account)
        for one in (*plan.data, *plan.resources)
        if one.type == "aws_organizations_organization" and (account := (one.before or {}).get("master_account_id"))
    }
    return found.pop() if len(found) == 1 else None


def _keys(plan: Plan) -> list[str]:
    return sorted({resource.provider for resource in (*plan.resources, *plan.data)} - {""})


def _settle(resource: Planned, home: Home | None, provider: str) -> None:
    own = _own(resource)
    named = (resource.after or resource.before or {}).get("region")  # version 6 of the provider lets a resource say it
    region = named if isinstance(named, str) and named else None
    if own is not None:
        resource.partition, where, resource.account_id = own
        resource.region = where or region or (home.region if home else None)
    elif home is not None and home.account_id:
        resource.account_id, resource.partition = home.account_id, home.partition
        resource.region = region or home.region
    else:
        why = home.why if home else "its provider is not configured in the plan"
        resource.unplaced = f"{why}; say --account {provider or 'PROVIDER'}=ACCOUNT"
        return
    if resource.region is None and not _is_global(resource):
        what = "template" if home is not None and home.of_template else "provider"
        resource.unplaced = (
            f"the Region of {what} {provider or 'aws'} is not known; say --account "
            f"{provider or 'aws'}={resource.account_id}/REGION"
        )


def _is_global(resource: Planned) -> bool:
    return resource.type.removeprefix("aws_").partition("_")[0] in (*GLOBAL, "account")


def _own(resource: Planned) -> tuple[str, str, str] | None:
    """Partition, Region and account that its own ARN says."""
    if resource.type in FOREIGN:
        return None
    for values in (resource.before, resource.after):
        match = _ARN.match(str((values or {}).get("arn") or ""))
        if match:
            return match[1], match[3], match[4]
    return None


def _home(
    plan: Plan, key: str, evidence: Mapping[tuple[str, str], set[str]], said: Mapping[str, tuple[str, str | None]]
) -> Home:
    block = plan.providers.get(key) or {}
    if block.get("name") == TEMPLATE:
        return _of_template(key, block, said)
    expressions = block.get("expressions") or {}
    region = _region(plan, key, expressions, evidence)
    if key in said:
        account, where = said[key]
        return Home(account, where or region, _partition(where or region), "--account")
    found = _from_role(plan, key, expressions)
    if isinstance(found, Home):
        return Home(found.account_id, region, found.partition, found.source)
    allowed = _values(plan, key, expressions.get("allowed_account_ids"))
    if len(allowed) == 1 and _ACCOUNT.fullmatch(allowed[0]):
        return Home(allowed[0], region, _partition(region), "allowed_account_ids")
    seen = {account for account, _ in evidence}
    if len(seen) == 1:
        return Home(seen.pop(), region, _partition(region), "state")
    if len(seen) > 1:
        return Home(None, region, why=f"the state shows provider {key} in several accounts ({', '.join(sorted(seen))})")
    return Home(None, region, why=found or f"nothing in the plan says which account provider {key} leads to")


def _of_template(key: str, block: Mapping[str, Any], said: Mapping[str, tuple[str, str | None]]) -> Home:
    """A template goes where was said of its file, or of a folder above it; else where the assembly of CDK says."""
    file = Path(key).resolve()
    files = {Path(name).resolve(): place for name, place in said.items() if not name.endswith("/")}
    folders = {Path(name).resolve(): place for name, place in said.items() if name.endswith("/")}
    found = files.get(file) or next((folders[one] for one in file.parents if one in folders), None)
    region = block.get("region")
    if found is not None:
        where = found[1] or region
        return Home(found[0], where, _partition(where), "--account", of_template=True)
    if block.get("account"):
        return Home(block["account"], region, _partition(region), "manifest.json", of_template=True)
    why = "nothing says which account the template is deployed to"
    return Home(None, region, why=why, of_template=True)


def _from_role(plan: Plan, key: str, expressions: Mapping[str, Any]) -> Home | str:
    """The account of the role a provider assumes last; else why that is not known (empty: it assumes none)."""
    roles = expressions.get("assume_role") or expressions.get("assume_role_with_web_identity")
    if not roles:
        return ""
    last = roles[-1] if isinstance(roles, list) else roles
    arn = last.get("role_arn") if isinstance(last, Mapping) else None
    if isinstance(arn, Mapping) and "constant_value" in arn:
        match = _ARN.match(str(arn["constant_value"]))
        if match:
            return Home(match[4], None, match[1], "assume_role")
    accounts: set[str] = set()
    for value in _values(plan, key, arn):
        match = _ARN.match(value)
        accounts |= {match[4]} if match else {value} if _ACCOUNT.fullmatch(value) else set()
    if len(accounts) == 1:
        return Home(accounts.pop(), None, source="assume_role with variables")
    planned = _planned_account(plan, arn)
    if planned is not None:
        return Home(planned, None, source="assume_role of an account of this plan")
    return f"the role that provider {key} assumes is not known"


def _planned_account(plan: Plan, arn: Any) -> str | None:
    """The id, or address, of an account that the plan makes and the provider enters."""
    if not isinstance(arn, Mapping):
        return None
    names = {str(reference).removesuffix(".id") for reference in arn.get("references") or ()}
    found = [one for one in plan.resources if one.type == "aws_organizations_account" and one.address in names]
    return identity(found[0]) if len(found) == 1 else None


def _region(
    plan: Plan, key: str, expressions: Mapping[str, Any], evidence: Mapping[tuple[str, str], set[str]]
) -> str | None:
    values = _values(plan, key, expressions.get("region"))
    if len(set(values)) == 1:
        return values[0]
    seen = {region for _, region in evidence if region}
    return seen.pop() if len(seen) == 1 else None


def _values(plan: Plan, key: str, expression: Any) -> list[str]:
    """Constant values of an expression of a provider block, or those of the variables it hangs on."""
    if not isinstance(expression, Mapping):
        return []
    if "constant_value" in expression:
        value = expression["constant_value"]
        return [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
    if plan.references is None:
        return []
    module = (plan.providers.get(key) or {}).get("module_address") or ""
    steps = tuple((name, None) for name in module.replace("module.", "").split(".") if name)
    found: list[str] = []
    for value in plan.references.values(expression.get("references") or (), steps):
        found += [str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str | int)]
    return found


def _evidence(plan: Plan) -> dict[str, dict[tuple[str, str], set[str]]]:
    """Accounts and Regions in which the state shows managed resources of each provider; what `aws_caller_identity` says decides."""
    found: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for resource in plan.data:
        values = resource.before or {}
        account = values.get("account_id")
        if resource.type == "aws_caller_identity" and account:
            found[resource.provider] = defaultdict(set, {(str(account), ""): {resource.address}})
    decided = set(found)
    for resource in plan.resources:
        own = _own(resource) if resource.before else None
        if own is None:
            continue
        _, region, account = own
        known = {one for one, _ in found[resource.provider]}
        if resource.provider not in decided or account in known:
            found[resource.provider][account, region].add(resource.address)
    return found


def _partition(region: str | None) -> str:
    text = region or ""
    return "aws-us-gov" if text.startswith("us-gov-") else "aws-cn" if text.startswith("cn-") else "aws"
