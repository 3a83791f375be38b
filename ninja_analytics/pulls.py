"""What a notebook pulls, read from its code, which is not executed.

Seen are the names in `.table("devices")`, `.report("fleet_overview")`, `.record(["devices"])`,
`.get("/v2/jobs")` and `packs.pack(ninja, "qbr")`, also through a variable that is set once.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ninja_analytics.errors import UsageError
from ninja_analytics.history.recorded_tables import DEFAULT
from ninja_analytics.packs import PACKS
from ninja_analytics.reports import REPORTS


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull that the code names: by which verb, of what (None: it cannot be seen), from which cell.

    It is `narrowed` by a filter or parameters, and `repeated` if it stands in a loop or function;
    `names` are those that it joins, `filtered` says that rows are held against a device filter.
    """

    verb: str
    name: str | None
    cell: int
    narrowed: bool = False
    repeated: bool = False
    names: tuple[str, ...] = ()
    filtered: bool = False


def named(cells: Mapping[int, str]) -> list[Pull]:
    """The pulls that *cells* name, in order; a report stands as the tables that it reads.

    *cells* is the code by the number of the cell. Raises UsageError for what is no Python.
    """
    trees = {number: _tree(code, number) for number, code in cells.items()}
    texts = _texts(trees.values())
    pulls = (pull for number, tree in trees.items() for pull in _pulls(tree, number, texts))
    return list(_expanded(pulls))


def _tree(code: str, cell: int) -> ast.Module:
    """The code of a cell; magics and shell commands become calls, and what `%%time` wraps stays."""
    from IPython.core.inputtransformer2 import TransformerManager

    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = re.sub(r"\A\s*%%(?:time|timeit|capture)\b.*", "", code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd but valid
            plain = TransformerManager().transform_cell(code)  # type: ignore[no-untyped-call]
            tree: ast.Module = compile(plain, "<cell>", "exec", flags)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UsageError(
            f"Cell {cell}{line} is not valid Python. Mend it, then try again."
        ) from error
    return tree


def _texts(trees: Iterable[ast.Module]) -> dict[str, str]:
    """The variables that are set once in the whole notebook, to a text."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bound = Counter(
        node.id if isinstance(node, ast.Name) else node.arg
        for node in nodes
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and not _is_read(node))
    )
    return {
        target.id: node.value.value
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and bound[target.id] == 1
    }


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


_LOOPS = (
    ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


def _pulls(tree: ast.Module, cell: int, texts: Mapping[str, str]) -> Iterator[Pull]:
    """The calls in *tree* that pull, as far as their names can be seen."""
    nodes = list(ast.walk(tree))
    loops = [node for node in nodes if isinstance(node, _LOOPS)]
    bodies = [part for loop in loops for part in _body(loop)]
    repeated = {id(node) for part in bodies for node in ast.walk(part)}
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if verb not in _VERBS:
            continue
        for asked in _asked(verb, call):
            name = _text(asked, texts)
            if verb != "get" or (name or _beginning(asked)).startswith(("/v2/", "/api/v2/")):
                given = {one.arg for one in call.keywords}
                yield Pull(
                    _VERBS[verb], name, cell,
                    narrowed=not given <= _NOT_NARROWING,
                    repeated=id(call) in repeated,
                    names=_joined(call),
                    filtered="where" in given,
                )  # fmt: skip


# What a verb pulls, as one of the three that are told apart.
_VERBS = {
    "table": "table", "stream": "table", "tables_at_once": "table", "record": "table",
    "report": "report", "pack": "report", "get": "get",
}  # fmt: skip
_NOT_NARROWING = {
    "names",
    "progress",
    "part",
    "shape",
    "tz",
    "max_age",
    "resume",
    "now",
    "settings",
}


def _asked(verb: str, call: ast.Call) -> list[ast.expr]:
    """What a call names: one thing, several in a list, or of `record()` the usual tables."""
    if verb == "pack":
        return _packed(call)
    if not call.args:
        usual = DEFAULT if verb == "record" and not _named_by_keyword(call) else ()
        return [ast.Constant(name) for name in usual]
    return _several(call.args[0]) if verb in ("tables_at_once", "record") else [call.args[0]]


def _packed(call: ast.Call) -> list[ast.expr]:
    """The report that a pack is made of; none for what is another library's `pack`."""
    named = {one.arg: one.value for one in call.keywords}
    asked = call.args[1] if len(call.args) > 1 else named.get("name", ast.Constant("qbr"))
    known = isinstance(asked, ast.Constant) and asked.value in PACKS
    return [ast.Constant(PACKS[asked.value])] if known and "out" in named else []  # type: ignore[attr-defined]


def _named_by_keyword(call: ast.Call) -> bool:
    return any(one.arg == "names" for one in call.keywords)


def _several(listed: ast.expr) -> list[ast.expr]:
    """The members of a list; what is no list that can be seen stands for itself."""
    return listed.elts if isinstance(listed, ast.List | ast.Tuple | ast.Set) else [listed]


def _joined(call: ast.Call) -> tuple[str, ...]:
    """The texts in `names=`."""
    given = [node for one in call.keywords if one.arg == "names" for node in ast.walk(one.value)]
    return tuple(node.value for node in given if isinstance(node, ast.Constant))  # type: ignore[misc]


def _body(loop: ast.AST) -> Iterable[ast.AST]:
    """The part that may run more than once: not what a `for` goes through."""
    body = getattr(loop, "body", loop)
    return body if isinstance(body, list) else [body]


def _text(node: ast.expr, texts: Mapping[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return texts.get(node.id) if isinstance(node, ast.Name) else None


def _beginning(node: ast.expr) -> str:
    """The text with which an expression begins, as in f"/v2/device/{id}"."""
    while isinstance(node, ast.BinOp):
        node = node.left
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _expanded(pulls: Iterable[Pull]) -> Iterator[Pull]:
    """*pulls* with the tables of a report in its place, as often as it asks for each."""
    for pull in pulls:
        report = REPORTS.get(pull.name or "") if pull.verb == "report" else None
        if report is None:
            yield pull
            continue
        for table, parameters in report.tables.items():
            for part in report.about.narrowed.get(table, (parameters,)):
                yield replace(pull, verb="table", name=table, narrowed=bool(part))
