package message_test

import (
	"encoding/json"
	"fmt"

	"github.com/bayplan/bayplan/ecs/message"
)

// A command and its outcome, as a runtime sees them.
func Example() {
	line := `{"type":"StopTask","value":{"key":{"op":"StopTask","target":"task","epoch":7},"cluster":"default","task":"task","reason":"scale-in"}}`
	var c message.SealedCommand
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		fmt.Println(err)
		return
	}
	switch c := c.Command.(type) {
	case message.StopTask:
		fmt.Println("stop", c.Task, "for", c.Reason)
	}
	done, err := json.Marshal(message.SealedEvent{Event: message.CommandDone{Key: c.Key()}})
	fmt.Println(string(done), err)
	// Output:
	// stop task for scale-in
	// {"type":"CommandDone","value":{"key":{"op":"StopTask","target":"task","epoch":7}}} <nil>
}
