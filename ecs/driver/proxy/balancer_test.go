package proxy

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/ports"
	"github.com/bayplan/bayplan/loadbalance"
)

// Seen to fail: weights that are not kept; a target that drains picked; targets without epochs.
func TestLoadBalancer(t *testing.T) {
	drivertest.TestLoadBalancer(t, func(t *testing.T, notify func(message.Event)) drivertest.LoadBalancer {
		return balancerOf(t, Config{Notify: notify, File: filepath.Join(t.TempDir(), "proxy")})
	})
}

func balancerOf(t *testing.T, c Config) drivertest.LoadBalancer {
	p := opened(t, c)
	return drivertest.LoadBalancer{Targets: p, Listeners: p, Wait: 20 * time.Second,
		Listen: func(l loadbalance.Listener) (string, error) {
			return p.Listen(context.Background(), l, ports.Apart())
		},
		Restart: func() drivertest.LoadBalancer {
			require.NoError(t, p.Close())
			return balancerOf(t, c)
		}}
}
