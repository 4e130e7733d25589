// Buttons that put a citation or a link on the clipboard.  Where that is refused, the text is shown and selected.
"use strict";
(() => {
  // what a screen reader is told; it has to stand on the page before it speaks
  const heard = document.createElement("p");
  heard.className = "heard";
  heard.setAttribute("role", "status");
  const add = () => document.body.append(heard);
  if (document.body) add();
  else document.addEventListener("DOMContentLoaded", add);

  function say(words) {
    heard.textContent = "";
    setTimeout(() => (heard.textContent = words), 50); // the same words again are news again
  }

  function select(button, words) {
    const row = button.closest("[data-actions]") || button;
    const next = row.nextElementSibling;
    const box = next && next.matches(".to-copy") ? next : document.createElement("textarea");
    box.className = "to-copy";
    box.readOnly = true;
    box.value = words;
    box.setAttribute("aria-label", "The text to copy");
    row.after(box);
    box.focus();
    box.select();
    say("The clipboard can't be reached. The text is selected: copy it with the keyboard.");
  }

  async function copy(button) {
    const { copy: text, address } = button.dataset;
    const words = address === undefined ? text : new URL(address, document.baseURI).href;
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      return select(button, words);
    }
    say("Copied");
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });
})();
