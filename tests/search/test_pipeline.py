"""What is measured of each sentence, how it is put together, and which stretches come out of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.library.reader import Library
from rag.models import Hit
from rag.query.models import Query
from rag.query.parse import parse_question
from rag.search.config import DEFAULT, SignalWeights, SpanLimits
from rag.search.pipeline import score_candidates, search
from rag.search.ranking import best_span, fuse, score_sentences, top_spans
from rag.search.signals import EncodedQuery, Signals, encode, measure
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

LONG = " ".join(f"Sculptors from Oslo carved marble block number {n} in the old quarry." for n in range(60))
NOTES = {
    "spring": bulletin_text(
        "2023-04-10",
        "Guests have come to the districts.",
        "Haidian District",
        "Robots greet the guests",
        "Twenty robots greeted guests from Norway on April 3. They bowed twice. A museum lent them hats.",
        "Pinggu District",
        "Peaches for Lisbon",
        "A train with peaches left for Lisbon on April 4. It will take three weeks.",
    ),
    "summer": bulletin_text(
        "2023-07-10",
        "Sculptors carved marble in the quarry of Fangshan.",
        LONG,
        title="Marble in Fangshan",
        source="Office of Fangshan District",
    ),
    "winter": bulletin_text(
        "2024-01-10",
        "Yanqing District",
        "Robots skate",
        "In January 2024, robots rested in Yanqing. In November 2023, they skated there with guests from Norway.",
        "Miyun District",
        "Robots fish",
        "Robots fished with guests from Peru in Miyun. A museum lent them rods.",
    ),
    "undated": bulletin_text(
        None, "A robot for guests may be rented at the museum. It costs 90 yuan a day.", title="Rent"
    ),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("search")
    return build_library(folder, **NOTES)


def query_of(library: Library, question: str, *history: str) -> EncodedQuery:
    return encode(parse_question(question, history=history), ENCODER, library)


def all_of(library: Library, query: EncodedQuery, most: int = 300) -> Signals:
    return measure(library, query, np.ones(len(library.passages), np.bool_), most)


def words(library: Library, hit: Hit) -> str:
    sentences = hit.passage.sentences
    return library.cached_text(hit.passage.bulletin)[sentences[hit.first].start : sentences[hit.last].end]


def found(library: Library, question: str, *history: str) -> list[str]:
    return [words(library, hit) for hit in search(library, query_of(library, question, *history)).hits]


def first_words(library: Library, signals: Signals) -> list[str]:
    return [
        library.cached_text(library.passages[n].bulletin)[library.passages[n].start :][:14] for n in signals.passages
    ]


# --- the question


def test_a_rare_word_weighs_more_than_a_common_one_and_a_word_of_asking_least(library: Library) -> None:
    """A word piece weighs what its word does."""
    weights = {word.text: word.weight for word in query_of(library, "Which robots greeted the peaches?").words}
    assert weights["Which"] == weights["the"] == DEFAULT.words.min_weight < weights["robots"] < weights["peaches"]
    query = query_of(library, "Which robots greeted the peaches?")
    assert query.weights.tolist() == pytest.approx([weights[word.text] for word in query.words])


def test_only_words_of_the_topic_are_topical(library: Library) -> None:
    """Districts, dates and words of asking are not; where there is no topic, all words count."""
    query = query_of(library, "Which robots were in Haidian in 2023?")
    assert [word.text for word in query.words if word.topical] == ["robots"]
    assert np.count_nonzero(query.topical_weights) == 1
    assert query.topic_terms == ("robot",)
    whatever = query_of(library, "What happened in Haidian?")
    assert whatever.topical_weights.tolist() == whatever.weights.tolist()


def test_what_an_earlier_question_gave_weighs_less_for_a_sentence(library: Library) -> None:
    """The sentence answers the follow-up; the passage is about both."""
    query = query_of(library, "And what did they lend?", "Which robots greeted guests from Norway?")
    carried = {word.text: word.own for word in query.words}
    assert carried["Norway"] is False
    assert carried["lend"] is True
    norway = next(word for word in query.words if word.text == "Norway")
    (piece,) = norway.tokens
    assert query.own_weights[piece] < query.weights[piece] == pytest.approx(norway.weight)


# --- what is measured


def test_only_passages_that_are_left_are_measured(library: Library) -> None:
    """The filters' word is final, however near the others are."""
    query = query_of(library, "Which robots greeted guests?")
    left = np.zeros(len(library.passages), np.bool_)
    left[2] = True
    signals = measure(library, query, left)
    assert signals.passages.tolist() == [2]
    assert signals.outside > 0
    assert all_of(library, query).outside == 0
    nothing = measure(library, query, np.zeros(len(library.passages), np.bool_))
    assert len(nothing.passages) == len(nothing.sentence) == len(nothing.owners) == 0


