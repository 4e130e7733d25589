// Shows how far a job is, and opens the page anew when it has ended.  Everything else works without script.
"use strict";
(() => {
  const job = document.querySelector("[data-job]");
  if (!job) return;
  const bar = document.getElementById("bar"), far = document.getElementById("far"), heard = document.getElementById("heard");
  let failures = 0;

  function open(address) {
    const then = new URL(address, location.href);
    if (then.pathname + then.search !== location.pathname + location.search) return location.replace(then);
    history.replaceState(null, "", then); // another place of the same page: it has to be asked for again all the same
    location.reload();
  }

  async function look() {
    try {
      const got = await fetch(job.dataset.ask, { headers: { Accept: "application/json" } });
      if (!got.ok) return open(job.dataset.then); // the session has ended
      const now = await got.json();
      failures = 0;
      if (now.state !== "running" || now.id !== job.dataset.job) return open(job.dataset.then);
      far.textContent = now.whole ? `${now.stage}: ${now.done.toLocaleString("en")} of ${now.whole.toLocaleString("en")}` : now.stage;
      if (now.whole) { bar.max = now.whole; bar.value = now.done; } else bar.removeAttribute("value");
      // a screen reader hears each quarter, not each bulletin
      const words = now.whole ? `${now.stage}: ${Math.floor((4 * now.done) / now.whole) * 25} percent` : now.stage;
      if (heard.textContent !== words) heard.textContent = words;
    } catch {
      failures += 1; // the server may be starting anew
    }
    setTimeout(look, failures ? 3000 : 600);
  }
  setTimeout(look, 600);
})();
