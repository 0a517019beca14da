// The page of what-if questions.
import { h, fill, options } from "./dom.js";
import { asking } from "./ask.js";

export class WhatIfPage {
  constructor(page) {
    this.page = page;
    const kept = page.kept.whatif ||= { kind: "count", count: "", definition: "" };
    this.kind = h("select", { onchange: () => { kept.kind = this.kind.value; this.show(); } }, [["count", "set a desired count"], ["deploy", "deploy a task definition"], ["drain", "drain a container instance"]]
      .map(([v, t]) => h("option", { value: v, selected: kept.kind === v }, t)));
    this.service = h("select", {});
    this.instance = h("select", {});
    this.count = h("input", { type: "number", min: "0", max: "5000", value: kept.count, oninput: () => { kept.count = this.count.value; } });
    this.definition = h("textarea", { spellcheck: "false", placeholder: "family:revision, or a task definition as JSON", oninput: () => { kept.definition = this.definition.value; } });
    this.choices();
    this.out = h("div", { "aria-live": "polite" });
    this.fields = { service: field("Service", this.service), count: field("Desired count", this.count), instance: field("Container instance", this.instance),
      definition: field("Task definition", this.definition) };
    this.element = h("div", {}, h("h1", {}, "What if"), h("section", { class: "card" },
      h("p", { class: "quiet" }, "The answer is that of a simulation which begins with the cluster as it is now. Nothing is done."),
      h("form", { class: "row", onsubmit: (e) => { e.preventDefault(); this.ask(); } }, field("What if I", this.kind), this.fields.service, this.fields.count, this.fields.instance,
        this.fields.definition, h("button", { class: "main" }, "Ask")), this.out));
    this.show();
  }

  // choices offers what the cluster has. The first service that is there is chosen; what was entered stays.
  choices() {
    const { services, instances } = this.page.store, kept = this.page.kept.whatif, before = this.service.value;
    options(this.service, [...services.keys()].sort().slice(0, 500), before, () => this.preset());
    options(this.instance, [...instances.keys()].sort().slice(0, 1000), this.instance.value, () => {});
    if (this.service.value === before) return;
    this.preset();
    if (kept.count) this.count.value = kept.count;
    if (kept.definition) this.definition.value = kept.definition;
  }

  // preset begins with the count and the definition that the service has.
  preset() {
    const row = this.page.store.services.get(this.service.value);
    if (!row) return;
    this.count.value = String(row.desired);
    if (!this.definition.value.trim().startsWith("{")) this.definition.value = row.definition;
  }

  close() {}

  update(about) { if (about.map || about.services.size || about.whole) this.choices(); }

  show() {
    const kind = this.kind.value;
    this.fields.service.hidden = kind === "drain";
    this.fields.count.hidden = kind !== "count";
    this.fields.instance.hidden = kind !== "drain";
    this.fields.definition.hidden = kind !== "deploy";
  }

  ask() {
    const kind = this.kind.value, text = this.definition.value.trim();
    if (kind === "drain") return asking(this.page, this.out, { drain: this.instance.value });
    if (kind === "count") return asking(this.page, this.out, { service: this.service.value, desiredCount: Number(this.count.value) });
    if (!text.startsWith("{")) return asking(this.page, this.out, { service: this.service.value, taskDefinition: text });
    try {
      return asking(this.page, this.out, { service: this.service.value, definition: JSON.parse(text) });
    } catch (e) {
      fill(this.out, h("p", { class: "said-error" }, `This is not JSON: ${e.message}`));
    }
  }
}

const field = (name, input) => h("label", { class: "field" }, name, input);
