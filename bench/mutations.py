"""Small faults to plant in a source text: one changed place each, everything else as it was written.

What is no behaviour is left alone: docstrings, annotations, decorators, ``__all__``, the words of an error,
log lines. That records are frozen is held by `tests/promises/test_source.py`, not by a room's tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

OTHER: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
"""What a comparison can become: its boundary shifted, or its opposite."""
LOGGING: Final = {"debug", "info", "warning", "error", "exception"}
"""Methods whose call as a statement only tells what happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One changed place of a source text."""

    line: int
    start: int
    """Where the place begins and ends, in bytes of the text as UTF-8."""
    end: int
    new: str
    what: str
    """The place as it was and as it became, in one line."""

    def planted(self, source: str) -> str:
        """The source text that the mutation was found in, with its change."""
        text = source.encode()
        return (text[: self.start] + self.new.encode() + text[self.end :]).decode()

    def compiles_in(self, source: str) -> bool:
        """Whether the changed text is still a program."""
        try:
            compile(self.planted(source), "mutated", "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True


def mutations(source: str) -> list[Mutation]:
    """Every mutation of a module, in the order of its text; a rare one may not compile."""
    text = source.encode()
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    found = (_mutation(text, begins, old, new) for old, new in _changes(ast.parse(source)))
    return sorted(found, key=lambda one: (one.start, one.end, one.new))


def _mutation(text: bytes, begins: list[int], old: ast.expr | ast.stmt, new: str) -> Mutation:
    assert old.end_lineno is not None
    assert old.end_col_offset is not None
    start, end = begins[old.lineno - 1] + old.col_offset, begins[old.end_lineno - 1] + old.end_col_offset
    was = " ".join(text[start:end].decode().split())
    return Mutation(line=old.lineno, start=start, end=end, new=new, what=f"{_short(was)} → {_short(new)}")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Nodes below (and with) this one, each with a text to put in its place."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.expr):
        for new in _of_expression(node):
            yield node, f"({ast.unparse(new)})"
    if isinstance(node, ast.stmt):
        for text in _of_statement(node):
            yield node, text
    for condition in _conditions(node):
        yield condition, f"(not ({ast.unparse(condition)}))"
    for child in _behaviour(node):
        yield from _changes(child)


def _conditions(node: ast.AST) -> list[ast.expr]:
    """What decides a branch or a filter and is no comparison, which has an opposite of its own."""
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            tests = [node.test]
        case ast.comprehension():
            tests = node.ifs
        case _:
            tests = []
    return [test for test in tests if not isinstance(test, ast.Compare | ast.UnaryOp)]


def _of_expression(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=[op]):
            for other in OTHER[type(op)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            other_word = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other_word, node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)


def _of_statement(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield "return None"
        case ast.Expr(value=ast.Call(func=function)) if getattr(function, "attr", "") not in LOGGING:
            yield "pass"


def _behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """The children that say what the program does."""
    children: Iterable[ast.AST]
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return
        case ast.AnnAssign():
            children = [node.value] if node.value else []
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            children = [*node.args.defaults, *(one for one in node.args.kw_defaults if one), *node.body]
        case ast.ClassDef():
            children = [*node.bases, *node.body]
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return
        case ast.match_case():
            children = [*([node.guard] if node.guard else []), *node.body]
        case _:
            children = ast.iter_child_nodes(node)
    yield from children
