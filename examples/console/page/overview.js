// The page of a cluster: numbers, the map, services and what happens.
import { h, fill, bars, clock, link, percent, pill, short, tone } from "./dom.js";
import { InstanceMap, legend } from "./map.js";

const mostServices = 100, mostEvents = 60;

export class Overview {
  constructor(page) {
    this.page = page;
    const store = page.store;
    this.map = new InstanceMap(store, (id) => page.go("instance", id));
    this.tiles = h("div", { class: "tiles" });
    this.legend = h("ul", { class: "legend", "aria-label": "Revisions on the map" });
    this.services = h("tbody", {});
    this.more = h("p", { class: "quiet" });
    this.find = h("input", { type: "search", placeholder: "name", oninput: () => this.listServices() });
    this.events = h("tbody", {});
    this.table = new InstanceList(store, page);
    this.asTable = h("button", { "aria-pressed": "false", onclick: () => this.toggle() }, "as a list");
    this.mapTitle = h("h2", {}, "Container instances");
    this.element = h("div", {},
      h("h1", {}, "Cluster ", page.cluster),
      this.tiles,
      h("section", { class: "card" }, h("div", { class: "head" }, this.mapTitle, this.asTable), this.map.box,
        this.table.element, this.legend),
      h("div", { class: "two" },
        h("section", { class: "card" },
          h("div", { class: "head" }, h("h2", {}, "Services"), h("label", {}, "Find ", this.find)),
          h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "Service"), h("th", { class: "n" }, "Running"),
            h("th", { class: "mid" }, "Tasks"), h("th", { class: "wide" }, "Definition"), h("th", {}, "Deployment"))),
          this.services), this.more),
        h("section", { class: "card" }, h("h2", {}, "What happens"),
          h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "What happens, newest first" },
            h("table", {}, h("thead", { class: "unseen" }, h("tr", {}, h("th", {}, "Time"), h("th", {}, "Event"))),
              this.events)))));
    this.table.element.hidden = true;
  }

  close() { this.map.close(); }

  toggle() {
    const list = this.asTable.getAttribute("aria-pressed") !== "true";
    this.asTable.setAttribute("aria-pressed", String(list));
    this.table.element.hidden = !list;
    this.map.box.hidden = this.legend.hidden = list;
    if (list) this.table.draw(); else this.map.update();
  }

  update(about) {
    if (about.map) {
      if (this.table.element.hidden) this.map.update(); else this.table.draw();
      fill(this.legend, legend(this.page.store));
    }
    if (about.services.size || about.whole) this.listServices();
    if (about.events || about.whole) this.listEvents();
    if (about.map || about.services.size) this.count();
  }

  count() {
    const t = this.page.store.totals(), store = this.page.store;
    const tile = (n, text, part) => {
      const box = h("div", { class: "tile" }, h("b", {}, n), h("span", {}, text));
      if (part !== undefined) {
        const fillTo = h("i", {});
        fillTo.style.width = `${part}%`;
        box.append(h("div", { class: "meter" }, fillTo));
      }
      return box;
    };
    const loading = store.loading ? " (loading)" : "";
    fill(this.tiles, tile(t.instances, "container instances" + loading), tile(t.running, "tasks RUNNING" + loading),
      tile(t.waiting, "tasks on their way"), tile(store.services.size, "services"),
      t.cpu ? tile(`${percent(t.cpuUsed, t.cpu)}%`, `CPU of ${Math.round(t.cpu / 1024)} vCPU`, percent(t.cpuUsed, t.cpu)) : null,
      t.memory ? tile(`${percent(t.memoryUsed, t.memory)}%`, `memory of ${Math.round(t.memory / 1024)} GiB`, percent(t.memoryUsed, t.memory)) : null,
      t.gpu ? tile(`${t.gpuUsed}`, `of ${t.gpu} GPUs`, percent(t.gpuUsed, t.gpu)) : null);
  }

  listServices() {
    const part = this.find.value.toLowerCase();
    const all = [...this.page.store.services.values()].filter((s) => s.name.toLowerCase().includes(part))
      .sort((a, b) => a.name < b.name ? -1 : 1);
    fill(this.services, all.slice(0, mostServices).map((s) => serviceRow(s)));
    this.more.textContent = !all.length ? (part ? "No service has such a name." : "There is no service.") :
      all.length > mostServices ? `${all.length - mostServices} more: find them by name.` : "";
  }

  listEvents() {
    const list = this.page.store.events.slice(-mostEvents).reverse();
    fill(this.events, list.length ? list.map((e) => h("tr", {}, h("td", { class: "when" }, clock(e.at)),
      h("td", { class: "long" }, eventText(e)))) :
      h("tr", {}, h("td", { class: "quiet" }, "Nothing yet.")));
  }
}

