"""Templates in kubectl's dialect of JSONPath. The answers were observed from kubectl 1.32."""

from __future__ import annotations

import io
from typing import Any

import pytest

from protocube.tables.jsonpath.finding import FindError, Template
from protocube.tables.jsonpath.parser import TemplateError
from protocube.tables.print_error import PrintError
from protocube_client.printers.jsonpath_printer import JsonPathPrinter

WEB: dict[str, Any] = {
    "image": "nginx:1.2",
    "name": "nginx",
    "ports": [{"containerPort": 80}],
    "resources": {},
}
DATA: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"creationTimestamp": None, "labels": {"app": "web"}, "name": "web"},
    "data": {"a.b": "1", "x-y": "<&>"},
    "spec": {"replicas": 3, "items": [WEB, {"image": "b/c", "name": "c", "resources": {}}]},
}


def printed(template: str, *, as_json: bool = False) -> str:
    """Return what a template makes of :data:`DATA`."""
    stream = io.StringIO()
    JsonPathPrinter(Template(template), as_json=as_json).print_data(DATA, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.metadata.name}", "web"),
        ("{$.metadata.name}", "web"),
        ("{@.metadata.name}", "web"),
        ("{ .metadata.name }", "web"),
        ("{.metadata.creationTimestamp}", "null"),
        ("{.metadata}", '{"creationTimestamp":null,"labels":{"app":"web"},"name":"web"}'),
        ("{.data}", '{"a.b":"1","x-y":"\\u003c\\u0026\\u003e"}'),
        ("{.data.x-y}", "<&>"),
        ("{.spec.replicas}", "3"),
        ("{.spec.items[*].name}", "nginx c"),
        ("{.spec.items[0].name}", "nginx"),
        ("{.spec.items[-1].name}", "c"),
        ("{.spec.items[0:1].name}", "nginx"),
        ("{.spec.items[-2:-1].name}", "nginx"),
        ("{.spec.items[1:].name}", "c"),
        ("{.spec.items[:].name}", "nginx c"),
        ("{.spec.items[::1].name}", "nginx c"),
        ("{.spec.items[0:2:2].name}", "nginx"),
        ("{.spec.items[1:1].name}", ""),
        ("{.spec.items[0,1].name}", "nginx c"),
        ("{.spec.items[0]['name','image']}", "nginx nginx:1.2"),
        ("{.metadata['name']}", "web"),
        ("{['metadata'].name}", "web"),
        ("{['kind', 'metadata.name']}", "Deployment web"),
        (r"{.data.a\.b}", "1"),
        (r"{.data['a\.b']}", "1"),
        ("{.data['a.b']}", ""),
        ("{.nope}", ""),
        ("{.nope.nope}", ""),
        ("{.metadata.name.nope}", ""),
        ("{.spec.items.name}", ""),
        ("{.}", ""),
        ("{.1}", ""),
        ("{..name}", "web nginx c"),
        ("{.metadata..name}", "web"),
        ("{..containerPort}", "80"),
        ("{.*.name}", "web"),
        ("{.metadata.*}", 'null {"app":"web"} web'),
        ("{.kind.*}", "68 101 112 108 111 121 109 101 110 116"),
        ("{.kind} and {.metadata.name}", "Deployment and web"),
        ('{.kind}{"\\n"}{.metadata.name}', "Deployment\nweb"),
        ("plain", "plain"),
        ("{.kind}}", "Deployment}"),
        ('{"hello"}', "hello"),
        ("{'a\"b'}", 'a"b'),
        (r'{"a\tb\u00e9\x41\101"}', "a\tbéAA"),
        ("{1}", "1"),
        ("{1.5}", "1.5"),
        ("{-3}", "-3"),
        ("{+3}", "3"),
        ("{true}", "true"),
    ],
)
def test_a_template_finds_what_kubectl_finds(template: str, expected: str) -> None:
    """Fields, slices, unions, descent, quotes and text; a missing key gives nothing."""
    assert printed(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{.spec.items[?(@.name=="c")].image}', "b/c"),
        ("{.spec.items[?(@.name=='c')].image}", "b/c"),
        ('{.spec.items[?(.name=="c")].image}', "b/c"),
        ('{.spec.items[?( @.name == "c" )].image}', "b/c"),
        ('{.spec.items[?(@.name!="c")].image}', "nginx:1.2"),
        ('{.spec.items[?(@.name<"d")].name}', "c"),
        ('{.spec.items[?(@.name>="d")].name}', "nginx"),
        ("{.spec.items[?(@.ports)].name}", "nginx"),
        ("{.spec.items[?(@.resources)].name}", "nginx c"),
        ("{.spec.items[?(@.ports[0].containerPort==80)].name}", "nginx"),
        ("{.spec.items[?(@.ports[0].containerPort>80)].name}", ""),
        ("{.spec.items[?(@.ports[0].containerPort<=80)].name}", "nginx"),
        ('{.spec.items[?(@.nope=="x")].name}', ""),
        ('{.spec.items[?(@.name in "d")].name}', "nginx c"),
    ],
)
def test_a_filter_chooses_elements(template: str, expected: str) -> None:
    """By comparison with a value, or by what is there."""
    assert printed(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            r'{range .spec.items[*]}{.name}{"\t"}{.image}{"\n"}{end}',
            "nginx\tnginx:1.2\nc\tb/c\n",
        ),
        ("{range .spec.items[*]}[{.name}] {end}done", "[nginx] [c] done"),
        ("{range .nope[*]}{.name}{end}done", "done"),
        ("{range .spec.items}{.name}{end}", ""),
        ("{range .spec.items[*]}{.name}", "nginxc"),
        ("{range .spec.items[*]}{range .ports[*]}{.containerPort}{end}x{end}", "80xx"),
        ("{range .data.*}{@}{end}", "1<&>"),
        ("{range}{end}", ""),
    ],
)
def test_a_range_repeats_what_is_in_it(template: str, expected: str) -> None:
    """Once for each value; without any, nothing but what follows the end."""
    assert printed(template) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{.a", "unclosed action"),
        ("{", "unclosed action"),
        ("{.a,.b}", "unrecognized character in action: U+002C ','"),
        ("{#}", "unrecognized character in action: U+0023 '#'"),
        ('{"abc}', "unterminated quoted string"),
        (r'{"\q"}', r'unquote string "\q" error invalid syntax'),
        ("{.a[0}", "unterminated array"),
        ("{.a[x]}", "invalid array index x"),
        ("{.a[-]}", "array index - is not a number"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
        ('{.a[?(@.b=="c"].d}', "unterminated filter"),
        ('{.a[?(@.b=="c")}', "unclosed array expect ]"),
        ("{.a[?(@.b=~80)]}", "unrecognized character in action: U+007E '~'"),
        ("{....}", "invalid multiple recursive descent"),
    ],
)
def test_a_wrong_template_is_refused_as_kubectl_does(template: str, message: str) -> None:
    """When it is read, before any object is."""
    with pytest.raises(TemplateError) as caught:
        Template(template)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{.spec.items[5]}", "array index out of bounds: index 5, length 2"),
        ("{.spec.items[0:9]}", "array index out of bounds: index 8, length 2"),
        ("{.spec.items[1:0]}", "starting index 1 is greater than ending index 0"),
        ("{.spec.items[::0]}", "step must be > 0"),
        ("{[0]}", "map[string]interface {} is not array or slice"),
        ("{.kind[0]}", "string is not array or slice"),
        ("{.spec.replicas[0]}", "int64 is not array or slice"),
        (
            "{.metadata[?(@.a)]}",
            (
                "map[creationTimestamp:<nil> labels:map[app:web] name:web] "
                "is not array or slice and cannot be filtered"
            ),
        ),
        ("{.spec.items[?(@.name<=1)]}", "incompatible types for comparison"),
        ("{.spec.items[?(@.ports==1)]}", "invalid type for comparison"),
        ('{.spec.items[?(@.*=="c")]}', "can only compare one element at a time"),
        ("{.spec.items[?(@.name==c)]}", "unrecognized identifier c"),
        ("{metadata.name}", "unrecognized identifier metadata"),
        ("{.metadata . name}", "unrecognized identifier name"),
        ("{end}", "not in range, nothing to end"),
    ],
)
def test_a_template_that_does_not_fit_says_why(template: str, message: str) -> None:
    """The words are kubectl's, Go's types and all."""
    with pytest.raises(FindError) as caught:
        Template(template).find(DATA)
    assert str(caught.value) == message


