"""All conversations together in bounded memory: what is given up is said, what is kept is the very same."""

from __future__ import annotations

import asyncio
import gc
import random
from pathlib import Path

import httpx

from rag.web.chat.conversation import Turn
from rag.web.chat.kept_answers import GONE, KeptAnswers
from tests.support.browser import serve_desk
from tests.support.chat_client import ask_event, join_queue
from tests.support.desks import QUESTION, ready_desk


def words(number: int) -> str:
    return "".join(random.Random(number).choices("abcdefgh <>&\ud800é", k=4_000))


def test_a_conversation_comes_back_as_it_was() -> None:
    """Every character; what was packed once isn't packed again with the next question."""
    kept = KeptAnswers()
    talk = (Turn("one", words(1), key="1"), Turn("two", words(2)))
    packed = kept.pack(talk)
    assert [turn.html for turn in packed] == ["", ""]
    assert kept.unpack(packed) == talk
    size = kept.size
    longer = kept.pack((*kept.unpack(packed), Turn("three", words(3))))
    assert longer[0].packed is packed[0].packed
    assert 0 < kept.size - size < 4_000
    del packed, longer
    gc.collect()
    assert (kept.size, kept._held) == (0, {})


def test_of_too_many_the_oldest_say_so() -> None:
    """Whosever they are; the newest is kept whatever its size."""
    kept = KeptAnswers(max_bytes=12_000)
    talks = [kept.pack((Turn(str(number), words(number)),)) for number in range(20)]
    assert kept.size <= 12_000
    shown = [kept.unpack(talk)[0].html for talk in talks]
    whole = [html == words(number) for number, html in enumerate(shown)]
    assert whole == sorted(whole)
    assert 3 < sum(whole) < 10
    assert all(GONE in html for html, is_whole in zip(shown, whole, strict=True) if not is_whole)
    large = kept.pack((Turn("large", "".join(words(number) for number in range(9))),))
    assert kept.unpack(large)[0].html.startswith(words(0))
    assert len(kept._held) == 1


def test_the_new_answer_is_sent_once(library: Path) -> None:
    """And the earlier ones once with it, though a page is told of a question's end; the session keeps nothing else of
    what it shows."""
    desk = ready_desk(library)

    async def run(address: str) -> list[int]:
        counts = []
        async with httpx.AsyncClient(timeout=60) as client:
            event = await ask_event(client, address)
            for _ in range(3):
                await join_queue(client, address, QUESTION, "s", event)
                got = await client.get(f"{address}/gradio_api/queue/data", params={"session_hash": "s"})
                counts.append(got.text.count("blockquote"))
        return counts

    with serve_desk(desk) as address:
        once, *later = asyncio.run(run(address))
    assert once > 0
    assert later == [2 * once, 3 * once]
