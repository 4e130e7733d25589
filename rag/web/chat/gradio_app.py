"""The chat page, in Gradio: it shows HTML made by ``render``, and escapes no text of its own accord."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components.chatbot import ComponentMessage, ExampleMessage

from rag import limits
from rag.admin import off_switch
from rag.web.chat.conversation import Conversation, ask_without, converse, with_notice
from rag.web.chat.kept_answers import KeptAnswers
from rag.web.internals import event_data, keep_no_shown_values
from rag.web.middleware.rate_limit import Pace
from rag.web.service import Service, State
from rag.web.templating import render

HEAD = (
    '<link rel="stylesheet" href="desk/page.css">'
    '<script src="desk/page.js"></script><script src="desk/copy.js"></script><script src="desk/feedback.js"></script>'
)
FONT = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))  # of its bundled files, the two that hold all letters
THEME = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=[FONT, "sans-serif"])
# page.js sees which condition is pressed; only code that Gradio itself has loaded may pass it on
BRIDGE = "document.addEventListener('desk:chip', (event) => trigger('click', event.detail))"
FOCUS = "() => document.querySelector('#question textarea').focus()"
POLL_SECONDS = 3.0  # between two questions of a page whether the service is ready


def build_page(service: Service, pace: Pace) -> gr.Blocks:
    """Builds the page, which can be opened before the service is ready."""
    page: gr.Blocks = gr.Blocks(title="Bulletin Desk", analytics_enabled=False, fill_height=True, fill_width=True)
    page.state_session_capacity = limits.MAX_CONVERSATIONS
    keep_no_shown_values()
    with page:
        parts = _lay_out(service)
        _connect(page, parts, _Handlers(service, pace))
    at_once, most_waiting = limits.QUESTIONS_AT_ONCE, limits.MAX_WAITING_QUESTIONS
    page.queue(default_concurrency_limit=at_once, max_size=most_waiting, api_open=False)
    return page


@dataclass(frozen=True, slots=True)
class _Parts:
    """The page's components; ``shown`` holds the number of the state that the page shows, ``bridge`` passes on which
    condition was pressed."""

    masthead: gr.HTML
    conversation: gr.State
    shown: gr.State
    chat: gr.Chatbot
    question: gr.Textbox
    new: gr.Button
    bridge: gr.HTML
    timer: gr.Timer


def _lay_out(service: Service) -> _Parts:
    """Makes the components, from the top of the page to its end."""
    conversation = gr.State((), time_to_live=limits.CONVERSATION_SECONDS)
    shown = gr.State(None)
    masthead = _html(_masthead(service.state), elem_id="masthead")
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
        examples=_examples(service.state),
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
        new = gr.Button("New conversation", elem_id="fresh", scale=0, min_width=170, size="md")
    bridge = _html(render("panel.html"), elem_id="panel-holder", js_on_load=BRIDGE)
    return _Parts(masthead, conversation, shown, chat, question, new, bridge, gr.Timer(POLL_SECONDS))


def _connect(page: gr.Blocks, parts: _Parts, handlers: _Handlers) -> None:
    """Says which handler answers which event, and what of the page it reads and changes."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    read = [parts.conversation, parts.shown]
    changed = [parts.chat, parts.conversation, parts.question, parts.shown, parts.masthead]
    asking: list[dict[str, Any]] = [
        parts.question.submit(handlers.ask, [parts.question, *read], changed, **quiet),
        parts.chat.example_select(handlers.ask_example, read, changed, **quiet),
        parts.bridge.click(handlers.take_away, read, changed, **quiet),
    ]
    emptied = [parts.chat, parts.conversation, parts.question]
    cleared = parts.new.click(handlers.begin_anew, None, emptied, cancels=asking, **quiet)
    cleared.then(None, js=FOCUS)
    # until the service is ready or has failed, the page polls it
    polled = [parts.shown, parts.masthead, parts.chat, parts.timer]
    parts.timer.tick(handlers.look, [parts.shown], polled, queue=False, **quiet)
    page.load(handlers.look, [parts.shown], polled, queue=False, **quiet)


