"""Documents of a stream: how they are separated, and what is passed over."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

A, B, C = config_map("a"), config_map("b"), config_map("c")
JA, JB = (
    f'{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}"}}}}' for name in "ab"
)
LIST = (
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
)
INNER = "- {apiVersion: v1, kind: List, items: []}\n"
TYPED = (
    "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n"
)

STREAMS: dict[str, str | bytes] = {
    "one": A,
    "three": documents(A, B, C),
    "a separator before and behind": f"---\n{A}---\n",
    "empty ones": f"---\n---\n{A}---\n\n---\n# nothing\n---\n{B}",
    "nulls": f"null\n---\n{A}---\nnull\n---\n~\n",
    "nothing": "",
    "blanks": "\n\n  \n",
    "a comment only": "# nothing here\n",
    "a separator only": "---\n",
    "a separator with a comment": f"{A}--- # b\n{B}",
    "a separator with blanks": f"{A}---   \n{B}",
    "a separator at the end": f"{documents(A, B)}---",
    "a separator at the end of a long stream": f"{documents(A, '# ' + 'x' * 5000, B)}--- # x",
    "a number at the end of a long stream": f'{JA}{{"x": "{"x" * 5000}"}}{JB}5',
    "a separator with text": f"{A}--- text\n{B}",
    "a separator with a document": f'{A}--- {{"x":1}}\n',
    "four dashes": f"{A}----\n{B}",
    "three dots": f"{A}...\n---\n{B}",
    "dashes within a block": A + "  b: |\n    ---\n    x\n",
    "dashes at the margin of a string": 'apiVersion: v1\nkind: ConfigMap\ndata: {a: "x\n---\ny"}\n',
    "Windows line ends": documents(A, B).replace("\n", "\r\n"),
    "no line break at the end": documents(A, B).rstrip("\n"),
    "a UTF-8 mark": b"\xef\xbb\xbf" + A.encode(),
    "UTF-16, little end first": b"\xff\xfe" + A.encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + A.encode("utf-16-be"),
    "bytes that are no UTF-8": A.encode() + b"# \xff\xfe\n",
    "bytes that are no UTF-8 in a value": A.encode().replace(b"k: v", b"k: \xff"),
    "JSON": JA,
    "JSON, two": JA + JB,
    "JSON, two lines": f"{JA}\n{JB}\n",
    "JSON with blanks": f"\n  {JA}  \n\n{JB}\n\n",
    "JSON, then a separator": f"{JA}\n---\n{JB}\n",
    "JSON, then YAML": f"{JA}\n---\n{B}",
    "YAML, then JSON": f"{A}---\n{JB}\n",
    "JSON that is YAML": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    "JSON that breaks off": JA[:-2],
    "JSON with a comma too many": JA.replace('"a"}', '"a",}'),
    "JSON with a bad second": JA + "{broken",
    "JSON with a bad third": JA + JB + "{broken",
    "JSON, an array": f"[{JA}]",
    "JSON, a string": '"text"',
    "a scalar": "text\n",
    "a number": "12\n",
    "a list": "- a\n- b\n",
    "a List": LIST,
    "a List and more": documents(LIST, B),
    "an empty List": "apiVersion: v1\nkind: List\nitems: []\n",
    "a List without items": "apiVersion: v1\nkind: List\n",
    "a List of null": "apiVersion: v1\nkind: List\nitems: null\n",
    "a List in a List": LIST + INNER,
    "a List with a nameless kind": LIST + "- {metadata: {name: b}}\n",
    "a List with an unknown kind": LIST + "- {apiVersion: v1, kind: Widget, metadata: {name: b}}\n",
    "a List with a bad version": LIST + "- {apiVersion: a/b/c, kind: ConfigMap}\n",
    "a List of scalars": LIST + "- 12\n",
    "a typed List": TYPED,
    "an object with items": A + "items: []\n",
    "malformed, then good": documents("a: b: c\n", B),
    "good, malformed, good": documents(A, "a: [b\n", C),
    "a kind with a small letter": A.replace("ConfigMap", "configmap"),
    "a version of another group": A.replace("v1", "apps/v1"),
    "a version that is none": A.replace("v1", "a/b/c"),
    "a version that is a number": A.replace("v1", "1"),
    "a kind that is a number": A.replace("ConfigMap", "1"),
    "an empty kind": A.replace("ConfigMap", "''"),
    "an empty version": A.replace("v1", "''"),
    "no kind": A.replace("kind: ConfigMap\n", ""),
    "no version": A.replace("apiVersion: v1\n", ""),
    "neither": "metadata: {name: a}\n",
    "metadata that is a string": A.replace("metadata:\n  name: a", "metadata: a"),
    "metadata that is null": A.replace("metadata:\n  name: a", "metadata:"),
    "a name that is a number": A.replace("name: a", "name: 12"),
    "a label that is a number": config_map("a", labels="x: 1"),
    "a label that is a bool": config_map("a", labels="x: yes"),
    "labels that are a list": A.replace("  name: a", "  name: a\n  labels: [x]"),
    "an annotation that is a number": A.replace("  name: a", "  name: a\n  annotations: {x: 1}"),
}

CASES = tuple(
    Case(name=f"streams/{name}", args=("create", "-f", "x.yaml"), files={"x.yaml": text})
    for name, text in STREAMS.items()
)
