"""A wrong "exact" would be the worst defect there is: every branch of the verdict engine is run by its own tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

TESTS = (
    "checking/test_checker.py",
    "web/check/test_jobs.py",
    "cli/test_check.py",
    "cases/test_quotation_claims.py",
    "cases/test_claimed_dates.py",
    "cases/test_copied_quotations.py",
    "cases/test_explanations.py",
)


@pytest.mark.process
def test_every_branch_of_the_verdict_engine_is_tested() -> None:
    """By the tests that state what it does, the random ones left out."""
    engine = [f"--cov=rag.checking.{path.stem}" for path in (ROOT / "rag" / "checking").glob("[!_]*.py")]
    measured = [*engine, "--cov=rag.cli.check", "--cov-branch", "--cov-fail-under=100", "--cov-report=term-missing"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *measured]
    done = subprocess.run(
        [*command, *(f"tests/{name}" for name in TESTS)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:]
    assert "TOTAL" in done.stdout
