"""Recognizes what stands around a bulletin on the office's pages: menus, breadcrumbs, share buttons, footers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.headlines import ends_sentence, is_headline, is_numbered
from rag.text.district_headings import prefix_names

_S = r"[\s\u00a0\u3000]"
FONT_SIZE = re.compile(rf"^{_S}*(?:font{_S}?size|字号|字体)", re.IGNORECASE)
MAX_LINE_CHARS = 400  # a header line or a line of boilerplate is shorter

_IMAGE_NAME = r"\.(?:png|jpe?g|gif|webp|bmp)$"
_MENU_WORDS = (
    r"home|menu|skip to (?:main )?content|news|express|headlines|events|conference|public service"
    r"|consular protection|sister cities|about us|contact us|site ?map|legal notice|search|english|chinese"
    r"|中文|中文版|首页|搜索|login|register"
)
_SITE = re.compile(
    r"^(?:(?:the )?(?:beijing(?:'s)? )?(?:municipal )?(?:\w+ district )?(?:foreign affairs office"
    r"|(?:people's )?government)(?: of .*)?"
    r"|(?:北京市?)?(?:\w{2,3}区)?(?:人民政府)?(?:外事)?(?:办公室|外办|人民政府)|首都之窗)$",
    re.IGNORECASE,
)
_MENU = re.compile(rf"^(?:{_MENU_WORDS})$", re.IGNORECASE)
_MENU_GAP = re.compile(rf"[|｜·]|{_S}{{2,}}")
_CRUMBS = re.compile(
    rf"^(?:(?:your{_S}(?:current{_S})?|current{_S})(?:position|location)(?:{_S}is)?{_S}*[:：]?.*"
    rf"|you are here{_S}*[:：]?.*"
    rf"|(?:您|你)?(?:的|现在|当前|目前)*(?:所在)?的?位置是?{_S}*[:：].*|当前位置.*|您的位置.*"
    rf"|(?:location{_S}*[:：].*|(?:main|front) ?page|home ?page|主页|{_MENU_WORDS}){_S}*(?:[>›»]|&gt;).*"
    # Three steps or more, of a few words each.
    rf"|[^.!?。！？:：<>»›→]{{1,40}}(?:(?:>{{1,2}}|»|›|→|&gt;)(?:(?!&gt;)[^.!?。！？<>»›→]){{1,60}}){{2,6}}"
    rf"|[^.!?。！？/]{{1,40}}(?: / [^.!?。！？/]{{1,40}}){{2,6}})$",
    re.IGNORECASE,
)
# The names under a picture in capitals: "LI MING/CITY DAILY".
_PHOTO_CREDIT = re.compile(r"^(?=.{8,80}$)[A-Z][A-Z .'’-]+/ ?[A-Z][A-Z .'’-]+$")
_ABOVE = re.compile(
    rf"^(?:topics{_S}*[:：].*|专题{_S}*[:：]?.*|.{{1,80}}{_IMAGE_NAME}"
    rf"|(?:editors?['’]?s?['’]?{_S}note|编者按|编者的话|编者语|导语|按语){_S}*[:：]?)$",
    re.IGNORECASE,
)
# What is left of a picture where a page was copied: "图片", "[Image]", or its file's name.
_IMAGE = re.compile(
    rf"^(?:[^\s/\\]{{1,80}}(?: [^\s/\\]{{1,40}}){{0,3}}{_IMAGE_NAME}"
    rf"|[\[【(（<]?{_S}*+(?:图片|图像|照片|配图|插图|images?|pictures?|photos?|img|pic){_S}*+[\d_-]{{0,6}}{_S}*+[\]】)）>]?$)",
    re.IGNORECASE,
)
_TEASER = re.compile(r"^.{,120}(?:\.\.\.|…)$")  # of a link to more
_BUTTON = r"wechat|weibo|x|twitter|facebook|linkedin|qq|qzone|email|微信|微博|print|打印|close|关闭"
_SHARE = re.compile(
    r"^[\[【(（]?(?:(?:share(?: to)?|分享到?)\s*[:：]?|print this page|close window|back to top|top|打印本页|关闭窗口"
    rf"|返回顶部|{_BUTTON})(?:[\s\]】)）|｜\[【(（]*(?:{_BUTTON}))*[\]】)）]?$",
    re.IGNORECASE,
)
_END = re.compile(
    rf"^(?:copyright(?:{_S}*(?:©|\(c\)|\d|:|by\b)|.*\b(?:office|government|reserved)\b.*$|$).*|©.*|版权所有.*|主办单位?[:：].*"
    rf"|sponsored by{_S}*[:：].*|all rights reserved.*|.*(?<![A-Za-z])ICP{_S}*(?:\d|备).*"
    rf"|(?:previous|next|prev|上一篇|下一篇)(?: (?:article|page|one))?{_S}*[:：].*)$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^(?:related (?:links?|articles?|news|reports?|reading|stories|documents?|information)"
    r"|most (?:viewed|read|popular)|hot (?:news|topics|articles)|latest news|recommended|you may also like|more news"
    r"|read more|相关链接|相关阅读|相关报道|热点推荐|推荐阅读"
    r"|sign (?:in|up)|log ?(?:in|on)|register|faqs?|my account|subscribe|site ?map|quick links"
    r"|follow us|popular searches|privacy policy|terms of use|登录|用户登录|注册|常见问题|网站地图"
    r"|关注我们|热门搜索|快速链接)\s*[:：]?$",
    re.IGNORECASE,
)
_CREDIT = (
    rf"based on\b.*|(?:according to|compiled|edited|reported|translated|contributed|provided|supplied|written)"
    rf" (?:by|from|with|(?:the )?(?:information|reports?|materials?))\b.*"
    rf"|(?:sources?|editors?|reporters?|writers?|authors?|translators?|photos?|pictures?|images?|text|words|information)"
    rf"(?: (?:and|&) \w+)?{_S}*(?:[:：/]|by\b|from\b|courtesy\b|credits?\b|provided\b|supplied\b).*"
    rf"|by [^.]{{1,60}}|(?:来源|供稿|编辑|记者|摄影|图){_S}*[:：/].*|(?:根据|据).*(?:综合|信息|整理|提供|供稿).*"
)
_FOOTNOTE = re.compile(
    rf"^(?:[(（【\[]{_S}*(?:{_CREDIT})[)）】\]][.。]?|based on (?:the )?information (?:from|provided).{{0,160}})$",
    re.IGNORECASE,
)


def is_paragraph(line: str) -> bool:
    """Whether the line is a sentence or more, and no headline."""
    return ends_sentence(line) and not is_headline(line)


def is_above_title(line: str) -> bool:
    """Whether the line is of those above a title: menus, "Topics:", the site's name, breadcrumbs, image names."""
    line = line.strip()
    if len(line) > MAX_LINE_CHARS:
        return False
    return not line or _is_menu(line) or any(pattern.match(line) for pattern in (_ABOVE, _SITE, _MENU, _SHARE))


