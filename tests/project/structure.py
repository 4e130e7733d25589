"""Figures of the code's structure, read from its syntax trees: ``python -m tests.project.structure [CHECKOUT...]``.

Given several checkouts, it prints them side by side, so that a change can be seen before and after.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("rag", "embeddings")
LONG_FILE, LONG_FUNCTION = 300, 40  # lines

Graph = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class Import:
    """``module`` imports ``target``, both dotted names of this code; ``late`` is in a function, or for types only."""

    module: str
    target: str
    line: int
    late: bool


@dataclass(frozen=True, slots=True)
class Function:
    """``lines`` count decorators, signature and docstring; ``public`` is every part of its name without underscore."""

    where: str
    lines: int
    public: bool
    documented: bool


class Code:
    """The modules of ``rag/``, ``embeddings/`` and ``app.py`` in one checkout."""

    def __init__(self, root: Path) -> None:
        paths = [*(path for name in PACKAGES for path in (root / name).rglob("*.py")), root / "app.py"]
        self.paths = {
            ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
            for path in sorted(paths)
        }
        self.trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in self.paths.items()}

    def imports(self) -> Iterator[Import]:
        """Every import of one module of this code by another, wherever in the file."""
        for module, tree in self.trees.items():
            top = {id(node) for node in tree.body}
            for node in ast.walk(tree):
                for target in sorted(set(self._targets(node))):
                    if target != module:
                        yield Import(module, target, getattr(node, "lineno", 0), id(node) not in top)

    def _targets(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in self.trees)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in self.trees:
                    yield inner
                elif node.module in self.trees:
                    yield node.module

    def functions(self) -> Iterator[Function]:
        """Every function and method, with what encloses it in its name; functions inside functions are not public."""
        for module, tree in self.trees.items():
            yield from _functions(tree, module, public=True)

    def numbers(self) -> Iterator[str]:
        """Module-level names that are assigned a number."""
        for module, tree in self.trees.items():
            for node in tree.body:
                values = _assigned(node)
                if any(isinstance(value, ast.Constant) and type(value.value) in (int, float) for value in values):
                    yield f"{module}:{getattr(node, 'lineno', 0)}"

    def lines(self, module: str) -> int:
        return len(self.paths[module].read_text(encoding="utf-8").splitlines())


def _functions(node: ast.AST, where: str, *, public: bool) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            name = f"{where}.{child.name}"
            open_ = public and not child.name.startswith("_")
            lines = (child.end_lineno or first) - first + 1
            yield Function(name, lines, open_, ast.get_docstring(child) is not None)
            yield from _functions(child, name, public=False)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{where}.{child.name}", public=public and not child.name.startswith("_"))
        else:
            yield from _functions(child, where, public=public)


def _assigned(node: ast.stmt) -> list[ast.expr]:
    """The values of ``A = 1``, ``A: int = 1`` and ``A, B = 1, 2``."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return []
    return node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]


def room_of(module: str) -> str:
    """What lies directly in rag/ and holds the module ("rag.query" of "rag.query.parse"); else its top folder."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "rag" else parts[0]


def graph_of(edges: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for one, other in edges:
        if one != other:
            graph.setdefault(one, set()).add(other)
            graph.setdefault(other, set())
    return graph


def inside(package: str, imports: Iterable[Import]) -> dict[str, set[str]]:
    """Which files and folders directly inside a package import which others of them; its ``__init__`` is none."""
    depth = package.count(".") + 2
    inner = ((one.module, one.target) for one in imports)
    return graph_of(
        (".".join(one.split(".")[:depth]), ".".join(other.split(".")[:depth]))
        for one, other in inner
        if one.startswith(f"{package}.") and other.startswith(f"{package}.")
    )


def circles(graph: Graph) -> list[list[str]]:
    """The groups of two or more nodes that all reach each other (Tarjan's strongly connected components)."""
    found: list[list[str]] = []
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> None:
        numbers[node] = lowest[node] = len(numbers)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in numbers:
                visit(other)
                lowest[node] = min(lowest[node], lowest[other])
            elif other in stack:
                lowest[node] = min(lowest[node], numbers[other])
        if lowest[node] == numbers[node]:
            group = [stack.pop()]
            while group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in numbers:
            visit(node)
    return found


def longest_chain(graph: Graph) -> int:
    """Modules on the longest path of imports; 0 where a circle leaves none."""
    if circles(graph):
        return 0
    depth: dict[str, int] = {}

    def visit(node: str) -> int:
        if node not in depth:
            depth[node] = 1 + max(map(visit, graph[node]), default=0)
        return depth[node]

    return max(map(visit, graph), default=0)


def figures(root: Path) -> dict[str, object]:
    """The figures of one checkout, by name, in the order in which they are printed."""
    code = Code(root)
    imports = list(code.imports())
    files = graph_of((one.module, one.target) for one in imports)
    early = graph_of((one.module, one.target) for one in imports if not one.late)
    packages = {name for name, path in code.paths.items() if path.name == "__init__.py"}
    rings = [ring for package in packages for ring in circles(inside(package, imports))]
    top = [name for name in code.paths if name.startswith("rag.") and name.count(".") == 1]
    depths = [name.count(".") for name in code.paths]
    functions = list(code.functions())
    lines = {name: code.lines(name) for name in code.paths}
    public = [one for one in functions if one.public]
    return {
        "lines of code in rag/, embeddings/, app.py": sum(lines.values()),
        "modules": len(lines),
        "… at the top level of rag/ (beside __init__, __main__)": len(set(top) - packages - {"rag.__main__"}),
        "packages at the top level of rag/": len(set(top) & packages),
        **{f"modules {depth + 1} levels deep": depths.count(depth) for depth in sorted(set(depths))},
        "files over 300 lines": sum(size > LONG_FILE for size in lines.values()),
        "functions": len(functions),
        "… over 40 lines": sum(one.lines > LONG_FUNCTION for one in functions),
        "public functions without docstring": sum(not one.documented for one in public),
        "… of": len(public),
        "longest chain of imports at the top of files": longest_chain(early),
        "… late imports too (0: there is a circle)": longest_chain(files),
        "circles of files, late imports too": len(circles(files)),
        "circles of files and folders within a folder": len(rings),
        "… files and folders in them": sum(map(len, rings)),
        "module-level numbers per 1,000 lines": round(1000 * len(list(code.numbers())) / sum(lines.values()), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.project.structure", description=__doc__)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[Path.cwd()], metavar="CHECKOUT")
    columns = [figures(root) for root in parser.parse_args().checkouts]
    for name in dict.fromkeys(name for column in columns for name in column):
        print(f"{name:58}", *(f"{column.get(name, 0):>10}" for column in columns))


if __name__ == "__main__":
    main()