def test_the_nearest_come_first_and_no_more_than_wanted(library: Library) -> None:
    """By what costs least; the costly comparison is made of few."""
    query = query_of(library, "A train with peaches left for Lisbon")
    assert first_words(library, all_of(library, query))[0] == "A train with p"
    few = all_of(library, query, most=3)
    assert len(few.passages) == 3
    assert few.passages.tolist() == all_of(library, query).passages.tolist()[:3]


def test_each_signal_has_a_number_for_each_passage_or_sentence(library: Library) -> None:
    """And every sentence has its passage."""
    query = query_of(library, "Which robots greeted guests from Norway?")
    signals = all_of(library, query)
    passages = len(library.passages)
    sentences = [len(library.passages[n].sentences) for n in signals.passages]
    for by_passage in (signals.passage, signals.lexical, signals.tokens, signals.topic_tokens):
        assert by_passage.shape == (passages,)
    for by_sentence in (signals.sentence, signals.sentence_tokens, signals.neighbour_tokens, signals.owners):
        assert by_sentence.shape == (sum(sentences),)
    assert signals.maxima.shape == (passages, len(query.token_vectors))
    assert signals.starts.tolist() == np.concatenate(([0], np.cumsum(sentences)[:-1])).tolist()
    assert np.bincount(signals.owners).tolist() == sentences


def test_signals_are_greatest_where_the_words_are(library: Library) -> None:
    """All but nothing is missing there: the cosine with its own sentence is 1, the MaxSim too."""
    query = query_of(library, "Twenty robots greeted guests from Norway on April 3")
    signals = all_of(library, query)
    assert first_words(library, signals)[0] == "Twenty robots "
    best = signals.starts[0]
    for one in (signals.sentence, signals.sentence_tokens, signals.neighbour_tokens):
        assert int(np.argmax(one)) == best
        assert one[best] == pytest.approx(1.0, abs=0.05)
    assert int(np.argmax(signals.tokens)) == 0
    assert signals.tokens[0] == pytest.approx(1.0, abs=0.05)
    assert 0 < signals.lexical[0] <= 1
    assert (signals.lexical[1:] < signals.lexical[0]).all()


def test_a_sentence_is_read_with_its_context_and_its_neighbours(library: Library) -> None:
    """ "It will take three weeks." is Pinggu's, and says so only there; of the train its neighbour tells."""
    query = query_of(library, "How many weeks will the train of Pinggu take?")
    signals = all_of(library, query)
    place = first_words(library, signals).index("A train with p")
    train, weeks = signals.starts[place], signals.starts[place] + 1
    assert signals.sentence_tokens[weeks] > signals.sentence_tokens[train]
    assert signals.neighbour_tokens[weeks] > signals.sentence_tokens[weeks]
    assert signals.neighbour_tokens[weeks] == pytest.approx(signals.neighbour_tokens[train])
    signals = all_of(library, query_of(library, "Pinggu weeks"))
    weeks = signals.starts[first_words(library, signals).index("A train with p")] + 1
    assert signals.sentence_tokens[weeks] == pytest.approx(1.0, abs=0.05)


# --- what is made of it


