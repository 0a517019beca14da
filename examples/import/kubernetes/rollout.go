package kubernetes

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// mostReplicas bounds the counts that are read.
const mostReplicas = 10_000

// exact is up to how many replicas percentages can say every number of pods.
const exact = 100

// Percents returns the percentages of ECS at which n tasks roll out in the same numbers as n pods with a surge
// and a number unavailable. Up to 100 tasks they come to the very numbers; beyond, one percent is more than a
// task. Of nothing they are 100 and 200.
func Percents(n, surge, unavailable int) (minimum, maximum int) {
	if n <= 0 {
		return 100, 200
	}
	unavailable = min(unavailable, n)
	return (n - unavailable) * 100 / n, ((n+surge)*100 + n - 1) / n
}

// Whole returns a number of pods of maxSurge or maxUnavailable, which may be a percentage of n: up for a surge,
// down for what is unavailable.
func Whole(text string, n int, up bool) (int, error) {
	if p, ok := strings.CutSuffix(text, "%"); ok {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 100*mostReplicas {
			return 0, fmt.Errorf("%q is not a percentage", text)
		}
		if up {
			return (n*v + 99) / 100, nil
		}
		return n * v / 100, nil
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 || v > mostReplicas {
		return 0, fmt.Errorf("%q is not a number of pods or a percentage", text)
	}
	return v, nil
}

// scaler returns the autoscaler of the workload.
func (w *workload) scaler() *source.Value {
	for _, h := range w.program.others["HorizontalPodAutoscaler"] {
		ref := h.At("spec", "scaleTargetRef")
		if ref.Get("kind").Raw() == w.kind && document.Name(ref.Get("name").Raw()) == w.name {
			return h
		}
	}
	return nil
}

// replicas reads how many pods there are. An autoscaler's minimum counts where the manifest says nothing.
func (w *workload) replicas(spec *source.Value) {
	v := spec.Get("replicas")
	n := 1
	if h := w.scaler(); h != nil {
		n = h.At("spec", "minReplicas").IntOr(1)
	}
	n = v.IntOr(n)
	if n < 0 || n > mostReplicas {
		v.Fault("%d is not a number of pods up to %d", n, mostReplicas)
		n = 1
	}
	w.count = n
	w.s.DesiredCount = ecs.Some(n)
	spec.Get("minReadySeconds").Lose("a task counts from when it runs, or from when its health checks are good")
	spec.Get("revisionHistoryLimit").Lose("revisions of a task definition are kept until you delete them")
	spec.Get("paused").Lose("a deployment of ECS goes on when it begins")
}

// rolling reads how a Deployment rolls out.
func (w *workload) rolling(spec *source.Value) {
	v := spec.Get("strategy")
	dc := &ecs.DeploymentConfiguration{DeploymentCircuitBreaker: &ecs.DeploymentCircuitBreaker{Enable: true}}
	w.s.DeploymentConfiguration = dc
	deadline := cmp.Or(spec.Get("progressDeadlineSeconds"), spec)
	deadline.Remark(source.Approximated,
		"progressDeadlineSeconds becomes the circuit breaker without rollback, which counts failures and not time")
	if v.Get("type").String() == "Recreate" {
		v.Get("type").Translate("minimumHealthyPercent 0, maximumPercent 100")
		dc.MinimumHealthyPercent, dc.MaximumPercent = ecs.Some(0), ecs.Some(100)
		return
	}
	surge, unavailable := w.steps(v.Get("rollingUpdate"))
	n := w.count
	lo, hi := Percents(n, surge, unavailable)
	dc.MinimumHealthyPercent, dc.MaximumPercent = ecs.Some(lo), ecs.Some(hi)
	at := cmp.Or(v, spec)
	at.Remark(source.Translated, "%d more and %d fewer than %d pods: maximumPercent %d, minimumHealthyPercent %d",
		surge,
		unavailable, n, hi, lo)
	if n > exact {
		at.Remark(source.Approximated, "above %d tasks one percent is more than one", exact)
	}
	if w.scaler() != nil {
		at.Remark(source.Approximated, "the percentages are those at %d tasks, and an autoscaler moves the number", n)
	}
}

// steps reads maxSurge and maxUnavailable in whole pods.
func (w *workload) steps(v *source.Value) (surge, unavailable int) {
	read := func(key string, up bool) int {
		x := v.Get(key)
		n, err := Whole(x.Or("25%"), w.count, up)
		if err != nil {
			x.Fault("%v", err)
		}
		return n
	}
	surge, unavailable = read("maxSurge", true), read("maxUnavailable", false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, unavailable
}

// stateful reads what a StatefulSet says besides.
func (w *workload) stateful(spec *source.Value) {
	lo, _ := Percents(w.count, 0, 1)
	if w.count == 0 {
		lo = 0
	}
	w.s.DeploymentConfiguration = &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(lo),
		MaximumPercent: ecs.Some(100)}
	spec.Remark(source.Approximated,
		"the pods of a StatefulSet have numbers, names, volumes and an order of their own; tasks of a service do not")
	spec.Get("serviceName").Lose("a task has no name of its own in DNS")
	spec.Get("podManagementPolicy").Lose("tasks start and stop in no order")
	spec.Get("updateStrategy").Approximate("one task after another: maximumPercent 100, minimumHealthyPercent %d", lo)
	for _, k := range []string{"ordinals", "persistentVolumeClaimRetentionPolicy"} {
		spec.Get(k).Lose("tasks have no numbers")
	}
}

// daemon reads what a DaemonSet says besides.
func (w *workload) daemon(spec *source.Value) {
	w.s.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	w.s.PlacementStrategy = nil
	n := max(w.given.Instances, 1)
	if w.fargate {
		spec.Fault("Fargate has no daemons: make it a container of each task")
	}
	u := spec.Get("updateStrategy")
	unavailable := 1
	if x := u.At("rollingUpdate", "maxUnavailable"); x.Has() {
		count, err := Whole(x.String(), n, true)
		if err != nil {
			x.Fault("%v", err)
		}
		unavailable = max(count, 1)
	}
	lo, _ := Percents(n, 0, unavailable)
	w.s.DeploymentConfiguration = &ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(lo),
		MaximumPercent: ecs.Some(100)}
	cmp.Or(u, spec).Remark(source.Approximated,
		"minimumHealthyPercent %d is that of %d instances: give their number with -instances", lo, n)
	u.At("rollingUpdate", "maxSurge").Lose("a daemon of ECS stops before the next one starts")
	if t := u.Get("type"); t.String() == "OnDelete" {
		t.Lose("a new revision rolls out when the service is updated")
	}
	spec.Get("minReadySeconds").Lose("a task counts from when it runs")
	spec.Get("revisionHistoryLimit").Lose("revisions of a task definition are kept until you delete them")
}

