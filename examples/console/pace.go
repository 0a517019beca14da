package console

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The bounds of simulated time: beyond them a world would have more to do than a frame lets it.
const (
	leastSpeed, mostSpeed = 0.1, 3600
	mostStep              = 24 * time.Hour
)

// timed reads the body of a call that sets time, where that can be set.
func (v *visit) timed(to any) error {
	if v.config.Clock == nil {
		return ecs.Fault(ecs.UnsupportedFeatureException, "", "Time cannot be set here.")
	}
	return v.read(to)
}

// pace sets how fast time runs.
func (v *visit) pace() (any, error) {
	var p Pace
	if err := v.timed(&p); err != nil {
		return nil, err
	}
	if !(p.Speed >= leastSpeed && p.Speed <= mostSpeed) {
		return nil, ecs.Fault(ecs.InvalidParameterException, "speed",
			fmt.Sprintf("speed must be from %v to %d; it is %v.", leastSpeed, mostSpeed, p.Speed))
	}
	if err := v.config.Clock.SetPace(p); err != nil {
		return nil, err
	}
	return v.config.Clock.Pace(), nil
}

// step lets time pass at once.
func (v *visit) step() (any, error) {
	var in struct {
		By string `json:"by"`
	}
	if err := v.timed(&in); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(in.By)
	if err != nil || by <= 0 || by > mostStep {
		return nil, ecs.Fault(ecs.InvalidParameterException, "by",
			fmt.Sprintf("by must be a duration above 0 and up to %s, such as 90s.", mostStep))
	}
	if err := v.config.Clock.Step(by); err != nil {
		return nil, err
	}
	return v.config.Clock.Pace(), nil
}
