"""The chat, in Gradio.  It shows what ``render`` makes; no text of a bulletin or a question becomes HTML here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from fastapi import Request
from gradio.components.chatbot import ExampleMessage

from rag import limits
from rag.admin import off_switch
from rag.web.chat.conversation import Talk, ask_again, converse, told
from rag.web.middleware.client_address import counted
from rag.web.middleware.rate_limit import Pace
from rag.web.service import Desk
from rag.web.state import State
from rag.web.templating import render

HEAD = (
    '<link rel="stylesheet" href="desk/page.css">'
    '<script src="desk/page.js"></script><script src="desk/copy.js"></script><script src="desk/feedback.js"></script>'
)
FONT = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))  # of its bundled files, the two that hold all letters
THEME = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=[FONT, "sans-serif"])
# page.js sees which chip is pressed; only code that Gradio itself has loaded may pass it on
BRIDGE = "document.addEventListener('desk:chip', (event) => trigger('click', event.detail))"
FOCUS = "() => document.querySelector('#question textarea').focus()"
LOOKS = 3.0  # seconds between two looks of a page at a desk that is getting ready
TOO_MANY = "You have asked {number} within a minute. Please wait {wait} seconds and ask again."


def build_page(desk: Desk, account: Callable[[Request], str | None] = lambda request: None) -> gr.Blocks:
    """The page over this desk; it can be opened before the desk is ready.  ``account`` names who is signed in."""
    page: gr.Blocks = gr.Blocks(title="Bulletin Desk", analytics_enabled=False, fill_height=True, fill_width=True)
    page.state_session_capacity = limits.MAX_CONVERSATIONS
    pace = Pace(desk.settings.questions_a_minute)

    def signed_in(request: gr.Request) -> str | None:
        return account(request.request) if request.request else None

    def hold_back(request: gr.Request) -> str:
        """Why this question isn't answered, "" where it is: whoever calls, from the page or past it, comes by here."""
        if off := off_switch.off(desk.settings.library):
            return off.line
        name = signed_in(request)
        client = getattr(request, "client", None)
        wait = pace.wait(f"account {name}" if name else counted(client.host if client else ""))
        number = f"{pace.a_minute:,} question{'' if pace.a_minute == 1 else 's'}"
        return TOO_MANY.format(number=number, wait=math.ceil(wait)) if wait else ""

    with page:
        talk = gr.State((), time_to_live=limits.CONVERSATION_SECONDS)
        shown = gr.State(None)  # the number of the desk's state that the page shows
        masthead = _html(_masthead(desk.state), elem_id="masthead")
        chat = gr.Chatbot(
            elem_id="chat",
            label="Questions and answers",
            show_label=False,
            container=False,
            scale=1,
            height=None,
            min_height=180,
            render_markdown=False,
            latex_delimiters=[],
            allow_tags=False,
            buttons=[],
            autoscroll=False,
            feedback_options=None,
            examples=_examples(desk.state),
        )
        _html(render("said.html"), elem_id="said-holder")
        with gr.Row(elem_id="asking", equal_height=True):
            question = gr.Textbox(
                elem_id="question",
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask about events, districts or dates",
                lines=1,
                max_lines=4,
                submit_btn="Ask",
                autofocus=True,
                scale=1,
            )
            fresh = gr.Button("New conversation", elem_id="fresh", scale=0, min_width=170, size="md")
        bridge = _html(render("panel.html"), elem_id="panel-holder", js_on_load=BRIDGE)
        timer = gr.Timer(LOOKS)

        def go_on(talks: Iterator[Talk], seen: int | None, typed: Any, request: gr.Request) -> Iterator[Any]:
            for now in talks:
                if off := off_switch.off(desk.settings.library):  # since the question was put
                    yield from hold(now[:-1], now[-1].question if now else "", off.line)
                    return
                yield _messages(now), now, typed, gr.skip(), gr.skip()
                typed = gr.skip()  # emptied once: the next question may be half typed already
            state = desk.state
            if state.number != seen:  # a page that was open all along learns what the desk holds now
                yield gr.skip(), gr.skip(), gr.skip(), state.number, _masthead(state, signed_in(request))

        def hold(before: Talk, asked: str, line: str) -> Iterator[Any]:
            """The line is shown and forgotten; the question stays in the box."""
            yield _messages(told(desk, asked, line, before)), *[gr.skip()] * 4

        def ask(asked: str, before: Talk, seen: int | None, request: gr.Request) -> Iterator[Any]:
            asked = str(asked or "")  # whoever comes past the page sends what they like
            if asked.strip() and (line := hold_back(request)):
                yield from hold(before, asked, line)
            else:
                yield from go_on(converse(desk, asked, before), seen, "", request)

        def ask_example(before: Talk, seen: int | None, event: gr.EventData, request: gr.Request) -> Iterator[Any]:
            chosen = _pressed(event).get("value")
            yield from ask(str(chosen.get("text") or "") if isinstance(chosen, dict) else "", before, seen, request)

        def take_away(before: Talk, seen: int | None, event: gr.EventData, request: gr.Request) -> Iterator[Any]:
            pressed = _pressed(event)
            if line := hold_back(request):
                yield from hold(before, before[-1].question if before else "", line)
                return
            talks = ask_again(desk, str(pressed.get("answer")), str(pressed.get("condition")), before)
            yield from go_on(talks, seen, gr.skip(), request)

        def begin_anew() -> Any:
            return gr.Chatbot(value=[], examples=_examples(desk.state)), (), ""

        def look(seen: int | None, request: gr.Request) -> Any:
            state = desk.state
            if state.number == seen:
                return gr.skip()
            preparing = gr.Timer(active=state.stage.name == "preparing")
            return state.number, _masthead(state, signed_in(request)), gr.Chatbot(examples=_examples(state)), preparing

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        conversation = [chat, talk, question, shown, masthead]
        asking = question.submit(ask, [question, talk, shown], conversation, **quiet)
        chosen = chat.example_select(ask_example, [talk, shown], conversation, **quiet)
        again = bridge.click(take_away, [talk, shown], conversation, **quiet)
        cleared = fresh.click(begin_anew, None, [chat, talk, question], cancels=[asking, chosen, again], **quiet)
        cleared.then(None, js=FOCUS)
        # until the desk is ready, or has failed, the page asks it how far it is
        timer.tick(look, [shown], [shown, masthead, chat, timer], queue=False, **quiet)
        page.load(look, [shown], [shown, masthead, chat, timer], queue=False, **quiet)
    page.queue(default_concurrency_limit=16, max_size=limits.MAX_WAITING_QUESTIONS, api_open=False)
    return page


def _pressed(event: gr.EventData) -> dict[str, Any]:
    """What the browser says of it, which may be anything."""
    return event._data if isinstance(event._data, dict) else {}


def _html(html: str, js_on_load: str | None = None, **options: Any) -> gr.HTML:
    return gr.HTML(html, js_on_load=js_on_load, apply_default_css=False, **options)


def _messages(talk: Talk) -> list[dict[str, Any]]:
    # Gradio shows a plain string as HTML even with Markdown off, so a question is escaped like everything else
    return [
        {"role": role, "content": _html(html)}
        for turn in talk
        for role, html in (("user", render("asked.html", question=turn.question)), ("assistant", turn.html))
    ]


def _masthead(state: State, person: str | None = None) -> str:
    library = state.serving.library if state.serving else None
    bulletins = library.bulletins if library else None
    return render(
        "masthead.html",
        person=person,
        stage=state.stage,
        notices=state.notices,
        count=None if bulletins is None else len(bulletins),
        dates=library.dates() if library else None,
        undated=sum(not bulletin.date for bulletin in bulletins or ()),
    )


def _examples(state: State) -> list[ExampleMessage]:
    return [{"text": question} for question in state.serving.examples] if state.serving else []
