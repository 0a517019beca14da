// Package ask asks of imported documents what the program whatif asks of a task definition: do the tasks fit, would
// a rollout end, and besides, which fleet would hold them, at which price, and how would they have scaled?
//
// # Start here
//
// [Services] answers for every service of a result, and writes the answers as text.
//
// # Model
//
// The service is taken to run already, with the task definition that was imported, and to roll it out again: that
// is what its percentages are for. Without a description of a cluster it runs on a fleet that is made up for it.
//
// # Guarantees
//
//  1. The fleet is the cheapest of those tried, by the prices that are given, and holds the tasks
//     (TestFleet).
//  2. A service whose percentages leave a rollout no step is said to be stuck (TestStuck).
//
// # Differences from ECS
//
//   - Target groups, registries of AWS Cloud Map and volumes of Amazon EBS are not there to be asked: a service is
//     asked about without them.
//
// # Example
//
// See the example of Services.
package ask

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/hpa"
	"github.com/bayplan/bayplan/examples/whatif/answer"
)

// Question is what is known besides the documents. Everything may be absent.
type Question struct {
	Instances []byte // describe-container-instances
	Tasks     []byte // describe-tasks
	Prices    autoscale.PriceTable
	Load      cloudwatch.Series // recorded; PerTask of it is what one task carries at full use
	PerTask   float64
	Startup   time.Duration
	Seed      uint64
	Chart     func(service string, c hpa.Comparison) error // called for each service that scales; nil for none
}

// Services answers for each service of the documents. The error is for what could not be written.
func Services(w io.Writer, r *document.Result, q Question) error {
	if len(r.Services) == 0 {
		_, err := fmt.Fprintln(w, "what if: there is no service to ask about")
		return err
	}
	for _, s := range r.Services {
		d, ok := r.Definition(s.TaskDefinition)
		if !ok {
			if _, err := fmt.Fprintf(w, "\n== %s: its task definition %s is not among the files\n", s.ServiceName,
				s.TaskDefinition); err != nil {
				return err
			}
			continue
		}
		if err := service(w, r, d, s, q); err != nil {
			return err
		}
	}
	return nil
}

func service(w io.Writer, r *document.Result, d ecs.TaskDefinition, s api.CreateServiceInput, q Question) error {
	if _, err := fmt.Fprintf(w, "\n== %s\n\n", s.ServiceName); err != nil {
		return err
	}
	if err := rollout(w, d, s, q); err != nil {
		return err
	}
	if err := fleet(w, d, s, q.Prices); err != nil {
		return err
	}
	if len(q.Load.Datapoints) == 0 {
		return nil
	}
	for _, x := range r.Scaling {
		if !strings.HasSuffix(x.Target.ResourceID, "/"+s.ServiceName) {
			continue
		}
		return scaled(w, d, s, x, q)
	}
	_, err := fmt.Fprintf(w, "\nscaling: %s does not scale\n", s.ServiceName)
	return err
}

// described returns the service as DescribeServices prints it, without what nobody here can be asked about.
func described(d ecs.TaskDefinition, s api.CreateServiceInput) ecs.Service {
	out := ecs.Service{ServiceName: s.ServiceName, Status: ecs.ServiceStatusActive, DesiredCount: s.DesiredCount.Or(1),
		TaskDefinition: d.Family, LaunchType: s.LaunchType, NetworkConfiguration: s.NetworkConfiguration,
		PlacementConstraints: s.PlacementConstraints, PlacementStrategy: s.PlacementStrategy,
		SchedulingStrategy: s.SchedulingStrategy}
	if s.DeploymentConfiguration != nil {
		out.DeploymentConfiguration = *s.DeploymentConfiguration
		out.DeploymentConfiguration.Alarms = nil
	}
	if out.SchedulingStrategy == "" {
		out.SchedulingStrategy = ecs.SchedulingStrategyReplica
	}
	if out.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		out.DesiredCount = 0
	}
	if fargate(d, s) {
		out.LaunchType = ecs.LaunchTypeFargate
	}
	return out
}

func fargate(d ecs.TaskDefinition, s api.CreateServiceInput) bool {
	return ecs.OnFargate(s.LaunchType, s.CapacityProviderStrategy) || len(d.RequiresCompatibilities) > 0 &&
		d.RequiresCompatibilities[0] == ecs.CompatibilityFargate
}

// arm is the constraint that an imported workload has for instances with an Arm processor.
const arm = "attribute:ecs.cpu-architecture == arm64"

// plain returns a definition without the volumes that are made when a task starts, and with the platform that its
// constraints ask for, so that a fleet made up for it has that.
func plain(d ecs.TaskDefinition) ecs.TaskDefinition {
	volumes := make([]ecs.Volume, len(d.Volumes))
	for i, v := range d.Volumes {
		v.ConfiguredAtLaunch = false
		volumes[i] = v
	}
	d.Volumes = volumes
	for _, c := range d.PlacementConstraints {
		if c.Expression == arm && d.RuntimePlatform == nil {
			d.RuntimePlatform = &ecs.RuntimePlatform{CPUArchitecture: ecs.CPUArchitectureArm64,
				OperatingSystemFamily: ecs.OSFamilyLinux}
		}
	}
	return d
}

