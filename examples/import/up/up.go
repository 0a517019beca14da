// Package up makes imported documents run in a simulated ECS: it registers the task definitions and creates the
// services by the calls that a client of AWS makes.
//
// # Start here
//
// [Apply] makes the calls on a server, such as that of examples/localecs.
//
// # Model
//
// Each document is one call, in the order in which they depend on each other. A call that is refused is reported,
// and the others are made all the same.
//
// # Guarantees
//
//  1. Services that fit reach a steady state on the simulated cluster (TestApply).
//
// # Differences from ECS
//
//   - Capacity providers other than FARGATE and FARGATE_SPOT are not made: the Auto Scaling group of an import is a
//     placeholder.
//   - Standalone tasks with a schedule run once.
//
// # Example
//
// See the example of Apply.
package up

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/bayplan/bayplan/examples/import/document"
)

// The services that are called, by the first part of X-Amz-Target.
const (
	ecsTarget     = "AmazonEC2ContainerServiceV20141113."
	scalingTarget = "AnyScaleFrontendService."
)

// mostAnswer bounds an answer, in bytes.
const mostAnswer = 16 << 20

// Apply makes the documents at an endpoint, and writes a line for each call. The error joins what was refused.
func Apply(ctx context.Context, w io.Writer, endpoint string, r *document.Result) error {
	a := &calls{ctx: ctx, w: w, endpoint: endpoint}
	for _, d := range r.TaskDefinitions {
		a.call(ecsTarget+"RegisterTaskDefinition", d.Family, d)
	}
	for _, s := range r.Services {
		a.cluster(s.Cluster)
		if s.ServiceConnectConfiguration != nil && s.ServiceConnectConfiguration.Namespace == "" {
			s.ServiceConnectConfiguration = nil // the cluster has no namespace
		}
		a.call(ecsTarget+"CreateService", s.ServiceName, s)
	}
	for _, s := range r.Scaling {
		a.call(scalingTarget+"RegisterScalableTarget", s.Target.ResourceID, s.Target)
		for _, p := range s.Policies {
			a.call(scalingTarget+"PutScalingPolicy", p.PolicyName, p)
		}
	}
	for _, t := range r.RunTasks {
		a.cluster(t.Input.Cluster)
		a.call(ecsTarget+"RunTask", t.Input.TaskDefinition, t.Input)
	}
	return errors.Join(a.faults...)
}

// Describe returns what DescribeServices says of the services, a line for each.
func Describe(ctx context.Context, endpoint string, r *document.Result) (string, error) {
	var b strings.Builder
	for _, s := range r.Services {
		a := &calls{ctx: ctx, w: io.Discard, endpoint: endpoint}
		data := a.call(ecsTarget+"DescribeServices", s.ServiceName, map[string]any{"cluster": s.Cluster,
			"services": []string{s.ServiceName}})
		var out struct {
			Services []struct {
				ServiceName  string
				DesiredCount int
				RunningCount int
				PendingCount int
				Events       []struct{ Message string }
			}
		}
		if err := errors.Join(append(a.faults, json.Unmarshal(data, &out))...); err != nil {
			return b.String(), err
		}
		for _, x := range out.Services {
			fmt.Fprintf(&b, "%s: %d desired, %d running, %d pending\n", x.ServiceName, x.DesiredCount, x.RunningCount,
				x.PendingCount)
			if len(x.Events) > 0 {
				fmt.Fprintf(&b, "  %s\n", x.Events[0].Message)
			}
		}
	}
	return b.String(), nil
}

// calls are calls under way.
type calls struct {
	ctx      context.Context
	w        io.Writer
	endpoint string
	made     map[string]bool // clusters
	faults   []error
}

// cluster makes a cluster that is not there.
func (a *calls) cluster(name string) {
	if name == "" || name == "default" || a.made[name] {
		return
	}
	if a.made == nil {
		a.made = map[string]bool{}
	}
	a.made[name] = true
	a.call(ecsTarget+"CreateCluster", name, map[string]any{"clusterName": name, "capacityProviders": []string{"FARGATE",
		"FARGATE_SPOT"}})
}

// call makes a call and returns its answer; a refusal is kept and written.
func (a *calls) call(target, name string, in any) []byte {
	_, action, _ := strings.Cut(target, ".")
	data, err := a.post(target, in)
	text := "done"
	if err != nil {
		text = err.Error()
		a.faults = append(a.faults, fmt.Errorf("%s %s: %w", action, name, err))
	}
	if _, err := fmt.Fprintf(a.w, "%s %s: %s\n", action, name, text); err != nil {
		a.faults = append(a.faults, err)
	}
	return data
}

func (a *calls) post(target string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(a.ctx, http.MethodPost, a.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return data, nil
	}
	var refused struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(data, &refused); err != nil {
		return nil, fmt.Errorf("%s", response.Status)
	}
	return nil, fmt.Errorf("%s: %s", refused.Type, refused.Message)
}
