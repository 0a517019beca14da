// What the pages are made with. Texts become text nodes only: nothing that the server says is ever read as HTML.

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false)
    .map((c) => c instanceof Node ? c : String(c)));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

// svg makes an element of a picture.
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// say has a screen reader say something.
export function say(text) {
  document.getElementById("said").textContent = text;
}

// Times come as seconds since 1970, UTC.
const pad = (n) => String(n).padStart(2, "0");

export function clock(seconds) {
  if (!seconds) return "";
  const d = new Date(seconds * 1000);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
}

export function moment(seconds) {
  if (!seconds) return "";
  return new Date(seconds * 1000).toISOString().slice(0, 10) + " " + clock(seconds);
}

export function span(seconds) {
  if (!(seconds >= 0)) return "";
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round(seconds % 3600 / 60)} min`;
}

export const short = (id) => id.length > 12 ? id.slice(0, 8) : id;
export const last = (arn) => (arn || "").split("/").pop();
export const percent = (part, of) => of > 0 ? Math.round(100 * part / of) : 0;
export const link = (kind, id, text) => h("a", { href: `#/${kind}/${encodeURIComponent(id)}` }, text ?? id);

export function tone(status) {
  if (/FAILED|Failed|STOPPED|UNHEALTHY|unhealthy|INACTIVE|ALARM|DRAINING|ROLLBACK/.test(status || "")) return "bad";
  if (/PENDING|PROVISIONING|ACTIVATING|IN_PROGRESS|initial|draining|STOPPING|DEPROVISIONING|INSUFFICIENT/.test(status || "")) return "busy";
  if (/ACTIVE|RUNNING|COMPLETED|SUCCESSFUL|HEALTHY|healthy|PRIMARY|OK|Successful/.test(status || "")) return "good";
  return "";
}

export const pill = (status) => h("span", { class: "pill " + tone(status) }, status);

// prose is a text in lines, each of which is wrapped, and goes on below where it began.
export function prose(text, attributes) {
  return h("pre", attributes, text.replace(/\n+$/, "").split("\n").map((line) => {
    const part = h("span", { class: "line" }, line + "\n");
    part.style.setProperty("--in", `${Math.min(line.search(/\S|$/), 12)}ch`);
    return part;
  }));
}

// bars are the parts of a whole, as one bar with a text for those who do not see it.
export function bars(parts, whole, text) {
  const bar = h("div", { class: "progress", role: "img", "aria-label": text });
  for (const [kind, n] of parts) {
    if (!(n > 0)) continue;
    const part = h("i", { class: kind });
    part.style.width = `${Math.min(100, 100 * n / Math.max(whole, 1))}%`;
    bar.append(part);
  }
  return bar;
}

// options offers names in a select; the same names leave it as it is.
export function options(select, names, chosen, pick) {
  const text = names.join("\n");
  if (select.dataset.names === text) return;
  select.dataset.names = text;
  fill(select, names.map((n) => h("option", { value: n, selected: n === chosen }, n)));
  select.onchange = () => pick(select.value);
}
