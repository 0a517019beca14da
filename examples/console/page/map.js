// The map: instances by zone, with bars and their tasks as blocks. Only what is in sight is drawn.
import { h, say, percent, short } from "./dom.js";
import { colour } from "./store.js";

const sizes = [ // by how many instances there are
  { most: 60, width: 168, height: 112, gap: 10, block: 12, words: true },
  { most: 600, width: 66, height: 58, gap: 6, block: 7, words: false },
  { most: Infinity, width: 30, height: 30, gap: 4, block: 5, words: false },
];
const zoneHeight = 26;

export class InstanceMap {
  constructor(store, open) {
    this.store = store;
    this.open = open;
    this.chosen = null;
    this.cells = [];
    this.canvas = h("canvas", { tabindex: "0", role: "application", "aria-roledescription": "map of container instances" });
    this.space = h("div", {});
    this.box = h("div", { class: "map" }, this.canvas, this.space);
    this.box.addEventListener("scroll", () => this.draw());
    this.canvas.addEventListener("click", (e) => this.click(e));
    this.canvas.addEventListener("mousemove", (e) => this.hover(e));
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    this.canvas.addEventListener("focus", () => { if (!this.chosen && this.cells.length) this.choose(0); });
    this.watcher = new ResizeObserver(() => { this.order = null; this.update(); });
    this.watcher.observe(this.box);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => { this.colours = null; this.draw(); };
    this.scheme.addEventListener("change", this.repaint);
  }

  close() {
    this.watcher.disconnect();
    this.scheme.removeEventListener("change", this.repaint);
  }

  // layout places the cells; it is done again when instances come or go, or the width changes.
  layout() {
    const width = this.box.clientWidth || 600, n = this.store.instances.size;
    const key = `${n} ${width} ${this.store.tasksOn("fargate").size > 0} ${this.store.tasksOn("none").size > 0}`;
    if (this.order && this.key0 === key && this.order.every((id) => this.store.instances.has(id))) return;
    this.key0 = key;
    const size = sizes.find((s) => n <= s.most);
    this.size = size;
    const zones = new Map();
    for (const i of this.store.instances.values()) {
      if (!zones.has(i.zone)) zones.set(i.zone, []);
      zones.get(i.zone).push(i.id);
    }
    this.cells = [];
    this.titles = [];
    this.order = [];
    this.row = Math.max(1, Math.floor((width + size.gap) / (size.width + size.gap)));
    let y = 0;
    const place = (title, ids, x) => {
      this.titles.push({ x, y, title });
      y += zoneHeight;
      ids.forEach((id, i) => {
        const cell = { id, x: (i % this.row) * (size.width + size.gap),
          y: y + Math.floor(i / this.row) * (size.height + size.gap) };
        this.cells.push(cell);
        if (!id.startsWith("*")) this.order.push(id);
      });
      y += Math.ceil(ids.length / this.row) * (size.height + size.gap) + 4;
    };
    const names = [...zones.keys()].sort();
    const apart = 24, column = (width - apart * (names.length - 1)) / names.length;
    if (size.words && names.length > 1 && column >= size.width) { // zones side by side
      this.row = Math.max(1, Math.floor((column + size.gap) / (size.width + size.gap)));
      let deepest = 0;
      names.forEach((zone, n) => {
        y = 0;
        const from = this.cells.length;
        place(`${zone || "no zone"} · ${zones.get(zone).length}`, zones.get(zone).sort(), n * (column + apart));
        for (let k = from; k < this.cells.length; k++) this.cells[k].x += n * (column + apart);
        deepest = Math.max(deepest, y);
      });
      y = deepest;
      this.cells.sort((a, b) => a.y - b.y || a.x - b.x);
      this.row *= names.length;
    } else {
      for (const zone of names) place(`${zone || "no zone"} · ${zones.get(zone).length}`, zones.get(zone).sort(), 0);
    }
    for (const [place_, title] of [["fargate", "Fargate"], ["none", "Without an instance yet"]]) {
      const there = this.store.tasksOn(place_).size;
      if (there) { this.titles.push({ x: 0, y, title, place: place_ }); y += zoneHeight + 150; }
    }
    this.total = y;
  }

