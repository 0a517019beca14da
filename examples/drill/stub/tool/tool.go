// Package tool has tools that deploy, as people write them: one that is right and some that are wrong. The drill's
// tests prove its verdicts with them.
//
// # Start here
//
// [Named] returns a tool by its name, and [Names] lists them:
//
//	honest  watches its own deployment, as the newest release of the action for GitHub does
//	naive   waits until the service is stable, as the waiter services-stable does
//	vandal  the same, and then deregisters the revision that was there before
//	hasty   takes no notice of errors, writes its own desired count, and waits for nothing
package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Orders are what a tool is told.
type Orders struct {
	Endpoint, Cluster, Service, Family, Container, Image string
	AppSpec                                              string // the document
	Application, Group                                   string // of CodeDeploy

	Polls int           // after so many it gives up; 0: 150
	Every time.Duration // between polls
	Out   io.Writer     // what it says
}

// Tool deploys.
type Tool func(context.Context, Orders) error

// Names lists the tools.
func Names() []string { return []string{"honest", "naive", "vandal", "hasty"} }

// Named returns a tool.
func Named(name string) (Tool, bool) {
	switch name {
	case "honest":
		return honest, true
	case "naive":
		return naive, true
	case "vandal":
		return vandal, true
	case "hasty":
		return hasty, true
	}
	return nil, false
}

// poll asks until done, and gives up after a number of polls.
func (o Orders) poll(ctx context.Context, done func() (bool, error)) error {
	polls := o.Polls
	if polls == 0 {
		polls = 150
	}
	for range polls {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(o.Every):
		}
	}
	return fmt.Errorf("not done after %d polls", polls)
}

// honest waits for the deployment that it began, and judges by the status of this deployment.
func honest(ctx context.Context, o Orders) error {
	c := client{o.Endpoint}
	service, err := c.service(ctx, o)
	if err != nil {
		return err
	}
	revision, err := c.register(ctx, o)
	if err != nil {
		return err
	}
	if service.codeDeploy() {
		id, err := c.createDeployment(ctx, o, revision)
		if err != nil {
			return err
		}
		return o.poll(ctx, func() (bool, error) {
			status, err := c.codeDeployment(ctx, id)
			if err == nil && (status == "Failed" || status == "Stopped") {
				err = fmt.Errorf("deployment %s is %s", id, status)
			}
			return status == "Succeeded", err
		})
	}
	updated, err := c.update(ctx, o, revision, nil)
	if err != nil {
		return err
	}
	mine := updated.primary()
	return o.poll(ctx, func() (bool, error) {
		now, err := c.service(ctx, o)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(now.Deployments, func(d deployment) bool { return d.ID == mine })
		switch {
		case i < 0:
			return false, fmt.Errorf("deployment %s is gone: it was rolled back, or overtaken", mine)
		case now.Deployments[i].RolloutState == "FAILED":
			return false, fmt.Errorf("deployment %s failed", mine)
		}
		return now.Deployments[i].RolloutState == "COMPLETED" && len(now.Deployments) == 1, nil
	})
}

// naive waits until the service is stable.
func naive(ctx context.Context, o Orders) error {
	_, err := stable(ctx, o)
	return err
}

// stable deploys and waits until the service is stable. It returns the revision that was there before.
func stable(ctx context.Context, o Orders) (string, error) {
	c := client{o.Endpoint}
	before, err := c.service(ctx, o)
	if err != nil {
		return "", err
	}
	revision, err := c.register(ctx, o)
	if err != nil {
		return "", err
	}
	if before.codeDeploy() {
		_, err = c.createDeployment(ctx, o, revision)
	} else {
		_, err = c.update(ctx, o, revision, nil)
	}
	if err != nil {
		return "", err
	}
	return before.TaskDefinition, o.poll(ctx, func() (bool, error) {
		now, err := c.service(ctx, o)
		return now.RunningCount == now.DesiredCount && len(now.Deployments)+len(now.TaskSets) == 1, err
	})
}

// vandal cleans up when the service is stable.
func vandal(ctx context.Context, o Orders) error {
	before, err := stable(ctx, o)
	if err != nil {
		return err
	}
	return client{o.Endpoint}.call(ctx, "ecs", "DeregisterTaskDefinition", object{"taskDefinition": before}, nil)
}

// hasty says that all went well.
func hasty(ctx context.Context, o Orders) error {
	c := client{o.Endpoint}
	revision, err := c.register(ctx, o)
	if err != nil {
		revision = o.Family
	}
	desired := 3
	_, second := c.update(ctx, o, revision, &desired)
	if err := errors.Join(err, second); err != nil {
		_, err = fmt.Fprintln(o.Out, "warning:", err)
		return err
	}
	return nil
}
