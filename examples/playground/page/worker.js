// The worker runs the library: the page stays usable while it computes, and can end it.
"use strict";
importScripts("wasm_exec.js");

let begun;
const ready = new Promise((resolve, reject) => {
  self.bayplanReady = resolve;
  begun = (module) => start(module).catch(reject);
});

// start runs the library. It collects garbage seldom: a page lives for a few questions.
async function start(module) {
  const go = new Go();
  go.env = { GOGC: "400" };
  const instance = await WebAssembly.instantiate(module, go.importObject);
  go.run(instance).then(() => postMessage({ failed: "the program ended" }));
}

ready.catch((e) => postMessage({ failed: `the library cannot be started: ${e.message}` }));

onmessage = async ({ data }) => {
  if (data.module) return begun(data.module);
  try {
    await ready;
    const reply = self.bayplanAsk(data.question, (early) => postMessage({ early: JSON.parse(early) }));
    postMessage({ reply: JSON.parse(reply) });
  } catch (e) {
    postMessage({ failed: e.message });
  }
};
