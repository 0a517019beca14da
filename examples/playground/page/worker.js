// The worker runs the library: the page stays usable while it computes, and can end it.
"use strict";
importScripts("wasm_exec.js");

const ready = new Promise((resolve, reject) => {
  self.bayplanReady = resolve;
  start().catch(reject);
});

async function start() {
  const response = await fetch("bayplan.wasm.gz");
  if (!response.ok) throw new Error(`bayplan.wasm.gz: ${response.status} ${response.statusText}`);
  const plain = response.body.pipeThrough(new DecompressionStream("gzip"));
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(
    new Response(plain, { headers: { "Content-Type": "application/wasm" } }), go.importObject);
  go.run(instance).then(() => postMessage({ failed: "the program ended" }));
}

ready.catch((e) => postMessage({ failed: `the library cannot be started: ${e.message}` }));

onmessage = async (event) => {
  try {
    await ready;
    const reply = self.bayplanAsk(event.data, (early) => postMessage({ early: JSON.parse(early) }));
    postMessage({ reply: JSON.parse(reply) });
  } catch (e) {
    postMessage({ failed: e.message });
  }
};
