"""The chat, in Gradio.  It shows what ``render`` makes; no text of a bulletin or a question becomes HTML here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from rag.web.desk import Desk
from rag.web.render import render
from rag.web.serving import State
from rag.web.talk import Talk, ask_again, converse

HEAD = (
    '<link rel="stylesheet" href="desk/page.css">'
    '<script src="desk/page.js"></script><script src="desk/copy.js"></script>'
)
FONT = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))  # of its bundled files, the two that hold all letters
THEME = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=[FONT, "sans-serif"])
# page.js sees which chip is pressed; only code that Gradio itself has loaded may pass it on
BRIDGE = "document.addEventListener('desk:chip', (event) => trigger('click', event.detail))"
FOCUS = "() => document.querySelector('#question textarea').focus()"
REMEMBERED = 6 * 3600  # seconds that a conversation is kept after its last question


def build_page(desk: Desk) -> gr.Blocks:
    """The page over this desk; it can be opened before the desk is ready."""
    page: gr.Blocks = gr.Blocks(title="Bulletin Desk", analytics_enabled=False, fill_height=True, fill_width=True)
    with page:
        talk = gr.State((), time_to_live=REMEMBERED)
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
        timer = gr.Timer(1)

        def go_on(talks: Iterator[Talk], seen: int | None, typed: Any) -> Iterator[Any]:
            for now in talks:
                yield _messages(now), now, typed, gr.skip(), gr.skip()
                typed = gr.skip()  # emptied once: the next question may be half typed already
            state = desk.state
            if state.number != seen:  # a page that was open all along learns what the desk holds now
                yield gr.skip(), gr.skip(), gr.skip(), state.number, _masthead(state)

        def ask(asked: str, before: Talk, seen: int | None) -> Iterator[Any]:
            yield from go_on(converse(desk, asked, before), seen, "")

        def ask_example(before: Talk, seen: int | None, event: gr.SelectData) -> Iterator[Any]:
            yield from ask(event.value["text"], before, seen)

        def take_away(before: Talk, seen: int | None, event: gr.EventData) -> Iterator[Any]:
            pressed = event._data if isinstance(event._data, dict) else {}
            talks = ask_again(desk, str(pressed.get("answer")), str(pressed.get("condition")), before)
            yield from go_on(talks, seen, gr.skip())

        def begin_anew() -> Any:
            return gr.Chatbot(value=[], examples=_examples(desk.state)), (), ""

        def look(seen: int | None) -> Any:
            state = desk.state
            if state.number == seen:
                return gr.skip()
            preparing = gr.Timer(active=state.stage.name == "preparing")
            return state.number, _masthead(state), gr.Chatbot(examples=_examples(state)), preparing

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
    page.queue(default_concurrency_limit=16, max_size=64, api_open=False)
    return page


def _html(html: str, js_on_load: str | None = None, **options: Any) -> gr.HTML:
    return gr.HTML(html, js_on_load=js_on_load, apply_default_css=False, **options)


def _messages(talk: Talk) -> list[dict[str, Any]]:
    # Gradio shows a plain string as HTML even with Markdown off, so a question is escaped like everything else
    return [
        {"role": role, "content": _html(html)}
        for turn in talk
        for role, html in (("user", render("asked.html", question=turn.question)), ("assistant", turn.html))
    ]


def _masthead(state: State) -> str:
    library = state.serving.library if state.serving else None
    bulletins = library.bulletins if library else None
    return render(
        "masthead.html",
        stage=state.stage,
        notices=state.notices,
        count=None if bulletins is None else len(bulletins),
        dates=library.dates() if library else None,
        undated=sum(not bulletin.date for bulletin in bulletins or ()),
    )


def _examples(state: State) -> list[ExampleMessage]:
    return [{"text": question} for question in state.serving.examples] if state.serving else []
