package proxy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/driver/drivertest"
)

func TestListeners(t *testing.T) {
	drivertest.TestListeners(t, func(t *testing.T) drivertest.Listeners {
		p, err := New(Config{})
		require.NoError(t, err)
		t.Cleanup(func() { _ = p.Close() })
		return drivertest.Listeners{Listeners: p, Weights: p.Weights}
	})
}
