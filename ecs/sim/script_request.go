package sim

import (
	"encoding/json"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// operation makes a request of a plane from its input as JSON.
type operation func(p *control.Plane, now time.Time, input []byte) error

func answering[In, Out any](f func(*control.Plane, time.Time, In) (Out, error)) operation {
	return func(p *control.Plane, now time.Time, input []byte) error {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return err
		}
		_, err := f(p, now, in)
		return err
	}
}

func accepting[In any](f func(*control.Plane, time.Time, In) error) operation {
	return answering(func(p *control.Plane, now time.Time, in In) (struct{}, error) { return struct{}{}, f(p, now, in) })
}

func registerTaskDefinition(p *control.Plane, now time.Time, input []byte) error {
	d, err := ecs.ParseTaskDefinition(input)
	if err == nil {
		_, err = p.RegisterTaskDefinition(now, d)
	}
	return err
}

// operationOf returns the request of a name.
func operationOf(name string) (operation, bool) {
	switch name {
	case "RegisterTaskDefinition":
		return registerTaskDefinition, true
	case "CreateCluster":
		return answering((*control.Plane).CreateCluster), true
	case "DeleteCluster":
		return answering((*control.Plane).DeleteCluster), true
	case "CreateCapacityProvider":
		return answering((*control.Plane).CreateCapacityProvider), true
	case "PutClusterCapacityProviders":
		return answering((*control.Plane).PutClusterCapacityProviders), true
	case "PutAttributes":
		return answering((*control.Plane).PutAttributes), true
	case "PutTargetGroup":
		return accepting((*control.Plane).PutTargetGroup), true
	case "CreateService":
		return answering((*control.Plane).CreateService), true
	case "UpdateService":
		return answering((*control.Plane).UpdateService), true
	case "DeleteService":
		return answering((*control.Plane).DeleteService), true
	case "RunTask":
		return answering((*control.Plane).RunTask), true
	case "UpdateTaskProtection":
		return answering((*control.Plane).UpdateTaskProtection), true
	case "RegisterScalableTarget":
		return answering((*control.Plane).RegisterScalableTarget), true
	case "PutScalingPolicy":
		return answering((*control.Plane).PutScalingPolicy), true
	case "PutScheduledAction":
		return accepting((*control.Plane).PutScheduledAction), true
	}
	return nil, false
}
