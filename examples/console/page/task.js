// The page of a task: its life, and why it is where it is or waits.
import { h, fill, clock, last, link, moment, pill, prose, short, span } from "./dom.js";
import { buttons } from "./ask.js";
import { Poll } from "./service.js";

export class TaskPage {
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.body = h("div", {}, h("p", { class: "quiet" }, "Loading …"));
    const stop = buttons(page, "Stop the task", () => null, "StopTask", () => ({ cluster: page.cluster, task: id, reason: "stopped in the console" }));
    this.stop = stop.row[1];
    this.element = h("div", {}, h("h1", {}, "Task ", h("span", { class: "id" }, id)), this.body,
      h("section", { class: "card" }, h("h2", {}, "Change it"), h("div", { class: "row" }, this.stop), stop.out));
    this.poll = new Poll(page, () => page.get("task", { task: id }), (d) => this.draw(d), (e) => fill(this.body, h("p", { class: "said-error" }, e.message)));
  }

  close() { this.poll.close(); }

  update(about) { if (about.map || about.whole) this.poll.soon(); }

  draw(d) {
    const t = d.task;
    this.stop.disabled = this.stop.disabled || !t || t.desiredStatus === "STOPPED";
    fill(this.body, this.why(d),
      h("section", { class: "card" }, h("h2", {}, "Life"), life(d)),
      t ? h("section", { class: "card" }, h("h2", {}, "Facts"), facts(t)) : h("p", { class: "quiet" }, "The task is described no more: its life is all that is left."),
      h("section", { class: "card" }, h("h2", {}, "Changes"), h("table", {}, h("tbody", {}, d.changes.map((c) => h("tr", {}, h("td", { class: "when" }, clock(c.at)), h("td", {}, c.status ? pill(c.status) : c.kind), h("td", { class: "long" }, c.text || "")))))));
  }

  why(d) {
    const t = d.task, waits = d.answer && d.answer.waiting && d.answer.waiting[0];
    const title = waits ? "Why it waits" : t && t.desiredStatus === "STOPPED" || !t ? "Why it stopped" : "Why it is here";
    return h("section", { class: "card" }, h("h2", {}, title),
      waits ? h("p", {}, pill(waits.for), ` for ${span(d.now - waits.since)}`) : null,
      t && t.stoppedReason ? h("p", { class: "long" }, t.stopCode ? pill(t.stopCode) : null, " ", t.stoppedReason) : null,
      d.text ? prose(d.text) : null,
      d.why ? [h("h2", {}, "How it was placed"), prose(d.why)] : null);
  }
}

function facts(t) {
  const rows = [["Status", pill(t.lastStatus)], ["Desired", t.desiredStatus], ["Health", t.healthStatus], ["Definition", link("definition", last(t.taskDefinitionArn))],
    ["Group", t.group && t.group.startsWith("service:") ? link("service", t.group.slice(8)) : t.group],
    ["Instance", t.containerInstanceArn ? link("instance", last(t.containerInstanceArn)) : t.launchType], ["Zone", t.availabilityZone], ["Started by", t.startedBy],
    ["CPU and memory", t.cpu || t.memory ? `${t.cpu || "?"} units, ${t.memory || "?"} MiB` : ""], ["Created", moment(t.createdAt)], ["Started", moment(t.startedAt)], ["Stopped", moment(t.stoppedAt)]];
  for (const o of (t.overrides && t.overrides.containerOverrides) || []) {
    if ((o.environment || []).length) rows.push([`Environment of ${o.name}`, o.environment.map((e) => `${e.name}=${e.value}`).join(" ")]);
  }
  for (const c of t.containers || []) {
    for (const b of c.networkBindings || []) rows.push([`Port of ${c.name}`, `${b.hostPort} → ${b.containerPort}/${b.protocol}`]);
    for (const n of c.networkInterfaces || []) rows.push([`Address of ${c.name}`, n.privateIpv4Address]);
  }
  return h("dl", {}, rows.filter(([, v]) => v).map(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
}

// life draws the statuses of the task, and a lane for each container.
function life(d) {
  const t = d.task || {}, steps = d.changes.filter((c) => c.kind === "TASK");
  const from = t.createdAt || (steps[0] || {}).at || d.now, end = t.stoppedAt || (steps.length && steps.at(-1).status === "STOPPED" ? steps.at(-1).at : 0) || d.now, to = Math.max(end, from + 1);
  const lane = (label, parts, note, text) => {
    const bar = h("div", { class: "lane", role: "img", "aria-label": `${label}: ${text}` });
    for (const [kind, a, b] of parts) {
      if (!a) continue;
      const part = h("i", { class: kind, title: `${kind} from ${clock(a)}` });
      part.style.left = `${100 * (a - from) / (to - from)}%`;
      part.style.width = `${Math.max(.4, 100 * ((b || to) - a) / (to - from))}%`;
      bar.append(part);
    }
    return [h("div", { class: "long" }, label), bar, note ? h("div", { class: "note" }, note) : null];
  };
  const parts = steps.map((c, n) => [c.status, c.at, n + 1 < steps.length ? steps[n + 1].at : to]);
  const known = Object.fromEntries((d.containers || []).map((c) => [c.name, c]));
  const waits = ((d.answer && d.answer.waiting) || []);
  const rows = [lane("task", parts, steps.map((c) => `${c.status.toLowerCase()} ${clock(c.at)}`).join(" · "), steps.map((c) => `${c.status} at ${clock(c.at)}`).join(", "))];
  for (const c of t.containers || []) {
    const k = known[c.name] || {}, ran = c.lastStatus === "RUNNING" || c.exitCode !== undefined;
    const exited = c.lastStatus === "STOPPED" && t.lastStatus !== "STOPPED"; // when is not reported
    const began = ran ? t.pullStoppedAt || t.startedAt : 0, ended = c.lastStatus === "STOPPED" ? t.executionStoppedAt || t.stoppedAt || to : 0;
    const waiting = waits.find((w) => w.container === c.name);
    const note = [c.lastStatus, k.essential === false ? "not essential" : "", (k.dependsOn || []).length ? `after ${k.dependsOn.join(", ")}` : "",
      c.healthStatus && c.healthStatus !== "UNKNOWN" ? c.healthStatus : "", c.exitCode !== undefined ? `exit code ${c.exitCode}` : "", c.reason || "",
      waiting ? `waits: ${waiting.for}${waiting.dependsOn ? ` on ${waiting.dependsOn} ${waiting.condition}` : ""}` : "", c.image].filter(Boolean).join(" · ");
    rows.push(lane(c.name, [["pull", t.pullStartedAt, t.pullStoppedAt || to], [exited ? "ended" : "RUNNING", began, exited ? to : ended || to], ["STOPPED", exited ? 0 : ended, ended && ended + .01]], note, note));
  }
  return [h("p", { class: "quiet" }, `${moment(from)} to ${clock(to)}, ${span(to - from)}. Blue: images are pulled. ECS reports no times of single containers: a container's bar begins when images were there, and is hatched when the container has ended while its task goes on.`),
    h("div", { class: "life" }, rows)];
}
