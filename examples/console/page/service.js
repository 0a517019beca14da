// The page of a service.
import { h, fill, svg, bars, clock, last, link, moment, pill, prose, short, span } from "./dom.js";
import { buttons } from "./ask.js";
import { eventText, linked } from "./overview.js";

export class ServicePage {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.body = h("div", {}, h("p", { class: "quiet" }, "Loading …"));
    this.acts = h("section", { class: "card" }, h("h2", {}, "Change it"));
    this.element = h("div", {}, h("h1", {}, "Service ", name), this.acts, this.body);
    this.actions();
    this.poll = new Poll(page, () => page.get("service", { service: name }), (d) => this.draw(d), (e) => this.lost(e));
  }

  close() { this.poll.close(); }

  update(about) {
    if (!about.services.has(this.name) && !about.whole) return;
    this.preset();
    this.poll.soon();
  }

  lost(e) { fill(this.body, h("p", { class: "said-error" }, e.message)); }

  actions() {
    const page = this.page;
    const count = this.count = h("input", { type: "number", min: "0", max: "5000" });
    const wanted = () => count.value === "" ? null : Number(count.value);
    const scale = buttons(page, "Set the count", () => wanted() === null ? null : { service: this.name, desiredCount: wanted() },
      "UpdateService", () => wanted() === null ? null : { cluster: page.cluster, service: this.name, desiredCount: wanted() });
    const definition = this.definition = h("input", { type: "text", placeholder: "family:revision", size: "24" });
    const deploy = buttons(page, "Deploy", () => definition.value ? { service: this.name, taskDefinition: definition.value } : null,
      "UpdateService", () => definition.value ? { cluster: page.cluster, service: this.name, taskDefinition: definition.value, forceNewDeployment: true } : null);
    const stop = buttons(page, "Roll back", () => null, "StopServiceDeployment",
      () => this.under ? { serviceDeploymentArn: this.under, stopType: "ROLLBACK" } : null);
    this.stop = stop.row[1];
    this.acts.append(h("form", { class: "row", onsubmit: (e) => e.preventDefault() }, h("label", { class: "field" }, "Desired count", count), scale.row), scale.out,
      h("form", { class: "row", onsubmit: (e) => e.preventDefault() }, h("label", { class: "field" }, "Task definition", definition), deploy.row), deploy.out,
      h("div", { class: "row mid-line" }, h("span", {}, "The deployment under way"), this.stop), stop.out);
  }

  // preset begins with the count and the definition that the service has, once they are known; what was entered stays.
  preset() {
    const row = this.page.store.services.get(this.name);
    if (!row || this.known) return;
    this.known = true;
    this.count.value ||= String(row.desired);
    this.definition.value ||= row.definition;
  }

  draw(d) {
    const s = d.service;
    this.under = s.currentServiceDeployment && (d.serviceDeployments.find((x) => x.serviceDeploymentArn === s.currentServiceDeployment) || {}).finishedAt
      ? "" : s.currentServiceDeployment;
    this.stop.disabled = !this.under || this.page.about.signed;
    fill(this.body,
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", {}, "Tasks"),
          h("p", {}, `${s.runningCount} running, ${s.pendingCount} pending, ${s.desiredCount} desired. `, pill(s.status)),
          bars([["run", s.runningCount], ["wait", s.pendingCount]], Math.max(s.desiredCount, s.runningCount + s.pendingCount),
            `${s.runningCount} of ${s.desiredCount} tasks run`),
          this.tasks()),
        h("section", { class: "card" }, h("h2", {}, "Why"), prose(d.explanation || "Nothing waits.", { class: "list", tabindex: "0", role: "region", "aria-label": "Why" }))),
      h("section", { class: "card" }, h("h2", {}, "Deployments"), this.deployments(d)),
      d.targetGroups.length ? h("section", { class: "card" }, h("h2", {}, "Target health"), d.targetGroups.map(group),
        d.rules.map(rule)) : null,
      d.scaling ? h("section", { class: "card" }, h("h2", {}, "Scaling"), scaling(d.scaling)) : null,
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", {}, "Events"),
          h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Events, newest first" },
            h("table", {}, h("tbody", {}, (s.events || []).map((e) => h("tr", {}, h("td", { class: "when" }, clock(e.createdAt)), h("td", { class: "long" }, linked(e.message)))))))),
        h("section", { class: "card" }, h("h2", {}, "Stopped lately"),
          d.stopped.length ? h("table", {}, h("tbody", {}, d.stopped.map((t) => h("tr", {}, h("td", { class: "when" }, clock(t.stoppedAt)),
            h("td", { class: "long" }, link("task", t.id, short(t.id)), " ", t.definition, h("br", {}), t.reason || "", " ", (t.containers || []).join("; ")))))) :
            h("p", { class: "quiet" }, "No task has stopped in the last hour."))),
      d.changes.length ? h("section", { class: "card" }, h("h2", {}, "Traffic, scaling and alarms"), h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Traffic, scaling and alarms, newest first" },
        h("table", {}, h("tbody", {}, d.changes.slice().reverse().map((e) => h("tr", {}, h("td", { class: "when" }, clock(e.at)), h("td", { class: "long" }, eventText(e)))))))) : null);
  }

  tasks() {
    const group = "service:" + this.name, list = [...this.page.store.tasks.values()].filter((t) => t.group === group);
    return h("details", { open: list.length <= 12 }, h("summary", {}, `${list.length} tasks`), h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Tasks" },
      h("table", {}, h("tbody", {}, list.slice(0, 200).map((t) => h("tr", {}, h("td", { class: "id" }, link("task", t.id, short(t.id))),
        h("td", {}, h("span", { class: "quiet" }, t.of)), h("td", {}, pill(t.last)), h("td", { class: "id mid" }, t.instance ? link("instance", t.instance, short(t.instance)) : t.zone)))))));
  }

  deployments(d) {
    const rows = (d.service.deployments || []).map((x) => h("div", {},
      h("p", {}, link("definition", last(x.taskDefinition)), " ", pill(x.status), " ", x.rolloutState ? pill(x.rolloutState) : null,
        h("span", { class: "quiet" }, ` since ${moment(x.createdAt)}`)),
      bars([["run", x.runningCount], ["wait", x.pendingCount]], Math.max(x.desiredCount, x.runningCount + x.pendingCount, 1),
        `${x.runningCount} running, ${x.pendingCount} pending, ${x.desiredCount} desired`),
      h("p", { class: "quiet" }, `${x.runningCount} running, ${x.pendingCount} pending, ${x.desiredCount} desired` + (x.failedTasks ? `, ${x.failedTasks} failed` : "")),
      x.rolloutStateReason ? h("p", { class: "long" }, x.rolloutStateReason) : null));
    return [rows, h("h2", {}, "History"), history(d)];
  }
}

