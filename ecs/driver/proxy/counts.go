package proxy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

const (
	slot  = 20                 // seconds that are counted together: the finest period that policies read
	slots = 3 * 60 * 60 / slot // that are kept: three hours
)

// counts are the requests of a group, and the targets that took them, for three hours.
type counts struct {
	first int64 // slot since which there are targets
	total int64 // requests of all times
	ring  [slots]struct {
		slot              int64
		requests, targets int
	}
}

// begin notes that the group has targets from now on.
func (c *counts) begin(now time.Time) {
	if c.first == 0 {
		c.first = now.Unix() / slot
	}
}

// add counts a request that one of so many targets takes.
func (c *counts) add(now time.Time, targets int) {
	c.total++
	n := now.Unix() / slot
	r := &c.ring[n%slots]
	if r.slot != n {
		*r = struct {
			slot              int64
			requests, targets int
		}{slot: n}
	}
	r.requests++
	r.targets = targets
}

// perTarget returns the requests for each target in each whole period between two times.
func (c *counts) perTarget(from, to time.Time, period int) (samples []cloudwatch.Sample) {
	if c.first == 0 || period < slot || period%slot != 0 {
		return nil
	}
	n := int64(period / slot)
	last := to.Unix() / slot
	for at := (max(from.Unix()/slot, c.first, last-slots) + n - 1) / n * n; at+n <= last; at += n {
		requests, targets := 0, 1
		for i := at; i < at+n; i++ {
			if r := c.ring[i%slots]; r.slot == i {
				requests, targets = requests+r.requests, max(targets, r.targets)
			}
		}
		samples = append(samples, cloudwatch.Sample{At: ecs.At(time.Unix(at*slot, 0)),
			Value: float64(requests) / float64(targets)})
	}
	return samples
}

// GetMetric returns ALBRequestCountPerTarget of the target group that the metric's ResourceLabel names: the requests
// of each period that is over, for each target that took them. It keeps three hours. Any other metric, and a period
// that is not a multiple of 20 seconds, is a permanent error. A group that has had no target has no datapoints.
func (p *Proxy) GetMetric(_ context.Context, c message.GetMetric) ([]cloudwatch.Sample, error) {
	if c.Predefined == nil || c.Predefined.PredefinedMetricType != autoscale.ALBRequestCountPerTarget {
		return nil, driver.Permanent(ecs.Fault(ecs.InvalidParameterException, "metric",
			fmt.Sprintf("the proxy measures %s, and not %q", autoscale.ALBRequestCountPerTarget, c.Metric)))
	}
	if c.Period < slot || c.Period%slot != 0 {
		return nil, driver.Permanent(ecs.Fault(ecs.InvalidParameterException, "period",
			fmt.Sprintf("%d seconds is not a multiple of %d", c.Period, slot)))
	}
	i := strings.Index(c.Predefined.ResourceLabel, "targetgroup/")
	for name, g := range *p.groups.Load() { //order:any one has the name
		if i >= 0 && strings.HasSuffix(name, ":"+c.Predefined.ResourceLabel[i:]) {
			to := c.To.Time()
			if now := p.now(); now.Before(to) {
				to = now
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			return g.counts.perTarget(c.From.Time(), to, c.Period), nil
		}
	}
	return nil, nil
}

// Requests returns how many requests, or connections, each target group has taken, by its name.
func (p *Proxy) Requests() map[string]int64 {
	all := map[string]int64{}
	for name, g := range *p.groups.Load() { //order:any each by itself
		g.mu.Lock()
		all[name] = g.counts.total
		g.mu.Unlock()
	}
	return all
}
