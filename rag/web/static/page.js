// The panel beside the chat, the chips, and the newest question kept at the top.  The links need none of this: without
// the panel they open the bulletin in a tab of its own.
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