// history is a table. In a narrow window the cells of a row stand below each other, each after the name of its column.
function history(d) {
  const names = ["Started", "Status", "Stage and traffic", "Took", "Why"];
  const row = (x) => [["when", moment(x.startedAt || x.createdAt)], ["", pill(x.status)], ["", stages(x)],
    ["when", span((x.finishedAt || x.stoppedAt || d.now) - (x.startedAt || x.createdAt))],
    ["long", [x.statusReason || (x.rollback && x.rollback.reason) || "", hooks(x)]]];
  return h("table", { class: "stack", role: "table", "aria-label": "History of deployments" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, names.map((t) => h("th", { role: "columnheader" }, t)))),
    h("tbody", { role: "rowgroup" }, d.serviceDeployments.map((x) => h("tr", { role: "row" }, row(x).map(([kind, ...content], n) =>
      h("td", { role: "cell", class: kind, "data-name": names[n] }, h("div", {}, content)))))));
}

const stageNames = ["RECONCILE_SERVICE", "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
  "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"];

function stages(d) {
  const at = d.lifecycleStage, target = d.targetServiceRevision || {}, out = [];
  const weight = target.requestedProductionTrafficWeight;
  if (weight !== undefined) out.push(h("div", {}, `new revision: ${weight}% of production traffic` +
    (target.requestedTestTrafficWeight !== undefined ? `, ${target.requestedTestTrafficWeight}% of test traffic` : "")));
  if (at) out.push(h("ol", { class: "steps", "aria-label": "Stages" }, stageNames.filter((n) => n === at || Math.abs(stageNames.indexOf(n) - stageNames.indexOf(at)) <= 1)
    .map((n) => h("li", n === at ? { "aria-current": "step" } : {}, n.toLowerCase().replaceAll("_", " ")))));
  const config = d.deploymentConfiguration || {};
  const steps = config.linearConfiguration || config.canaryConfiguration;
  if (steps) out.push(h("div", { class: "quiet" }, `${config.strategy}: ${steps.stepPercent ?? steps.canaryPercent}% a step, ${steps.stepBakeTimeInMinutes ?? steps.canaryBakeTimeInMinutes} min each`));
  if (!out.length) out.push(config.strategy || "ROLLING");
  return out;
}

