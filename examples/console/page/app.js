// The page: which view is shown, the stream of frames, and the header.
import { h, fill, moment, options, say } from "./dom.js";
import { Store } from "./store.js";
import { Overview } from "./overview.js";
import { ServicePage } from "./service.js";
import { TaskPage } from "./task.js";
import { InstancePage, DefinitionPage } from "./instance.js";
import { QueryPage } from "./query.js";
import { WhatIfPage } from "./whatif.js";
import { signedIn, signIn, signOut } from "./sign.js";

const views = { "": Overview, service: ServicePage, task: TaskPage, instance: InstancePage, definition: DefinitionPage, query: QueryPage, whatif: WhatIfPage };
const element = (id) => document.getElementById(id);

// times is what tests read: milliseconds to the first picture with rows and to that with all, which is drawn as frame
// number loading, and milliseconds of the last updates.
globalThis.consoleTimes = { first: 0, complete: 0, loading: 0, frames: 0, updates: [] };

class Page {
  constructor() {
    this.store = new Store();
    this.kept = {}; // what the user entered, by view
    this.rollouts = new Map(); // of the services: what was said of each
    this.about = { api: "/", header: "X-Console", signed: false, regions: [], region: "" };
    const asked = new URLSearchParams(location.search);
    this.cluster = asked.get("cluster") || "default";
    this.region = asked.get("region") || "";
    this.waiting = { map: false, services: new Set(), clusters: false, events: false, whole: false };
  }

  start() {
    // The first view waits for what the server says of itself: made again later, it would lose what was entered.
    this.get("about").then((about) => { this.about = about; this.header(); }, () => {}).then(() => {
      addEventListener("hashchange", () => this.route());
      this.route();
    });
    this.connect();
  }

  // get asks the server for what a view shows.
  async get(what, parameters) {
    const query = new URLSearchParams({ ...parameters, cluster: this.cluster, region: this.region });
    return read(await fetch(`/_console/${what}?${query}`));
  }

  async post(what, body) {
    const query = new URLSearchParams({ region: this.region });
    return read(await fetch(`/_console/${what}?${query}`, { method: "POST", headers: { "Content-Type": "application/json", [this.about.header]: "1" }, body: JSON.stringify(body) }));
  }

  go(kind, id) { location.hash = `#/${kind}/${encodeURIComponent(id)}`; }