// standalone makes a standalone task of a Job, a CronJob or a Pod.
func (w *workload) standalone() {
	t := document.RunTask{Input: api.RunTaskInput{TaskDefinition: w.name, Cluster: w.given.Cluster,
		LaunchType:           w.s.LaunchType,
		NetworkConfiguration: w.s.NetworkConfiguration, PlacementConstraints: w.s.PlacementConstraints,
		PlacementStrategy: w.s.PlacementStrategy}}
	for _, v := range w.s.VolumeConfigurations {
		t.Input.VolumeConfigurations = append(t.Input.VolumeConfigurations, ecs.TaskVolumeConfiguration{Name: v.Name,
			ManagedEBSVolume: &ecs.TaskManagedEBSVolumeConfiguration{
				ServiceManagedEBSVolumeConfiguration: *v.ManagedEBSVolume}})
	}
	spec := w.v.Get("spec")
	job := spec
	if w.kind == "CronJob" {
		job = spec.At("jobTemplate", "spec")
		w.schedule(spec, &t)
	}
	if w.kind != "Pod" {
		w.job(job, &t)
	}
	w.result.RunTasks = append(w.result.RunTasks, t)
}

func (w *workload) job(v *source.Value, t *document.RunTask) {
	w.selector(v.Get("selector"))
	n := v.Get("parallelism").IntOr(1)
	if n > 1 {
		t.Input.Count = ecs.Some(min(n, 10))
		v.Get("parallelism").Translate("so many tasks at once; RunTask starts 10 at most in a call")
	}
	if v.Get("completions").IntOr(1) > max(n, 1) {
		v.Get("completions").Approximate("RunTask starts %d tasks: call it again for the rest", max(n, 1))
	}
	t.Retries = min(max(v.Get("backoffLimit").IntOr(0), 0), mostReplicas)
	v.Get("backoffLimit").Approximate("ECS starts a standalone task once: whatever starts it must try again")
	t.Timeout = max(v.Get("activeDeadlineSeconds").IntOr(0), 0)
	v.Get("activeDeadlineSeconds").Approximate("a standalone task has no time limit: whatever starts it must stop it")
	for _, k := range []string{"ttlSecondsAfterFinished", "completionMode", "suspend", "manualSelector",
		"podFailurePolicy",
		"backoffLimitPerIndex", "maxFailedIndexes", "successPolicy", "podReplacementPolicy", "managedBy"} {
		v.Get(k).Lose("a standalone task runs once and is forgotten an hour after")
	}
}

// schedule reads when a CronJob runs.
func (w *workload) schedule(spec *source.Value, t *document.RunTask) {
	v := spec.Get("schedule")
	text, err := document.Cron(v.String())
	if err != nil {
		v.Fault("%v", err)
	}
	t.Schedule = text
	v.Need("a schedule of Amazon EventBridge Scheduler that runs the task: %s", text)
	spec.Get("timeZone").Translate("ScheduleExpressionTimezone of Amazon EventBridge Scheduler")
	for _, k := range []string{"concurrencyPolicy", "startingDeadlineSeconds", "successfulJobsHistoryLimit",
		"failedJobsHistoryLimit", "suspend"} {
		spec.Get(k).Lose("Amazon EventBridge Scheduler starts a task whatever became of the one before")
	}
}
