"""Recognizes what stands around a bulletin on the office's pages: menus, header fields, share buttons, footers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from rag.ingest.headlines import ends_sentence, is_headline, is_numbered
from rag.text.district_headings import prefix_names

_S = r"[\s\u00a0\u3000]"
_LABELS = {
    "date": rf"date|published(?:{_S}(?:on|at))?|posted(?:{_S}on)?|(?:pub|publish|publication|release|update){_S}?"
    rf"(?:date|time)|updated|发布时间|发布日期|日期|时间",
    "source": rf"sources?|information{_S}source|信息来源|稿件来源|来源|发布机构",
    "url": rf"url|link|original{_S}link|网址|原文链接",
    "other": rf"font{_S}?size|字号|字体|【字体|【字号|author|editor|views|hits|作者|编辑|浏览次数|责任编辑"
    rf"|share(?:{_S}to)?|分享(?:到)?",
}
_LABEL = "|".join(f"(?P<{key}>{words})" for key, words in _LABELS.items())
# A label opens a field at the start of the line, or inside it after a space or a bar ("Date: … | Source: …").
_FIELD = re.compile(rf"(?:^|(?<=[\s\u00a0\u3000|｜【\[])){_S}*(?:{_LABEL}){_S}*[:：]{_S}*", re.IGNORECASE)
_FONT_SIZE = re.compile(rf"^{_S}*(?:font{_S}?size|字号|字体)", re.IGNORECASE)
_BARE_DATE = re.compile(r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?$")
_AROUND = " \t\u00a0\u3000|｜【[;；"
_MAX_LINE_CHARS = 400  # a header line or a line of boilerplate is shorter

_IMAGE_NAME = r"\.(?:png|jpe?g|gif|webp|bmp)$"
_MENU_WORDS = (
    r"home|express|headlines|events|conference|public service|consular protection|sister cities|about us|contact us"
    r"|site ?map|legal notice|search|english|chinese|中文|中文版|首页|搜索|login|register"
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
    rf"^(?:(?:your (?:position|location)|you are here|当前位置|您的位置){_S}*[:：]?.*"
    rf"|(?:location{_S}*[:：].*|{_MENU_WORDS}){_S}*(?:[>›»]|&gt;).*)$",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"^(?:topics{_S}*[:：].*|专题{_S}*[:：]?.*|.{{1,80}}{_IMAGE_NAME}"
    rf"|(?:editors?['’]?s?['’]?{_S}note|编者按|编者的话|编者语|导语|按语){_S}*[:：]?)$",
    re.IGNORECASE,
)
# What is left of a picture where a page was copied: "图片", "[Image]", or its file's name.
_IMAGE = re.compile(
    rf"^(?:[^\s/\\]{{1,80}}(?: [^\s/\\]{{1,40}}){{0,3}}{_IMAGE_NAME}"
    rf"|[\[【(（<]?{_S}*(?:图片|图像|照片|配图|插图|images?|pictures?|photos?|img|pic){_S}*[\d_-]{{0,6}}{_S}*[\]】)）>]?$)",
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
    r"|sign (?:in|up)|log ?(?:in|on)|register|faqs?|application status|my account|subscribe|site ?map|quick links"
    r"|follow us|popular searches|privacy policy|terms of use|登录|用户登录|注册|常见问题|办件查询|办件公示|网站地图"
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


@dataclass(frozen=True, slots=True)
class HeaderFields:
    """The fields that a header states: "" is a label without a value, None is no label."""

    date: str | None = None
    source: str | None = None
    url: str | None = None

    def __or__(self, other: HeaderFields) -> HeaderFields:
        """Returns these fields, and the other's where these are empty."""
        return HeaderFields(self.date or other.date, self.source or other.source, self.url or other.url)


def header_fields(line: str) -> HeaderFields | None:
    """Returns the fields of a line such as "Date: … Source: … fontSize: …"; None where it is none."""
    line = line.strip()
    if len(line) > _MAX_LINE_CHARS:
        return None
    labels = list(_FIELD.finditer(line))
    before = line[: labels[0].start()].strip(_AROUND) if labels else line
    if before and not _BARE_DATE.match(before):
        return HeaderFields() if _FONT_SIZE.match(line) else None
    values = {"date": before} if before else {}
    ends = [label.start() for label in labels[1:]] + [len(line)]
    for label, end in zip(labels, ends, strict=False):
        key = next(name for name in _LABELS if label[name])
        values.setdefault(key, line[label.end() : end])
    return HeaderFields(**{key: value.strip(_AROUND) for key, value in values.items() if key != "other"})