function serviceRow(s) {
  const newest = s.deployments[0] || {}, failed = s.deployments.reduce((n, d) => n + d.failed, 0);
  const state = newest.rollout || s.status;
  return h("tr", {}, h("td", { class: "long" }, link("service", s.name)),
    h("td", { class: "n" }, s.scheduling === "DAEMON" ? `${s.running}` : `${s.running}/${s.desired}`),
    h("td", { class: "mid" }, bars([["run", s.running], ["wait", s.pending]], Math.max(s.desired, s.running + s.pending),
      `${s.running} running, ${s.pending} pending, ${s.desired} desired`)),
    h("td", { class: "wide long" }, s.definition),
    h("td", {}, pill(state), failed ? h("span", { class: "bad" }, ` ${failed} failed`) : null,
      s.deployments.length > 1 ? h("span", { class: "quiet" }, ` ${s.deployments.length} deployments`) : null));
}

// eventText is a change as a sentence with links.
export function eventText(e) {
  const parts = [];
  if (e.task) parts.push("task ", link("task", e.task, short(e.task)), " ");
  if (e.status && e.kind !== "SCALING") parts.push(h("span", { class: tone(e.status) }, e.status), " "); // the text has it
  if (e.instance && (e.kind === "INSTANCE" || e.status === "PENDING")) parts.push("on ", link("instance", e.instance, short(e.instance)), " ");
  if (e.service && e.kind === "TASK") parts.push("of ", link("service", e.service), " ");
  else if (e.service && e.kind !== "SERVICE") parts.push(link("service", e.service), ": ");
  return parts.concat(linked(e.text));
}

// linked is a text with its tasks as links: an event names each by 32 letters.
export function linked(text) {
  return (text || "").split(/\(task ([0-9a-f]{32})\)/).map((part, n) => n % 2 ? ["(task ", link("task", part, short(part)), ")"] : part);
}

// InstanceList is the instances as rows, of which only those in sight are there.
class InstanceList {
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.inner = h("div", { role: "rowgroup" });
    this.title = h("div", { class: "line title", role: "row" }, ["Instance", "Zone", "Type", "Status", "CPU", "Memory", "Tasks"]
      .map((t, n) => h("span", { role: "columnheader", class: [2, 4, 5].includes(n) ? "mid" : "" }, t)));
    this.element = h("div", { class: "virtual", role: "table", "aria-label": "Container instances", tabindex: "0" },
      this.title, this.inner);
    this.element.addEventListener("scroll", () => this.draw());
  }

  draw() {
    const all = [...this.store.instances.values()].sort((a, b) => a.zone < b.zone ? -1 : a.zone > b.zone ? 1 : a.id < b.id ? -1 : 1);
    const high = 30;
    this.inner.style.height = `${all.length * high}px`; // a short list makes a low box
    const from = Math.max(0, Math.floor(this.element.scrollTop / high) - 3), n = Math.ceil(this.element.clientHeight / high) + 6;
    this.element.setAttribute("aria-rowcount", String(all.length + 1));
    fill(this.inner, all.slice(from, from + n).map((i, k) => {
      const row = h("div", { class: "line", role: "row", "aria-rowindex": String(from + k + 2) },
        h("span", { role: "cell", class: "id" }, link("instance", i.id, short(i.id))), h("span", { role: "cell" }, i.zone),
        h("span", { role: "cell", class: "mid" }, i.kind), h("span", { role: "cell", class: tone(i.status) }, i.connected ? i.status : "no agent"),
        h("span", { role: "cell", class: "mid" }, `${percent(i.cpuUsed, i.cpu)}%`), h("span", { role: "cell", class: "mid" }, `${percent(i.memoryUsed, i.memory)}%`),
        h("span", { role: "cell" }, this.store.tasksOn(i.id).size));
      row.style.top = `${(from + k + 1) * high}px`;
      return row;
    }));
  }
}
