package sim

import (
	"cmp"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// service is a service by the names of its cluster and itself.
type service struct{ cluster, name string }

// SetLoad sets how many requests a minute a service gets from now on. They are spread evenly
// over its tasks that run and, behind a target group, are healthy there. At each full minute
// the world reports two metrics of the minute before, or keeps them until a plane that pulls
// metrics asks: ALBRequestCountPerTarget and ECSServiceAverageCPUUtilization, by the
// RequestsPerMinute of the tasks' images. A service that was deleted gets no more requests. An
// empty cluster is the default one.
func (w *World) SetLoad(cluster, name string, requestsPerMinute int) {
	s := service{cmp.Or(cluster, "default"), name}
	if _, known := w.loads[s]; !known {
		w.at(w.nextMinute(), func() { w.measure(s) })
	}
	w.loads[s] = requestsPerMinute
}

// nextMinute is the next full minute.
func (w *World) nextMinute() time.Time { return w.now.Truncate(time.Minute).Add(time.Minute) }

// serviceOf returns the service of a task group, if it is one's.
func serviceOf(group string) (string, bool) { return strings.CutPrefix(group, "service:") }

// measure reports a service's metrics of the last minute.
func (w *World) measure(s service) {
	if w.deleted(s) {
		delete(w.loads, s)
		for _, name := range []string{loadMetric, cpuMetric} {
			delete(w.samples, metric{s, name})
		}
		return
	}
	w.at(w.nextMinute(), func() { w.measure(s) })
	serving, capacity := w.serving(s)
	if serving == 0 {
		return
	}
	at := ecs.At(w.now.Truncate(time.Minute).Add(-time.Minute))
	load := float64(w.loads[s])
	w.sample(s, loadMetric, cloudwatch.Sample{At: at, Value: load / float64(serving)})
	w.sample(s, cpuMetric, cloudwatch.Sample{At: at, Value: min(100, 100*load/float64(capacity))})
}

// The metrics that a loaded service has.
const (
	loadMetric = "ALBRequestCountPerTarget"
	cpuMetric  = "ECSServiceAverageCPUUtilization"
)

// deleted reports whether a service is INACTIVE. One that is not there yet is not deleted.
func (w *World) deleted(s service) bool {
	out, err := w.plane.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster, Services: []string{s.name}})
	return err == nil && len(out.Services) == 1 && out.Services[0].Status == ecs.ServiceStatusInactive
}

// sample reports a datapoint, or keeps it until the plane asks.
func (w *World) sample(s service, name string, d cloudwatch.Sample) {
	if !w.plane.Config().PullMetrics {
		w.tell(message.MetricSample{Cluster: s.cluster, Service: s.name, Metric: name, At: d.At, Value: d.Value})
		return
	}
	kept := w.samples[metric{s, name}]
	w.samples[metric{s, name}] = append(kept[max(len(kept)-metricsKept, 0):], d)
}

// metric is one of a service's.
type metric struct {
	service
	name string
}

// metricsKept is how many datapoints of a metric the world keeps for the plane to ask for.
const metricsKept = 180

// datapoints answers a request for a metric.
func (w *World) datapoints(c message.GetMetric) (list []cloudwatch.Sample) {
	for _, d := range w.samples[metric{service{c.Cluster, c.Service}, c.Metric}] {
		if c.From <= d.At && d.At < c.To {
			list = append(list, d)
		}
	}
	return list
}

// serving returns how many tasks serve requests, and how many a minute they could at most.
func (w *World) serving(s service) (tasks, capacity int) {
	for _, a := range w.sortedAgents() {
		for _, t := range a.Tasks() {
			if name, _ := serviceOf(t.Command().Group); (service{t.Command().Cluster, name}) != s || a.gone ||
				!a.serves(t) || !w.routed(t.Command().Task) {
				continue
			}
			tasks++
			busiest := 0
			for _, c := range t.Command().TaskDefinition.ContainerDefinitions {
				busiest = max(busiest, w.config.Images[c.Image].RequestsPerMinute)
			}
			capacity += cmp.Or(busiest, 1000)
		}
	}
	return tasks, capacity
}

// routed reports whether no target of a task is other than healthy.
func (w *World) routed(id ecs.TaskID) bool {
	for _, t := range w.targets { //order:any looks for any
		if t.task == id && t.state.State != loadbalance.StateHealthy {
			return false
		}
	}
	return true
}

// AnswerHook sets what the lifecycle hooks of an ARN answer from now on: SUCCEEDED (the default), FAILED
// or IN_PROGRESS.
func (w *World) AnswerHook(arn string, status ecs.LifecycleHookStatus) { w.hooks[arn] = status }

// TerminateZone ends all instances of a cluster in an Availability Zone. Its error is that of
// ListContainerInstances: a cluster that does not exist, a zone that is not a value of the query language.
func (w *World) TerminateZone(cluster, zone string) error {
	in := api.ListContainerInstancesInput{Cluster: cluster, Filter: "attribute:ecs.availability-zone == " + zone}
	for {
		page, err := w.plane.ListContainerInstances(in)
		if err != nil {
			return err
		}
		for _, arn := range page.Arns {
			w.Terminate(cluster, ecs.ContainerInstance{ContainerInstanceArn: arn}.ID())
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return nil
		}
	}
}
