package control

import (
	"encoding/json"
	"fmt"
)

// inputsSize is how many bytes the inputs of several records share.
const inputsSize = 1 << 16

// record notes an input that was accepted.
func (p *Plane) record(op string, in any) {
	from := len(p.inputs)
	all, err := appendInput(p.inputs, in)
	if err != nil {
		panic(fmt.Sprintf("control: input of %s has no JSON: %v", op, err)) // inputs are plain values
	}
	input := all[from:len(all):len(all)]
	if p.inputs = all; cap(all)-len(all) < inputsSize/64 {
		p.inputs = make([]byte, 0, inputsSize)
	}
	p.state.Records++
	p.records.Add(Record{Sequence: p.state.Records, At: p.state.Now, Op: op, Input: input})
}

// appendInput appends the JSON of an input.
func appendInput(b []byte, in any) ([]byte, error) {
	if own, ok := in.(interface {
		AppendJSON(b []byte) ([]byte, error)
	}); ok {
		return own.AppendJSON(b)
	}
	data, err := json.Marshal(in)
	return append(b, data...), err
}