function hooks(d) {
  return (d.lifecycleHookDetails || []).map((k) => h("div", { class: "quiet" }, "hook ", last(k.hookTargetArn || ""), " ", pill(k.hookStatus || k.status || "")));
}

function group(g) {
  return h("details", { open: g.targets.length <= 8 }, h("summary", {}, last(g.arn.replace(/\/[^/]*$/, "")), " ", Object.entries(g.counts).map(([state, n]) => [pill(`${n} ${state}`), " "])),
    h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Targets" }, h("table", {}, h("tbody", {}, g.targets.map((t) => h("tr", {}, h("td", { class: "id" }, `${short(t.Target.Id)}:${t.Target.Port}`),
      h("td", {}, pill(t.TargetHealth.State)), h("td", { class: "long quiet" }, t.TargetHealth.Description || t.TargetHealth.Reason || "")))))),
    g.more ? h("p", { class: "quiet" }, `${g.more} more targets`) : null);
}

function rule(r) {
  const groups = r.Actions.flatMap((a) => a.ForwardConfig ? a.ForwardConfig.TargetGroups : a.TargetGroupArn ? [{ TargetGroupArn: a.TargetGroupArn, Weight: 1 }] : []);
  const total = groups.reduce((n, g) => n + (g.Weight || 0), 0);
  return h("div", {}, h("span", { class: "quiet" }, `rule ${r.Priority}: `), groups.map((g) => h("span", {}, `${last(g.TargetGroupArn.replace(/\/[^/]*$/, ""))} weight ${g.Weight} (${total ? Math.round(100 * g.Weight / total) : 0}%) `)));
}

function scaling(s) {
  return [h("p", {}, `From ${s.target.MinCapacity} to ${s.target.MaxCapacity} tasks.`),
    s.policies.map((p) => h("p", { class: "long" }, `${p.PolicyName} (${p.PolicyType}) `, p.TargetTrackingScalingPolicyConfiguration ? `keeps ${metricOf(p.TargetTrackingScalingPolicyConfiguration)} at ${p.TargetTrackingScalingPolicyConfiguration.TargetValue}` : "")),
    s.alarms.map((a) => h("div", {}, h("p", { class: "long" }, pill(a.StateValue), " ", h("b", {}, a.MetricName || "metric math"), ` ${words(a.ComparisonOperator)} ${a.Threshold}`,
      h("br", {}), h("span", { class: "quiet" }, a.StateReason)), spark(a))),
    h("h2", {}, "Activities"),
    s.activities.length ? h("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Scaling activities" }, h("table", {}, h("tbody", {}, s.activities.map((a) => h("tr", {}, h("td", { class: "when" }, clock(a.StartTime)), h("td", {}, pill(a.StatusCode)),
      h("td", { class: "long" }, a.Description, " ", h("span", { class: "quiet" }, a.Cause), (a.NotScaledReasons || []).map((r) => ` not scaled: ${r.Code}`))))))) : h("p", { class: "quiet" }, "None yet.")];
}

