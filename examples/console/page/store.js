// What the page knows of a cluster: the rows of the frames.

const palette = ["#3b7ddd", "#e0842b", "#2fa36b", "#b455c9", "#d2515e", "#1fa2b8", "#8d7a1f", "#6a6fd6", "#c2588f", "#5e8f2f"];
const mostEvents = 300;

export class Store {
  constructor() {
    this.instances = new Map();
    this.tasks = new Map();
    this.services = new Map();
    this.on = new Map(); // tasks by instance
    this.revisions = new Map(); // how many tasks of family:revision there are
    this.clusters = [];
    this.events = [];
    this.now = 0;
    this.loading = 1;
    this.missing = "";
    this.pace = null;
  }

  // apply takes a frame in, and returns what it is about.
  apply(frame) {
    const about = { map: false, services: new Set(), clusters: false, events: false, whole: !!frame.whole };
    if (frame.whole) {
      for (const all of [this.instances, this.tasks, this.services, this.on, this.revisions]) all.clear();
      this.events = [];
      about.map = about.events = true;
    }
    this.now = frame.now;
    this.loading = frame.loading || 0;
    this.missing = frame.missing || "";
    this.pace = frame.pace || null;
    const names = frame.names || [];
    for (const r of frame.instances || []) {
      this.instances.set(r[0], { id: r[0], ec2: r[1], zone: names[r[2]], kind: names[r[3]], status: names[r[4]],
        provider: names[r[5]], connected: !!r[6], cpu: r[7], cpuUsed: r[8], memory: r[9], memoryUsed: r[10],
        gpu: r[11], gpuUsed: r[12], ports: r[13], eni: r[14] });
      about.map = true;
    }
    for (const r of frame.tasks || []) {
      this.remove(r[0]);
      const task = { id: r[0], instance: names[r[1]], group: names[r[2]], family: names[r[3]], revision: r[4],
        deployment: names[r[5]], last: names[r[6]], desired: names[r[7]], health: names[r[8]], eni: !!r[9],
        fargate: !!r[10], zone: names[r[11]] };
      task.of = `${task.family}:${task.revision}`;
      task.place = task.fargate ? "fargate" : task.instance || "none";
      this.tasks.set(task.id, task);
      if (!this.on.has(task.place)) this.on.set(task.place, new Map());
      this.on.get(task.place).set(task.id, task);
      this.revisions.set(task.of, (this.revisions.get(task.of) || 0) + 1);
      about.map = true;
    }
    const gone = frame.gone || {};
    for (const id of gone.tasks || []) { this.remove(id); about.map = true; }
    for (const id of gone.instances || []) { this.instances.delete(id); about.map = true; }
    for (const s of frame.services || []) { this.services.set(s.name, s); about.services.add(s.name); }
    for (const name of gone.services || []) { this.services.delete(name); about.services.add(name); }
    if (frame.clusters || frame.whole) { this.clusters = frame.clusters || []; about.clusters = true; }
    for (const c of frame.changes || []) { this.events.push(c); about.events = true; }
    if (this.events.length > mostEvents) this.events.splice(0, this.events.length - mostEvents);
    return about;
  }

  remove(id) {
    const task = this.tasks.get(id);
    if (!task) return;
    this.tasks.delete(id);
    const there = this.on.get(task.place);
    there.delete(id);
    if (!there.size) this.on.delete(task.place);
    const n = this.revisions.get(task.of) - 1;
    if (n) this.revisions.set(task.of, n); else this.revisions.delete(task.of);
  }

  tasksOn(place) { return this.on.get(place) || none; }

  // totals sums up the instances.
  totals() {
    const t = { instances: this.instances.size, tasks: this.tasks.size, running: 0, waiting: 0, cpu: 0, cpuUsed: 0,
      memory: 0, memoryUsed: 0, gpu: 0, gpuUsed: 0 };
    for (const i of this.instances.values()) {
      t.cpu += i.cpu; t.cpuUsed += i.cpuUsed; t.memory += i.memory; t.memoryUsed += i.memoryUsed;
      t.gpu += i.gpu; t.gpuUsed += i.gpuUsed;
    }
    for (const task of this.tasks.values()) {
      if (task.last === "RUNNING") t.running++;
      else if (task.desired === "RUNNING") t.waiting++;
    }
    return t;
  }
}

const none = new Map();
const colours = new Map();

// colour is that of a revision: revisions of a family that follow one another differ.
export function colour(family, revision) {
  let first = colours.get(family);
  if (first === undefined) {
    first = 0;
    if (colours.size > 5000) colours.clear();
    for (let i = 0; i < family.length; i++) first = (first * 31 + family.charCodeAt(i)) >>> 0;
    colours.set(family, first);
  }
  return palette[(first + revision * 3) % palette.length];
}
