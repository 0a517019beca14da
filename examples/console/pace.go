package console

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The bounds of simulated time: beyond them a world would have more to do than a frame lets it.
const (
	leastSpeed, mostSpeed = 0.1, 3600
	mostStep              = 24 * time.Hour
)

// pace sets how fast time runs.
func (v *visit) pace() (any, error) {
	if v.config.Clock == nil {
		return nil, ecs.Fault(ecs.UnsupportedFeatureException, "", "Time cannot be set here.")
	}
	var p Pace
	if err := json.Unmarshal(v.body, &p); err != nil {
		return nil, ecs.Fault(ecs.SerializationException, "", err.Error())
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
	if v.config.Clock == nil {
		return nil, ecs.Fault(ecs.UnsupportedFeatureException, "", "Time cannot be set here.")
	}
	var in struct {
		By string `json:"by"`
	}
	if err := json.Unmarshal(v.body, &in); err != nil {
		return nil, ecs.Fault(ecs.SerializationException, "", err.Error())
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