class _Handlers:
    """What the page's events do.  The names of the public methods are in Gradio's addresses; what a method returns or
    yields is, in this order, the value of each component that it changes."""

    def __init__(self, service: Service, pace: Pace) -> None:
        self._service = service
        self._pace = pace
        self._kept = KeptAnswers()

    def ask(self, asked: str, before: Conversation, seen: int | None, request: gr.Request) -> Iterator[Any]:
        before = self._kept.unpack(before)
        asked = str(asked or "")  # whoever doesn't come by the page sends anything
        if asked.strip() and (line := self._refusal(request)):
            yield from self._refuse(before, asked, line)
        else:
            yield from self._go_on(converse(self._service, asked, before), seen, "", request)

    def ask_example(
        self, before: Conversation, seen: int | None, event: gr.EventData, request: gr.Request
    ) -> Iterator[Any]:
        chosen = event_data(event).get("value")
        question = str(chosen.get("text") or "") if isinstance(chosen, dict) else ""
        yield from self.ask(question, before, seen, request)

    def take_away(
        self, before: Conversation, seen: int | None, event: gr.EventData, request: gr.Request
    ) -> Iterator[Any]:
        before = self._kept.unpack(before)
        if line := self._refusal(request):
            yield from self._refuse(before, before[-1].question if before else "", line)
            return
        pressed = event_data(event)
        key, condition = str(pressed.get("answer")), str(pressed.get("condition"))
        yield from self._go_on(ask_without(self._service, key, condition, before), seen, gr.skip(), request)

    def begin_anew(self) -> Any:
        return gr.Chatbot(value=[], examples=_examples(self._service.state)), (), ""

    def look(self, seen: int | None, request: gr.Request) -> Any:
        state = self._service.state
        if state.number == seen:
            return gr.skip()
        masthead, chat = _masthead(state, self._signed_in(request)), gr.Chatbot(examples=_examples(state))
        return state.number, masthead, chat, gr.Timer(active=state.stage.name == "preparing")

    def _go_on(
        self, conversations: Iterator[Conversation], seen: int | None, typed: Any, request: gr.Request
    ) -> Iterator[Any]:
        sender = self._pace.sender(request.request)
        with self._pace.under_way(sender):
            while True:
                with self._pace.work(sender):  # each step runs in one thread
                    now = next(conversations, None)
                if now is None:
                    break
                # switched off since the question was asked?
                if off := off_switch.off_state(self._service.settings.library):
                    yield from self._refuse(now[:-1], now[-1].question if now else "", off.line)
                    return
                yield _messages(now), self._kept.pack(now), typed, gr.skip(), gr.skip()
                typed = gr.skip()  # emptied once: the next question may be half typed already
        state, news = self._service.state, (gr.skip(), gr.skip())
        if state.number != seen:  # a page that was open all along learns what the library holds now
            news = state.number, _masthead(state, self._signed_in(request))
        # Gradio sends what was yielded last once more: without this it would be the whole conversation
        yield gr.skip(), gr.skip(), gr.skip(), *news

    def _refuse(self, before: Conversation, asked: str, line: str) -> Iterator[Any]:
        """Shows the line without remembering it; the question stays in the box."""
        yield _messages(with_notice(self._service, asked, line, before)), *[gr.skip()] * 4
        yield (gr.skip(),) * 5  # as above

    def _refusal(self, request: gr.Request) -> str:
        """Why a question isn't answered, "" where it is; by whichever route it comes, it is checked here."""
        if off := off_switch.off_state(self._service.settings.library):
            return off.line
        refused = self._pace.refusal(self._pace.sender(request.request), asks=True)
        return refused.line if refused else ""

    def _signed_in(self, request: gr.Request) -> str | None:
        return self._pace.account(request.request) if request.request else None


def _html(html: str, js_on_load: str | None = None, **options: Any) -> gr.HTML:
    return gr.HTML(html, js_on_load=js_on_load, apply_default_css=False, **options)


def _messages(conversation: Conversation) -> list[dict[str, Any]]:
    # Gradio shows a plain string as HTML even with Markdown off, so questions go through a template too
    return [
        {"role": role, "content": _in_chat(html)}
        for turn in conversation
        for role, html in (("user", render("asked.html", question=turn.question)), ("assistant", turn.html))
    ]


def _in_chat(html: str) -> ComponentMessage:
    return _EMPTY.model_copy(update={"value": html, "props": _EMPTY.props | {"value": html}})


def _empty_message() -> ComponentMessage:
    """What the chat makes of an HTML component, which takes it a millisecond each time."""
    [message] = gr.Chatbot(render=False).postprocess([{"role": "user", "content": _html("", render=False)}]).root
    content = message.content[0]
    assert isinstance(content, ComponentMessage)
    return content


_EMPTY = _empty_message()  # made here: while it answers, Gradio makes components without their values


def _masthead(state: State, person: str | None = None) -> str:
    library = state.serving.library if state.serving else None
    bulletins = library.bulletins if library else None
    return render(
        "masthead.html",
        person=person,
        stage=state.stage,
        notices=state.notices,
        count=None if bulletins is None else len(bulletins),
        dates=library.date_range() if library else None,
        undated=sum(not bulletin.date for bulletin in bulletins or ()),
    )


def _examples(state: State) -> list[ExampleMessage]:
    return [{"text": question} for question in state.serving.examples] if state.serving else []
