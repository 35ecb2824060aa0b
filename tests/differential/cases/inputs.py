"""Where objects come from: files, directories, patterns, links, standard input."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_FOLDER = {
    "d/b.yaml": config_map("b"),
    "d/a.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}',
    "d/c.yml": config_map("c"),
    "d/skip.txt": config_map("skip"),
    "d/sub/e.yaml": config_map("e"),
    "d/sub/deep/f.yaml": config_map("f"),
    "x.yaml": config_map("x"),
    "y.yaml": config_map("y"),
}


def _create(
    name: str,
    *args: str,
    links: dict[str, str] | None = None,
    stdin: str | bytes = b"",
    **files: str | None,
) -> Case:
    """Return a case with the common folder; ``files`` adds to it."""
    more = {path: text for path, text in files.items() if text is not None}
    return Case(
        name=f"inputs/{name}",
        args=("create", *args),
        files={**_FOLDER, **more},
        links=links or {},
        stdin=stdin,
    )


CASES = (
    _create("a file", "-f", "x.yaml"),
    _create("two files", "-f", "x.yaml", "-f", "y.yaml"),
    _create("a comma", "-f", "x.yaml,y.yaml"),
    _create("a comma at the end", "-f", "x.yaml,"),
    _create("the same twice", "-f", "x.yaml", "-f", "x.yaml"),
    _create("a missing file", "-f", "gone.yaml"),
    _create("a missing and a good file", "-f", "gone.yaml", "-f", "x.yaml"),
    _create("two missing files", "-f", "gone.yaml", "-f", "lost.yaml"),
    _create("a directory", "-f", "d"),
    _create("a directory with a slash", "-f", "d/"),
    _create("a directory with dots", "-f", "./d/../d"),
    _create("a directory, recursively", "-R", "-f", "d"),
    _create("this directory", "-f", "."),
    _create("a file of another kind", "-f", "d/skip.txt"),
    _create("a pattern", "-f", "*.yaml"),
    _create("a pattern of directories", "-f", "d*"),
    _create("a pattern in a directory", "-f", "d/?.y*ml"),
    _create("a pattern that matches nothing", "-f", "*.none"),
    _create("a class", "-f", "[xy].yaml"),
    _create("a class that is not closed", "-f", "[x.yaml"),
    _create("a pattern with an escape", "-f", "\\x.yaml"),
    _create("standard input", "-f", "-", stdin=documents(config_map("i"), config_map("j"))),
    _create("standard input and a file", "-f", "-", "-f", "x.yaml", stdin=config_map("i")),
    _create("standard input twice", "-f", "-", "-f", "-", stdin=config_map("i")),
    _create("empty standard input", "-f", "-"),
    _create("malformed standard input", "-f", "-", stdin="a: b: c\n"),
    _create("an empty name", "-f", ""),
    _create("-k and -f", "-f", "x.yaml", "-k", "d"),
    _create("-k without a kustomization", "-k", "d"),
    _create("-k and -R", "-R", "-k", "d"),
    _create("neither"),
    _create("a link to a file", "-f", "l.yaml", links={"l.yaml": "x.yaml"}),
    _create("a link to a directory", "-f", "l", links={"l": "d"}),
    _create("a link to a directory with a slash", "-f", "l/", links={"l": "d"}),
    _create("a link to nothing", "-f", "l.yaml", links={"l.yaml": "gone"}),
    _create("links in a directory", "-R", "-f", "d",
            links={"d/l.yaml": "../x.yaml", "d/ld": "../d/sub"}),
    _create("a link to nothing in a directory", "-f", "d", links={"d/l.yaml": "gone"}),
    Case(name="inputs/an empty directory", args=("create", "-f", "e"), files={"e/": ""}),
    Case(
        name="inputs/a directory of other files",
        args=("create", "-f", "e"),
        files={"e/x.txt": "x"},
    ),
    Case(
        name="inputs/two empty directories",
        args=("create", "-f", "e", "-f", "f"),
        files={"e/": "", "f/": ""},
    ),
    Case(
        name="inputs/names with blanks",
        args=("create", "-f", "a b.yaml", "-f", "ö.yaml"),
        files={"a b.yaml": "a: b: c", "ö.yaml": "a: b: c"},
    ),
)  # fmt: skip
