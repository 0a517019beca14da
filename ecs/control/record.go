package control

import (
	"encoding/json"
	"fmt"

	"github.com/bayplan/bayplan/ecs/message"
)

// record notes an input that was accepted.
func (p *Plane) record(op string, in any) {
	p.state.Records++
	if p.following {
		return
	}
	input, err := inputOf(in)
	if err != nil {
		panic(fmt.Sprintf("control: input of %s has no JSON: %v", op, err)) // inputs are plain values
	}
	p.records.Add(Record{Sequence: p.state.Records, At: p.state.Now, Op: op, Input: input})
}

// inputOf returns the JSON of an input. That of an event is compact already.
func inputOf(in any) ([]byte, error) {
	if e, ok := in.(message.Event); ok {
		return message.SealedEvent{Event: e}.MarshalJSON()
	}
	return json.Marshal(in)
}
