"""The shape: what each room may import, and what waits until it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from tests.project.structure import Code, circles, graph_of, inside, room_of
from tests.support.paths import ROOT

# Bottom up: what stands in one row imports only from the rows above it in this table, which are the lower layers.
LAYERS = (
    {"rag.errors", "embeddings"},
    {"rag.models", "rag.limits"},
    {"rag.budget"},
    {"rag.files", "rag.settings", "rag.text"},
    {"rag.ingest", "rag.query"},
    {"rag.library"},
    {"rag.search"},
    {"rag.answer"},
    {"rag.checking", "rag.admin", "rag.evaluation"},
    {"rag.cli", "rag.web"},
    {"app", "rag", "rag.__main__"},
)
LAYER = {room: number for number, row in enumerate(LAYERS) for room in row}
CODE = Code(ROOT)
IMPORTS = tuple(CODE.imports())
PACKAGES = sorted(name for name, path in CODE.paths.items() if path.name == "__init__.py")
FILES = sorted(
    path for name, path in CODE.paths.items() if path.name != "__main__.py" and room_of(name) not in ("rag.web", "app")
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


@pytest.mark.process
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


@pytest.mark.parametrize("module", sorted(CODE.paths))
def test_imports_go_down_the_layers(module: str) -> None:
    """Nothing imports from its own row of the table or a higher one, not even late or for types."""
    room = room_of(module)
    rooms = {room_of(one.target) for one in IMPORTS if one.module == module} - {room, "rag"}
    assert not {other for other in rooms if LAYER[other] >= LAYER[room]}


@pytest.mark.parametrize("name", rag.__all__)
def test_the_package_offers_its_public_names(name: str) -> None:
    """``from rag import Library`` imports the class when it is asked for."""
    assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rag.nothing


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_within_a_folder(package: str) -> None:
    """The files and folders of one folder never import each other in a ring."""
    assert circles(inside(package, IMPORTS)) == []


def test_no_circle_of_files() -> None:
    """No module reaches itself through what it imports, late imports and those for types included."""
    assert circles(graph_of((one.module, one.target) for one in IMPORTS)) == []


def test_the_top_level_is_seen_at_a_glance() -> None:
    """At most twelve packages and six modules lie directly in rag/."""
    inside_rag = [path for path in (ROOT / "rag").iterdir() if path.name not in ("__init__.py", "__main__.py")]
    assert sum(path.suffix == ".py" for path in inside_rag) <= 6
    assert sum(path.is_dir() and path.name != "__pycache__" for path in inside_rag) <= 12


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
