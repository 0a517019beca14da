package front

import (
	"net/http"
	"reflect"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/applicationautoscaling"
	"github.com/bayplan/bayplan/examples/localecs/front/autoscaling"
	"github.com/bayplan/bayplan/examples/localecs/front/cloudwatch"
	"github.com/bayplan/bayplan/examples/localecs/front/codedeploy"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
	"github.com/bayplan/bayplan/examples/localecs/front/elb"
	"github.com/bayplan/bayplan/examples/localecs/front/elbv2"
	ops "github.com/bayplan/bayplan/examples/localecs/front/operation"
	"github.com/bayplan/bayplan/examples/localecs/front/servicediscovery"
)

// operation is one action, in the world of a Region.
type operation = ops.Operation[*region]

// table has operations by the names of their actions.
type table = ops.Table[*region]

// call answers a decoded request. It holds the server's lock, and what it returns shares
// nothing with the plane that may change.
type call = ops.Call[*region]

type object = ops.Object

// with is an operation that answers a decoded input.
func with[In any](f func(s *region, in In) (any, error)) operation { return ops.With(f) }

// from is an operation that answers a decoded input and the request that it came with.
func from[In any](f func(r *http.Request, in In) call) operation { return ops.From(f) }

// ofWorld are the operations of a service's package, whose state the plane has.
func ofWorld(t ops.Table[ops.World]) table {
	return ops.In(t, func(s *region) ops.World { return s.world })
}

// read is an operation that looks.
func read[In, Out any](f func(p *control.Plane, in In) (Out, error)) operation {
	return with(func(s *region, in In) (any, error) { return f(s.world.Plane(), in) })
}

// arns is an operation that lists names, under a key.
func arns[In any](key string, f func(p *control.Plane, in In) (api.Page, error)) operation {
	return read(func(p *control.Plane, in In) (any, error) {
		page, err := f(p, in)
		out := object{key: notNil(page.Arns)}
		if page.NextToken != "" {
			out["nextToken"] = page.NextToken
		}
		return out, err
	})
}

// change is an operation that changes.
func change[In any](f func(p *control.Plane, now time.Time, in In) (any, error)) operation {
	return with(func(s *region, in In) (any, error) {
		var out any
		err := s.world.Do(func(p *control.Plane, now time.Time) (err error) {
			out, err = f(p, now, in)
			return err
		})
		return out, err
	})
}

// under is change for operations whose answer stands under one key.
func under[In, Out any](key string, f func(p *control.Plane, now time.Time, in In) (Out, error)) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) {
		out, err := f(p, now, in)
		return object{key: out}, err
	})
}

// plain is change for operations whose answer is the plane's own.
func plain[In, Out any](f func(p *control.Plane, now time.Time, in In) (Out, error)) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) {
		out, err := f(p, now, in)
		v := reflect.ValueOf(&out).Elem()
		for i := range v.NumField() {
			if l := v.Field(i); l.Kind() == reflect.Slice && l.IsNil() {
				l.Set(reflect.MakeSlice(l.Type(), 0, 0)) // AWS answers empty lists
			}
		}
		return out, err
	})
}

// silent is change for operations without an answer.
func silent[In any](f func(p *control.Plane, now time.Time, in In) error) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) { return object{}, f(p, now, in) })
}

// operations lists what is served, by service and action.
func operations() map[string]table {
	return map[string]table{
		"ecs": ops.Joined(notECS(), clusterOperations(), definitionOperations(), taskOperations(),
			serviceOperations(), agentOperations(), settingOperations()),
		"application-autoscaling": ofWorld(applicationautoscaling.Operations()),
		"cloudwatch":              ofWorld(cloudwatch.Operations()),
		"elasticloadbalancing":    ofWorld(elbv2.Operations()),
		"elb":                     ofWorld(elb.Operations()),
		"autoscaling":             ops.In(autoscaling.Operations(), scaledOf),
		"ecr":                     ops.In(ecr.Operations(), func(s *region) ecr.World { return images{s} }),
		"codedeploy":              ofWorld(codedeploy.Operations()),
		"servicediscovery":        ofWorld(servicediscovery.Operations()),
		"sts":                     ops.Joined(notSTS(), stsOperations()),
	}
}

// unmodelled refuses actions with an error of the given code that says so.
func unmodelled(code ecs.Code, names ...string) table { return ops.Unmodelled[*region](code, names...) }

