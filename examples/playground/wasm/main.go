//go:build js && wasm

// Wasm is the program that the page of the playground runs: the packages of the module, and nothing else.
package main

import (
	"encoding/json"
	"syscall/js"

	"github.com/bayplan/bayplan/examples/playground/engine"
)

// main gives the page a function that takes a question in JSON and returns a reply in JSON. A second argument is a
// function that is called with an early reply.
func main() {
	js.Global().Set("bayplanAsk", js.FuncOf(func(_ js.Value, arguments []js.Value) any {
		if len(arguments) != 2 || arguments[0].Type() != js.TypeString || arguments[1].Type() != js.TypeFunction {
			return text(engine.Reply{Error: "a question is a text and a function"})
		}
		early := func(r engine.Reply) { arguments[1].Invoke(text(r)) }
		return text(engine.Ask([]byte(arguments[0].String()), early))
	}))
	js.Global().Call("bayplanReady")
	select {}
}

func text(r engine.Reply) string {
	data, err := json.Marshal(r)
	if err != nil {
		return `{"text": "", "error": "the reply cannot be written"}`
	}
	return string(data)
}
