"""Whether a reader of a page sees an element's words: by its tag, attributes, styles and customary classes.

Of style sheets those in the page are read: rules of simple selectors (tag, class, id, and these inside one another)
that hold for a screen.  Specification: CSS Cascading Level 4, as far as what hides or strikes words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag import limits
from rag.ingest.refused import Refused

HIDDEN, STRUCK = "is hidden", "is struck through"
_STRUCK_TAGS = frozenset(("del", "s", "strike"))
_ZERO = r"[-+]?0*\.?0+(?:[a-z]+|%)?"
_FAR = r"-(?:\d{3,}(?:\.\d+)?(?:px|pt|%)|\d{2,}(?:\.\d+)?r?em)"  # no text that is seen stands so far to the left
# Properties whose value hides all that an element holds.
_HIDES = {
    "display": re.compile("none"),
    "content-visibility": re.compile("hidden"),
    "opacity": re.compile(_ZERO),
    "text-indent": re.compile(_FAR),
    "filter": re.compile(rf".*opacity\(\s*{_ZERO}\s*\).*"),
    "left": re.compile(_FAR),
    "top": re.compile(_FAR),
    "margin-left": re.compile(_FAR),
    "transform": re.compile(rf".*(?:scale\(\s*0+(?:\.0+)?\s*[,)]|translate[xy]?\(\s*{_FAR}).*"),
    "clip": re.compile(r"rect\((?:\s*[01](?:px)?\s*,?){4}\)"),
    "clip-path": re.compile(r"inset\(\s*(?:[5-9]\d|100)%.*|circle\(\s*0.*|polygon\((?:0(?:px|%)?[\s,]*)+\)"),
}
# Those whose value is inherited until an element inside states another: the values that hide, and those that show.
_INHERITED = {
    "visibility": (re.compile("hidden|collapse"), re.compile("visible")),
    "font-size": (re.compile(_ZERO), re.compile(r"[\d.]+(?:px|pt|pc|rem|cm|mm|in|v[wh])|x*-?(?:small|large)|medium")),
    "color": (
        re.compile(rf"transparent|#(?:[0-9a-f]{{3}}0|[0-9a-f]{{6}}00)|(?:rgb|hsl)a?\(.*[,/]\s*{_ZERO}\s*\)"),
        re.compile(r"(?!inherit|currentcolor).+"),
    ),
}
_KEYWORDS = ("inherit", "initial", "unset", "revert", "revert-layer")  # no two properties get one value by them
_MAX_VALUE_CHARS = 100  # those that hide words are shorter
_EMPTY_BOX = re.compile(r"[01](?:\.0+)?(?:px)?")
_PROPERTIES = {
    *_HIDES,
    *_INHERITED,
    "text-decoration",
    "background-color",
    "overflow",
    "height",
    "width",
    "max-height",
    "max-width",
}
_SHORT_FONT = re.compile(rf"(?:.*\s)?({_ZERO})\s*/.*")
_CLASSES = {
    HIDDEN: frozenset(
        "sr-only visually-hidden visuallyhidden hidden-visually screen-reader screen-reader-text screen-reader-only"
        " screenreader screenreader-text screenreader-only element-invisible assistive-text show-for-sr a11y-hidden"
        " hidden-text invisible hidden hide is-hidden d-none opacity-0".split()
    ),
    STRUCK: frozenset("line-through text-decoration-line-through strikethrough strike-through struck strike".split()),
}
# Such a class can show on wide screens what another class hides on narrow ones ("d-none d-md-block").
_WIDE_SCREENS = re.compile(
    r"(?:^|\s)(?:d-(?:sm|md|lg|xl|xxl)-(?!none)|(?:sm|md|lg|xl|2xl):(?!hidden))\S", re.IGNORECASE
)

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{};]*)([{};])")
_SCREEN = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*|@layer[^,]*|@supports.*", re.IGNORECASE)
_COMPOUND = re.compile(r">?(?:[a-z][\w-]*|\*)?(?:[.#][a-z_-][\w-]*)*", re.IGNORECASE)
_PART = re.compile(r"([.#]?)([\w-]+)")


@dataclass(frozen=True, slots=True)
class _Rule:
    """``path`` are the simple selectors of an element and, before it, of elements around it, each a set of "tag",
    ".class" and "#id", and ">" where it is right inside the one before."""

    path: tuple[frozenset[str], ...]
    style: dict[str, tuple[str, bool]]
    strength: tuple[int, int, int, int]


class StyleSheet:
    """The rules of a page's <style> elements that can hide words; ``text_chars`` are the characters of its words."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._by_last: defaultdict[str, list[_Rule]] = defaultdict(list)
        self._steps = 0
        self.text_chars = len(tree.body.text(deep=True)) if tree.body else 0
        texts = (node.text(deep=True) for node in tree.css("style") if _is_for_screens(node))
        rules = (rule for text in texts for rule in _rules(text))
        for number, (selector, style) in enumerate(islice(rules, limits.MAX_STYLE_RULES)):
            path = tuple(frozenset(_parts(compound)) for compound in _compounds(selector))
            parts = [part for compound in path for part in compound if part != ">"]
            ids, classes = sum(part[0] == "#" for part in parts), sum(part[0] == "." for part in parts)
            rule = _Rule(path, style, (ids, classes, len(parts) - ids - classes, number))
            # Under the rarest part of the last selector, so that few rules are tried for an element.
            self._by_last[min(path[-1] - {">"}, key=lambda part: "#.".find(part[0]) % 3, default="")].append(rule)

    def style_of(self, node: LexborNode) -> dict[str, str]:
        """Returns what the rules and the element's own style say of it, of the properties that can hide words."""
        rules = [
            rule for name in ("", *_names(node)) for rule in self._by_last.get(name, ()) if self._holds(rule, node)
        ]
        styles = [rule.style for rule in sorted(rules, key=lambda rule: rule.strength)]
        styles.append(_declarations(node.attributes.get("style") or ""))
        style: dict[str, tuple[str, bool]] = {}
        for declared in styles:
            for name, (value, important) in declared.items():
                if important or not style.get(name, ("", False))[1]:
                    style[name] = value, important
        return {name: value for name, (value, _) in style.items()}

    def _holds(self, rule: _Rule, node: LexborNode) -> bool:
        """Whether the rule's selectors match; raises ``Refused`` where a hostile page has too many to try."""
        wanted, names = [*rule.path], _names(node)
        around: LexborNode | None = node
        is_right_here = True  # the next selector has to match this element, not just one around it
        while wanted and around is not None:
            self._steps += 1
            if wanted[-1] - {">"} <= names:
                is_right_here = ">" in wanted.pop()
            elif is_right_here:
                break
            around = around.parent
            names = _names(around) if around is not None and wanted else set()
        if self._steps > limits.MAX_STYLE_STEPS:
            raise Refused("has style sheets that take too long to apply", "Save its text as .txt")
        return not wanted


