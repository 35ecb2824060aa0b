"""Kubernetes' functions in expressions."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import CompileError, EvaluationError
from protocube_server.cel.shadows import Shadows

_TRUE = """
quantity('1k') == quantity('1000')
quantity('50k').add(20).sub(quantity('100k')).sub(-50000) == quantity('20')
quantity('150Mi').isGreaterThan(quantity('100Mi'))
quantity('50M').compareTo(quantity('50Mi')) == -1
isQuantity('1.3Gi') && !isQuantity('1.3Gz')
quantity('50k').asInteger() == 50000 && !quantity('500m').isInteger()
quantity('500m').asApproximateFloat() == 0.5 && sign(quantity('-1')) == -1
isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.256') && !isIP('::ffff:10.0.0.1')
ip('::1').family() == 6 && ip('127.0.0.1').isLoopback() && ip('8.8.8.8').isGlobalUnicast()
ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')
isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08')
cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.0'))
cidr('10.0.0.0/8').containsCIDR('10.9.0.0/16') && !cidr('10.9.0.0/16').containsCIDR('10.0.0.0/8')
cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').ip() == ip('10.1.2.3')
cidr('fd00::/8').prefixLength() == 8
url('https://u@a.example:8443/p/q?x=1&x=2').getHost() == 'a.example:8443'
url('https://a:8443/').getPort() == '8443' && url('https://[::1]:80/').getHostname() == '::1'
url('https://a.example/?x=1&x=2').getQuery()['x'] == ['1', '2']
url('/a%20b').getEscapedPath() == '/a%20b' && url('https://a/').getScheme() == 'https'
isURL('https://a.example') && !isURL('a.example') && !isURL('https://a b')
semver('1.2.3').major() == 1 && semver('1.2.3').isLessThan(semver('1.10.0'))
semver('1.0.0-alpha.1').compareTo(semver('1.0.0-alpha.beta')) == -1
semver('1.0.0-rc.1').isLessThan(semver('1.0.0')) && !isSemver('v1.0') && isSemver('1.0.0+b')
'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]') == ''
'1 a 22'.findAll('[0-9]+') == ['1', '22'] && '1 a 22'.findAll('[0-9]+', 1) == ['1']
[1, 2, 3].sum() == 6 && [3, 1].min() == 1 && [3, 1].max() == 3 && [1, 2].isSorted()
[1.5, 2.0].sum() == 3.5
sets.contains([1, 2, 3], [1]) && sets.intersects(['a'], ['b', 'a']) && sets.equivalent([1, 1], [1])
'%s has %d'.format(['a', 2]) == 'a has 2' && 'a,b'.split(',').join('-') == 'a-b'
{'a': 1}[?'b'].orValue(2) == 2 && [1].exists_one(x, x == 1)
format.dns1123Label().validate('a.b').value()[0] == 'must not contain dots'
!format.dns1123Label().validate('a').hasValue() && format.dns1035Label().validate('1').hasValue()
format.named('uuid').value().validate('x') == optional.of(['does not match the UUID format'])
format.named('unknown') == optional.none() && format.byte().validate('?').orValue([]).size() == 1
format.dns1123LabelPrefix().validate('a-') == optional.none()
format.date().validate('2021-02-30').hasValue() && !format.uri().validate('https://a/b').hasValue()
format.qualifiedName().validate('a/b/c').hasValue() && !format.labelValue().validate('').hasValue()
[1, 2, 2, 3].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && [1.0].indexOf(1.1) == -1
[].indexOf('a') == -1 && 'abcb'.indexOf('b') == 1 && 'abcb'.lastIndexOf('b') == 3
[duration('1m'), duration('1s')].sum() == duration('61s') && [].sum() == 0
[duration('2s'), duration('1s')].max() == duration('2s') && ['b', 'a'].min() == 'a'
[timestamp('2020-01-01T00:00:00Z')].max().getFullYear() == 2020 && ![2u, 1u].isSorted()
['a', 'b'].transformMap(i, v, v + '!') == {0: 'a!', 1: 'b!'}
{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2) == {'b': 4}
{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'} && {'a': 1}.transformList(k, v, k) == ['a']
['a', 'b'].all(i, v, i < 2 && v != '') && ['a', 'b'].existsOne(i, v, v == 'a')
lists.range(3) == [0, 1, 2] && [3, 1].sort() == [1, 3] && [1, 1].distinct() == [1]
[[1], [2, [3]]].flatten() == [1, 2, [3]] && [[1, [2]]].flatten(2) == [1, 2]
[1, 2, 3].slice(1, 2) == [2] && [1, 2].reverse() == [2, 1]
[{'n': 2}, {'n': 1}].sortBy(e, e.n)[0].n == 1
string(ip('10.0.0.1')) == '10.0.0.1' && string(1) == '1'
semver('v1.2', true) == semver('1.2.0') && semver('01.02.3-a', true).minor() == 2
isSemver('v1', true) && !isSemver('v1', false) && !isSemver('1.2-a', true)
'aXbX'.replace('X', '-') == 'a-b-' && 'aXbX'.replace('X', '-', 1) == 'a-bX'
['a', 'b'].map(x, 'c' + x) == ['ca', 'cb'] && [[1]].map(x, [2] + x) == [[2, 1]]
['a', 'b'].map(x, text + x + text) == ['a', 'b'] && many.map(x, many.sum() + many.max()) == []
"""

_FAULTS = {
    "quantity('x') == quantity('1')": "quantities must match the regular expression",
    "quantity('1.5').asInteger() == 1": "cannot convert value to integer",
    "ip('x').family() == 4": 'IP Address "x" parse error',
    "[].max() == 1": "max called on empty list",
    "{'a': 1}['zz'] == 1": "no such key: zz",
    "1 / 0 == 1": "division by zero",
    "'a'.find('(') == ''": "error parsing regexp",
    "[1] == [1] && dyn([1]) + 'a' == 'b'": "no such overload",
    "{'a': 1, 'b': {'c': 2}}.b.d == 2": "no such key: d",
    "{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k}) == {}": "insert failed: key 1 already exists",
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    """Return one with no variables."""
    return Environment(Shadows(()).pool, {"text": "string", "many": "list<int>"})


@pytest.mark.parametrize("expression", _TRUE.strip().splitlines())
def test_is_as_in_kubernetes(environment: Environment, expression: str) -> None:
    """Each function does what Kubernetes' documentation of it says."""
    bindings = environment.bind({"text": "", "many": []})
    assert environment.compile(expression, results=["bool"])(bindings) is True


@pytest.mark.parametrize(("expression", "said"), _FAULTS.items())
def test_says_what_is_wrong(environment: Environment, expression: str, said: str) -> None:
    """An expression without a value says why, in the words of Kubernetes."""
    program = environment.compile(expression)
    with pytest.raises(EvaluationError, match=said.replace("(", r"\(")):
        program(environment.bind({}))


@pytest.mark.parametrize(
    ("expression", "said"),
    {
        "1 +": "ERROR: <input>:1:4: Syntax error",
        "unknown": "undeclared reference to 'unknown'",
        "['a'].sum() == ''": "no matching overload for 'sum' applied to",
        "format.dns1123Label().validate(1)": "no matching overload for 'validate' applied to",
        "semver('1.0.0').isLessThan(quantity('1'))": "no matching overload for 'isLessThan'",
        "'a'": "must evaluate to bool but got string",
        "[1, 2]": r"must evaluate to bool but got list\(int\)",
        "{'a': [1.0]}": r"must evaluate to bool but got map\(string, list\(double\)\)",
    }.items(),
)
def test_says_where_an_expression_is_wrong(
    environment: Environment, expression: str, said: str
) -> None:
    """What is no expression, or has another type, is refused when it is compiled."""
    with pytest.raises(CompileError, match=said):
        environment.compile(expression, results=["bool"])


@pytest.mark.parametrize(
    "expression",
    [
        "many.all(a, many.all(b, many.all(c, a + b + c > -1)))",
        "many.all(a, many.all(b, text.find('a') == ''))",
        "many.all(a, many.all(b, many.sum() > b))",
    ],
)
def test_ends_what_runs_away(environment: Environment, expression: str) -> None:
    """Loops end after so many steps, and sooner when each of them is dear."""
    program = environment.compile(expression)
    values: dict[str, Any] = {"many": list(range(100)), "text": "b" * 20}
    with pytest.raises(EvaluationError, match="Iteration budget exceeded"):
        program(environment.bind(values))


def _bound(times: int, body: str, start: str, end: str) -> str:
    """Return an expression that makes something of itself again and again."""
    for at in range(times, 0, -1):
        end = f"cel.bind(v{at}, {body.format(f'v{at - 1}')}, {end})"
    return f"cel.bind(v0, {start}, {end})"


_LARGE = {
    "a text of itself": _bound(12, "{0} + {0}", "text", "size(v12) > 0"),
    "a replaced text": _bound(7, "{0}.replace('a', 'aaaaaaaaaa')", "'aaaaaaaaaa'", "size(v7) > 0"),
    "a text replaced by itself": "text.replace('a', text) == ''",
    "texts joined": _bound(9, "[{0}, {0}].join()", "text", "size(v9) > 0"),
    "a list of itself": _bound(12, "{0} + {0}", "many", "size(v12) > 0"),
    "a text of any type": _bound(12, "{0} + {0}", "dyn(text)", "v12 != ''"),
    "a text of any type matched in a loop": "many.exists(x, dyn(text).matches('a*b'))",
    "a list of any type searched in a loop": "many.exists(x, x + 10000 in dyn(many))",
    "a range": "size(lists.range(1000000000)) > 0",
    "texts made in a loop": "many.map(x, text.upperAscii()).size() > 0",
    "texts added in a loop": "many.map(x, text + text).size() > 0",
    "lists added in a loop": "many.map(x, many + many + many).size() < 0",
    "a text matched in a loop": "many.exists(x, text.matches('a*b'))",
    "a text asked in a loop": "many.exists(x, text.contains('b'))",
    "a text measured in a loop": "many.exists(x, size(text) == 0)",
    "a text searched in a loop": "many.exists(x, text.find('b') != '')",
    "a text compared in a loop": "many.exists(x, text + 'a' == text + 'b')",
    "a list searched in a loop": "many.exists(x, x + 10000 in many)",
    "maps compared in a loop": "many.exists(x, {'a': text} != {'a': text})",
    "what a loop makes of a text": "many.exists(x, [text].exists(y, y.matches('a*b')))",
}


@pytest.mark.parametrize("expression", _LARGE.values(), ids=_LARGE)
def test_bounds_what_an_expression_makes_and_reads(
    environment: Environment, expression: str
) -> None:
    """What grows or is read again and again ends, before it costs seconds or gigabytes."""
    program = environment.compile(expression)
    values: dict[str, Any] = {"many": list(range(1000)), "text": "a" * 1_000_000}
    with pytest.raises(EvaluationError, match="Iteration budget exceeded"):
        program(environment.bind(values))


@pytest.mark.parametrize("start", ["'a'", "[1]", "text", "{'a': text}"])
def test_refuses_what_grows_without_bound(environment: Environment, start: str) -> None:
    """What doubles often, whatever it begins with, is refused when it is compiled."""
    body = "[{0}, {0}]"
    with pytest.raises(CompileError, match="the expression makes values that are too large"):
        environment.compile(_bound(15, body, start, "v15 == v15"))


@pytest.mark.parametrize(
    "expression",
    [
        "many.all(x, string(x).matches('[0-9]+') && string(x).size() < 5)",
        "many.all(a, many.exists_one(b, a == b))",
        "texts.all(a, texts.exists_one(b, a == b))",
        "texts.all(a, a.startsWith('a') && a.matches('a[0-9]+') && a != text)",
        "texts.map(a, 'x' + a + 'y').join(',').size() > 0",
        "texts.all(a, !format.dns1123Label().validate(a).hasValue())",
        "text.replace('a', 'bb').size() == 2000",
        "any.all(k, any[k] == 'v' || any[k] == 1 || any[k] == [k])",
        "any.all(k, [any].all(m, m[k] + m[k] != '' || m[k] == 1))",
        "any.all(k, [any].all(m, size(dyn('a')) == 1 && string(dyn(1)).size() == 1))",
    ],
)
def test_leaves_room_for_what_is_usual(expression: str) -> None:
    """Rules that look at every element of a list, or at every pair of them, are evaluated."""
    environment = Environment(
        Shadows(()).pool,
        {"text": "string", "many": "list<int>", "texts": "list<string>", "any": "dyn"},
    )
    values: dict[str, Any] = {
        "many": list(range(60)),
        "texts": [f"a{index}" for index in range(60)],
        "text": "a" * 1000,
        "any": {"a": "v", "b": 1, "c": ["c"]},
    }
    assert environment.compile(expression)(environment.bind(values)) is True


def test_matches_in_time_of_the_length_of_a_text(environment: Environment) -> None:
    """A pattern that would take a backtracking matcher years is matched at once."""
    program = environment.compile("text.find('(a+)+$') == ''")
    assert program(environment.bind({"text": "a" * 5000 + "b"})) is True


def test_knows_which_variables_it_uses(environment: Environment) -> None:
    """A program tells which variables it refers to; a text of that name is none."""
    program = environment.compile("text == 'many'")
    assert (program.uses("text"), program.uses("many")) == (True, False)
