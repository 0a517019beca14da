package engine

import (
	"testing"

	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestEngineKeepsTheContract runs the checks of package drivertest, those of restarts included, against an engine.
func TestEngineKeepsTheContract(t *testing.T) {
	needEngine(t)
	drivertest.TestAgent(t, func(t *testing.T, notify func(message.Event)) drivertest.Agent {
		p := newPlace(t)
		p.mu.Lock()
		p.notify = notify
		p.mu.Unlock()
		return p.fixture()
	})
}
