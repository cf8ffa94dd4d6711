"""Conditions in three values, operator by operator."""

from __future__ import annotations

import pytest

from scanner.analysis.policies import Condition, Document, parse
from scanner.analysis.trust.conditions import ABSENT, Fact, hold, matching_resource, resolve
from scanner.analysis.trust.conditions import test as decide_one

YES, NO, OPEN = True, False, None

KNOWN = {
    "k:word": Fact(("Blue",)),
    "k:absent": ABSENT,
    "k:unknown": Fact(),
    "k:present": Fact(optional=False),
    "k:list": Fact(("red", "blue")),
    "k:number": Fact(("10",)),
    "k:date": Fact(("2024-06-01T00:00:00Z",)),
    "k:flag": Fact(("true",)),
    "k:ip": Fact(("10.1.2.3",)),
    "k:ip6": Fact(("2001:db8::1",)),
    "k:arn": Fact(("arn:aws:iam::111111111111:role/team/ops",)),
    "k:star": Fact(("a*b",)),
    "k:bytes": Fact(("QmlnIGRhdGE=",)),
    "k:notours": Fact(never=("o-ours",)),
    "k:ofaccount": Fact(optional=False, starts="arn:aws:iam::111111111111:"),
    "k:path": Fact(never_starts="o-ours/"),
    "k:elsewhere": Fact(optional=False, starts="arn:aws:iam::", never_of=("111111111111",)),
}


def outcome(operator: str, key: str, *values: str, variables: bool = True) -> bool | None:
    found = decide_one(Condition(operator, key.lower(), key, values), lambda k: KNOWN.get(k, Fact()), variables)
    return found if isinstance(found, bool) else None


