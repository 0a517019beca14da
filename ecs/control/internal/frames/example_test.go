package frames_test

import (
	"fmt"
	"reflect"

	"github.com/bayplan/bayplan/ecs/control/internal/frames"
)

func ExampleNew() {
	type instance struct {
		Zone string `json:"zone"`
		CPU  int    `json:"cpu,omitzero"`
	}
	f, w := frames.New(), &frames.Writer{}
	for range 100 {
		f.Write(w, reflect.ValueOf(instance{Zone: "us-east-1a", CPU: 2048}))
	}
	var first instance
	err := f.Read(frames.NewReader(w.Bytes()), reflect.ValueOf(&first).Elem())
	fmt.Println(first, err, len(w.Bytes()), "bytes for a hundred")
	// Output: {us-east-1a 2048} <nil> 411 bytes for a hundred
}
