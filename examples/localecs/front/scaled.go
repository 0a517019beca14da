package front

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/autoscaling"
)

// scaled is the world of EC2 Auto Scaling.
type scaled struct{ *region }

func scaledOf(s *region) autoscaling.World { return scaled{s} }

// AutoScaling calls f with EC2 Auto Scaling of the world, and lets happen what follows.
func (s scaled) AutoScaling(f func(*groups.Service, time.Time) error) error {
	return s.sim.AutoScaling(f)
}

// KeepAutoScaling makes durable what a call has changed.
func (s scaled) KeepAutoScaling() error { return s.keepGroups() }

// keepScaled makes durable what the groups have done since the last time.
func (s *region) keepScaled() error {
	if deeds := s.sim.AutoScalingDeeds(); s.store != nil && deeds != s.deeds {
		s.deeds = deeds
		return s.keepGroups()
	}
	return nil
}

// keepGroups makes the Auto Scaling groups durable, where they have changed since the last time. A journal has the
// container instances that their instances have become; the rest is here.
func (s *region) keepGroups() error {
	if s.store == nil {
		return nil
	}
	var state json.RawMessage
	err := s.sim.AutoScaling(func(g *groups.Service, _ time.Time) (err error) {
		state, err = g.State()
		return err
	})
	if err != nil || bytes.Equal(state, s.kept.Groups) {
		return err
	}
	s.kept.Groups = state
	return s.keep()
}

// createCapacityProvider makes a capacity provider. The plane does not know its Auto Scaling group: that managed
// termination protection needs one that protects its instances is seen here, as far as the group is here.
func (s *region) createCapacityProvider(in api.CreateCapacityProviderInput) (any, error) {
	if p := in.AutoScalingGroupProvider; s.sim != nil && p != nil && p.ManagedTerminationProtection == "ENABLED" {
		var out groups.DescribeAutoScalingGroupsOutput
		err := s.sim.AutoScaling(func(g *groups.Service, _ time.Time) (err error) {
			out, err = g.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{
				AutoScalingGroupNames: []string{groups.NameOf(p.AutoScalingGroupArn)}})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, g := range out.AutoScalingGroups {
			if !g.NewInstancesProtectedFromScaleIn {
				return nil, ecs.Fault(ecs.InvalidParameterException,
					"autoScalingGroupProvider.managedTerminationProtection", "The managed termination protection "+
						"setting for the capacity provider is invalid. To enable managed termination protection for a "+
						"capacity provider, the Auto Scaling group must have instance protection from scale in "+
						"enabled.")
			}
		}
	}
	var out ecs.CapacityProvider
	err := s.world.Do(func(p *control.Plane, now time.Time) (err error) {
		out, err = p.CreateCapacityProvider(now, in)
		return err
	})
	return object{"capacityProvider": out}, err
}

// regroup lets happen what the groups do next; a live world has none.
func (s *region) regroup() error {
	if s.sim == nil {
		return nil
	}
	return s.sim.AutoScaling(func(*groups.Service, time.Time) error { return nil })
}

// regrouped is an operation after which ECS may manage other Auto Scaling groups, or manage them in another way.
func regrouped(op operation) operation {
	decode := op.Decode
	op.Decode = func(r *http.Request, body []byte) (any, call, error) {
		in, answer, err := decode(r, body)
		return in, func(s *region) (any, error) {
			out, err := answer(s)
			if err == nil {
				err = s.regroup()
			}
			return out, err
		}, err
	}
	return op
}
