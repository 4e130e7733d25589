// A draft is checked without leaving the page, and its quotations are gone through one by one.  All of it can be done
// without this: the form then brings a page with every quotation's row below the draft.
"use strict";
(() => {
  const form = document.getElementById("check");
  const result = document.getElementById("result");
  const progress = document.getElementById("progress");
  const bar = document.getElementById("bar");
  const far = document.getElementById("far");
  const said = document.getElementById("said");
  const LINES = "application/x-ndjson";
  const narrow = matchMedia("(max-width: 900px)"); // the columns stand one below the other
  let running = null; // stops what is under way
  let chosen = 0; // the row shown, counted from 1
  document.documentElement.classList.add("js");

  const row = (n) => document.getElementById(`row-${n}`);
  const tag = (n) => document.getElementById(`at-${n}`);
  const say = (words) => { if (said.textContent !== words) said.textContent = words; };

  // --- checking
  function tell(line) {
    const known = line.of > 0;
    if (known) { bar.max = line.of; bar.value = line.done; } else bar.removeAttribute("value");
    far.textContent = known ? `${line.done.toLocaleString("en")} of ${line.of.toLocaleString("en")} quotations` : "Waiting its turn, or reading the draft…";
    // a screen reader hears each quarter, not each quotation
    if (known) say(`${Math.floor((4 * line.done) / line.of) * 25} percent of ${line.of} quotations checked`);
  }

  function show(html, focus = true) {
    result.innerHTML = html; // the server has escaped every character of the draft and the bulletins
    begin();
    const first = result.querySelector(".problem, .summary");
    if (first && focus) { first.focus(); first.scrollIntoView({ block: "start" }); }
  }

  function fail(words) {
    const line = document.createElement("p");
    line.className = "note problem";
    line.setAttribute("role", "alert");
    line.tabIndex = -1;
    line.textContent = words;
    result.replaceChildren(line);
    line.focus();
  }

  async function check() {
    running?.abort();
    const mine = (running = new AbortController());
    const button = form.querySelector("button.main");
    progress.hidden = false;
    say("Checking…");
    tell({ done: 0, of: 0 });
    button.setAttribute("aria-disabled", "true");
    try {
      const got = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: LINES }, signal: mine.signal });
      if (!(got.headers.get("content-type") || "").startsWith(LINES)) {
        const said = await got.text();
        const page = new DOMParser().parseFromString(said, "text/html");
        const problem = page.querySelector(".problem")?.textContent;
        const isJson = (got.headers.get("content-type") || "").startsWith("application/json"); // turned away at the edge
        return fail(problem || (isJson && JSON.parse(said).detail) || "The desk gave no answer. Please try again.");
      }
      const reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "", done = false;
      for (;;) {
        const { value, done: over } = await reader.read();
        if (over) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const text of lines) {
          const line = JSON.parse(text);
          if (line.html === undefined) { tell(line); continue; }
          done = true;
          form.elements.draft.value = line.draft;
          form.elements.name.value = line.name;
          if (form.elements.file) form.elements.file.value = ""; // a reader sends none
          show(line.html);
        }
      }
      if (!done) fail("The desk stopped before the draft was checked. Please try again.");
    } catch (error) {
      if (error.name !== "AbortError") fail("The desk can't be reached. Please try again.");
    } finally {
      if (running === mine) {
        running = null;
        progress.hidden = true;
        say("");
        button.removeAttribute("aria-disabled");
      }
    }
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return; // a report is saved
    event.preventDefault();
    check();
  });
  form.elements.draft.addEventListener("input", (event) => {
    if (!event.target.value.trim()) form.elements.name.value = ""; // another draft
  });

  // --- going through
  const only = () => document.getElementById("problems")?.checked;
  const rows = () => [...result.querySelectorAll(".row")].filter((one) => !only() || one.classList.contains("bad")).map((one) => Number(one.dataset.row));

  function choose(n, { focus = false, load = true } = {}) {
    chosen = n;
    for (const old of result.querySelectorAll(".current")) old.classList.remove("current");
    for (const old of result.querySelectorAll(".tag[aria-current]")) old.removeAttribute("aria-current");
    row(n).classList.add("current");
    tag(n).setAttribute("aria-current", "true");
    result.querySelector(`mark[data-row="${n}"]`).classList.add("current");
    const all = rows();
    const verdict = row(n).querySelector(".verdict").textContent;
    document.getElementById("which").textContent = `${all.indexOf(n) + 1} of ${all.length}: ${verdict}`;
    if (focus) tag(n).focus({ preventScroll: true });
    into(result.querySelector(".draft"), tag(n));
    if (focus) tag(n).scrollIntoView({ block: "nearest" });
    result.querySelector(".rows").scrollTop = 0;
    if (load) open(row(n).querySelector("a.source")?.href);
  }

  // the draft scrolls inside its frame, the page stays
  function into(frame, inner) {
    const outer = frame.getBoundingClientRect(), own = inner.getBoundingClientRect();
    if (own.top < outer.top || own.bottom > outer.bottom) frame.scrollTop += own.top - outer.top - outer.height / 3;
  }

  function loaded(event) {
    const within = event.target.contentWindow;
    const quote = within.document.getElementById("quote");
    if (quote) within.scrollTo(0, quote.getBoundingClientRect().top + within.scrollY - within.innerHeight / 3);
  }

  function open(address) {
    const beside = document.getElementById("beside");
    const frame = document.getElementById("source");
    beside.hidden = !address;
    if (address && frame.dataset.address !== address) {
      frame.dataset.address = address;
      // Not "#quote": the browser would scroll this page along with the frame.  No step for its "back" either.
      frame.contentWindow.location.replace(address.replace(/#.*$/, "#beside"));
    }
  }

  function step(by, focus) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(chosen);
    const next = at < 0 ? all.find((n) => n > chosen) || all[0] : all[(at + by + all.length) % all.length];
    choose(next, { focus });
    if (!focus && narrow.matches) row(next).scrollIntoView({ block: "nearest" });
  }

  function begin() {
    if (!result.querySelector(".row")) return;
    form.elements.draft.rows = 6;
    document.getElementById("source").addEventListener("load", loaded);
    const named = /^#row-(\d+)$/.exec(location.hash);
    choose(named && row(named[1]) ? Number(named[1]) : rows()[0]);
  }

  result.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("#next")) return step(1);
    if (target.closest("#previous")) return step(-1);
    const source = target.closest("a.source");
    if (source && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(source.href);
      return document.getElementById("beside").scrollIntoView({ block: "nearest" });
    }
    const back = target.closest(".back a");
    if (back) {
      event.preventDefault();
      return choose(chosen, { focus: true, load: false });
    }
    const link = target.closest(".tag");
    if (link) {
      event.preventDefault();
      choose(Number(link.dataset.row));
      if (event.detail === 0 || narrow.matches) row(chosen).focus(); // the Enter key
      return;
    }
    const mark = target.closest("mark[data-row]");
    if (mark && String(getSelection()) === "") choose(Number(mark.dataset.row));
  });
  result.addEventListener("change", (event) => {
    if (event.target.id !== "problems") return;
    const all = rows();
    choose(all.includes(chosen) ? chosen : all.find((n) => n > chosen) || all[0]);
  });
  // single letters count only inside the result, so that they get in nobody's way
  result.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input[type=text], textarea")) return;
    const onTag = event.target.matches(".tag");
    const by = { n: 1, j: 1, p: -1, k: -1 }[event.key] ?? (onTag ? { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key] : undefined);
    const end = onTag ? { Home: 0, End: -1 }[event.key] : undefined;
    if (!result.querySelector(".row") || (by === undefined && end === undefined)) return;
    event.preventDefault();
    if (by !== undefined) step(by, true);
    else choose(rows().at(end), { focus: true });
  });

  begin();
})();