  update() {
    this.layout();
    const shown = Math.min(this.total, 640, Math.max(200, innerHeight * .62));
    this.box.style.height = `${shown}px`;
    this.space.style.height = `${Math.max(0, this.total - shown)}px`;
    this.shown = shown;
    const t = this.store.instances.size;
    this.canvas.setAttribute("aria-label", `${t} container instances with ${this.store.tasks.size} tasks. ` +
      "Arrow keys go from one to the next, Enter opens it.");
    this.draw();
  }

  ink() {
    if (this.colours) return this.colours;
    const style = getComputedStyle(document.documentElement);
    this.colours = Object.fromEntries(["card", "cell", "text", "quiet", "bar", "accent", "bad", "busy", "line"]
      .map((name) => [name, style.getPropertyValue("--" + name).trim()]));
    return this.colours;
  }

  draw() {
    if (!this.size || !this.shown) return;
    const width = this.box.clientWidth, scale = devicePixelRatio || 1, c = this.canvas, ink = this.ink();
    if (c.width !== Math.round(width * scale) || c.height !== Math.round(this.shown * scale)) {
      c.width = Math.round(width * scale);
      c.height = Math.round(this.shown * scale);
      c.style.height = `${this.shown}px`;
    }
    const g = c.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, this.shown);
    const top = this.box.scrollTop;
    g.textBaseline = "middle";
    for (const t of this.titles) {
      if (t.y > top + this.shown || t.y + 180 < top) continue;
      g.fillStyle = ink.quiet;
      g.font = "600 12px system-ui, sans-serif";
      g.fillText(t.place ? `${t.title} · ${this.store.tasksOn(t.place).size}` : t.title, t.x, t.y - top + zoneHeight / 2);
      if (t.place) this.blocks(g, this.store.tasksOn(t.place), 0, t.y - top + zoneHeight, width, 140, 9, ink);
    }
    for (let n = this.first(top); n < this.cells.length; n++) {
      const cell = this.cells[n];
      if (cell.y > top + this.shown) break;
      const i = this.store.instances.get(cell.id);
      if (i) this.cell(g, i, cell.x, cell.y - top, ink);
    }
  }

  // first is the first cell that ends below top.
  first(top) {
    let low = 0, high = this.cells.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cells[middle].y + this.size.height < top) low = middle + 1; else high = middle;
    }
    return low;
  }

  cell(g, i, x, y, ink) {
    const s = this.size, tasks = this.store.tasksOn(i.id);
    g.fillStyle = ink.cell;
    g.fillRect(x, y, s.width, s.height);
    const chosen = this.chosen === i.id, bad = !i.connected, drains = i.status === "DRAINING";
    if (chosen || bad || i.status !== "ACTIVE") {
      g.strokeStyle = chosen ? ink.accent : bad ? ink.bad : ink.busy;
      g.lineWidth = chosen ? 3 : 2;
      g.strokeRect(x + 1, y + 1, s.width - 2, s.height - 2);
    }
    let below = y + 4;
    const inner = s.width - 10;
    if (s.words) {
      g.fillStyle = ink.text;
      g.font = "11px ui-monospace, monospace";
      g.fillText(short(i.id) + (drains ? " DRAINING" : bad ? " no agent" : ""), x + 5, y + 11, inner);
      g.fillStyle = ink.quiet;
      g.font = "10px system-ui, sans-serif";
      g.fillText(i.kind, x + 5, y + 24, inner);
      below = y + 33;
    }
    const eni = [...tasks.values()].reduce((n, t) => n + (t.eni ? 1 : 0), 0);
    const rows = [["CPU", i.cpuUsed, i.cpu], ["mem", i.memoryUsed, i.memory], ["GPU", i.gpuUsed, i.gpu],
      ["ENI", eni, i.eni && eni ? i.eni : 0], ["ports", i.ports - 5, s.words ? 100 : 0]]
      .filter(([name, used, all]) => all > 0 && (name !== "ports" || used > 0));
    const thick = s.words ? 6 : s.block > 5 ? 4 : 2;
    for (const [name, used, all] of rows.slice(0, s.words ? 5 : 3)) {
      const from = s.words ? x + 34 : x + 5, wide = s.words ? inner - 62 : inner;
      if (s.words) {
        g.fillStyle = ink.quiet;
        g.font = "10px system-ui, sans-serif";
        g.fillText(name, x + 5, below + 4);
        g.fillText(name === "ports" || name === "ENI" || name === "GPU" ? String(used) : `${percent(used, all)}%`, from + wide + 5, below + 4);
      }
      g.fillStyle = ink.bar;
      g.fillRect(from, below + 1, wide, thick);
      g.fillStyle = used / all > .9 ? ink.busy : ink.accent;
      g.fillRect(from, below + 1, wide * Math.min(1, Math.max(0, used / all)), thick);
      below += s.words ? 11 : thick + 2;
    }
    this.blocks(g, tasks, x + 5, below + 2, inner, y + s.height - below - 5, s.block, ink);
  }

  blocks(g, tasks, x, y, width, height, size, ink) {
    const row = Math.max(1, Math.floor(width / (size + 2))), most = row * Math.max(1, Math.floor(height / (size + 2)));
    let n = 0;
    for (const t of tasks.values()) {
      if (n === most) {
        g.fillStyle = ink.text;
        g.fillRect(x + width - 3, y + height - 4, 3, 3); // there are more
        break;
      }
      const left = x + (n % row) * (size + 2), top = y + Math.floor(n / row) * (size + 2);
      const paint = colour(t.family, t.revision);
      if (t.last === "RUNNING") {
        g.fillStyle = paint;
        g.fillRect(left, top, size, size);
      } else if (t.desired === "STOPPED") {
        g.strokeStyle = ink.bad;
        g.lineWidth = 1.5;
        g.beginPath();
        g.moveTo(left + 1, top + 1);
        g.lineTo(left + size - 1, top + size - 1);
        g.moveTo(left + size - 1, top + 1);
        g.lineTo(left + 1, top + size - 1);
        g.stroke();
      } else {
        g.strokeStyle = paint;
        g.lineWidth = 1.5;
        g.strokeRect(left + .75, top + .75, size - 1.5, size - 1.5);
      }
      if (t.health === "UNHEALTHY") {
        g.fillStyle = ink.bad;
        g.fillRect(left, top, size, 2);
      }
      n++;
    }
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left,
      y = event.clientY - box.top + this.box.scrollTop;
    for (let n = this.first(y - this.size.height); n < this.cells.length; n++) {
      const cell = this.cells[n];
      if (cell.y > y) break;
      if (x >= cell.x && x <= cell.x + this.size.width && y <= cell.y + this.size.height) return n;
    }
    return -1;
  }

  click(event) {
    const n = this.at(event);
    if (n >= 0) this.open(this.cells[n].id);
  }

  hover(event) {
    const n = this.at(event);
    this.canvas.title = n < 0 ? "" : this.describe(this.cells[n].id);
    this.canvas.style.cursor = n < 0 ? "default" : "pointer";
  }

  describe(id) {
    const i = this.store.instances.get(id);
    if (!i) return "";
    return `${short(id)}, ${i.zone}, ${i.kind}, ${i.status}${i.connected ? "" : ", agent not connected"}: ` +
      `CPU ${percent(i.cpuUsed, i.cpu)}%, memory ${percent(i.memoryUsed, i.memory)}%, ${this.store.tasksOn(id).size} tasks`;
  }

  choose(n) {
    const cell = this.cells[n];
    if (!cell) return;
    this.chosen = cell.id;
    const top = this.box.scrollTop;
    if (cell.y < top + zoneHeight) this.box.scrollTop = cell.y - zoneHeight;
    else if (cell.y + this.size.height > top + this.shown) this.box.scrollTop = cell.y + this.size.height - this.shown + 4;
    say(this.describe(cell.id));
    this.draw();
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.row, ArrowUp: -this.row, Home: -Infinity, End: Infinity };
    const n = this.cells.findIndex((c) => c.id === this.chosen);
    if (event.key === "Enter" && n >= 0) this.open(this.chosen);
    else if (event.key in steps) {
      event.preventDefault();
      this.choose(Math.max(0, Math.min(this.cells.length - 1, Math.max(n, 0) + steps[event.key])));
    }
  }
}

// legend lists the revisions that are on the map, those with the most tasks first.
export function legend(store) {
  const all = [...store.revisions].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const items = all.slice(0, 10).map(([of, n]) => {
    const cut = of.lastIndexOf(":"), swatch = h("i", {});
    swatch.style.background = colour(of.slice(0, cut), Number(of.slice(cut + 1)));
    return h("li", {}, swatch, `${of} × ${n}`);
  });
  if (all.length > 10) items.push(h("li", {}, `and ${all.length - 10} further revisions`));
  if (all.length) items.push(h("li", { class: "quiet" }, "filled: RUNNING · outline: on its way · cross: stopping"));
  return items;
}
