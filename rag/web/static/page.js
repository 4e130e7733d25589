// The panel beside the chat, the chips, the newest question kept at the top, and what is said where one isn't taken.  The
// links need none of this: without the panel they open the bulletin in a tab of its own.
"use strict";
(() => {
  const panel = () => document.getElementById("panel");
  let opener = null;
  let awaited = false; // an answer that a chip asked for

  function open(link) {
    opener = link;
    panel().hidden = false;
    document.documentElement.classList.add("panel-open");
    document.getElementById("panel-tab").href = link.href;
    document.getElementById("panel-close").focus({ preventScroll: true });
  }

  function close() {
    if (panel().hidden) return;
    panel().hidden = true;
    document.documentElement.classList.remove("panel-open");
    if (opener && opener.isConnected) opener.focus();
  }

  function takeAway(chip) {
    if (document.querySelector("#chat .answer.wait")) return;
    awaited = true;
    const { answer, condition } = chip.dataset;
    document.dispatchEvent(new CustomEvent("desk:chip", { detail: { answer, condition } }));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#panel-close")) return close();
    const chip = event.target.closest("#chat .chip");
    if (chip) return takeAway(chip);
    // what has been asked is not lost for a look at another page
    const away = event.target.closest(".masthead .nav a");
    if (away && document.querySelector("#chat .asked")) away.target = "_blank";
    const link = event.target.closest('a[target="source"]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) open(link);
  });

  const onEscape = (event) => event.key === "Escape" && close();
  document.addEventListener("keydown", onEscape);
  // what is pressed inside the frame doesn't reach this document
  const onLoad = (event) => event.target.name === "source" && event.target.contentWindow.addEventListener("keydown", onEscape);
  document.addEventListener("load", onLoad, true);

  // a question that the desk doesn't take: the line that says why stands above the box, the question stays in it, and
  // where the desk is only busy it is put again
  const TRIES = 4;
  const BUSY = "The desk is busy: many questions are waiting. Yours is asked again in a moment.";
  const GONE = "The desk can't be reached at this moment. Please ask again.";
  const bare = window.fetch.bind(window);
  const say = (line) => {
    const said = document.getElementById("said");
    if (said && said.textContent !== line) said.textContent = line;
  };
  const lineOf = (response) =>
    response.clone().json().then((told) => String(told.detail || GONE), () => GONE);

  const lost = (error) => error.name === "AbortError" || say(GONE);

  async function put(resource, options) {
    for (let tries = 1; ; tries += 1) {
      const response = await bare(resource, options).catch((error) => {
        lost(error);
        throw error;
      });
      if (response.ok) {
        say("");
        return response;
      }
      const wait = response.status === 503 ? Number(response.headers.get("Retry-After")) : 0;
      if (!(wait > 0 && wait <= 10) || tries === TRIES) {
        say(await lineOf(response));
        return response;
      }
      say(BUSY);
      await new Promise((done) => setTimeout(done, 1000 * (wait * tries * (0.5 + Math.random()))));
    }
  }

  window.fetch = (resource, options) => {
    const address = new URL(resource instanceof Request ? resource.url : resource, location.href).pathname;
    if (address.endsWith("/gradio_api/queue/join")) return put(resource, options);
    const got = bare(resource, options);
    if (address.endsWith("/gradio_api/queue/data"))
      got.then(async (response) => response.ok || say(await lineOf(response)), lost);
    return got;
  };

  // an answer is read from its beginning: scroll when a question or its answer has come, and only then
  let shown = "";
  new MutationObserver(() => {
    const asked = document.querySelectorAll("#chat .user-row");
    const answers = document.querySelectorAll("#chat .answer");
    const waiting = answers.length && answers[answers.length - 1].classList.contains("wait");
    const now = `${asked.length} ${waiting}`;
    if (now === shown) return;
    shown = now;
    if (!asked.length) return;
    requestAnimationFrame(() => asked[asked.length - 1].scrollIntoView({ block: "start" }));
    if (waiting || !awaited) return;
    // the keyboard goes on from the new answer, not from the old one's chip
    awaited = false;
    answers[answers.length - 1].querySelector(".said").focus({ preventScroll: true });
  }).observe(document, { childList: true, subtree: true });
})();
