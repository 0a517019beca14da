// The box for expressions of the cluster query language.
import { h, fill, link, short } from "./dom.js";

const examples = ["attribute:ecs.instance-type =~ m5.*", "attribute:ecs.availability-zone == us-east-1a and runningTasksCount > 0",
  "agentConnected == false", "task:group == service:web"];

export class QueryPage {
  constructor(page) {
    this.page = page;
    this.box = h("input", { type: "text", size: "60", value: page.kept.query || examples[0], spellcheck: "false", oninput: () => this.ask() });
    this.out = h("div", { class: "below", "aria-live": "polite" });
    this.element = h("div", {}, h("h1", {}, "Query"), h("section", { class: "card" },
      h("form", { class: "row", onsubmit: (e) => { e.preventDefault(); this.ask(); } }, h("label", { class: "field" }, "Expression of the cluster query language", this.box)),
      h("div", { class: "row quiet mid-line" }, "For example: ", examples.map((e) => h("button", { type: "button", onclick: () => { this.box.value = e; this.ask(); } }, e))), this.out));
    this.ask();
  }

  close() {}

  update() {}

  async ask() {
    const text = this.page.kept.query = this.box.value, turn = this.turn = {};
    if (!text) { fill(this.out); return; }
    try {
      const d = await this.page.get("query", { expression: text });
      if (this.turn !== turn) return;
      if (d.fault) fill(this.out, wrong(d.fault), d.offset >= 0 ? this.there(d) : null);
      else fill(this.out, h("p", {}, h("span", { class: "quiet" }, "read as "), h("span", { class: "id" }, d.canonical)), h("p", {}, h("b", {}, `${d.instances.length}${d.more ? " or more" : ""} container instances`)),
        h("ul", { class: "legend" }, d.instances.slice(0, 300).map((id) => h("li", { class: "id" }, link("instance", id, short(id))))));
    } catch (e) {
      if (this.turn === turn) fill(this.out, h("p", { class: "said-error" }, e.message));
    }
  }

  // there is a button that puts the cursor where the fault is.
  there(d) {
    return h("p", {}, h("button", { type: "button", onclick: () => { this.box.focus(); this.box.setSelectionRange(d.offset, d.offset); } }, `go to character ${d.offset + 1}`));
  }
}

// wrong is a fault: its first line, which may wrap, and the expression with the caret, which may not.
function wrong(fault) {
  const [first, ...caret] = fault.split("\n");
  return [h("p", { class: "said-error" }, first),
    caret.length ? h("pre", { class: "caret bad", tabindex: "0", role: "region", "aria-label": "What is wrong" }, caret.join("\n")) : null];
}
