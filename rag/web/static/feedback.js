// Sends what a reader says of an answer, and says what became of it.  Gradio puts answers on the page at any time, so
// the document listens, not the forms; without this they open in a tab of their own.
"use strict";
(() => {
  const FAILED = "The desk can't be reached. Please try again.";

  function tell(box, words, bad) {
    const told = box.querySelector(".told");
    told.classList.toggle("bad", bad);
    told.textContent = "";
    setTimeout(() => (told.textContent = words), 50); // the same words again are news again
    return told;
  }

  function show(box, form) {
    const helpful = form.elements.verdict.value === "helpful";
    const more = box.querySelector("details");
    box.querySelector("button.vote").setAttribute("aria-pressed", helpful);
    more.classList.toggle("chosen", !helpful);
    more.open = false;
  }

  async function send(form) {
    const box = form.closest(".feedback");
    if (box.ariaBusy === "true") return;
    box.ariaBusy = "true";
    try {
      const got = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
        referrerPolicy: "same-origin", // else the desk can't tell its own page from others
      });
      const { said } = await got.json();
      if (got.ok) show(box, form);
      const told = tell(box, said, !got.ok);
      // the form that the keyboard was in is folded away
      if (got.ok && form.elements.reason) told.focus({ preventScroll: true });
    } catch {
      tell(box, FAILED, true);
    } finally {
      box.ariaBusy = "false";
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".feedback form");
    if (!form) return;
    event.preventDefault();
    send(form);
  });

  // "toggle" doesn't bubble, but it is seen on the way down
  document.addEventListener("toggle", (event) => {
    const more = event.target;
    if (!more.open || !more.matches(".feedback details")) return;
    more.querySelector("select").focus({ preventScroll: true });
    more.querySelector("form").scrollIntoView({ block: "nearest" }); // it opens downwards, and the box to ask in is there
  }, true);

  document.addEventListener("keydown", (event) => {
    const more = event.key === "Escape" && event.target.closest(".feedback details[open]");
    if (!more) return;
    more.open = false;
    more.querySelector("summary").focus({ preventScroll: true });
  });
})();