def why_unseen(node: LexborNode, style: dict[str, str], text_chars: int) -> str:
    """Returns why a reader doesn't see what the element holds: ``HIDDEN``, ``STRUCK``, or "" where that isn't so.

    ``text_chars`` are the characters of all words of the page.
    """
    attributes = node.attributes
    overflow = style.get("overflow", "")
    sizes = [style.get(name, "") for name in ("height", "max-height", "width", "max-width")]
    if (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or any(pattern.fullmatch(style.get(name, "")) for name, pattern in _HIDES.items())
        or style.get("color", "") == style.get("background-color") not in _KEYWORDS
        or (overflow.startswith(("hidden", "clip")) and any(_EMPTY_BOX.fullmatch(size) for size in sizes))
    ):
        return HIDDEN
    if node.tag in _STRUCK_TAGS or "line-through" in style.get("text-decoration", ""):
        return STRUCK
    return _by_class(node, text_chars) if "display" not in style else ""


def unseen_properties(inherited: frozenset[str], style: dict[str, str]) -> frozenset[str]:
    """Returns the inherited properties that hide the element's own words, given those of the element around it."""
    if inherited.isdisjoint(style) and style.keys().isdisjoint(_INHERITED):
        return inherited
    hiding = {name for name, (hides, _) in _INHERITED.items() if hides.fullmatch(style.get(name, ""))}
    shown = {name for name, (_, shows) in _INHERITED.items() if shows.fullmatch(style.get(name, ""))}
    return inherited - shown | hiding


def _by_class(node: LexborNode, text_chars: int) -> str:
    """Returns what a class says by its name alone; a page's script may show what holds most of its words."""
    names = (node.attributes.get("class") or "").lower()
    why = next((why for why, classes in _CLASSES.items() if not classes.isdisjoint(names.split())), "")
    if not why or _WIDE_SCREENS.search(names):
        return ""
    return why if 2 * len(node.text(deep=True)) <= text_chars else ""


def _is_for_screens(node: LexborNode) -> bool:
    media = (node.attributes.get("media") or "all").lower()
    return "screen" in media or "all" in media


def _rules(text: str) -> Iterator[tuple[str, dict[str, tuple[str, bool]]]]:
    """Yields each selector that can be read, with what it declares."""
    text = _COMMENT.sub("", text)
    at, skipped = 0, 0  # ``skipped`` are the open blocks around, from the first whose rules don't hold
    while match := _RULE.match(text, at):
        at = match.end()
        selectors, mark = match[1].strip(), match[2]
        if mark == "}":
            skipped = max(skipped - 1, 0)
        elif mark == "{" and (skipped or selectors.startswith("@")):
            skipped += bool(skipped) or not _SCREEN.fullmatch(selectors)
        elif mark == "{":
            end = text.find("}", at)
            style = _declarations(text[at : end if end >= 0 else len(text)])
            at = end + 1 if end >= 0 else len(text)
            for selector in selectors.split(",") if style else ():
                if selector.strip() and all(map(_COMPOUND.fullmatch, _compounds(selector))):
                    yield selector.strip(), style


def _declarations(text: str) -> dict[str, tuple[str, bool]]:
    """Returns the value of each property that can hide words, and whether it is marked as important."""
    style: dict[str, tuple[str, bool]] = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), " ".join(value.lower().split())
        bare = value.removesuffix("important").rstrip().removesuffix("!").rstrip() if "!" in value else value
        if name == "font" and len(bare) <= _MAX_VALUE_CHARS and (short := _SHORT_FONT.fullmatch(bare)):
            name, bare = "font-size", short[1]
        name = {"text-decoration-line": "text-decoration", "background": "background-color"}.get(name, name)
        if name in _PROPERTIES and 0 < len(bare) <= _MAX_VALUE_CHARS:
            style[name] = bare, bare != value
    return style


def _compounds(selector: str) -> list[str]:
    return re.sub(r">\s*", " >", selector).split()


def _parts(compound: str) -> Iterator[str]:
    if compound.startswith(">"):
        yield ">"
    for mark, name in _PART.findall(compound):
        yield f"{mark}{name if mark else name.lower()}"


def _names(node: LexborNode) -> set[str]:
    """Returns the element's tag, .classes and #id."""
    classes = {f".{name}" for name in (node.attributes.get("class") or "").split()}
    return {node.tag or "", f"#{node.attributes.get('id') or ''}", *classes}
