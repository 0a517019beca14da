// The worker runs the library: the page stays usable while it computes, and can end it. It loads the library itself:
// what arrives is compiled without keeping the page waiting. One that is started again is given what was compiled.
"use strict";

const library = self.name === "again" ? new Promise((resolve) => { self.given = resolve; }) : compiled();
library.catch(() => {}); // a question says what failed
importScripts("wasm_exec.js");

async function compiled() {
  const response = await fetch("bayplan.wasm.gz");
  if (!response.ok) throw new Error(`bayplan.wasm.gz: ${response.status} ${response.statusText}`);
  // Where the server names what is compressed, the browser has undone it, which is much faster.
  const type = "application/wasm";
  if (response.headers.get("Content-Type") === type) return WebAssembly.compileStreaming(response);
  const plain = response.body.pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(plain, { headers: { "Content-Type": type } }));
}

// started runs the library. It collects garbage seldom: a page lives for a few questions.
const started = (async () => {
  const module = await library.catch((e) => { throw new Error(`the library cannot be loaded: ${e.message}`); });
  const go = new Go();
  go.env = { GOGC: "400" };
  const ready = new Promise((resolve) => { self.bayplanReady = resolve; });
  const instance = await WebAssembly.instantiate(module, go.importObject);
  go.run(instance).then(() => postMessage({ failed: "the program ended" }));
  await ready;
  const [loaded] = performance.getEntriesByType("resource").filter((e) => e.name.endsWith(".wasm.gz"));
  return { library: module, cached: loaded?.transferSize < loaded?.encodedBodySize };
})();
started.catch(() => {});

onmessage = async ({ data }) => {
  if (data.library) return self.given(data.library);
  try {
    postMessage(await started);
    const reply = self.bayplanAsk(data.question, (early) => postMessage({ early: JSON.parse(early) }));
    postMessage({ reply: JSON.parse(reply) });
  } catch (e) {
    postMessage({ failed: e.message });
  }
};