def test_a_score_is_the_sum_of_its_signals(library: Library) -> None:
    """Each weighed alone, a passage's signals given to all its sentences."""
    query = query_of(library, "Which robots greeted guests?")
    signals = all_of(library, query)
    nothing = SignalWeights(0, 0, 0, 0, 0, 0, 0)
    assert not fuse(signals, nothing).any()
    np.testing.assert_allclose(fuse(signals, replace(nothing, sentence=2)), 2 * signals.sentence, rtol=1e-5)
    np.testing.assert_allclose(
        fuse(signals, replace(nothing, lexical=3)), 3 * signals.lexical[signals.owners], rtol=1e-5
    )
    parts = [
        fuse(signals, replace(nothing, **{name: value}))
        for name, value in ((name, getattr(DEFAULT.signals, name)) for name in SignalWeights.__slots__)
        if name != "answer_type"
    ]
    np.testing.assert_allclose(fuse(signals, DEFAULT.signals), np.sum(parts, axis=0), rtol=1e-4)


def test_what_tells_the_kind_of_thing_asked_for_is_preferred(library: Library) -> None:
    """Sentences with a sum of money, where one is asked for; no others, and nothing otherwise."""
    query = query_of(library, "How much does the robot cost?")
    assert query.query.answer_type == "money"
    signals = all_of(library, query)
    rewarding = replace(DEFAULT, signals=replace(DEFAULT.signals, answer_type=0.5))
    gain = score_sentences(library, query, signals, rewarding) - fuse(signals, DEFAULT.signals)
    preferred = set()
    for number, owner in enumerate(signals.owners):
        passage = library.passages[signals.passages[owner]]
        sentence = passage.sentences[number - signals.starts[owner]].of(library.cached_text(passage.bulletin))
        if gain[number] > 0:
            preferred.add(sentence)
    assert preferred == {"It costs 90 yuan a day."}
    plain = query_of(library, "What happened with the robot?")
    signals = all_of(library, plain)
    np.testing.assert_array_equal(score_sentences(library, plain, signals, rewarding), fuse(signals, DEFAULT.signals))


def test_stretches_come_best_first_and_share_no_sentence(library: Library) -> None:
    """As many as there are lengths for, each within its length."""
    query = query_of(library, "Which robots greeted guests from Norway?")
    signals = all_of(library, query)
    hits = top_spans(library, signals, score_sentences(library, query, signals), SpanLimits((400, 300, 200, 100), 10.0))
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    sentences = [hit.passage.sentences[n] for hit in hits for n in range(hit.first, hit.last + 1)]
    places = [(hit.passage.bulletin, hit.passage.sentences[hit.first].start) for hit in hits]
    assert len(places) == len(set(places))
    assert len(sentences) == sum(hit.last - hit.first + 1 for hit in hits)
    assert all(len(words(library, hit)) <= most for hit, most in zip(hits, [400, 300, 200, 100], strict=True))


def test_what_is_far_behind_the_best_is_left_out(library: Library) -> None:
    """A single quote, where only one answers."""
    query = query_of(library, "Which train with peaches left for Lisbon?")
    signals = all_of(library, query)
    scores = score_sentences(library, query, signals)
    assert len(top_spans(library, signals, scores, SpanLimits((400, 300, 200), 0.0))) == 1
    assert len(top_spans(library, signals, scores, SpanLimits((400, 300, 200), 10.0))) == 3


def test_a_hit_says_where_it_stands_and_what_tells(library: Library) -> None:
    """Its score is its best sentence's, which is among the telling ones."""
    query = query_of(library, "Which train with peaches left for Lisbon?")
    signals = all_of(library, query)
    scores = score_sentences(library, query, signals)
    hit = best_span(library, signals, scores, 0, 400)
    assert hit is not None
    assert hit.score == pytest.approx(float(scores.max()))
    assert hit.score == max(hit.sentence_scores)
    assert hit.sentence_scores.index(hit.score) in hit.telling
    assert set(hit.telling) <= set(range(hit.first, hit.last + 1))
    assert best_span(library, signals, scores, 0, 400, taken=range(len(hit.passage.sentences))) is None


# --- the answer


def test_a_list_holds_each_event_once(library: Library) -> None:
    """However many passages a long event was cut into, and told by its opening where nothing else is asked for."""
    assert sum(passage.bulletin == "summer.txt" for passage in library.passages) > 2
    entries = found(library, "What happened in Fangshan in 2023?")
    assert len(entries) == 1
    assert entries[0].startswith("Sculptors carved marble in the quarry of Fangshan.")


