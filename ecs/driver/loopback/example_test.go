package loopback_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/bayplan/bayplan/ecs/driver/loopback"
	"github.com/bayplan/bayplan/ecs/message"
)

// Two tasks, each with an address of its own.
func ExampleNew() {
	interfaces, err := loopback.New(loopback.Config{Network: netip.MustParsePrefix("127.0.0.0/29")})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := interfaces.AttachNetworkInterface(context.Background(), message.AttachNetworkInterface{
		ID: message.Key{Op: "AttachNetworkInterface", Target: "task", Epoch: 1}, Task: "task"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the task has an interface")
	// Output: the task has an interface
}
