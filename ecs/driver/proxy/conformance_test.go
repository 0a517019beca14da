package proxy

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

func TestListeners(t *testing.T) {
	drivertest.TestListeners(t, func(t *testing.T) drivertest.Listeners {
		p := opened(t, Config{})
		return drivertest.Listeners{Listeners: p, Weights: p.Weights}
	})
}

// Seen to fail: late looked at the epoch of the same operation alone.
func TestTargets(t *testing.T) {
	drivertest.TestTargets(t, func(t *testing.T, notify func(message.Event)) drivertest.Targets {
		told := func(e message.Event) {
			h := e.(message.TargetHealth)
			h.Target = nameOf(h.Target)
			notify(h)
		}
		p := opened(t, Config{Notify: told, Clock: fastClock{time.Now(), 600}}) // 300 seconds of draining are a half
		return drivertest.Targets{Targets: named{p}, Registered: func(arn string) (all []string) {
			g := p.group(arn)
			if g == nil {
				return nil
			}
			for _, target := range g.state().Targets {
				if target.State != loadbalance.StateDraining {
					all = append(all, fmt.Sprintf("%s:%d", nameOf(target.ID), target.Port))
				}
			}
			return all
		}}
	})
}

// named is a proxy whose targets have the names of the suite, such as a or side-1, in place of addresses.
type named struct{ *Proxy }

func (n named) RegisterTarget(ctx context.Context, c message.RegisterTarget) error {
	c.Target = addressOf(c.Target)
	return n.Proxy.RegisterTarget(ctx, c)
}

func (n named) DeregisterTarget(ctx context.Context, c message.DeregisterTarget) error {
	c.Target = addressOf(c.Target)
	return n.Proxy.DeregisterTarget(ctx, c)
}

func addressOf(name string) string { return fmt.Sprintf("127.7.7.%d", name[len(name)-1]) }

func nameOf(address string) string {
	var letter byte
	if _, err := fmt.Sscanf(address, "127.7.7.%d", &letter); err != nil {
		return address
	}
	if letter <= '9' {
		return "side-" + string(rune(letter))
	}
	return string(rune(letter))
}
