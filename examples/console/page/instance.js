// The page of a container instance, and that of a task definition.
import { h, fill, bars, link, moment, pill, prose, short } from "./dom.js";
import { buttons } from "./ask.js";
import { Poll } from "./service.js";

export class InstancePage {
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.body = h("div", {}, h("p", { class: "quiet" }, "Loading …"));
    const drain = buttons(page, "Drain", () => ({ drain: id }), "UpdateContainerInstancesState",
      () => ({ cluster: page.cluster, containerInstances: [id], status: "DRAINING" }));
    const activate = buttons(page, "Activate", () => null, "UpdateContainerInstancesState",
      () => ({ cluster: page.cluster, containerInstances: [id], status: "ACTIVE" }));
    this.element = h("div", {}, h("h1", {}, "Container instance ", h("span", { class: "id" }, id)), this.body,
      h("section", { class: "card" }, h("h2", {}, "Change it"), h("div", { class: "row" }, drain.row, activate.row[1]), drain.out, activate.out));
    this.poll = new Poll(page, () => page.get("instance", { instance: id }), (d) => this.draw(d), (e) => fill(this.body, h("p", { class: "said-error" }, e.message)));
  }

  close() { this.poll.close(); }

  update(about) { if (about.map || about.whole) this.poll.soon(); }

  draw(d) {
    const i = d.instance, tasks = [...this.page.store.tasksOn(this.id).values()], row = this.page.store.instances.get(this.id);
    const amount = (list, name) => (list || []).find((r) => r.name === name) || {};
    const meter = (name, unit, title = name) => {
      const all = amount(i.registeredResources, name).integerValue || 0, left = amount(i.remainingResources, name).integerValue || 0;
      return [h("dt", {}, title), h("dd", {}, `${all - left} of ${all} ${unit}`, bars([["run", all - left]], all, `${all - left} of ${all} ${unit}`))];
    };
    const ports = [...amount(i.remainingResources, "PORTS").stringSetValue || [], ...(amount(i.remainingResources, "PORTS_UDP").stringSetValue || []).map((p) => p + "/udp")];
    const gpus = (amount(i.registeredResources, "GPU").stringSetValue || []).length, free = (amount(i.remainingResources, "GPU").stringSetValue || []).length;
    const enis = tasks.filter((t) => t.eni).length;
    fill(this.body, h("div", { class: "two" },
      h("section", { class: "card" }, h("h2", {}, "Resources"), h("dl", {}, h("dt", {}, "Status"), h("dd", {}, pill(i.status), " ", i.agentConnected ? "agent connected" : h("span", { class: "bad" }, "agent not connected"), i.statusReason ? ` ${i.statusReason}` : ""),
        meter("CPU", "units"), meter("MEMORY", "MiB", "Memory"), gpus ? [h("dt", {}, "GPU"), h("dd", {}, `${gpus - free} of ${gpus}`)] : null,
        h("dt", {}, "Network interfaces"), h("dd", {}, row && row.eni ? `${enis} of ${row.eni} tasks` : `${enis} tasks`), h("dt", {}, "Ports in use"), h("dd", {}, ports.join(" ") || "none"),
        h("dt", {}, "EC2 instance"), h("dd", {}, i.ec2InstanceId || ""), h("dt", {}, "Capacity provider"), h("dd", {}, i.capacityProviderName || "none"), h("dt", {}, "Registered"), h("dd", {}, moment(i.registeredAt)))),
      h("section", { class: "card" }, h("h2", {}, `${tasks.length} tasks`), h("table", {}, h("tbody", {}, tasks.slice(0, 200).map((t) => h("tr", {}, h("td", { class: "id" }, link("task", t.id, short(t.id))), h("td", {}, pill(t.last)),
        h("td", { class: "long" }, t.group.startsWith("service:") ? link("service", t.group.slice(8)) : t.group), h("td", { class: "quiet long" }, t.of))))))),
    h("section", { class: "card" }, h("h2", {}, "Attributes"), h("details", {}, h("summary", {}, `${(i.attributes || []).length} attributes`), h("table", {}, h("tbody", {}, (i.attributes || []).map((a) => h("tr", {}, h("td", { class: "id" }, a.name), h("td", { class: "id" }, a.value || ""))))))));
  }
}

export class DefinitionPage {
  constructor(page, ref) {
    const body = h("div", {}, prose("Loading …"));
    this.element = h("div", {}, h("h1", {}, "Task definition ", ref), h("section", { class: "card" }, h("p", { class: "quiet" }, "Values of environment variables, and where secrets are kept, are not shown."), body));
    page.get("definition", { taskDefinition: ref }).then((d) => fill(body, prose(JSON.stringify(d, null, 2))), (e) => fill(body, h("p", { class: "said-error" }, e.message)));
  }

  close() {}

  update() {}
}