def test_a_list_of_whatever_happened_leaves_leads_and_offers_out(library: Library) -> None:
    """They tell of no event of their own; newest first."""
    hits = search(library, query_of(library, "List all events")).hits
    assert [hit.passage.bulletin for hit in hits] == ["winter.txt"] * 2 + ["summer.txt"] + ["spring.txt"] * 2


def test_a_list_may_be_asked_for_from_the_oldest_on(library: Library) -> None:
    """The undated come last all the same."""
    hits = search(library, query_of(library, "What are the oldest bulletins about robots?")).hits
    names = [hit.passage.bulletin for hit in hits]
    assert names == sorted(names, key=["spring.txt", "summer.txt", "winter.txt", "undated.txt"].index)
    assert names[0] == "spring.txt"
    assert len(names) > 1


def test_the_latest_are_few_and_newest_first(library: Library) -> None:
    """Of those that belong."""
    query = query_of(library, "What is the latest news on robots?")
    assert query.query.kind == "latest"
    hits = search(library, query).hits
    assert 0 < len(hits) <= DEFAULT.lists.latest_entries
    assert {hit.passage.bulletin for hit in hits} == {"winter.txt"} or hits[0].passage.bulletin == "winter.txt"


def test_nothing_left_finds_nothing(library: Library) -> None:
    """No hit, and nothing to measure."""
    result = search(library, query_of(library, "Which robots were in Mentougou?"))
    assert result.hits == ()
    assert result.candidates.unsupported is None


def test_a_sentence_of_another_time_gives_way(library: Library) -> None:
    """The bulletin is of January 2024: one of its sentences tells of November 2023, though it is less like the rest of
    the question."""
    skated = "In November 2023, they skated there with guests from Norway."
    for question in ("Which robots were in Yanqing in November 2023?", "What happened in November 2023?"):
        (entry,) = found(library, question)
        assert skated in entry
        query = query_of(library, question)
        candidates = score_candidates(library, query)
        assert candidates.scores[0] < candidates.scores[1]
        assert (
            library.passages[candidates.signals.passages[0]].sentences[1].of(library.cached_text("winter.txt"))
            == skated
        )


def test_what_bears_the_names_out_comes_first(library: Library) -> None:
    """Guests from Peru are in Miyun alone, though others are more like the rest of the question.

    Whom the robots greeted is told of Norway's guests, so that it is no answer all the same.
    """
    query = query_of(library, "Which robots greeted guests from Peru?")
    candidates = score_candidates(library, query)
    assert candidates.unsupported is not None
    assert candidates.unsupported.instead == ("Norway",)
    alike = score_sentences(library, query, candidates.signals)
    headings = [
        library.passages[candidates.signals.passages[candidates.signals.owners[int(np.argmax(scores))]]].heading
        for scores in (alike, candidates.scores)
    ]
    assert headings == ["Robots greet the guests", "Robots fish"]


def test_what_the_best_leaves_unsaid_is_told(library: Library) -> None:
    """With the country that it tells of instead; None where nothing was named."""
    unsaid = score_candidates(library, query_of(library, "Which robots greeted guests from Sweden?")).unsupported
    assert unsaid is not None
    assert (unsaid.written, unsaid.instead) == (("Sweden",), ("Norway",))
    assert score_candidates(library, query_of(library, "Which robots greeted guests?")).unsupported is None


def test_a_list_asked_of_a_country_holds_nothing_else(library: Library) -> None:
    """Where any entry is of that country, every one is."""
    for question, country in (
        ("List everything with guests from Norway", "Norway"),
        ("List everything with guests from Peru", "Peru"),
        ("Which guests came from Peru?", "Peru"),
    ):
        assert parse_question(question).exhaustive
        entries = found(library, question)
        assert entries
        assert all(country in entry for entry in entries)


def test_one_of_several_things_compared_is_a_quote_or_two(library: Library) -> None:
    """A side is no list of its own."""
    query = encode(
        Query(kind="compare", words="robots Haidian District", topic="robots", exhaustive=True), ENCODER, library
    )
    hits = search(library, query, comparand=True).hits
    assert 0 < len(hits) <= 2
    assert words(library, hits[0]).startswith("Twenty robots")