def is_boilerplate(line: str) -> bool:
    """Whether the line is a share button, an image's name, breadcrumbs or the page's footer, wherever it stands."""
    line = line.strip()
    patterns = (_SHARE, _IMAGE, _END, FONT_SIZE, _PHOTO_CREDIT)
    return len(line) <= MAX_LINE_CHARS and (_is_menu(line) or any(pattern.match(line) for pattern in patterns))


def is_crumbs(line: str) -> bool:
    """Whether the line is breadcrumbs: "Home > News"."""
    return len(line) <= MAX_LINE_CHARS and bool(_CRUMBS.match(line.strip()))


def _is_menu(line: str) -> bool:
    """Whether the line is breadcrumbs, or a menu's entries side by side."""
    entries = [entry.strip() for entry in _MENU_GAP.split(line)]
    return is_crumbs(line) or sum(bool(_MENU.match(entry)) for entry in entries) > 1


def content_lines(lines: Sequence[str]) -> list[int]:
    """Returns the numbers of the lines that are not boilerplate and stand above "Related Links" and the like."""
    links = _links_between(lines)
    content = [number for number, line in enumerate(lines) if number not in links and not is_boilerplate(line)]
    prose = (number for number in content if is_paragraph(lines[number]) and not _TEASER.search(lines[number]))
    last_prose = max(prose, default=-1)
    short = (number for number in content if number > last_prose and len(lines[number]) <= MAX_LINE_CHARS)
    after = (number for number in short if _RELATED.match(lines[number].strip()))
    end = next(after, len(lines))
    return [number for number in content if number < end]


def _links_between(lines: Sequence[str]) -> set[int]:
    """Returns the numbers of "Related article:" amid a text and of the titles below it, up to the next event's."""
    links: set[int] = set()
    for number, line in enumerate(lines):
        if not line.rstrip().endswith((":", "：")) or not _RELATED.match(line.strip()):
            continue
        below = range(number + 1, len(lines))
        end = next((n for n in below if not is_headline(lines[n]) or prefix_names(lines[n])[0]), len(lines))
        # Of several titles above a text the last is that text's own.
        links.update(range(number, max(end - (end < len(lines)), min(number + 2, end))))
    return links


def captions(lines: Sequence[str]) -> set[int]:
    """Returns the numbers of the lines under what is left of a picture, "图片" or its file's name."""
    below = range(1, len(lines))
    return {n for n in below if _IMAGE.match(lines[n - 1].strip()) and _is_picture_title(lines[n].strip())}


def _is_picture_title(line: str) -> bool:
    numbered_or_labeled = is_numbered(line) or re.match(r"[^\s:：]{1,20}[:：]", line)
    return not (is_boilerplate(line) or ends_sentence(line) or numbered_or_labeled or prefix_names(line)[0])


def is_footnote(line: str) -> bool:
    """Whether the line is a credit in brackets, or "(Based on information from …)"."""
    line = line.strip()
    return len(line) <= MAX_LINE_CHARS and bool(_FOOTNOTE.match(line))
