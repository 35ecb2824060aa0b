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
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    """Return one with no variables."""
    return Environment(Shadows(()).pool, {"text": "string", "many": "list<int>"})


@pytest.mark.parametrize("expression", _TRUE.strip().splitlines())
def test_is_as_in_kubernetes(environment: Environment, expression: str) -> None:
    """Each function does what Kubernetes' documentation of it says."""
    assert environment.compile(expression, results=["bool"])(environment.bind({})) is True


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


def test_matches_in_time_of_the_length_of_a_text(environment: Environment) -> None:
    """A pattern that would take a backtracking matcher years is matched at once."""
    program = environment.compile("text.find('(a+)+$') == ''")
    assert program(environment.bind({"text": "a" * 5000 + "b"})) is True


def test_knows_which_variables_it_uses(environment: Environment) -> None:
    """A program tells which variables it refers to; a text of that name is none."""
    program = environment.compile("text == 'many'")
    assert (program.uses("text"), program.uses("many")) == (True, False)
