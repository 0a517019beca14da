package elbv2

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// TargetDescription names a target: an instance or an address, by the group's target type, and a port, or else that
// of the group.
type TargetDescription struct {
	Id               string       `json:"Id"`
	Port             ecs.Opt[int] `json:"Port,omitzero"`
	AvailabilityZone string       `json:"AvailabilityZone,omitzero"`

	_ struct{} `unmodelled:"QuicServerId"`
}

// TargetsInput is the input of RegisterTargets and DeregisterTargets.
type TargetsInput struct {
	TargetGroupArn string              `json:"TargetGroupArn"`
	Targets        []TargetDescription `json:"Targets"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in TargetsInput) Validate() error {
	var f faults
	f.required("TargetGroupArn", in.TargetGroupArn != "")
	f.required("Targets", len(in.Targets) > 0)
	f.targets(in.Targets)
	return f.err()
}

func (f *faults) targets(list []TargetDescription) {
	for i, t := range list {
		at := check.Index("Targets", i)
		f.required(at+".Id", t.Id != "")
		f.number(at+".Port", t.Port, 1, 65535)
	}
}

// DescribeTargetHealthInput is the input of DescribeTargetHealth.
type DescribeTargetHealthInput struct {
	TargetGroupArn string              `json:"TargetGroupArn"`
	Targets        []TargetDescription `json:"Targets,omitzero"`

	_ struct{} `unmodelled:"Include"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in DescribeTargetHealthInput) Validate() error {
	var f faults
	f.required("TargetGroupArn", in.TargetGroupArn != "")
	f.targets(in.Targets)
	return f.err()
}

// DescribeTargetHealthOutput is the answer of DescribeTargetHealth.
type DescribeTargetHealthOutput struct {
	TargetHealthDescriptions []TargetHealthDescription `json:"TargetHealthDescriptions"`
}

// TargetHealthDescription is a target and its health.
type TargetHealthDescription struct {
	Target          TargetDescription `json:"Target"`
	HealthCheckPort string            `json:"HealthCheckPort"`
	TargetHealth    TargetHealth      `json:"TargetHealth"`
}

// TargetHealth is the health of a target; one that is healthy has neither reason nor description.
type TargetHealth struct {
	State       loadbalance.State  `json:"State"`
	Reason      loadbalance.Reason `json:"Reason,omitzero"`
	Description string             `json:"Description,omitzero"`
}