  route() {
    const [kind, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
    const Made = views[kind] || Overview;
    if (this.view) this.view.close();
    let id = rest.join("/");
    try { id = decodeURIComponent(id); } catch { /* it is taken as it is */ }
    this.view = new Made(this, id);
    fill(element("main"), this.view.element);
    this.view.update({ map: true, services: new Set(this.store.services.keys()), clusters: true, events: true, whole: true });
    document.title = `${id ? id + " · " : ""}${this.cluster} · Amazon ECS`;
    for (const a of document.querySelectorAll("nav a")) {
      if (a.getAttribute("href") === `#/${views[kind] && ["query", "whatif"].includes(kind) ? kind : ""}`) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
    }
    if (this.routed) { scrollTo(0, 0); element("main").focus({ preventScroll: true }); }
    this.routed = true;
  }

  connect() {
    if (this.source) this.source.close();
    const query = new URLSearchParams({ cluster: this.cluster, region: this.region });
    this.source = new EventSource(`/_console/live?${query}`);
    this.source.onopen = () => this.state("live", false);
    this.source.onerror = () => this.state("not connected", true);
    this.source.onmessage = (e) => this.take(e.data);
  }

  state(text, lost) {
    if (element("state").textContent !== text) element("state").textContent = text;
    element("state").classList.toggle("lost", lost);
  }

  take(data) {
    const begun = performance.now(), about = this.store.apply(JSON.parse(data)), w = this.waiting;
    w.spent = (w.spent || 0) + performance.now() - begun;
    for (const part of ["map", "clusters", "events", "whole"]) w[part] ||= about[part];
    for (const name of about.services) w.services.add(name);
    if (!this.asked) { this.asked = true; requestAnimationFrame(() => this.draw()); }
  }

  draw() {
    const begun = performance.now(), about = this.waiting, times = globalThis.consoleTimes;
    this.asked = false;
    this.waiting = { map: false, services: new Set(), clusters: false, events: false, whole: false };
    element("now").textContent = `${moment(this.store.now)} UTC`;
    element("now").dateTime = new Date(this.store.now * 1000).toISOString();
    if (this.store.missing) this.state(this.store.missing, true);
    else this.state(this.store.loading ? "loading" : "live", false);
    if (about.clusters) this.clusters();
    this.time();
    if (this.view) this.view.update(about);
    this.tell(about);
    times.frames++;
    if (!times.first && this.view && this.store.instances.size + this.store.tasks.size + this.store.services.size) times.first = performance.now();
    if (!times.complete && times.first && !this.store.loading) { times.complete = performance.now(); times.loading = times.frames; }
    times.updates.push(Math.round((performance.now() - begun + (about.spent || 0)) * 10) / 10);
    if (times.updates.length > 200) times.updates.shift();
  }

  // tell has a screen reader say which deployments began, ended or failed.
  tell(about) {
    const news = [];
    for (const name of about.services) {
      const row = this.store.services.get(name), state = row && row.deployments[0] && row.deployments[0].rollout;
      if (!row) this.rollouts.delete(name);
      if (!state || this.rollouts.get(name) === state) continue;
      if (this.rollouts.has(name)) news.push(`${name}: deployment ${state.toLowerCase().replaceAll("_", " ")}`);
      this.rollouts.set(name, state);
    }
    if (news.length) say(news.slice(0, 3).join(", ") + (news.length > 3 ? ` and ${news.length - 3} more` : ""));
  }

  clusters() {
    const names = this.store.clusters.map((c) => c.name);
    if (!names.includes(this.cluster)) names.unshift(this.cluster);
    options(element("cluster"), names, this.cluster, (name) => this.move({ cluster: name }));
  }

  // move shows another cluster or Region.
  move(to) {
    const query = new URLSearchParams({ cluster: this.cluster, ...(this.region ? { region: this.region } : {}), ...to });
    location.assign(`/?${query}#/`);
  }

  header() {
    element("region-pick").hidden = this.about.regions.length < 2;
    if (this.about.regions.length > 1) options(element("region"), this.about.regions, this.region || this.about.region, (name) => this.move({ region: name, cluster: "default" }));
    element("timeline-link").hidden = !this.about.timeline;
    if (this.about.timeline) element("timeline-link").href = this.about.timeline;
    this.access();
    this.time();
  }

  access() {
    const box = element("access");
    if (!this.about.signed) { fill(box); return; }
    if (signedIn()) {
      fill(box, h("button", { onclick: () => { signOut(); this.access(); this.route(); } }, "Forget the key"));
      return;
    }
    const id = h("input", { type: "text", autocomplete: "off", size: "14", "aria-label": "Access key ID", placeholder: "access key ID" });
    const secret = h("input", { type: "password", autocomplete: "off", size: "14", "aria-label": "Secret access key", placeholder: "secret access key" });
    fill(box, h("form", { class: "row", onsubmit: (e) => { e.preventDefault(); if (id.value && secret.value) { signIn(id.value, secret.value); this.access(); this.route(); } } },
      h("span", { class: "pill" }, "read-only"), id, secret, h("button", {}, "Sign calls")));
  }

  // time shows the controls of simulated time.
  time() {
    const pace = this.store.pace, box = element("pace"), text = JSON.stringify(pace);
    if (text === this.paced) return;
    this.paced = text;
    box.hidden = !pace;
    if (!pace) return;
    const set = (p) => this.post("pace", p).catch((e) => this.state(e.message, true));
    const focus = [...box.querySelectorAll("button, select")].indexOf(document.activeElement);
    const speeds = [...new Set([1, 10, 60, 600, pace.speed])].sort((a, b) => a - b);
    fill(box, h("button", { "aria-pressed": String(pace.paused), onclick: () => set({ ...pace, paused: !pace.paused }) }, pace.paused ? "Go on" : "Pause"),
      h("select", { "aria-label": "Speed of time", onchange: (e) => set({ ...pace, speed: Number(e.target.value) }) }, speeds.map((s) => h("option", { value: String(s), selected: s === pace.speed }, `${s}×`))),
      ["10s", "1m", "10m"].map((by) => h("button", { onclick: () => this.post("step", { by }).catch((e) => this.state(e.message, true)) }, `+${by}`)));
    if (focus >= 0) box.querySelectorAll("button, select")[focus]?.focus();
  }
}

async function read(response) {
  const out = await response.json();
  if (!response.ok) throw new Error(out.message || `the server answered ${response.status}`);
  return out;
}

new Page().start();
