package drivertest

import (
	"context"
	"slices"
	"testing"

	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// setting is an interface that sets a number.
type setting struct {
	set func(ctx context.Context, id string, value int, epoch uint64) error
	get func(id string) int
}

func (p *probe) isSet(v setting, id string, want int) {
	if got := v.get(id); got != want {
		p.errorf("%s is %d, not %d", id, got, want)
	}
}

func settingChecks() []check[setting] {
	ctx := context.Background()
	return []check[setting]{
		{"set", func(p *probe, v setting) {
			p.works(v.set(ctx, "a", 5, 1), "setting")
			p.works(v.set(ctx, "b", 7, 2), "setting another")
			p.isSet(v, "a", 5)
			p.isSet(v, "b", 7)
		}},
		{"set twice", func(p *probe, v setting) {
			p.works(v.set(ctx, "a", 5, 1), "setting")
			p.works(v.set(ctx, "a", 5, 1), "setting again")
			p.isSet(v, "a", 5)
		}},
		{"replace", func(p *probe, v setting) {
			p.works(v.set(ctx, "a", 5, 1), "setting")
			p.works(v.set(ctx, "a", 3, 2), "setting again")
			p.isSet(v, "a", 3)
			p.works(v.set(ctx, "a", 0, 3), "setting to zero")
			p.isSet(v, "a", 0)
		}},
		{"set late", func(p *probe, v setting) {
			p.works(v.set(ctx, "a", 3, 2), "setting")
			_ = v.set(ctx, "a", 5, 1) // late; it may say so
			p.settle()
			p.isSet(v, "a", 3)
		}},
		{"cancelled", func(p *probe, v setting) {
			_ = v.set(cancelled(), "a", 5, 1)
			p.works(v.set(ctx, "a", 5, 1), "setting after it was cancelled")
			p.isSet(v, "a", 5)
		}},
		{"side by side", func(p *probe, v setting) {
			sides(8, func(id string) { p.works(v.set(ctx, id, len(id), 1), "setting") })
			sides(8, func(id string) { p.isSet(v, id, len(id)) })
		}},
	}
}

// Fleet is the driver.Fleet under test, with a function that shows what it has done.
type Fleet struct {
	driver.Fleet
	DesiredCapacity func(autoScalingGroupArn string) int
}

// TestFleet checks a driver.Fleet, which sets the size of Auto Scaling groups.
func TestFleet(t *testing.T, fresh func(t *testing.T) Fleet) {
	suite(t, fleetChecks(), func(t *testing.T, _ *probe) Fleet { return fresh(t) })
}

func fleetChecks() []check[Fleet] {
	return on(settingChecks(), func(f Fleet) setting {
		return setting{
			set: func(ctx context.Context, id string, value int, epoch uint64) error {
				return f.SetDesiredCapacity(ctx, message.SetDesiredCapacity{ID: key("SetDesiredCapacity", id, epoch),
					CapacityProvider: id, AutoScalingGroupArn: id, DesiredCapacity: value})
			},
			get: f.DesiredCapacity,
		}
	})
}

// Listeners is the driver.Listeners under test, with a function that shows what it has done.
type Listeners struct {
	driver.Listeners
	Weights func(rule string) []message.TargetGroupWeight // in any order
}

// TestListeners checks a driver.Listeners, which sets the weights of listener rules.
func TestListeners(t *testing.T, fresh func(t *testing.T) Listeners) {
	suite(t, listenerChecks(), func(t *testing.T, _ *probe) Listeners { return fresh(t) })
}

func listenerChecks() []check[Listeners] {
	return on(settingChecks(), func(l Listeners) setting {
		weights := func(value int) []message.TargetGroupWeight {
			return []message.TargetGroupWeight{{TargetGroupArn: "blue", Weight: value},
				{TargetGroupArn: "green", Weight: 100 - value}}
		}
		return setting{
			set: func(ctx context.Context, id string, value int, epoch uint64) error {
				return l.ModifyTraffic(ctx, message.ModifyTraffic{ID: key("ModifyTraffic", id, epoch), Rule: id,
					Weights: weights(value)})
			},
			get: func(id string) int {
				got := slices.Clone(l.Weights(id))
				slices.SortFunc(got, func(a, b message.TargetGroupWeight) int {
					return len(a.TargetGroupArn) - len(b.TargetGroupArn)
				})
				if len(got) != 2 || !slices.Equal(got, weights(got[0].Weight)) {
					return -1
				}
				return got[0].Weight
			},
		}
	})
}
