// Keys for people who keep their hands on the keyboard. Without this file every page works all the same.
"use strict";

let waitsForPage = false;

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (rows.length === 0) return;
  const now = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, now + step))];
  next.querySelector("a, button")?.focus();
}

function press(selector) {
  document.querySelector(selector)?.click();
}

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  r: () => press("[data-action=retry]"),
  m: () => press("[data-action=mask]"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (waitsForPage) {
    waitsForPage = false;
    const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (event.key === "g") { waitsForPage = true; return; }
  const action = KEYS[event.key];
  if (action) { event.preventDefault(); action(); }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
});

// Field, words, insight and resource: pointing at one lights up the others.
function tokens(element) {
  return (element.dataset.i || "").split(" ").filter(Boolean);
}

function light(from) {
  for (const one of document.querySelectorAll(".lit")) one.classList.remove("lit");
  const origin = from?.closest?.("[data-i], [data-p]");
  if (!origin) return;
  let wanted = new Set(tokens(origin));
  const places = new Set();
  const words = [...document.querySelectorAll("[data-report] [data-i], [data-report] [data-p]")];
  if (!origin.closest("[data-report]") && origin.dataset.p) {
    places.add(origin.dataset.p);
    for (const word of words) if (places.has(word.dataset.p)) for (const one of tokens(word)) wanted.add(one);
  }
  for (const word of words) {
    if (tokens(word).some((one) => wanted.has(one))) { word.classList.add("lit"); places.add(word.dataset.p); }
  }
  if (origin.dataset.p) places.add(origin.dataset.p);
  for (const one of document.querySelectorAll(".insight")) {
    if (!wanted.has(one.dataset.i)) continue;
    one.classList.add("lit");
    one.querySelector("[data-resource] > summary")?.classList.add("lit");
  }
  for (const one of document.querySelectorAll(".field, .tree li")) {
    if (places.has(one.dataset.p)) one.classList.add("lit");
  }
}

document.addEventListener("mouseover", (event) => light(event.target));
document.addEventListener("focusin", (event) => light(event.target));

function nextEvidence() {
  const words = [...document.querySelectorAll("[data-report] a.w")];
  if (words.length === 0) return;
  words[(words.indexOf(document.activeElement) + 1) % words.length].focus();
}
KEYS.e = nextEvidence;

// A link into something folded opens it.
function unfold() {
  const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  for (let up = target?.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  target?.scrollIntoView({ block: "nearest" });
  if (target?.closest("[data-i], [data-p]")) light(target);
}
addEventListener("hashchange", unfold);
unfold();

// After a decision the list is short of a row: the keyboard goes on where it was.
let place = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.target.closest?.("[data-say]") && event.target.closest("[data-row]");
  if (!row) return;
  const rows = [...row.parentElement.children];
  place = { group: row.closest("section").id, number: rows.indexOf(row) };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!place) return;
  const rows = [...document.querySelectorAll(`#${CSS.escape(place.group)} [data-row]`)];
  (rows[Math.min(place.number, rows.length - 1)]?.querySelector("a") ?? document.getElementById("main")).focus();
  place = null;
});
