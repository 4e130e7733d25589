"""What stands on the office's pages around a bulletin and is nobody's passage."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_SPACES = r"[\s\u00a0\u3000]"
_LABELS = {
    "date": r"date|published(?:{s}on|{s}at)?|publish{s}(?:date|time)|release{s}(?:date|time)|updated|发布时间|发布日期|日期|时间",
    "source": r"sources?|information{s}source|信息来源|稿件来源|来源|发布机构",
    "url": r"url|link|original{s}link|网址|原文链接",
    "other": r"font{s}?size|字号|字体|【字体|【字号|author|editor|views|hits|作者|编辑|浏览次数|责任编辑|share(?:{s}to)?|分享(?:到)?",
}
_LABEL = re.compile(
    "|".join(rf"(?P<{key}>{value.replace('{s}', _SPACES)})" for key, value in _LABELS.items()), re.IGNORECASE
)
# A label opens a field at the start of the line, or inside it after a run of spaces or a bar ("Date: … | Source: …").
_FIELD = re.compile(
    rf"(?:^|(?<=[\s\u00a0\u3000|｜【\[])){_SPACES}*(?:{_LABEL.pattern}){_SPACES}*[:：]{_SPACES}*", re.IGNORECASE
)
_FONT_SIZE = re.compile(rf"^{_SPACES}*(?:font{_SPACES}?size|字号|字体)", re.IGNORECASE)
_BARE_DATE = re.compile(r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?$")

_MENU = r"home|express|headlines|events|conference|public service|consular protection|sister cities|about us|contact us|site ?map|legal notice|search|english|chinese|中文|中文版|首页|搜索|login|register"
_CRUMBS = re.compile(
    rf"^(?:(?:your (?:position|location)|you are here|location|当前位置|您的位置){_SPACES}*[:：]?.*"
    rf"|(?:home|首页){_SPACES}*(?:[>›»]|&gt;).*"
    rf"|(?:{_MENU})(?:{_SPACES}*(?:[|｜>›»·]|{_SPACES}{{2,}}){_SPACES}*[^|｜>›»·]{{1,60}})+)$",
    re.IGNORECASE,
)
_ABOVE = re.compile(rf"^(?:{_MENU}|topics{_SPACES}*[:：].*|专题{_SPACES}*[:：]?.*|.{{1,80}}\.(?:png|jpe?g|gif|webp|bmp))$", re.IGNORECASE)
_IMAGE = re.compile(r"^[^\s/\\]{1,80}\.(?:png|jpe?g|gif|webp|bmp)$", re.IGNORECASE)
_BUTTON = r"wechat|weibo|x|twitter|facebook|linkedin|qq|qzone|email|微信|微博|打印|关闭"
_SHARE = re.compile(
    rf"^[\[【(（]?(?:(?:share|share to|分享|分享到){_SPACES}*[:：]?(?:{_SPACES}*(?:{_BUTTON}|print))*"
    rf"|(?:print|print this page|close|close window|back to top|top|打印本页|关闭窗口|返回顶部|{_BUTTON})"
    rf"(?:{_SPACES}*[\]】)）|｜]?{_SPACES}*[\[【(（]?(?:print|close|{_BUTTON}))*)[\]】)）]?$",
    re.IGNORECASE,
)
_END = re.compile(
    rf"^(?:copyright\b.*|©.*|版权所有.*|sponsored by{_SPACES}*[:：].*|主办单位?[:：].*|all rights reserved.*|.*\bICP{_SPACES}*(?:\d|备).*"
    rf"|(?:previous|next|prev|上一篇|下一篇)(?: (?:article|page|one))?{_SPACES}*[:：].*)$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^(?:related (?:links?|articles?|news|reports?|reading|stories|documents?|information)|most (?:viewed|read|popular)|hot (?:news|topics|articles)"
    r"|latest news|recommended|you may also like|more news|read more|相关链接|相关阅读|相关报道|热点推荐|推荐阅读)\s*[:：]?$",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    rf"^(?:[(（【\[]{_SPACES}*(?:based on|source|sources|compiled|edited|editor|reported|reporter|photos?|pictures?|images?|information|provided|contributed|"
    rf"translated|text|by|来源|根据|供稿|编辑|记者|摄影|图)\b.*[)）】\]][.。]?"
    rf"|based on (?:the )?information (?:from|provided).{{0,160}})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeaderFields:
    """What a header line states; "" where the label stands without a value, None where it doesn't stand."""

    date: str | None = None
    source: str | None = None
    url: str | None = None


def header_fields(line: str) -> HeaderFields | None:
    """The fields of a "Date: … Source: … fontSize: …" line; None where the line is no such line."""
    line = line.strip()
    if len(line) > 400:
        return None
    marks = list(_FIELD.finditer(line))
    if not marks or marks[0].start():
        if _FONT_SIZE.match(line):
            return HeaderFields()
        if _BARE_DATE.match(line):
            return HeaderFields(date=line)
        if not marks or not _BARE_DATE.match(line[: marks[0].start()].strip(" \u00a0\u3000|｜【[")):
            return None
    values: dict[str, str] = {}
    if marks[0].start():
        values["date"] = line[: marks[0].start()]
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        key = next(name for name in _LABELS if mark[name])
        values.setdefault(key, line[mark.end() : following.start() if following else len(line)])
    stripped = {key: value.strip(" \t\u00a0\u3000|｜【[;；") for key, value in values.items() if key != "other"}
    return HeaderFields(**stripped)


def read_date(stated: str | None) -> dt.date | None:
    """A date written out in full, else None: nothing is filled in, and 03/04/2024 is anybody's guess."""
    words = " ".join((stated or "").translate(_DATE_SIGNS).split())
    if match := re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", words):
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
    words = re.sub(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]? ", "", words.lower())
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
    """Menus, "Chinese", "Topics:", bread crumbs and image names that stand before the title."""
    line = line.strip()
    return not line or bool(_ABOVE.match(line) or _CRUMBS.match(line) or _SHARE.match(line))


def is_furniture(line: str) -> bool:
    """Share buttons, image names, bread crumbs and the page's foot, wherever they stand."""
    line = line.strip()
    return len(line) <= 400 and bool(
        _SHARE.match(line) or _IMAGE.match(line) or _CRUMBS.match(line) or _END.match(line) or _FONT_SIZE.match(line)
    )


def opens_related_links(line: str) -> bool:
    """"Related Links" and the like: what follows is other pages' titles."""
    return bool(_RELATED.match(line.strip()))


def is_footnote(line: str) -> bool:
    """"(Based on information from …)" and bracketed credits: nobody's passage."""
    line = line.strip()
    return len(line) <= 300 and bool(_FOOTNOTE.match(line))