def test_missing_keys_can_be_an_error() -> None:
    """``--allow-missing-template-keys=false`` names the first key that is not there."""
    template = Template("{.metadata.nope.x}", allow_missing=False)
    with pytest.raises(FindError, match=r"^nope is not found$"):
        template.find(DATA)


def test_a_range_works_for_every_object() -> None:
    """Unlike in kubectl, which forgets the part before the range after its first object."""
    printer = JsonPathPrinter(Template("<{range .a[*]}{@}{end}>"))
    stream = io.StringIO()
    for _ in range(2):
        printer.print_data({"a": [1, 2]}, stream)
    assert stream.getvalue() == "<12><12>"


def test_parts_can_be_printed_as_json() -> None:
    """``jsonpath-as-json`` prints an array for each part of the template."""
    assert printed("{.data.x-y}{.nope}", as_json=True) == (
        '[\n    "\\u003c\\u0026\\u003e"\n]\n[]\n'
    )


def test_an_error_shows_template_and_object() -> None:
    """As kubectl does, in Go's notation, with its empty lines at the end."""
    stream = io.StringIO()
    printer = JsonPathPrinter(Template('{.a[?(@.b=="x")]}'))
    with pytest.raises(PrintError) as caught:
        printer.print_data({"a": {"b": [None, True, 1.5e6, "x\n"]}}, stream)
    assert str(caught.value) == (
        'error executing jsonpath "{.a[?(@.b==\\"x\\")]}": Error executing template: '
        "map[b:[<nil> true 1.5e+06 x\n]] is not array or slice and cannot be filtered. "
        "Printing more information for debugging the template:\n"
        '\ttemplate was:\n\t\t{.a[?(@.b=="x")]}\n'
        "\tobject given to jsonpath engine was:\n"
        '\t\tmap[string]interface {}{"a":map[string]interface {}{"b":[]interface {}'
        '{interface {}(nil), true, 1.5e+06, "x\\n"}}}\n\n'
    )
