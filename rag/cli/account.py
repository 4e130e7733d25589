"""``python -m rag account``: who may see the staff's and the operator's pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.admin import accounts
from rag.admin.accounts import Account
from rag.cli import json_output
from rag.cli.command import CommandOutput
from rag.cli.parser import Parser, add_common_options
from rag.ingest.folders import ProgressCallback
from rag.library import audit_log
from rag.settings import Settings

_ROLES = ("staff", "operator")


def add_arguments(parser: Parser) -> None:
    """Declares the actions, each with its own arguments."""
    actions = parser.add_subparsers(required=True, dest="action", metavar="ACT")

    def add_action(name: str, description: str, *, of_account: bool = True, password: bool = False) -> Parser:
        action: Parser = actions.add_parser(name, help=description)
        add_common_options(action)
        if of_account:
            action.add_argument("name", metavar="NAME")
        if password:
            action.add_argument(
                "--password-stdin",
                action="store_true",
                help="read the password from standard input, rather than make one",
            )
        return action

    add = add_action("add", "make an account; prints its password, once", password=True)
    add.add_argument("--role", choices=_ROLES, required=True)
    add_action("password", "give an account a new password", password=True)
    add_action("role", "change what an account is for").add_argument("role", choices=_ROLES, metavar="ROLE")
    add_action("disable", "let nobody sign in with it")
    add_action("enable", "let it sign in again")
    add_action("remove", "remove an account")
    add_action("list", "list the accounts", of_account=False)


def run(args: argparse.Namespace, settings: Settings, progress: ProgressCallback) -> Iterator[CommandOutput]:
    """Carries out the action."""
    yield _ACTIONS[args.action](args, settings.library)


def _add(args: argparse.Namespace, root: Path) -> CommandOutput:
    password, shown = _password(args)
    with audit_log.recorded(root, "account add", name=args.name, role=args.role):
        accounts.add(root, args.name, args.role, password)
    where = "/operator" if args.role == "operator" else "/staff"
    return _password_output(args, shown, f"{args.name} may sign in at {where} on the desk's page.")


def _set_password(args: argparse.Namespace, root: Path) -> CommandOutput:
    password, shown = _password(args)
    with audit_log.recorded(root, "account password", name=args.name):
        accounts.set_password(root, args.name, password)
    return _password_output(args, shown, f"{args.name} has a new password; all of the account's sessions have ended.")


def _password(args: argparse.Namespace) -> tuple[str, str]:
    """The password, and what of it is to be shown: nothing of one that was typed."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n"), ""
    password = accounts.new_password()
    return password, password


def _password_output(args: argparse.Namespace, shown: str, line: str) -> CommandOutput:
    if args.json:
        return CommandOutput(json_output.line({"name": args.name, "password": shown or None}))
    if not shown:
        return CommandOutput(line)
    return CommandOutput(f"{shown}\n{line}  The password is shown once: nobody can look it up.")


def _set_role(args: argparse.Namespace, root: Path) -> CommandOutput:
    with audit_log.recorded(root, "account role", name=args.name, role=args.role):
        accounts.set_role(root, args.name, args.role)
    return _account_output(args, root)


def _set_disabled(args: argparse.Namespace, root: Path) -> CommandOutput:
    with audit_log.recorded(root, f"account {args.action}", name=args.name):
        accounts.disable(root, args.name, args.action == "disable")
    return _account_output(args, root)


def _account_output(args: argparse.Namespace, root: Path) -> CommandOutput:
    account = accounts.find(root, args.name)
    assert account is not None
    return CommandOutput(json_output.line(json_output.account(account)) if args.json else _text(account))


def _remove(args: argparse.Namespace, root: Path) -> CommandOutput:
    with audit_log.recorded(root, "account remove", name=args.name):
        accounts.remove(root, args.name)
    if args.json:
        return CommandOutput(json_output.line({"removed": args.name}))
    return CommandOutput(f"{args.name} has no account any more.")


def _list(args: argparse.Namespace, root: Path) -> CommandOutput:
    rows = accounts.list_accounts(root)
    if args.json:
        return CommandOutput(json_output.line({"accounts": [json_output.account(account) for account in rows]}))
    remedy = "There is no account yet.  Make one: python -m rag account add NAME --role operator"
    return CommandOutput("\n".join(map(_text, rows)) or remedy)


def _text(account: Account) -> str:
    return f"{account.name:<20} {account.role:<9} made {account.made[:10]}{'  disabled' if account.disabled else ''}"


_ACTIONS: dict[str, Callable[[argparse.Namespace, Path], CommandOutput]] = {
    "add": _add,
    "password": _set_password,
    "role": _set_role,
    "disable": _set_disabled,
    "enable": _set_disabled,
    "remove": _remove,
    "list": _list,
}