@pytest.mark.parametrize(
    ("operator", "key", "values", "wanted"),
    [
        ("StringEquals", "k:word", ["Blue"], YES),
        ("stringequals", "K:Word", ["Blue"], YES),
        ("StringEquals", "k:word", ["blue"], NO),
        ("StringEquals", "k:word", ["red", "Blue"], YES),
        ("StringEquals", "k:word", [], NO),
        ("StringNotEquals", "k:word", [], YES),
        ("StringNotEquals", "k:word", ["red", "Blue"], NO),
        ("StringNotEquals", "k:word", ["red", "green"], YES),
        ("StringEqualsIgnoreCase", "k:word", ["bLUE"], YES),
        ("StringNotEqualsIgnoreCase", "k:word", ["bLUE"], NO),
        ("StringEquals", "k:word", ["B*"], NO),
        ("StringLike", "k:word", ["B*"], YES),
        ("StringLike", "k:word", ["?lue"], YES),
        ("StringLike", "k:word", ["?blue"], NO),
        ("StringNotLike", "k:word", ["B*", "x"], NO),
        ("StringLike", "k:star", ["a${*}b"], YES),
        ("StringLike", "k:word", ["B${*}"], NO),
        # missing keys
        ("StringEquals", "k:absent", ["x"], NO),
        ("StringEqualsIfExists", "k:absent", ["x"], YES),
        ("StringNotEquals", "k:absent", ["x"], YES),
        ("StringNotEqualsIfExists", "k:absent", ["x"], YES),
        ("NumericLessThan", "k:absent", ["1"], NO),
        ("NumericLessThanIfExists", "k:absent", ["1"], YES),
        ("Bool", "k:absent", ["false"], NO),
        ("BoolIfExists", "k:absent", ["false"], YES),
        ("IpAddress", "k:absent", ["0.0.0.0/0"], NO),
        ("NotIpAddress", "k:absent", ["0.0.0.0/0"], YES),
        ("ForAllValues:StringEquals", "k:absent", ["x"], YES),
        ("ForAnyValue:StringEquals", "k:absent", ["x"], NO),
        ("ForAnyValue:StringNotEquals", "k:absent", ["x"], NO),
        ("ForAllValues:StringNotEquals", "k:absent", ["x"], YES),
        ("ForAnyValue:StringEqualsIfExists", "k:absent", ["x"], YES),
        # several values in the request
        ("ForAllValues:StringEquals", "k:list", ["red", "blue", "green"], YES),
        ("ForAllValues:StringEquals", "k:list", ["red"], NO),
        ("ForAnyValue:StringEquals", "k:list", ["red"], YES),
        ("ForAnyValue:StringEquals", "k:list", ["green"], NO),
        ("ForAnyValue:StringNotEquals", "k:list", ["red"], YES),
        ("ForAnyValue:StringNotEquals", "k:list", ["red", "blue"], NO),
        ("ForAllValues:StringNotEquals", "k:list", ["green"], YES),
        ("ForAllValues:StringNotEquals", "k:list", ["red"], NO),
        ("ForAnyValue:StringLike", "k:list", ["r*"], YES),
        # Null
        ("Null", "k:absent", ["true"], YES),
        ("Null", "k:absent", ["false"], NO),
        ("Null", "k:word", ["true"], NO),
        ("Null", "k:word", ["false"], YES),
        ("Null", "k:unknown", ["true"], OPEN),
        ("Null", "k:present", ["true"], NO),
        ("Null", "k:present", ["false"], YES),
        ("Null", "k:unknown", ["true", "false"], YES),
        # numbers, dates, flags, bytes
        ("NumericEquals", "k:number", ["10.0"], YES),
        ("NumericNotEquals", "k:number", ["10.0"], NO),
        ("NumericLessThan", "k:number", ["10"], NO),
        ("NumericLessThanEquals", "k:number", ["10"], YES),
        ("NumericGreaterThan", "k:number", ["9"], YES),
        ("NumericGreaterThanEquals", "k:number", ["11"], NO),
        ("NumericEquals", "k:number", ["ten"], NO),
        ("DateGreaterThan", "k:date", ["2024-01-01T00:00:00Z"], YES),
        ("DateLessThan", "k:date", ["2024-01-01"], NO),
        ("DateEquals", "k:date", ["1717200000"], YES),
        ("DateLessThanEquals", "k:date", ["2024-06-01T02:00:00+02:00"], YES),
        ("Bool", "k:flag", ["True"], YES),
        ("Bool", "k:flag", ["false"], NO),
        ("BinaryEquals", "k:bytes", ["QmlnIGRhdGE="], YES),
        ("BinaryEquals", "k:bytes", ["other"], NO),
        # addresses
        ("IpAddress", "k:ip", ["10.0.0.0/8"], YES),
        ("IpAddress", "k:ip", ["10.1.2.3"], YES),
        ("IpAddress", "k:ip", ["10.1.2.77/24"], YES),
        ("NotIpAddress", "k:ip", ["10.0.0.0/8"], NO),
        ("IpAddress", "k:ip6", ["2001:db8::/32"], YES),
        ("IpAddress", "k:ip6", ["10.0.0.0/8"], NO),
        ("IpAddress", "k:ip", ["not an address"], NO),
        # ARNs: part by part
        ("ArnLike", "k:arn", ["arn:aws:iam::*:role/*"], YES),
        ("ArnEquals", "k:arn", ["arn:aws:iam::111111111111:role/team/*"], YES),
        ("ArnLike", "k:arn", ["arn:aws:*:role/team/ops"], NO),
        ("ArnNotLike", "k:arn", ["arn:aws:iam::2*:role/*"], YES),
        ("ArnNotEquals", "k:arn", ["arn:aws:iam::1*:role/*"], NO),
        ("StringLike", "k:arn", ["arn:aws:*ops"], YES),
        # not known
        ("StringEquals", "k:unknown", ["x"], OPEN),
        ("StringNotEquals", "k:unknown", ["x"], OPEN),
        ("StringLike", "k:unknown", ["*"], OPEN),
        ("StringLike", "k:present", ["*"], YES),
        ("StringLikeIfExists", "k:unknown", ["*"], YES),
        ("StringNotLike", "k:present", ["*"], NO),
        ("Bool", "k:unknown", ["true"], OPEN),
        ("IpAddress", "k:unknown", ["10.0.0.0/8"], OPEN),
        ("ForAllValues:StringEquals", "k:unknown", ["x"], OPEN),
        ("StringEquals", "k:notours", ["o-ours"], NO),
        ("StringNotEquals", "k:notours", ["o-ours"], YES),
        ("StringNotEqualsIfExists", "k:notours", ["o-ours"], YES),
        ("StringEqualsIfExists", "k:notours", ["o-ours"], OPEN),
        ("StringEquals", "k:notours", ["o-ours", "o-theirs"], OPEN),
        ("ArnLike", "k:ofaccount", ["arn:aws:iam::222222222222:*"], NO),
        ("ArnLike", "k:ofaccount", ["arn:aws:iam::111111111111:role/x"], OPEN),
        ("StringLike", "k:ofaccount", ["arn:aws:iam::111111111111:*"], YES),
        ("StringLike", "k:ofaccount", ["arn:aws:iam::*"], YES),
        ("ForAnyValue:StringLike", "k:path", ["o-ours/r-1/*"], NO),
        ("ForAnyValue:StringLike", "k:path", ["o-theirs/*"], OPEN),
        ("ArnLike", "k:elsewhere", ["arn:aws:iam::111111111111:role/*"], NO),
        ("ArnLike", "k:elsewhere", ["arn:aws:iam::333333333333:role/*"], OPEN),
        # variables
        ("StringEquals", "k:word", ["${k:word}"], YES),
        ("StringEquals", "k:word", ["${k:absent}"], NO),
        ("StringNotEquals", "k:word", ["${k:absent}"], YES),
        ("StringEquals", "k:word", ["${k:absent, 'Blue'}"], YES),
        ("StringEquals", "k:word", ["${k:unknown}"], OPEN),
        ("StringEquals", "k:word", ["${k:unknown}", "Blue"], YES),
        ("StringNotEquals", "k:word", ["${k:unknown}", "Blue"], NO),
        ("StringLike", "k:word", ["${k:star}"], NO),
        # what AWS does not have
        ("StringResembles", "k:word", ["Blue"], OPEN),
        ("BoolNot", "k:flag", ["true"], OPEN),
        ("NullIfExists", "k:word", ["true"], OPEN),
        ("NumericNotLessThan", "k:number", ["1"], OPEN),
    ],
)
def test_operators(operator: str, key: str, values: list[str], wanted: bool | None) -> None:
    assert outcome(operator, key, *values) is wanted


