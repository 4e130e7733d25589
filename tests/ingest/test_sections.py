"""What a heading opens, what isn't one, and what stands before the first and after the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.parse import parse
from rag.ingest.sections import split_sections

HEAD = "What's New in Foreign Affairs in All Districts\nDate: 2024-03-11\nSource: Beijing Foreign Affairs Office\n\n"
HAIDIAN, DAXING, MIYUN = ("Haidian District",), ("Daxing District",), ("Miyun District",)


def cut(folder: Path, body: str, head: str = HEAD) -> list[tuple[str, tuple[str, ...], str | None, list[str]]]:
    """Role, districts, heading and paragraphs of each section of a bulletin with that body."""
    path = folder / "bulletin.txt"
    path.write_text(head + body, encoding="utf-8")
    bulletin = parse(path)
    return [
        (s.role, s.districts, s.heading, [paragraph.of(bulletin.text) for paragraph in s.paragraphs])
        for s in split_sections(bulletin)
    ]


def events(folder: Path, body: str, head: str = HEAD) -> list[tuple[tuple[str, ...], str | None]]:
    return [(districts, heading) for role, districts, heading, _ in cut(folder, body, head) if role == "event"]


def test_a_section_runs_from_its_heading_to_its_last_paragraph(tmp_path: Path) -> None:
    """Heading lines are inside it, the next heading and the footer are not."""
    path = tmp_path / "bulletin.txt"
    path.write_text(
        HEAD + "Haidian District\n\nRobots\n\nRobots bowed.\n\nGuests bowed.\n\nDaxing District\n\nMelons\n\n"
        "Melons were cut.\n\n(Based on information from the districts)\n",
        encoding="utf-8",
    )
    bulletin = parse(path)
    assert [section.of(bulletin.text) for section in split_sections(bulletin)] == [
        "Haidian District\n\nRobots\n\nRobots bowed.\n\nGuests bowed.",
        "Daxing District\n\nMelons\n\nMelons were cut.",
    ]


def test_lead_and_closing_are_kept_apart(tmp_path: Path) -> None:
    """They belong to no district, and can be quoted."""
    body = "Spring came.\n\nHaidian District\n\nRobots\n\nRobots bowed.\n\nGoing forward, more will be built."
    assert cut(tmp_path, body) == [
        ("lead", (), None, ["Spring came."]),
        ("event", HAIDIAN, "Robots", ["Robots bowed."]),
        ("closing", (), None, ["Going forward, more will be built."]),
    ]


def test_the_closing_of_a_thematic_bulletin_stands_after_its_photos(tmp_path: Path) -> None:
    """A paragraph under the captions belongs to no theme."""
    body = (
        "At school\n\nPupils came.\n\nThey sang.\n\nAt work\n\nStaff came.\n\n"
        "Haidian District          Daxing District\n\nAll were glad."
    )
    assert cut(tmp_path, body) == [
        ("event", (), "At school", ["Pupils came.", "They sang."]),
        ("event", (), "At work", ["Staff came."]),
        ("closing", (), None, ["All were glad."]),
    ]


def test_one_paragraph_more_than_every_other_theme_has_is_the_closing(tmp_path: Path) -> None:
    """Where each theme has a single paragraph, the last of two belongs to none."""
    body = "At school\n\nPupils came.\n\nAt work\n\nStaff came.\n\nAt home\n\nFamilies came.\n\nAll were glad."
    assert cut(tmp_path, body)[-2:] == [
        ("event", (), "At home", ["Families came."]),
        ("closing", (), None, ["All were glad."]),
    ]


def test_a_bulletin_without_headings_is_one_section(tmp_path: Path) -> None:
    """Without a heading and, where neither title nor source names one, without a district."""
    assert cut(tmp_path, "Robots bowed.\n\nHaidian District was glad.") == [
        ("event", (), None, ["Robots bowed.", "Haidian District was glad."])
    ]


@pytest.mark.parametrize(
    ("title", "source", "districts"),
    [
        ("A Day in Haidian", "Beijing Foreign Affairs Office", HAIDIAN),
        ("A Day Out", "Foreign Affairs Office of Haidian District", HAIDIAN),
        ("Haidian Welcomes Robots", "Foreign Affairs Office of Haidian District", HAIDIAN),
        ("Robots from Haidian to Daxing", "Beijing Foreign Affairs Office", ()),
        ("A Day in Haidian", "Foreign Affairs Office of Daxing District", ()),
        ("A Day Out", "Beijing Foreign Affairs Office", ()),
    ],
)
def test_the_one_district_of_title_and_source_heads_what_has_no_district_of_its_own(
    title: str, source: str, districts: tuple[str, ...], tmp_path: Path
) -> None:
    """Two of them head nothing."""
    head = f"{title}\nDate: 2024-03-11\nSource: {source}\n\n"
    assert events(tmp_path, "Robots bowed.\n\nGuests bowed.", head) == [(districts, None)]
    assert events(tmp_path, "They came.\n\nAt school\n\nRobots bowed.", head) == [(districts, "At school")]


def test_the_title_heads_nothing_where_district_headings_stand(tmp_path: Path) -> None:
    """A lead under a title that names a district isn't that district's section."""
    body = "Spring came.\n\nDaxing District\n\nMelons\n\nMelons were cut."
    found = cut(tmp_path, body, HEAD.replace("All Districts", "Haidian and Beyond"))
    assert [(role, districts) for role, districts, *_ in found] == [("lead", ()), ("event", DAXING)]


def test_events_without_a_district_line_belong_to_the_district_above(tmp_path: Path) -> None:
    """One district can report several events."""
    body = (
        "Haidian District\n\nRobots\n\nRobots bowed.\n\nLanterns\n\nLanterns shone.\n\n"
        "Miyun District\n\nFish\n\nFish swam."
    )
    assert events(tmp_path, body) == [(HAIDIAN, "Robots"), (HAIDIAN, "Lanterns"), (MIYUN, "Fish")]


@pytest.mark.parametrize(
    "line",
    [
        "Haidian District has received 300 guests.",
        "Haidian District, home of many robots,",
        "haidian robots",
        "Haidian District: Robots bowed, and guests bowed too.",
        "* robots",
        "• Robots",
        "The following was shown:",
        "Dear friends",
        "12,345",
        "——",
        "2024",
        "Robots      45",
        "Robots\t45",
        "Photo: Li Ming",
        "Photo by Li Ming",
        "(Photo by Li Ming)",
        "A line as long as this one, which goes on and on until nobody who reads it would any longer take it for what"
        " stands above a text in larger letters, can't be a headline",
    ],
)
def test_lines_that_head_nothing(line: str, tmp_path: Path) -> None:
    """Sentences, list items, figures, credits and what runs on are no headings."""
    assert events(tmp_path, f"Robots came.\n\n{line}\n\nGuests came.") == [((), None)]


@pytest.mark.parametrize(
    "line",
    [
        "Serving local communities with lectures",
        "I. Targeted Coverage",
        "II. Co., Ltd. and Inc.",
        "3. What to bring",
        "(2) What to bring",
        "一、重点工作",
        "（一）重点工作",
        "What is new?",
        "Who may apply? And where?",
        "Keep calm!",
        "“Close at Hand”",
        '"Hello Hutong" team translates the convention',
        "2,022 paper snowflakes",
        "240-hour guide at Terminal 3",
        "Step 2: hand in the papers",
        "SERVING LOCAL COMMUNITIES",
    ],
)
def test_lines_that_head_a_theme(line: str, tmp_path: Path) -> None:
    """Numbered, questioning, quoted, in capitals: each opens its section."""
    assert events(tmp_path, f"They came.\n\n{line}\n\nRobots bowed to guests.") == [((), line)]


def test_a_heading_needs_a_text_below(tmp_path: Path) -> None:
    """A signature or a last line opens nothing."""
    body = "We wish you well.\n\nA happy new year!\n\nBeijing Foreign Affairs Office\nFebruary 1, 2024"
    assert events(tmp_path, body) == [((), None)]


def test_short_lines_below_one_another_are_a_list(tmp_path: Path) -> None:
    """The heading over a list stays a heading."""
    body = "Pack early.\n\nWhat to leave at home\n\nWorries\nJewels\nMoney\n\nHave a good journey, all of you."
    assert cut(tmp_path, body)[1:] == [
        ("event", (), "What to leave at home", ["Worries", "Jewels", "Money", "Have a good journey, all of you."])
    ]


def test_where_no_line_is_blank_short_lines_may_be_headings(tmp_path: Path) -> None:
    """That they stand right below one another tells nothing there; the last one opens the text."""
    assert events(tmp_path, "They came.\nBig robots\nSmall robots\nAll bowed.") == [((), "Small robots")]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
def test_figures_and_numbered_items_are_lists_however_they_are_spaced(gap: str, tmp_path: Path) -> None:
    """Rows that end in numbers and lines that begin with them open nothing."""
    for rows in (["Guests 45", "Robots 1,200", "Lanterns 9"], ["1. Guests", "2. Robots", "3. Lanterns"]):
        assert events(tmp_path, gap.join(["They were counted.", *rows, "The count went on."])) == [((), None)]


@pytest.mark.parametrize(
    "captions",
    [
        "Haidian District          Daxing District",
        "Haidian District\u00a0\u00a0\u00a0\u00a0Daxing District\u00a0\u00a0\u00a0\u00a0Miyun District",
        "Haidian District\tDaxing District",
        "Haidian District Daxing District",
        "A robot in Haidian District          Melons in Daxing District",
        "Haidian District\n\nDaxing District\n\nMiyun District",
        "Haidian District     Daxing District\n\nMiyun District",
        "Miyun District\n\nHaidian District     Daxing District",
    ],
)
def test_district_names_under_photos_are_no_headings(captions: str, tmp_path: Path) -> None:
    """Side by side or one below the other, they stand in nobody's paragraphs."""
    found = cut(tmp_path, f"They came.\n\nAt school\n\nPupils bowed.\n\n{captions}\n\nGoing forward, all will bow.")
    assert found == [
        ("lead", (), None, ["They came."]),
        ("event", (), "At school", ["Pupils bowed."]),
        ("closing", (), None, ["Going forward, all will bow."]),
    ]