// notECS are the actions of Amazon ECS that the plane does not model.
func notECS() table {
	return unmodelled(ecs.UnsupportedFeatureException,
		"AssociateGatewayWithCluster", "CreateDaemon", "CreateExpressGatewayService", "CreateGateway", "DeleteDaemon",
		"DeleteDaemonTaskDefinition",
		"DeleteExpressGatewayService", "DeleteGateway", "DescribeDaemon", "DescribeDaemonDeployments",
		"DescribeDaemonRevisions",
		"DescribeDaemonTaskDefinition", "DescribeExpressGatewayService", "DescribeGateway",
		"DescribeGatewayResources", "DescribeGatewayRoute",
		"DisassociateGatewayFromCluster", "ExecuteCommand", "ListDaemonDeployments",
		"ListDaemonTaskDefinitions", "ListDaemons",
		"ListGatewayClusterAssociations", "ListGatewayRoutes", "ListGateways",
		"RegisterDaemonTaskDefinition",
		"UpdateContainerAgent", "UpdateDaemon", "UpdateExpressGatewayService", "UpdateGateway",
	)
}

func clusterOperations() table {
	type P = *control.Plane
	return table{
		"CreateCluster":               regrouped(under("cluster", P.CreateCluster)),
		"DeleteCluster":               under("cluster", P.DeleteCluster),
		"UpdateCluster":               under("cluster", P.UpdateCluster),
		"UpdateClusterSettings":       under("cluster", P.UpdateClusterSettings),
		"PutClusterCapacityProviders": regrouped(under("cluster", P.PutClusterCapacityProviders)),
		"DescribeClusters":            read(P.DescribeClusters),
		"ListClusters":                arns("clusterArns", P.ListClusters),
		"CreateCapacityProvider":      regrouped(with((*region).createCapacityProvider)),
		"UpdateCapacityProvider":      regrouped(under("capacityProvider", P.UpdateCapacityProvider)),
		"DeleteCapacityProvider":      regrouped(under("capacityProvider", P.DeleteCapacityProvider)),
		"DescribeCapacityProviders":   read(P.DescribeCapacityProviders),

		"DeregisterContainerInstance":   under("containerInstance", P.DeregisterContainerInstance),
		"UpdateContainerInstancesState": plain(P.UpdateContainerInstancesState),
		"DescribeContainerInstances":    read(P.DescribeContainerInstances),
		"ListContainerInstances":        arns("containerInstanceArns", P.ListContainerInstances),
		"PutAttributes":                 under("attributes", P.PutAttributes),
		"DeleteAttributes":              under("attributes", P.DeleteAttributes),
		"ListAttributes":                read(P.ListAttributes),
		"TagResource":                   silent(P.TagResource),
		"UntagResource":                 silent(P.UntagResource),
		"ListTagsForResource": read(func(p P, in api.ListTagsForResourceInput) (any, error) {
			tags, err := p.ListTagsForResource(in)
			return object{"tags": notNil(tags)}, err
		}),
	}
}

func taskOperations() table {
	type P = *control.Plane
	return table{
		"RunTask":              plain(P.RunTask),
		"StartTask":            plain(P.StartTask),
		"StopTask":             under("task", P.StopTask),
		"DescribeTasks":        read(P.DescribeTasks),
		"ListTasks":            arns("taskArns", P.ListTasks),
		"UpdateTaskProtection": plain(P.UpdateTaskProtection),
		"GetTaskProtection":    read(P.GetTaskProtection),
	}
}

func serviceOperations() table {
	type P = *control.Plane
	return table{
		"CreateService":               under("service", P.CreateService),
		"UpdateService":               under("service", P.UpdateService),
		"DeleteService":               under("service", P.DeleteService),
		"DescribeServices":            read(P.DescribeServices),
		"ListServicesByNamespace":     arns("serviceArns", P.ListServicesByNamespace),
		"ListServices":                arns("serviceArns", P.ListServices),
		"StopServiceDeployment":       under("serviceDeploymentArn", P.StopServiceDeployment),
		"ContinueServiceDeployment":   under("serviceDeploymentArn", P.ContinueServiceDeployment),
		"ListServiceDeployments":      read(P.ListServiceDeployments),
		"DescribeServiceDeployments":  read(P.DescribeServiceDeployments),
		"DescribeServiceRevisions":    read(P.DescribeServiceRevisions),
		"CreateTaskSet":               under("taskSet", P.CreateTaskSet),
		"UpdateTaskSet":               under("taskSet", P.UpdateTaskSet),
		"DeleteTaskSet":               under("taskSet", P.DeleteTaskSet),
		"UpdateServicePrimaryTaskSet": under("taskSet", P.UpdateServicePrimaryTaskSet),
		"DescribeTaskSets":            read(P.DescribeTaskSets),
	}
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
