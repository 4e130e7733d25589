"""Accounts of a hostile desk, and the way in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from rag.admin import accounts
from rag.admin.accounts import Role

PASSWORD = "nine kites rose over a lake"


def account(root: Path, name: str = "olga", role: Role = "operator") -> str:
    """The name of a new account whose password is ``PASSWORD``."""
    return accounts.add(root, name, role, PASSWORD).name


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
