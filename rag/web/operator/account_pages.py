"""Accounts, the audit log, the notice and the off switch, on the operator's pages."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from rag import limits
from rag.admin import accounts, off_switch
from rag.admin.accounts import ROLES, Role
from rag.answer import notice as notices
from rag.errors import AccountRefused
from rag.library import audit_log
from rag.web.auth.access import WRONG_PASSWORD, AccessControl, AccessDenied, Person
from rag.web.auth.forms import form_field
from rag.web.operator.actions import Action, redirect
from rag.web.operator.pages import OperatorPages
from rag.web.responses import paginate
from rag.web.service import Service

PAGE_SIZE = 100  # entries of the audit log
# The line on the page that a form leads to.
CONFIRMATIONS = {
    "changed": "The account is changed; its sessions have ended.",
    "removed": "The account is removed.",
    "noticed": "The notice is up.",
    "cleared": "No notice is up.",
    "off": "The desk is off: nobody but operators and staff gets an answer.",
    "on": "The desk answers again.",
}


class AccountPages:
    """The pages over one service, and their actions by the name in the address."""

    def __init__(self, service: Service, access: AccessControl, pages: OperatorPages) -> None:
        self._root = service.settings.library
        self._access = access
        self._pages = pages
        self.pages: dict[str, Callable[[Request], str]] = {
            "accounts": self.accounts,
            "log": self._log,
            "switch": self._switch,
        }
        self.actions: dict[str, Action] = {
            "account-add": self._confirmed(self._add, "Add the account"),
            "account-password": self._confirmed(self._password, "Make a new password"),
            "account-change": self._confirmed(self._change, "Change the account"),
            "notice": self._notice,
            "off": self._off,
            "on": self._on,
        }

    def accounts(self, request: Request, name: str = "", password: str = "") -> str:
        """The list of accounts; ``password`` is a new one of the account ``name``, shown this once."""
        rows = accounts.list_accounts(self._root)
        return self._page(
            request, "operator_accounts.html", "accounts", rows=rows, roles=ROLES, name=name, password=password
        )

    def _log(self, request: Request) -> str:
        page = paginate(request, audit_log.read(self._root), PAGE_SIZE)
        errors = [what for _, what in audit_log.integrity_errors(self._root)]
        return self._page(request, "operator_log.html", "log", **page, errors=errors)

    def _switch(self, request: Request) -> str:
        return self._page(
            request,
            "operator_switch.html",
            "switch",
            off=off_switch.off_state(self._root),
            notice=notices.read(self._root),
            most=(limits.MAX_OFF_REASON_CHARS, limits.MAX_NOTICE_CHARS),
        )

    def _page(self, request: Request, template: str, current: str, **values: object) -> str:
        said = CONFIRMATIONS.get(request.query_params.get("done", ""), "")
        return self._pages.page(request, template, current, done=said, **values)

    def _confirmed(self, act: Action, label: str) -> Action:
        """The action once the operator's own password came with it; asks for that otherwise: a session that somebody
        else has got hold of must not make or take accounts."""

        def confirmed(request: Request, sent: FormData) -> Response:
            line, status, password = "", 200, form_field(sent, "confirm")
            if password:
                try:
                    self._access.authenticate(request, request.state.person.name, password, label.casefold())
                    return act(request, sent)
                except AccessDenied as denied:
                    line, status = WRONG_PASSWORD if denied.status == 403 else denied.line, denied.status
            fields = {key: form_field(sent, key) for key in sent if key != "confirm"}
            values = {"label": label, "fields": fields, "line": line}
            return HTMLResponse(self._page(request, "operator_confirm.html", "accounts", **values), status)

        return confirmed

    def _add(self, request: Request, sent: FormData) -> Response:
        name, role = form_field(sent, "name").strip(), _role(sent)
        password = accounts.new_password()
        with audit_log.recorded(self._root, "account add", name=name, role=role):
            accounts.add(self._root, name, role, password)
        return HTMLResponse(self.accounts(request, name, password))

    def _password(self, request: Request, sent: FormData) -> Response:
        name, password = form_field(sent, "name"), accounts.new_password()
        self._refuse_own(request, name, "Change its password at “Password”, above")
        with audit_log.recorded(self._root, "account password", name=name):
            accounts.set_password(self._root, name, password)
        return HTMLResponse(self.accounts(request, name, password))

    def _change(self, request: Request, sent: FormData) -> Response:
        name, to = form_field(sent, "name"), form_field(sent, "to")
        self._refuse_own(request, name, "Another operator can change it")
        with audit_log.recorded(self._root, f"account {to}"[:40], name=name):
            if to == "remove":
                accounts.remove(self._root, name)
            elif to in ("disable", "enable"):
                accounts.disable(self._root, name, to == "disable")
            else:
                accounts.set_role(self._root, name, _role(sent, "to"))
        return redirect(request, "accounts", "removed" if to == "remove" else "changed")

    def _refuse_own(self, request: Request, name: str, remedy: str) -> None:
        me: Person = request.state.person
        if name.casefold() == me.name.casefold():
            raise AccountRefused("is your own account", where=name, remedy=remedy)

    def _notice(self, request: Request, sent: FormData) -> Response:
        if form_field(sent, "clear"):
            with audit_log.recorded(self._root, "notice clear"):
                notices.clear(self._root)
            return redirect(request, "switch", "cleared")
        notice = notices.parse_notice(
            form_field(sent, "line"), None if form_field(sent, "all") else form_field(sent, "words")
        )
        with audit_log.recorded(self._root, "notice set", line=notice.line, words=", ".join(notice.words)):
            notices.save(self._root, notice)
        return redirect(request, "switch", "noticed")

    def _off(self, request: Request, sent: FormData) -> Response:
        off_switch.turn_off(self._root, form_field(sent, "reason"), audit_log.actor())
        return redirect(request, "switch", "off")

    def _on(self, request: Request, sent: FormData) -> Response:
        off_switch.turn_on(self._root, audit_log.actor())
        return redirect(request, "switch", "on")


def _role(sent: FormData, name: str = "role") -> Role:
    role = form_field(sent, name)
    if role not in ROLES:
        raise AccountRefused("is no role", where=role[:40] or "The role", remedy=f"Take one of {', '.join(ROLES)}")
    return role
