// What-if: a question is answered before anything is done, and then it may be done.
import { h, fill, prose } from "./dom.js";
import { call, signedIn } from "./sign.js";

// mayDo reports whether the page may change anything.
export const mayDo = (page) => !page.about.signed || signedIn();

// doing runs an action of the API and says how it went.
export async function doing(page, out, action, input) {
  fill(out, h("p", { class: "quiet" }, action + " …"));
  try {
    await call(page.about, action, input);
    fill(out, h("p", { class: "good" }, action + " was accepted."));
    return true;
  } catch (e) {
    fill(out, h("p", { class: "said-error" }, e.message));
    return false;
  }
}

// asking asks the server what would become of it.
export async function asking(page, out, question) {
  fill(out, h("p", { class: "quiet" }, "Asking …"));
  try {
    const answer = await page.post("whatif", { cluster: page.cluster, ...question });
    if (!answer.answers.length) fill(out, h("p", {}, "No service has a task there: nothing has to move."));
    else fill(out, answer.answers.map(answered), answer.more ? h("p", {}, `${answer.more} further services have tasks there.`) : null);
    return answer;
  } catch (e) {
    fill(out, h("p", { class: "said-error" }, e.message));
    return null;
  }
}

function answered(a) {
  return h("div", { class: "answer " + (a.good ? "good" : "bad") },
    h("b", {}, `${a.good ? "✓" : "✗"} ${a.service}: ${a.headline}`),
    h("details", { open: !a.good }, h("summary", {}, "Why"), a.text.split("\n\n").map(paragraph)));
}

// paragraph is a part of a report. A table has columns: it is not wrapped, but scrolled.
function paragraph(text) {
  if (/\S {3,}\S/.test(text)) {
    return h("pre", { class: "report", tabindex: "0", role: "region", "aria-label": "Table" }, text);
  }
  return prose(text);
}

// buttons are Ask and the deed. question returns null where the form is not filled in.
export function buttons(page, name, question, action, input) {
  const out = h("div", { "aria-live": "polite" });
  const ask = h("button", { type: "button", onclick: () => { const q = question(); if (q) asking(page, out, q); } }, "What if?");
  const act = h("button", { type: "button", class: "main", disabled: !mayDo(page),
    title: mayDo(page) ? undefined : "Calls must be signed: enter a key first.",
    onclick: () => { const i = input(); if (i) doing(page, out, action, i); } }, name);
  return { row: [ask, act], out };
}
