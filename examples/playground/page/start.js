// The worker is the first thing that starts: it loads the library while the rest of the page is loaded.
"use strict";
globalThis.firstWorker = new Worker("worker.js", { name: "first" });
firstWorker.onerror = () => { firstWorker.lost = true; }; // page.js says so
