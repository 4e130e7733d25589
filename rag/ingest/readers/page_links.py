"""The links of a web page, as a listing's page is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLink:
    """``is_pager`` says that it leads to another page of a listing, ``is_boilerplate`` that no bulletin is linked so:
    it is in a menu, a sidebar, or the site's header or footer, or is no link that a reader can follow."""

    href: str
    is_pager: bool
    is_boilerplate: bool


@dataclass(frozen=True, slots=True)
class PageLinks:
    """A page's links in its order; ``base`` is what it says that they are relative to."""

    base: str | None
    links: tuple[PageLink, ...]
