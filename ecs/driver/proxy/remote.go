package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Remote is a proxy in another process, which [Serve] runs. That process may be started again: each call looks again
// where it is. A Remote is safe for concurrent use.
type Remote struct {
	directory string
	client    http.Client
}

// NewRemote returns the proxy that Serve runs with the directory, now or later.
func NewRemote(directory string) *Remote {
	return &Remote{directory: directory, client: http.Client{Transport: &http.Transport{}}}
}

// RegisterTarget is [Proxy.RegisterTarget]. An error that the proxy cannot be reached is not permanent.
func (r *Remote) RegisterTarget(ctx context.Context, c message.RegisterTarget) error {
	return r.call(ctx, "RegisterTarget", c, nil)
}

// DeregisterTarget is [Proxy.DeregisterTarget]. An error that the proxy cannot be reached is not permanent.
func (r *Remote) DeregisterTarget(ctx context.Context, c message.DeregisterTarget) error {
	return r.call(ctx, "DeregisterTarget", c, nil)
}

// ModifyTraffic is [Proxy.ModifyTraffic]. An error that the proxy cannot be reached is not permanent.
func (r *Remote) ModifyTraffic(ctx context.Context, c message.ModifyTraffic) error {
	return r.call(ctx, "ModifyTraffic", c, nil)
}

// GetMetric is [Proxy.GetMetric]. An error that the proxy cannot be reached is not permanent.
func (r *Remote) GetMetric(ctx context.Context, c message.GetMetric) ([]cloudwatch.Sample, error) {
	return answered[[]cloudwatch.Sample](ctx, r, "GetMetric", c)
}

// Listen is [Proxy.Listen].
func (r *Remote) Listen(ctx context.Context, l loadbalance.Listener, address string) (string, error) {
	return answered[string](ctx, r, "Listen", listening{l, address})
}

// Unlisten is [Proxy.Unlisten].
func (r *Remote) Unlisten(ctx context.Context, arn string) error {
	return r.call(ctx, "Unlisten", arn, nil)
}

// Requests is [Proxy.Requests].
func (r *Remote) Requests(ctx context.Context) (map[string]int64, error) {
	return answered[map[string]int64](ctx, r, "Requests", struct{}{})
}

// Errors is [Proxy.Errors].
func (r *Remote) Errors(ctx context.Context) (map[int]int64, error) {
	return answered[map[int]int64](ctx, r, "Errors", struct{}{})
}

// Watch hands the health of every target to notify, such as Loop.Notify, and then each report, until the context
// ends; it returns the error of the context. While the proxy cannot be reached, it tries again.
func (r *Remote) Watch(ctx context.Context, notify func(message.Event)) error {
	for {
		answer, err := r.send(ctx, "Watch", nil)
		if err == nil {
			lines := json.NewDecoder(answer.Body)
			for h := (message.TargetHealth{}); lines.Decode(&h) == nil; h = (message.TargetHealth{}) {
				notify(h)
			}
			_ = answer.Body.Close() // it has ended
		}
		if err := wall.Pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// answered returns the answer of a call.
func answered[Out any](ctx context.Context, r *Remote, name string, in any) (out Out, err error) {
	err = r.call(ctx, name, in, &out)
	return out, err
}

func (r *Remote) call(ctx context.Context, name string, in, out any) error {
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := r.send(ctx, name, input)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		if out == nil {
			return nil
		}
		return json.NewDecoder(answer.Body).Decode(out)
	}
	var f fault
	if json.NewDecoder(answer.Body).Decode(&f) != nil || f.Message == "" {
		return fmt.Errorf("the proxy answers %s", answer.Status)
	}
	return f.errorOf()
}

// send makes one request to the process that has the proxy now.
func (r *Remote) send(ctx context.Context, name string, input []byte) (*http.Response, error) {
	data, err := os.ReadFile(filepath.Join(r.directory, endpointFile))
	if err != nil {
		return nil, err
	}
	var e endpoint
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.urlOf(name), bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+e.Key)
	return r.client.Do(request)
}
