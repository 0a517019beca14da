package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
)

// operation is one of the plane's inputs by the name that records give it.
type operation struct {
	name string
	read func(input json.RawMessage) (deed, error)
}

// deed gives a plane an input that was read.
type deed func(p *Plane, now time.Time) error

func call[In, Out any](name string, f func(*Plane, time.Time, In) (Out, error)) operation {
	return operation{name, func(input json.RawMessage) (deed, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(input))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			return nil, err
		}
		return func(p *Plane, now time.Time) error {
			_, err := f(p, now, in)
			return err
		}, nil
	}}
}

// tell is call for inputs without an answer.
func tell[In any](name string, f func(*Plane, time.Time, In) error) operation {
	return call(name, func(p *Plane, now time.Time, in In) (struct{}, error) { return struct{}{}, f(p, now, in) })
}

// of is call for a part of the plane, by the method that returns the part.
func of[Part, In, Out any](
	part func(*Plane) Part, name string, f func(Part, time.Time, In) (Out, error),
) operation {
	return call(name, func(p *Plane, now time.Time, in In) (Out, error) { return f(part(p), now, in) })
}

// tellOf is of for inputs without an answer.
func tellOf[Part, In any](part func(*Plane) Part, name string, f func(Part, time.Time, In) error) operation {
	return tell(name, func(p *Plane, now time.Time, in In) error { return f(part(p), now, in) })
}

// Operations lists the names of all inputs, as records give them: the requests by their names
// in the API, Observe and Tick.
func Operations() []string {
	var names []string
	for _, op := range operations() {
		names = append(names, op.name)
	}
	return names
}

// Apply gives the plane an input as JSON, at the record's time: it calls the method that the record
// names. The record's sequence is ignored. It returns the error of the request, or an error that
// names the unknown operation or field.
func (p *Plane) Apply(r Record) error {
	for _, op := range operations() {
		if op.name == r.Op {
			do, err := op.read(r.Input)
			if err != nil {
				return err
			}
			return do(p, r.At.Time())
		}
	}
	return fmt.Errorf("control: there is no operation %q", r.Op)
}

// operations lists every input that leaves a record.
func operations() []operation {
	return slices.Concat(ownOperations(), loadBalancerOperations(), classicOperations(), cloudMapOperations(),
		cloudWatchOperations(), codeDeployOperations())
}

func ownOperations() []operation {
	return []operation{
		{"Observe", func(input json.RawMessage) (deed, error) {
			var e message.SealedEvent
			if err := e.UnmarshalJSON(input); err != nil { // by itself: most records are events
				return nil, err
			}
			return func(p *Plane, now time.Time) error { p.Observe(now, e.Event); return nil }, nil
		}},
		tell("Tick", func(p *Plane, now time.Time, _ struct{}) error { p.Tick(now); return nil }),
		call("RegisterTaskDefinition", (*Plane).RegisterTaskDefinition),
		call("DeregisterTaskDefinition", (*Plane).DeregisterTaskDefinition),
		call("DeleteTaskDefinitions", (*Plane).DeleteTaskDefinitions),
		call("CreateCluster", (*Plane).CreateCluster),
		call("UpdateCluster", (*Plane).UpdateCluster),
		call("UpdateClusterSettings", (*Plane).UpdateClusterSettings),
		call("DeleteCluster", (*Plane).DeleteCluster),
		call("RegisterContainerInstance", (*Plane).RegisterContainerInstance),
		call("DeregisterContainerInstance", (*Plane).DeregisterContainerInstance),
		call("UpdateContainerInstancesState", (*Plane).UpdateContainerInstancesState),
		call("PutAttributes", (*Plane).PutAttributes),
		call("DeleteAttributes", (*Plane).DeleteAttributes),
		call("CreateCapacityProvider", (*Plane).CreateCapacityProvider),
		call("UpdateCapacityProvider", (*Plane).UpdateCapacityProvider),
		call("DeleteCapacityProvider", (*Plane).DeleteCapacityProvider),
		call("PutClusterCapacityProviders", (*Plane).PutClusterCapacityProviders),
		call("CreateTaskSet", (*Plane).CreateTaskSet),
		call("UpdateTaskSet", (*Plane).UpdateTaskSet),
		call("UpdateServicePrimaryTaskSet", (*Plane).UpdateServicePrimaryTaskSet),
		call("DeleteTaskSet", (*Plane).DeleteTaskSet),
		tell("PutTargetGroup", (*Plane).PutTargetGroup),
		call("CreateService", (*Plane).CreateService),
		call("UpdateService", (*Plane).UpdateService),
		call("DeleteService", (*Plane).DeleteService),
		call("StopServiceDeployment", (*Plane).StopServiceDeployment),
		call("ContinueServiceDeployment", (*Plane).ContinueServiceDeployment),
		call("RunTask", (*Plane).RunTask),
		call("StartTask", (*Plane).StartTask),
		call("StopTask", (*Plane).StopTask),
		call("UpdateTaskProtection", (*Plane).UpdateTaskProtection),
		tell("TagResource", (*Plane).TagResource),
		call("RegisterScalableTarget", (*Plane).RegisterScalableTarget),
		tell("DeregisterScalableTarget", (*Plane).DeregisterScalableTarget),
		call("PutScalingPolicy", (*Plane).PutScalingPolicy),
		tell("DeleteScalingPolicy", (*Plane).DeleteScalingPolicy),
		tell("PutScheduledAction", (*Plane).PutScheduledAction),
		tell("DeleteScheduledAction", (*Plane).DeleteScheduledAction),
		tell("UntagResource", (*Plane).UntagResource),
		tell("application-autoscaling:TagResource", (*Plane).TagScalableTarget),
		tell("application-autoscaling:UntagResource", (*Plane).UntagScalableTarget),
	}
}
