import { fromLink, toLink } from "./link.js";

const $ = (id) => document.getElementById(id);
const documents = ["definition", "running", "instances", "tasks", "service", "policies", "load"];
const patience = 30; // seconds for one answer
const lost = { failed: "the worker cannot be started" };
let worker, waiting, sample;
let library, cached; // as it was compiled, for a worker that is started again; whether the browser had it

function begin(one) {
  worker?.terminate();
  worker = one || new Worker("worker.js", { name: library ? "again" : "first" });
  if (library) worker.postMessage({ library });
  worker.onmessage = ({ data }) => waiting?.(data);
  worker.onerror = ({ target }) => {
    target.lost = true;
    waiting?.(lost);
  };
}

// ask returns the reply to a question, or why there is none; early takes a part of it that comes before.
function ask(question, early) {
  return new Promise((resolve) => {
    let late;
    waiting = (data) => {
      if (data.library) {
        ({ library, cached } = data);
        late = setTimeout(() => {
          begin();
          waiting({ failed: `there was no answer within ${patience} seconds; a smaller cluster has one` });
        }, patience * 1000);
        return;
      }
      if (data.early) return early(data.early);
      clearTimeout(late);
      waiting = undefined;
      if (data.failed) begin();
      resolve(data.reply || { text: "", error: data.failed });
    };
    if (worker.lost) waiting(lost); // before there was a question
    else worker.postMessage({ question: JSON.stringify(question) });
  });
}

const kind = () => document.querySelector("input[name=kind]:checked").value;

function question() {
  const q = { kind: kind() };
  for (const id of documents) {
    if ($(id).value && $(q.kind).contains($(id))) q[id] = $(id).value;
  }
  if (q.kind === "deploy") {
    q.count = Number($("count").value) || 0;
    q.seed = Number($("seed").value) || 1;
  }
  return q;
}

function fill(q) {
  const known = q.kind === "replay" ? "replay" : "deploy";
  document.querySelector(`input[name=kind][value=${known}]`).checked = true;
  for (const id of documents) {
    if ($(known).contains($(id))) $(id).value = typeof q[id] === "string" ? q[id] : "";
  }
  if (known === "deploy") {
    $("count").value = Number.isInteger(q.count) ? q.count : 6;
    $("seed").value = Number.isInteger(q.seed) ? q.seed : 1;
  }
  choose();
}

function choose() {
  $("deploy").hidden = kind() !== "deploy";
  $("replay").hidden = kind() !== "replay";
}

function view() {
  const text = document.querySelector("input[name=view]:checked").value === "text";
  $("text").hidden = !text;
  $("report").hidden = text;
}

function show(markup) {
  const page = new DOMParser().parseFromString(markup || "", "text/html");
  $("report").replaceChildren(...page.body.childNodes);
}

// count notes when the first verdict was there: the clock of a page begins with the navigation to it.
function count() {
  if (document.documentElement.dataset.first) return;
  const now = performance.now();
  document.documentElement.dataset.first = now.toFixed(0);
  const from = cached ? "the browser's cache" : "the server";
  $("times").textContent += ` First verdict ${(now / 1000).toFixed(2)} s after the navigation to this page began, with the library from ${from}.`;
}

async function answer() {
  const begun = performance.now();
  $("ask").disabled = true;
  $("said").textContent = "Computing …";
  const reply = await ask(question(), (part) => {
    $("error").hidden = true;
    show(part.markup);
    count();
    $("said").textContent = "This is the verdict; simulating …";
  });
  $("ask").disabled = false;
  $("error").hidden = !reply.error;
  $("error").textContent = reply.error || "";
  $("text").textContent = reply.text;
  show(reply.markup);
  $("views").hidden = !reply.text;
  view();
  count();
  $("said").textContent = `Answered in ${((performance.now() - begun) / 1000).toFixed(2)} s.`;
  document.documentElement.dataset.answers = Number(document.documentElement.dataset.answers || 0) + 1;
}

// fromHash asks what a link asks; without one, the example.
async function fromHash() {
  const fragment = location.hash.slice(1);
  if (!fragment) return fill(sample.deploy);
  try {
    fill(await fromLink(fragment));
  } catch (e) {
    fill(sample.deploy);
    return `This link cannot be read (${e.message}); here is the example.`;
  }
}

async function share() {
  const link = new URL(location.href);
  link.hash = await toLink(question());
  history.replaceState(null, "", link);
  let copied = "The link is in the address bar";
  try {
    await navigator.clipboard.writeText(link.href);
    copied = "The link is copied, and in the address bar";
  } catch { /* the page may not write to the clipboard */ }
  $("said").textContent = `${copied}. It holds the documents themselves, ${link.href.length} characters.`;
}

begin(globalThis.firstWorker);
sample = await (await fetch("sample.json")).json();
$("times").textContent = `The library: ${(sample.size / 1e6).toFixed(1)} MB, compressed.`;
$("question").addEventListener("submit", async (e) => {
  e.preventDefault();
  await answer();
  const below = $("answer").getBoundingClientRect().top > innerHeight;
  if (below) $("answer").scrollIntoView(); // the form is above the answer in a narrow window
});
$("question").addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !$("ask").disabled) $("question").requestSubmit();
});
for (const r of document.querySelectorAll("input[name=kind]")) {
  r.addEventListener("change", () => {
    choose();
    if (kind() === "replay" && !$("policies").value) fill(sample.replay);
  });
}
for (const r of document.querySelectorAll("input[name=view]")) r.addEventListener("change", view);
$("example").addEventListener("click", () => { fill(sample[kind()]); answer(); });
$("share").addEventListener("click", share);
addEventListener("hashchange", async () => { const wrong = await fromHash(); await answer(); if (wrong) $("said").textContent = wrong; });
const wrong = await fromHash();
await answer();
if (wrong) $("said").textContent = wrong;