// rollout asks whether the tasks fit and whether the service's rollout of its own definition ends.
func rollout(w io.Writer, d ecs.TaskDefinition, s api.CreateServiceInput, q Question) error {
	definition, err := json.Marshal(plain(d))
	if err != nil {
		return err
	}
	service, err := json.Marshal(api.DescribeServicesOutput{Services: []ecs.Service{described(d, s)}})
	if err != nil {
		return err
	}
	asked := answer.Question{Definition: definition, Service: service, Instances: q.Instances, Tasks: q.Tasks,
		Seed: max(q.Seed, 1)}
	if len(q.Tasks) == 0 {
		asked.Running = definition
	}
	report, err := answer.Ask(asked)
	if write := report.Text(w); write != nil {
		return write
	}
	if err != nil {
		_, err = fmt.Fprintf(w, "\nno further answer: %v\n", err)
	}
	return err
}

// mostInstances bounds the fleets that are tried.
const mostInstances = 20

// Fleet is a number of instances of a type, and what an hour of them costs.
type Fleet struct {
	Count int
	Type  string
	Hour  float64 // 0 if the price of the type is not given
	Tasks int     // that it holds
}

// FleetFor returns the cheapest fleet of up to twenty instances that holds a number of tasks; without a price of
// any fitting type, the smallest type that does in the fewest instances of three or more.
func FleetFor(d ecs.TaskDefinition, tasks int, prices autoscale.PriceTable) (Fleet, error) {
	var best Fleet
	var first error
	for n := 1; n <= mostInstances; n++ {
		f, err := sim.FleetFor(d, []string{"us-east-1a", "us-east-1b", "us-east-1c"}, n, tasks)
		if err != nil {
			first = errors.Join(first, err)
			if n == 1 {
				return best, err
			}
			continue
		}
		if f.Tasks < tasks {
			continue
		}
		x := Fleet{Count: n, Type: f.Type.Name, Hour: float64(n) * prices.InstanceHour[f.Type.Name], Tasks: f.Tasks}
		priced := x.Hour > 0
		switch {
		case best.Count == 0, priced && (best.Hour == 0 || x.Hour < best.Hour):
			best = x
		case best.Hour == 0 && best.Count < 3:
			best = x
		}
	}
	if best.Count == 0 {
		return best, fmt.Errorf("no fleet of up to %d instances of one type holds %d tasks", mostInstances, tasks)
	}
	return best, nil
}

// fleet says what would hold the service with one task more than it has, and at which price.
func fleet(w io.Writer, d ecs.TaskDefinition, s api.CreateServiceInput, prices autoscale.PriceTable) error {
	n := s.DesiredCount.Or(1)
	if fargate(d, s) {
		return onFargate(w, d, n, prices)
	}
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		_, err := fmt.Fprintln(w, "\nfleet: a daemon has a task on every instance, whatever holds the other services")
		return err
	}
	f, err := FleetFor(plain(d), n+1, prices)
	if err != nil {
		_, err = fmt.Fprintf(w, "\nfleet: %v\n", err)
		return err
	}
	price := "; give its price with -prices"
	if f.Hour > 0 {
		price = fmt.Sprintf(", %.4f an hour", f.Hour)
	}
	_, err = fmt.Fprintf(w, "\nfleet: %d × %s hold %d tasks, one more than desired%s\n", f.Count, f.Type, n+1, price)
	return err
}

func usage(d ecs.TaskDefinition) autoscale.FargateUsage {
	needs := d.Normalize().Requirements()
	return autoscale.FargateUsage{CPU: needs.CPU, Memory: needs.Memory, Count: 1, Duration: time.Hour}
}

func onFargate(w io.Writer, d ecs.TaskDefinition, n int, prices autoscale.PriceTable) error {
	cost, err := prices.Cost(autoscale.Usage{Fargate: []autoscale.FargateUsage{usage(d)}})
	if err != nil || cost.Total == 0 {
		_, err := fmt.Fprintf(w,
			"\nfleet: Fargate runs %d tasks of %s CPU units and %s MiB; give its prices with -prices\n", n, d.CPU,
			d.Memory)
		return err
	}
	_, err = fmt.Fprintf(w, "\nfleet: Fargate runs %d tasks of %s CPU units and %s MiB, %.4f an hour\n", n, d.CPU,
		d.Memory, float64(n)*cost.Total)
	return err
}

// scaled replays the recorded load.
func scaled(w io.Writer, d ecs.TaskDefinition, s api.CreateServiceInput, x document.Scaling, q Question) error {
	task := usage(d)
	task.Count, task.Duration = 0, 0
	prices := q.Prices
	if prices.FargateVCPU == 0 {
		prices.FargateVCPU = 0.04
	}
	if prices.FargateGB == 0 {
		prices.FargateGB = 0.004
	}
	c, err := hpa.Compare(x, hpa.Question{Load: hpa.Minutes(q.Load), PerTask: q.PerTask, Startup: q.Startup,
		Prices: prices, Task: task})
	if err != nil {
		_, err = fmt.Fprintf(w, "\nscaling: %v\n", err)
		return err
	}
	if _, err := fmt.Fprintf(w, "\nscaling under the recorded load\n\n"); err != nil {
		return err
	}
	if err := c.Text(w); err != nil {
		return err
	}
	if q.Chart != nil {
		return q.Chart(s.ServiceName, c)
	}
	return nil
}
