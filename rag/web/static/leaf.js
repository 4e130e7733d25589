// What the pages beside the chat do in a browser; all of them can be read without it.
"use strict";
(() => {
  // in the chat's panel a page goes without its own navigation
  if (window.self !== window.top) document.documentElement.classList.add("framed");

  document.addEventListener("DOMContentLoaded", () => {
    if (!location.hash) document.getElementById("quote")?.scrollIntoView({ block: "center" });
    const facets = document.querySelector(".facets");
    if (facets && matchMedia("(max-width: 760px)").matches) facets.open = false;
  });
})();
