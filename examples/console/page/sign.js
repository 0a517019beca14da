// Calls of AWS's API, as any client makes them: signed where the user has entered a key. The key is kept in this
// page's memory only.
let key = null;

export const signedIn = () => key !== null;
export const signIn = (id, secret) => { key = { id, secret }; };
export const signOut = () => { key = null; };

const bytes = (text) => new TextEncoder().encode(text);
const hex = (data) => [...new Uint8Array(data)].map((b) => b.toString(16).padStart(2, "0")).join("");
const sha = async (text) => hex(await crypto.subtle.digest("SHA-256", bytes(text)));

async function mac(secret, text) {
  const k = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", k, bytes(text)));
}

// signature returns the headers of Signature Version 4. Source: AWS Identity and Access Management User Guide.
async function signature(about, key, target, body) {
  if (!crypto.subtle) throw new Error("The browser signs on loopback and over TLS only.");
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, ""), day = stamp.slice(0, 8);
  const scope = `${day}/${about.region}/ecs/aws4_request`, signed = "host;x-amz-date;x-amz-target";
  const request = ["POST", about.api, "", `host:${location.host}`, `x-amz-date:${stamp}`, `x-amz-target:${target}`, "",
    signed, await sha(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", stamp, scope, await sha(request)].join("\n");
  let k = bytes("AWS4" + key.secret);
  for (const part of [day, about.region, "ecs", "aws4_request"]) k = await mac(k, part);
  return { "X-Amz-Date": stamp, Authorization: `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${signed}, ` +
    `Signature=${hex(await mac(k, text))}` };
}

// call carries out an action of Amazon ECS.
export async function call(about, action, input) {
  const target = "AmazonEC2ContainerServiceV20141113." + action, body = JSON.stringify(input);
  const headers = { "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, [about.header]: "1" };
  // a call that is for another Region than the first says so in the scope of a signature, which nobody checks
  const by = key || (about.named && !about.signed ? { id: "console", secret: "console" } : null);
  if (by) Object.assign(headers, await signature(about, by, target, body));
  const response = await fetch(about.api, { method: "POST", headers, body });
  const out = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(`${out.__type || response.status}: ${out.message || out.Message || "the call failed"}`);
  return out;
}
