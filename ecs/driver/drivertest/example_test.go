package drivertest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
)

// groups keeps the sizes of Auto Scaling groups; a program would tell a cloud's API.
type groups struct {
	mu     sync.Mutex
	sizes  map[string]int
	epochs map[string]uint64
}

func (g *groups) SetDesiredCapacity(ctx context.Context, c message.SetDesiredCapacity) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.ID.Epoch >= g.epochs[c.ID.Target] { // what is newer has been carried out
		g.epochs[c.ID.Target] = c.ID.Epoch
		g.sizes[c.AutoScalingGroupArn] = c.DesiredCapacity
	}
	return nil
}

func (g *groups) size(arn string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sizes[arn]
}

func ExampleTestFleet() {
	// In a _test.go file: func TestGroups(t *testing.T) {
	_ = func(t *testing.T) {
		drivertest.TestFleet(t, func(*testing.T) drivertest.Fleet {
			g := &groups{sizes: map[string]int{}, epochs: map[string]uint64{}}
			return drivertest.Fleet{Fleet: g, DesiredCapacity: g.size}
		})
	}
}

func TestGroups(t *testing.T) {
	drivertest.TestFleet(t, func(*testing.T) drivertest.Fleet {
		g := &groups{sizes: map[string]int{}, epochs: map[string]uint64{}}
		return drivertest.Fleet{Fleet: g, DesiredCapacity: g.size}
	})
}
