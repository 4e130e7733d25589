"""Somebody with an account, for the tests that need one."""

from __future__ import annotations

from pathlib import Path

from rag.admin import accounts, sessions
from rag.admin.accounts import Role

NAMES: dict[Role, str] = {"operator": "olga", "staff": "stefan"}
PASSWORD = "kites above seven hills"


def add_account(root: Path, role: Role = "operator") -> str:
    """The name of one with that role, made where it isn't there; its password is ``PASSWORD``."""
    if not accounts.find(root, NAMES[role]):
        accounts.add(root, NAMES[role], role, PASSWORD)
    return NAMES[role]


def session_cookie(root: Path, role: Role = "operator") -> str:
    """The value of its session's cookie."""
    found = accounts.find(root, add_account(root, role))
    assert found
    return sessions.start(root, found)
