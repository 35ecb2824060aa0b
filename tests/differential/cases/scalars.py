"""YAML scalars and structures: what kubectl reads, and how it writes it again."""

from __future__ import annotations

from tests.differential.case import Case, config_map

_SHOWN = ("create", "-f", "x.yaml", "--dry-run=client", "-o")

PLAIN = (
    "y", "n", "yes", "no", "on", "off", "True", "FALSE", "null", "~", "Null",
    "0", "-0", "+1", "010", "0o10", "0x1F", "0b101", "1_000", "12:30", "1:30:00",
    "1e3", "1E5", "1.5", "1.", ".5", "-.5", "1.10", "1e400", "6.02e+23", "1e-7",
    "123456789012345678",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    ".inf", "-.inf", ".nan", "2001-01-02", "2001-01-02T03:04:05Z", "2001-01-02 03:04:05",
    "=", "<<", "!!str 12", "!!int '7'", "!!float 3", "!!bool 'yes'", "!!null ''",
    "!!binary aGVsbG8=", "!!binary '!'", "!custom x", "a b  c", "a#b", "a #b", "http://x:80/y",
    "é ü 日本", "😀", "-x", "?x", ":x", "@x", "`x", "%x", "&a x", "*a", "|", ">", "[]", "{}",
    "[1, 'a', {b: c}]", "{a: {b: [c]}}",
)  # fmt: skip
"""Each is the value of a field that keeps what it is given."""

STRINGS = (
    "yes", "010", "1e3", "null", "~", "2001-01-02", "12:30", "0x1F", "1.10", "true", "",
    " lead", "trail ", "- dash", "a: b", "#no", ">x", "*x", "tab\\there", "two\\nlines",
    "two\\nlines\\n", "ends\\n\\n", "\\n", "\\n\\nx", " lead\\nnext", "a\\n  b\\n c\\n",
    "trail \\nnext",
    "tab\\t\\nnext", "bell\\a", "nul\\0", "nbsp\\_", "bom\\uFEFF", "\\U0001F600",
    "back\\\\slash", 'say \\"x\\"', "it's", "cr\\rlf", "cr\\r\\nlf", "esc\\e", "'", "%", "@at",
    "!x", "&x", "|", "-", "--", "---", "...", "?", ":", "a:", ",", "[", "{", "}", "x]", "=", "<<",
    "0", "-1", "+1", "0o7", "0b1", "1_0", ".5", "1.", ".inf", ".NaN", "1:2", "y", "N", "Off", "on",
)  # fmt: skip
"""Each is written between double quotes, and must come out quoted as kubectl quotes it."""

STRUCTURES = {
    "keys that are no strings": "data: {1: a, true: b, 1.5: c, null: d}\n",
    "numbers as keys": "data: {1: a, 2.5: c, 0x10: d, y: e}\n",
    "a key twice": "data: {a: b, a: c}\n",
    "an alias": "data: {a: &x one, b: *x}\n",
    "an alias of a map": "data: &d {a: b}\nmetadata: {name: x, labels: *d}\n",
    "a merge key": "metadata: {name: x, labels: {<<: {a: b}, c: d}}\n",
    "a merge of two": "metadata: {name: x, labels: {<<: [{a: b}, {a: c, d: e}]}}\n",
    "a merge that is no map": "data: {<<: 1}\n",
    "an anchor that is not there": "data: {a: *gone}\n",
    "a literal block": "data:\n  a: |\n    one\n    two\n",
    "a literal block that strips": "data:\n  a: |-\n    one\n    two\n",
    "a literal block that keeps": "data:\n  a: |+\n    one\n\n",
    "a folded block": "data:\n  a: >\n    one\n    two\n\n    three\n",
    "a block with an indent": "data:\n  a: |2\n      one\n    two\n",
    "a plain scalar over lines": "data:\n  a: one\n    two\n\n    three\n",
    "double quotes over lines": 'data:\n  a: "one\n    two \\\n    three"\n',
    "a tab as indent": "data:\n\ta: b\n",
    "a tab behind a colon": "data:\n  a:\tb\n",
    "comments": "# one\ndata: # two\n  # three\n  a: b # four\n",
    "a directive": "%YAML 1.1\n---\ndata: {a: b}\n",
    "a very long line": f"data: {{a: '{'word ' * 200}'}}\n",
    "a long line without blanks": f"data: {{a: '{'x' * 300}'}}\n",
    "a long line in the middle": f"data:\n  a: {'ab ' * 40}end\n",
    "an empty map": "data: {}\n",
    "an empty value": "data:\n",
    "lists in lists": "more: [[1, [2, 3]], [], [[]], [{}]]\n",
    "maps in lists": "more:\n- a: 1\n  b:\n  - c\n- - d\n  - e\n",
    "odd keys": "data: {'a b': 1, 'a: b': 2, '': 3, '#': 4, yes: 5, '010': 6}\n",
    "a key with line breaks": 'data: {"a\\nb": c}\n',
    "a question mark": "data:\n  ? a\n  : b\n",
    "an unclosed quote": "data: {a: 'b}\n",
    "an unclosed bracket": "data: {a: [b}\n",
    "a colon too many": "data: a: b\n",
    "bad indentation": "data:\n    a: b\n  c: d\n",
    "a control character": "data: {a: \x01}\n",
}

_TOGETHER = 10
"""Files of one command: starting kubectl takes longer than reading them."""

_HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


def _structure(text: str) -> str:
    head = _HEAD if "metadata:" not in text else _HEAD.replace("metadata: {name: x}\n", "")
    return text.replace("---\n", f"---\n{head}") if text.startswith("%") else head + text


CASES = (
    *(
        Case(
            name=f"scalars/{PLAIN[start]} and on",
            args=("create", "--dry-run=client", "-o", "json", "-f", "d"),
            files={
                f"d/{number:02}.yaml": config_map("x") + f"more: {text}\n"
                for number, text in enumerate(PLAIN[start : start + _TOGETHER])
            },
        )
        for start in range(0, len(PLAIN), _TOGETHER)
    ),
    Case(
        name="scalars/all strings at once",
        args=(*_SHOWN, "yaml"),
        files={
            "x.yaml": config_map("x")
            + "".join(f'k{number}: "{text}"\n' for number, text in enumerate(STRINGS))
        },
    ),
    Case(
        name="scalars/all strings as keys",
        args=(*_SHOWN, "yaml"),
        files={
            "x.yaml": config_map("x")
            + "more:\n"
            + "".join(f'  "{text}": 1\n' for text in STRINGS if not text[:1].isdecimal())
        },
    ),
    Case(
        name="scalars/a delete character",
        args=(*_SHOWN, "yaml"),
        files={"x.yaml": config_map("x") + 'more: "del\\x7f"\n'},
    ),
    Case(
        name="scalars/odd line breaks",
        args=(*_SHOWN, "yaml"),
        files={"x.yaml": config_map("x") + 'more: ["nel\\N", "ls\\L", "ps\\P"]\n'},
    ),
    *(
        Case(
            name=f"structures/{name}",
            args=(*_SHOWN, "yaml"),
            files={"x.yaml": _structure(text)},
        )
        for name, text in STRUCTURES.items()
    ),
)