def test_a_district_heading_after_captions_is_a_heading(tmp_path: Path) -> None:
    """A headline and its text below it tell."""
    body = (
        "Haidian District\n\nRobots\n\nRobots bowed.\n\nRobots in Haidian     Guests in Haidian\n\n"
        "Miyun District\n\nFish\n\nFish swam."
    )
    assert events(tmp_path, body) == [(HAIDIAN, "Robots"), (MIYUN, "Fish")]


def test_a_list_of_districts_is_a_list(tmp_path: Path) -> None:
    """With bullets, numbers, figures or an introduction, the names are text."""
    for names in (
        "* Haidian District\n* Daxing District",
        "1. Haidian District\n2. Daxing District",
        "Haidian District: 45 guests\nDaxing District: 30 guests",
    ):
        ((*_, paragraphs),) = cut(tmp_path, f"They were counted as follows.\n\n{names}\n\nThe count went on.")
        assert paragraphs[1:-1] == names.split("\n")
    ((*_, paragraphs),) = cut(tmp_path, "The lectures were held in:\n\nHaidian District\nDaxing District\n\nAll came.")
    assert paragraphs == ["The lectures were held in:", "Haidian District", "Daxing District", "All came."]


@pytest.mark.parametrize(
    "footer",
    [
        "(Based on information from foreign affairs offices of the above districts)",
        "(Based on information from foreign affairs offices of the above districts).",
        "（Based on information provided by the districts）",
        "Based on information from foreign affairs offices of the above districts",
        "(Source: foreign affairs offices of the above districts)",
        "(Information provided by the districts)",
        "(Compiled from the reports of the districts)",
        "(Edited by Li Ming)",
        "(Text and photos by Li Ming)",
        "(By Li Ming)",
        "[Editor: Li Ming]",
        "（根据各区外办信息综合）",
        "（来源：各区外办）",
    ],
)
def test_footers_and_credits_are_nobodys_paragraph(footer: str, tmp_path: Path) -> None:
    """Whatever the words."""
    body = f"Haidian District\n\nRobots\n\nRobots bowed.\n\n{footer}\n"
    assert cut(tmp_path, body) == [("event", HAIDIAN, "Robots", ["Robots bowed."])]


def test_links_to_other_bulletins_end_it_only_at_its_end(tmp_path: Path) -> None:
    """A heading of the same words over a paragraph is a heading."""
    links = "Related News\n\nTea in Miyun\n\nMelons in Daxing"
    assert cut(tmp_path, f"Robots bowed.\n\nThey left.\n\n{links}") == [
        ("event", (), None, ["Robots bowed.", "They left."])
    ]
    assert events(tmp_path, "Robots bowed.\n\nRelated News\n\nThe melons were cut.") == [((), "Related News")]


@pytest.mark.parametrize(
    "words",
    [
        "(Photography is allowed in the hall.)",
        "(Text messages are free of charge.)",
        "(The date of the concert may change.)",
        "Based on last year's figures, more guests are expected.",
        "Location: the hall of the library",
        "Copyright lessons for young designers were given, too.",
        "Events              45",
        "Home is where the robots are.",
    ],
)
def test_words_that_only_begin_like_furniture_are_text(words: str, tmp_path: Path) -> None:
    """A bracketed sentence can be quoted, and so can a table's row."""
    assert cut(tmp_path, f"Robots bowed.\n\n{words}")[0][3] == ["Robots bowed.", words]
