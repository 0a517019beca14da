package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
)

// welcomed is what a leader answers to a machine that registers.
type welcomed struct {
	Instance ecs.InstanceID `json:"instance,omitzero"`
	Error    string         `json:"error,omitzero"`
}

// welcome registers the instance of a machine.
func welcome(ctx context.Context, loop *driver.Loop, data []byte) []byte {
	var w welcomed
	in, err := api.ParseInput[api.RegisterContainerInstanceInput](data)
	if err == nil {
		w.Instance, err = driver.Call(ctx, loop, func(p *control.Plane, now time.Time) (ecs.InstanceID, error) {
			ci, err := p.RegisterContainerInstance(now, in)
			return ci.ID(), err
		})
	}
	if errors.Is(err, driver.ErrClosed) || ctx.Err() != nil {
		return nil // the machine asks the next leader
	}
	if err != nil {
		w.Error = err.Error()
	}
	back, err := json.Marshal(w)
	if err != nil {
		return nil // it never has JSON
	}
	return back
}

// Register makes a machine known to the plane, and returns the ID of its container instance: the same one each time for
// the same identity document. It asks one leader after the other until one answers, or the context ends. Other errors
// are the plane's.
func Register(
	ctx context.Context, b bus.Bus, prefix string, in api.RegisterContainerInstanceInput,
) (ecs.InstanceID, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	leaders := make(chan string, 1)
	cancel, err := b.Subscribe(lead.LeaseSubject(prefix), func(data []byte) []byte {
		var l lead.Lease
		if json.Unmarshal(data, &l) == nil && !l.Resigned {
			select {
			case leaders <- l.Member:
			default:
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("remote: %w", err)
	}
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case leader := <-leaders:
			short, stop := context.WithTimeout(ctx, patience)
			back, err := b.Request(short, helloSubject(prefix, leader), data)
			stop()
			var w welcomed
			if err != nil || json.Unmarshal(back, &w) != nil {
				continue // the next lease may be of another leader
			}
			if w.Error != "" {
				return "", fmt.Errorf("remote: %s", w.Error)
			}
			return w.Instance, nil
		}
	}
}
