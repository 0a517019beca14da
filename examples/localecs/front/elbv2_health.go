package front

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/query"
	"github.com/bayplan/bayplan/loadbalance"
)

// describeTargetHealthInput is the input of DescribeTargetHealth.
type describeTargetHealthInput struct {
	TargetGroupArn string            `json:"TargetGroupArn"`
	Targets        []describedTarget `json:"Targets"`
	_              struct{}          `unmodelled:"Include"`
}

// describedTarget names a target.
type describedTarget struct {
	ID               string       `json:"Id"`
	Port             ecs.Opt[int] `json:"Port,omitzero"`
	AvailabilityZone string       `json:"AvailabilityZone,omitzero"`
	_                struct{}     `unmodelled:"QuicServerId"`
}

// targetHealthDescription is a target and its health.
type targetHealthDescription struct {
	Target          describedTarget `json:"Target"`
	HealthCheckPort string          `json:"HealthCheckPort"`
	TargetHealth    shownHealth     `json:"TargetHealth"`
}

// shownHealth is the health of a target; one that is healthy has neither reason nor description.
type shownHealth struct {
	State       loadbalance.State  `json:"State"`
	Reason      loadbalance.Reason `json:"Reason,omitzero"`
	Description string             `json:"Description,omitzero"`
}

// describeTargetHealth shows the targets of a group, in the order of ID and port, or those that are asked
// for, in that order. A target that is asked for and not registered is unused.
// Source: Elastic Load Balancing API Reference, DescribeTargetHealth.
func describeTargetHealth(p *control.Plane, in describeTargetHealthInput) (any, error) {
	g, err := groupOf(p, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	shown := []targetHealthDescription{}
	for i, asked := range in.Targets {
		if asked.ID == "" {
			return nil, ecs.Fault(query.ValidationError, fmt.Sprintf("Targets[%d].Id", i), "Id is required.")
		}
		found := targetsLike(g, asked)
		if len(found) == 0 {
			missing := shownHealth{loadbalance.StateUnused, loadbalance.ReasonNotRegistered,
				"Target is not registered to the target group"}
			shown = append(shown, targetHealthDescription{asked, checkedAt(g.Group, asked.Port.Or(0)), missing})
		}
		shown = append(shown, found...)
	}
	if len(in.Targets) == 0 {
		shown = append(shown, targetsLike(g, describedTarget{})...)
	}
	return object{"TargetHealthDescriptions": shown}, nil
}

// targetsLike are the targets of a group with the ID and the port of another, where it has them.
func targetsLike(g loadbalance.TargetsState, like describedTarget) (list []targetHealthDescription) {
	port, given := like.Port.Get()
	for _, t := range g.Targets {
		if like.ID != "" && t.ID != like.ID || given && int(t.Port) != port {
			continue
		}
		h := t.Health()
		target := describedTarget{ID: t.ID, Port: ecs.Some(int(t.Port))}
		list = append(list, targetHealthDescription{target, checkedAt(g.Group, int(t.Port)), shownHealth{h.State,
			h.Reason, h.Description}})
	}
	slices.SortFunc(list, func(a, b targetHealthDescription) int {
		return cmp.Or(cmp.Compare(a.Target.ID, b.Target.ID), cmp.Compare(a.Target.Port.Or(0), b.Target.Port.Or(0)))
	})
	return list
}

// checkedAt is the port of a target's health checks: the group's, or else the target's own.
func checkedAt(g loadbalance.TargetGroup, port int) string {
	return strconv.Itoa(cmp.Or(g.HealthCheck.Port, port))
}