def test_old_documents_have_no_variables() -> None:
    assert outcome("StringEquals", "k:word", "${k:word}", variables=False) is False


def test_all_operators_and_keys_have_to_hold() -> None:
    def left(*conditions: Condition) -> set[str] | None:
        atoms = hold(conditions, lambda k: KNOWN.get(k, Fact()), True)
        return None if atoms is None else {atom.key for atom in atoms}

    true = Condition("StringEquals", "k:word", "k:word", ("Blue",))
    false = Condition("StringEquals", "k:word", "k:word", ("Red",))
    unknown = Condition("StringEquals", "k:unknown", "k:unknown", ("x",))
    other = Condition("Bool", "k:other", "k:other", ("true",))
    assert left() == set()
    assert left(true) == set()
    assert left(true, unknown, other) == {"k:unknown", "k:other"}
    assert left(unknown, false) is None


def test_a_variable_brings_in_no_wildcards() -> None:
    assert resolve("x-${k:star}", lambda k: KNOWN[k], True) == "x-a\ue000b"
    document = statement_of('{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::*:role/${k:star}"}')
    found = [
        matching_resource(document.statements[0], f"arn:aws:iam::1:role/{name}", lambda k: KNOWN[k], True)
        for name in ("a*b", "axb")
    ]
    assert found == [frozenset(), None]


@pytest.mark.parametrize(
    ("negated", "text"), [("Resource", "r matches ${k:unknown}"), ("NotResource", "not (r matches")]
)
def test_a_resource_that_hangs_on_a_variable(negated: str, text: str) -> None:
    document = statement_of(f'{{"Effect":"Allow","Action":"*","{negated}":"${{k:unknown}}"}}')
    atoms = matching_resource(document.statements[0], "r", lambda k: KNOWN[k], True)
    assert atoms and next(iter(atoms)).text.startswith(text)


def statement_of(text: str) -> Document:
    return parse(f'{{"Version":"2012-10-17","Statement":{text}}}')
