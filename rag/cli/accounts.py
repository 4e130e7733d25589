"""The commands for accounts, the audit log, the off switch and what is kept of people."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.admin import accounts, off_switch
from rag.admin.accounts import Account
from rag.cli import json_output
from rag.cli.index import Printed
from rag.errors import SettingInvalid, one_line
from rag.library import audit_log
from rag.settings import Settings

Command = Callable[[argparse.Namespace, Path], Iterator[Printed]]


def run(args: argparse.Namespace, chosen: Settings) -> Iterator[Printed]:
    """
    Raises:
        AccountRefused, SettingInvalid: it can't be done as asked. LibraryDamaged, LibraryUnwritable, LibraryBusy.
    """
    if args.command == "tidy":
        return _tidy(args, chosen)
    return _COMMANDS[args.command](args, chosen.library)


def _account(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    return _ACCOUNT[args.act](args, root)


def _add(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    password, shown = _password(args)
    with audit_log.noting(root, "account add", name=args.name, role=args.role):
        accounts.add(root, args.name, args.role, password)
    where = "/operator" if args.role == "operator" else "/staff"
    yield _made(args, shown, f"{args.name} may sign in at {where} on the desk's page.")


def _new_password(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    password, shown = _password(args)
    with audit_log.noting(root, "account password", name=args.name):
        accounts.set_password(root, args.name, password)
    yield _made(args, shown, f"{args.name} has a new password; all of the account's sessions have ended.")


def _made(args: argparse.Namespace, shown: str, line: str) -> Printed:
    if args.json:
        return Printed(json_output.line({"name": args.name, "password": shown or None}))
    return Printed(f"{shown}\n{line}  The password is shown once: nobody can look it up." if shown else line)


def _password(args: argparse.Namespace) -> tuple[str, str]:
    """The password, and what of it is to be shown."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n"), ""
    made = accounts.new_password()
    return made, made


def _role(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    with audit_log.noting(root, "account role", name=args.name, role=args.role):
        accounts.set_role(root, args.name, args.role)
    yield _one(args, root)


def _disable(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    with audit_log.noting(root, f"account {args.act}", name=args.name):
        accounts.disable(root, args.name, args.act == "disable")
    yield _one(args, root)


def _remove(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    with audit_log.noting(root, "account remove", name=args.name):
        accounts.remove(root, args.name)
    yield Printed(json_output.line({"removed": args.name}) if args.json else f"{args.name} has no account any more.")


def _list(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    found = accounts.listed(root)
    if args.json:
        yield Printed(json_output.line({"accounts": [_shown(one) for one in found]}))
    else:
        add = "There is no account yet.  Make one: python -m rag account add NAME --role operator"
        yield Printed("\n".join(map(_line, found)) or add)


def _one(args: argparse.Namespace, root: Path) -> Printed:
    account = accounts.find(root, args.name)
    assert account is not None
    return Printed(json_output.line(_shown(account)) if args.json else _line(account))


def _shown(account: Account) -> dict[str, object]:
    return {key: getattr(account, key) for key in ("name", "role", "made", "changed", "disabled")}


def _line(account: Account) -> str:
    return f"{account.name:<20} {account.role:<9} made {account.made[:10]}{'  disabled' if account.disabled else ''}"


def _log(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    for entry in reversed(audit_log.read(root, args.last)):
        if args.json:
            told = {"number": entry.number, "at": entry.at, "who": entry.who, "what": entry.what, "of": entry.of}
            yield Printed(json_output.line({**told, "previous": entry.previous, "sha256": entry.sha256}))
        else:
            of = "  ".join(f"{key}={value}" for key, value in entry.of.items() if value != "")
            yield Printed(one_line(f"{entry.number} {entry.at} {entry.who}: {entry.what}  {of}"))


def _switch(args: argparse.Namespace, root: Path) -> Iterator[Printed]:
    if args.to == "off":
        if args.reason is None:
            raise SettingInvalid("a reason is missing", remedy='Run: python -m rag switch off --reason "…"')
        off_switch.turn_off(root, args.reason, audit_log.actor())
    elif args.reason is not None:
        raise SettingInvalid("--reason belongs to: switch off", remedy="Leave it out")
    elif args.to == "on":
        off_switch.turn_on(root, audit_log.actor())
    off = off_switch.off(root)
    if args.json:
        told = {"off": off is not None, "reason": off and off.reason, "since": off and off.since, "by": off and off.by}
        yield Printed(json_output.line(told))
    else:
        yield Printed(f"The desk is off since {off.since} ({off.by}): {off.reason}" if off else "The desk is on.")


def _tidy(args: argparse.Namespace, chosen: Settings) -> Iterator[Printed]:
    from rag.admin.retention import tidy

    deleted = tidy(chosen.library, chosen.kept_days)
    counts = {"asked": deleted.asked, "unanswered": deleted.unanswered, "feedback": deleted.feedback}
    status = 1 if None in counts.values() else 0
    if args.json:
        yield Printed(json_output.line({"deleted": counts}), status=status)
    else:
        told = ", ".join(f"{name} {'could not be' if count is None else count}" for name, count in counts.items())
        yield Printed(f"Deleted, of more than {chosen.kept_days} days ago: {told}.", status=status)


_ACCOUNT: dict[str, Command] = {
    "add": _add,
    "password": _new_password,
    "role": _role,
    "disable": _disable,
    "enable": _disable,
    "remove": _remove,
    "list": _list,
}
_COMMANDS: dict[str, Command] = {"account": _account, "log": _log, "switch": _switch}
