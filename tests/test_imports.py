"""The shape: what each room may import, and what waits until it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted(
    path
    for folder in ("rag", "embeddings")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "__main__.py" and "web" not in path.relative_to(ROOT).parts
)
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in FILES]
HEAVY = {"torch", "sentence_transformers", "transformers", "gradio", "pandas", "sklearn"}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_importing_any_room_stays_light() -> None:
    """torch takes seconds to import, so nobody pays for it before a text is encoded."""
    script = (
        "import importlib, sys\n"
        f"for name in {MODULES!r}:\n"
        "    importlib.import_module(name.removesuffix('.__init__'))\n"
        f"    heavy = {HEAVY!r} & set(sys.modules)\n"
        "    assert not heavy, (name, heavy)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize("path", sorted((ROOT / "embeddings").glob("*.py")), ids=lambda path: path.name)
def test_embeddings_know_no_words(path: Path) -> None:
    """embeddings/ never imports rag/."""
    assert not {name for name in imported(path) if name.split(".")[0] in ("rag", "app", "gradio")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_page_knows_gradio(path: Path) -> None:
    """The rest of rag/ neither imports gradio nor the page's code."""
    assert not {name for name in imported(path) if name.split(".")[0] == "gradio" or name.startswith("rag.web")}


def test_imports_go_one_way() -> None:
    """No module reaches itself through what it imports."""
    graph = {
        name: {other for other in imported(ROOT / (name.replace(".", "/") + ".py")) if other in MODULES}
        for name in MODULES
    }

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        for other in sorted(graph[name]):
            visit(other, (*above, name))

    for name in graph:
        visit(name, ())


def test_our_embeddings_are_the_ones_imported() -> None:
    """The name is taken on the package index; another distribution must not win."""
    import embeddings

    assert Path(embeddings.__file__).is_relative_to(ROOT)


def test_only_settings_read_the_environment() -> None:
    """Precedence is stated in one place; the encoder alone prepares what its libraries read on import."""
    allowed = {ROOT / "rag" / "settings.py", ROOT / "embeddings" / "encoder.py"}
    for path in [*(ROOT / "rag").rglob("*.py"), *(ROOT / "embeddings").glob("*.py"), ROOT / "app.py"]:
        words = path.read_text(encoding="utf-8")
        if path not in allowed and ("os.getenv" in words or "os.environ[" in words or "environ.get" in words):
            assert "GRADIO_ANALYTICS_ENABLED" in words, path
