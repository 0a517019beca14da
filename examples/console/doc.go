// Package console shows a control plane in a browser: clusters, a map of the container instances with their tasks,
// services and their deployments, target health, scaling, the life of each task and why it is where it is or waits.
// It answers what-if questions before anything is done. The page is live: it needs nothing but this package, and it
// asks no other host for anything.
//
// # Start here
//
// A program that serves the API of Amazon ECS mounts a console beside it, and says by a [World] how to read its plane:
//
//	pages, err := console.New(console.Config{World: worlds.of})
//	mux.Handle("GET /{$}", pages)
//	mux.Handle("/_console/", pages)
//
// examples/localecs does so: GET / is the console.
//
// # Model
//
// A [World] lends the plane for reading, and reports changes. For each cluster that somebody looks at there is one
// picture of rows: instances, tasks, services. A change marks what it names; a frame describes what is marked and
// sends the rows that differ, at most ten times a second however fast time runs. Levels heal what changes do not
// mention: each frame also looks at some rows in turn. One frame describes a bounded number of rows, so that the plane
// is never lent for long; a large cluster arrives in several frames, the first of them at once.
//
// The page changes nothing through the console. It calls the API of AWS at [Config.API], as any client does, so that
// the server's signatures and its Authorizer decide. Where calls must be signed, the page is read-only until the user
// enters a key; the browser signs, and the secret goes nowhere. Only the time of a simulated world is set through the
// console, with the header [Header], which a form cannot send.
//
// # Pages in a browser
//
// Every answer has a Content-Security-Policy without unsafe-inline. The page puts texts into the document as text
// only. Values of environment variables and of secrets are masked before they leave the server. A call with a foreign
// Origin is refused, the event stream included. Host is checked by the server around the console ([Config.Refuse]).
package console
