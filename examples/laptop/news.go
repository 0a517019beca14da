package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/crew"
)

// news prints what happens to a service, each thing once: its events, and why its tasks stopped.
type news struct {
	plane   crew.Plane
	service string
	out     io.Writer
	seen    map[string]bool // of what the plane still tells
}

// look prints what is new. While the orchestrator does not answer, there is nothing.
func (n *news) look(ctx context.Context) {
	sv, err := n.plane.Service(ctx, n.service)
	if err != nil {
		return
	}
	stopped, err := crew.Ask[api.Page](ctx, n.plane, "ListTasks", api.ListTasksInput{ServiceName: n.service,
		DesiredStatus: ecs.DesiredStatusStopped})
	if err != nil {
		return
	}
	out := api.DescribeTasksOutput{}
	if len(stopped.Arns) > 0 {
		in := api.DescribeTasksInput{Tasks: stopped.Arns}
		out, err = crew.Ask[api.DescribeTasksOutput](ctx, n.plane, "DescribeTasks", in)
		if err != nil {
			return
		}
	}
	now := map[string]bool{}
	for i := len(sv.Events) - 1; i >= 0; i-- {
		e := sv.Events[i]
		n.say(now, e.ID, e.CreatedAt, e.Message)
	}
	for _, t := range out.Tasks {
		if t.LastStatus == ecs.TaskStatusStopped {
			n.say(now, t.TaskArn, t.StoppedAt, "(task "+crew.LastPart(t.TaskArn)+") stopped: "+whyStopped(t))
		}
	}
	n.seen = now
}

func (n *news) say(now map[string]bool, id string, at ecs.Instant, text string) {
	now[id] = true
	if !n.seen[id] {
		fmt.Fprintf(n.out, "%s %s\n", at.Time().Local().Format(time.TimeOnly), text)
	}
}

// whyStopped returns why a task stopped, with what each of its containers says.
func whyStopped(t ecs.Task) string {
	list := []string{t.StoppedReason}
	for _, c := range t.Containers {
		text := "container " + c.Name
		if code, ok := c.ExitCode.Get(); ok {
			text += fmt.Sprintf(" ended with exit code %d", code)
		}
		if c.Reason != "" && !strings.Contains(t.StoppedReason, c.Reason) {
			text += ": " + c.Reason
		}
		if text != "container "+c.Name {
			list = append(list, text)
		}
	}
	return strings.Join(list, "; ")
}