def find_header(lines: Sequence[str]) -> tuple[int, int, HeaderFields] | None:
    """Finds the run of header lines above the first paragraph: [start:end] of the lines, and their fields together.

    Below a paragraph, "Date: …" is part of a notice.  Menus hold dates too: a bare date counts only where no line has
    a label.
    """
    fields = [header_fields(line) for line in lines]
    at = None
    for number, (line, stated) in enumerate(zip(lines, fields, strict=True)):
        if stated:
            has_label = (stated.date, stated.source) != (None, None) and not _BARE_DATE.match(line.strip())
            at = number if has_label or at is None else at
            if has_label:
                break
        elif _is_paragraph(line) and not _is_title(lines, fields, number):
            break
    if at is None:
        return None
    start = next((n + 1 for n in range(at, -1, -1) if not fields[n]), 0)
    end = next((n for n in range(at, len(lines)) if not fields[n]), len(lines))
    return start, end, reduce(or_, (stated for stated in fields[start:end] if stated))


def _is_paragraph(line: str) -> bool:
    return ends_sentence(line) and not is_headline(line)


def _is_title(lines: Sequence[str], fields: Sequence[HeaderFields | None], number: int) -> bool:
    """Whether a full sentence is the title: only menus are above it, and the header right below."""
    return any(fields[number + 1 : number + 2]) and all(is_above_title(line) for line in lines[:number])


def parse_date(stated: str | None) -> dt.date | None:
    """Returns a date that is written out in full, else None: nothing is filled in, and 03/04/2024 is ambiguous."""
    words = " ".join((stated or "")[:80].translate(_DATE_SIGNS).split())
    if match := re.match(r"(\d{4})(?: ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{1,2})(?!\d)|(\d\d)(\d\d)(?!\d))", words):
        year, *rest = (int(group) for group in match.groups() if group)
        try:
            return dt.date(year, *rest)
        except ValueError:
            return None
    words = re.sub(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]? ", "", words.lower())
    words = re.sub(r"[, ]+\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?$", "", words)
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", words).replace(",", " ").replace(".", " ").replace("sept ", "sep ")
    words = " ".join(words.split())
    for form in ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y"):
        try:
            return dt.datetime.strptime(words, form).date()
        except ValueError:
            continue
    return None


_DATE_SIGNS = str.maketrans({"年": "-", "月": "-", "日": " ", "\u00a0": " ", "\u3000": " ", "：": ":"})


def is_above_title(line: str) -> bool:
    """Whether the line is of those above a title: menus, "Topics:", the site's name, breadcrumbs, image names."""
    line = line.strip()
    if len(line) > _MAX_LINE_CHARS:
        return False
    return not line or _is_menu(line) or any(pattern.match(line) for pattern in (_ABOVE, _SITE, _MENU, _SHARE))


def is_boilerplate(line: str) -> bool:
    """Whether the line is a share button, an image's name, breadcrumbs or the page's footer, wherever it stands."""
    line = line.strip()
    patterns = (_SHARE, _IMAGE, _END, _FONT_SIZE)
    return len(line) <= _MAX_LINE_CHARS and (_is_menu(line) or any(pattern.match(line) for pattern in patterns))


def _is_menu(line: str) -> bool:
    """Whether the line is breadcrumbs, or a menu's entries side by side."""
    entries = [entry.strip() for entry in _MENU_GAP.split(line)]
    return bool(_CRUMBS.match(line)) or sum(bool(_MENU.match(entry)) for entry in entries) > 1


def content_lines(lines: Sequence[str]) -> list[int]:
    """Returns the numbers of the lines that are not boilerplate and stand above "Related Links" and the like."""
    links = _links_between(lines)
    content = [number for number, line in enumerate(lines) if number not in links and not is_boilerplate(line)]
    prose = (number for number in content if _is_paragraph(lines[number]) and not _TEASER.search(lines[number]))
    last_prose = max(prose, default=-1)
    short = (number for number in content if number > last_prose and len(lines[number]) <= _MAX_LINE_CHARS)
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
        # Of several titles the last is the next event's own.
        links.update(range(number, max(end - 1, min(number + 2, end))))
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
    return len(line) <= _MAX_LINE_CHARS and bool(_FOOTNOTE.match(line))
