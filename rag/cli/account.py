"""``python -m rag account``: who may see the staff's and the operator's pages."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rag.admin import accounts
from rag.admin.accounts import Account
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser, add_common_options
from rag.library import audit_log

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


def run(context: Context) -> Outputs:
    """Carries out the action."""
    yield _ACTIONS[context.args.action](context)


def _add(context: Context) -> CommandOutput:
    name, role = context.args.name, context.args.role
    password, shown = _password(context)
    with audit_log.recorded(context.library, "account add", name=name, role=role):
        accounts.add(context.library, name, role, password)
    where = "/operator" if role == "operator" else "/staff"
    return _password_output(context, shown, f"{name} may sign in at {where} on the desk's page.")


def _set_password(context: Context) -> CommandOutput:
    name = context.args.name
    password, shown = _password(context)
    with audit_log.recorded(context.library, "account password", name=name):
        accounts.set_password(context.library, name, password)
    return _password_output(context, shown, f"{name} has a new password; all of the account's sessions have ended.")


def _password(context: Context) -> tuple[str, str]:
    """The password, and what of it is to be shown: nothing of one that was typed."""
    if context.args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n"), ""
    password = accounts.new_password()
    return password, password


def _password_output(context: Context, shown: str, line: str) -> CommandOutput:
    text = f"{shown}\n{line}  The password is shown once: nobody can look it up." if shown else line
    return context.output({"name": context.args.name, "password": shown or None}, text)


def _set_role(context: Context) -> CommandOutput:
    name, role = context.args.name, context.args.role
    with audit_log.recorded(context.library, "account role", name=name, role=role):
        accounts.set_role(context.library, name, role)
    return _account_output(context)


def _set_disabled(context: Context) -> CommandOutput:
    name, action = context.args.name, context.args.action
    with audit_log.recorded(context.library, f"account {action}", name=name):
        accounts.disable(context.library, name, action == "disable")
    return _account_output(context)


def _account_output(context: Context) -> CommandOutput:
    account = accounts.find(context.library, context.args.name)
    assert account is not None
    return context.output(json_output.account(account), _text(account))


def _remove(context: Context) -> CommandOutput:
    name = context.args.name
    with audit_log.recorded(context.library, "account remove", name=name):
        accounts.remove(context.library, name)
    return context.output({"removed": name}, f"{name} has no account any more.")


def _list(context: Context) -> CommandOutput:
    rows = accounts.list_accounts(context.library)
    remedy = "There is no account yet.  Make one: python -m rag account add NAME --role operator"
    return context.output({"accounts": list(map(json_output.account, rows))}, "\n".join(map(_text, rows)) or remedy)


def _text(account: Account) -> str:
    return f"{account.name:<20} {account.role:<9} made {account.made[:10]}{'  disabled' if account.disabled else ''}"


_ACTIONS: dict[str, Callable[[Context], CommandOutput]] = {
    "add": _add,
    "password": _set_password,
    "role": _set_role,
    "disable": _set_disabled,
    "enable": _set_disabled,
    "remove": _remove,
    "list": _list,
}