const metricOf = (c) => (c.PredefinedMetricSpecification || {}).PredefinedMetricType || (c.CustomizedMetricSpecification || {}).MetricName || "a metric";
const words = (c) => ({ GreaterThanThreshold: "above", GreaterThanOrEqualToThreshold: "at or above", LessThanThreshold: "below", LessThanOrEqualToThreshold: "at or below" })[c] || c || "";

// spark draws a metric of the last hour against the alarm's threshold.
function spark(a) {
  if (a.Values.length < 2) return h("p", { class: "quiet" }, "No values yet.");
  const top = Math.max(a.Threshold || 0, ...a.Values.map((v) => v.value)) * 1.1 || 1, from = a.Values[0].at, to = a.Values.at(-1).at;
  const y = (v) => 70 - 68 * v / top, x = (t) => 600 * (t - from) / Math.max(1, to - from);
  const newest = a.Values.at(-1).value, all = a.Values.map((v) => v.value), low = Math.min(...all), high = Math.max(...all), round = (n) => Math.round(n * 100) / 100;
  return h("figure", {}, svg("svg", { class: "spark", viewBox: "0 0 600 70", preserveAspectRatio: "none", role: "img",
    "aria-label": `${a.MetricName}: ${a.Values.length} values, the newest ${round(newest)}, threshold ${a.Threshold}` },
  svg("line", { class: "limit", x1: 0, x2: 600, y1: y(a.Threshold || 0), y2: y(a.Threshold || 0) }),
  svg("polyline", { class: "line", points: a.Values.map((v) => `${x(v.at).toFixed(1)},${y(v.value).toFixed(1)}`).join(" ") })),
  h("figcaption", { class: "quiet" }, `${clock(from)} to ${clock(to)}: from ${round(low)} to ${round(high)}, newest ${round(newest)}. Dashed: ${a.Threshold}`));
}

// Poll asks again when something has changed, and once in two seconds, while the page is in sight.
export class Poll {
  constructor(page, get, draw, lost) {
    Object.assign(this, { get, draw, lost, under: false, again: false, over: false, text: "" });
    this.timer = setInterval(() => { if (!document.hidden) this.soon(); }, 2000);
    this.soon();
  }

  close() {
    this.over = true;
    clearInterval(this.timer);
  }

  async soon() {
    if (this.over) return;
    if (this.under) { this.again = true; return; }
    this.under = true;
    try {
      const d = await this.get(), text = JSON.stringify({ ...d, now: 0 });
      if (!this.over && text !== this.text && !selecting()) { this.text = text; keepScroll(() => this.draw(d)); }
    } catch (e) {
      if (!this.over) { this.text = ""; this.lost(e); }
    }
    setTimeout(() => { this.under = false; if (this.again) { this.again = false; this.soon(); } }, 300);
  }
}

// selecting reports whether the user is marking text, which drawing would undo.
const selecting = () => String(getSelection()).length > 0;

// keepScroll keeps what is open, how far lists are scrolled and where the focus is.
function keepScroll(draw) {
  const all = () => [...document.querySelectorAll("main .list")], open = () => [...document.querySelectorAll("main details")];
  const focusable = () => [...document.querySelectorAll("main a, main summary, main .list")];
  const tops = all().map((e) => e.scrollTop), states = open().map((e) => e.open), focus = focusable().indexOf(document.activeElement);
  draw();
  if (tops.length === all().length) all().forEach((e, n) => { e.scrollTop = tops[n]; });
  if (states.length === open().length) open().forEach((e, n) => { e.open = states[n]; });
  if (focus >= 0 && focusable()[focus]) focusable()[focus].focus({ preventScroll: true });
}
