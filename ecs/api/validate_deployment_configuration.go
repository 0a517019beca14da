package api

import (
	"math"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// deploymentConfiguration checks how a service's deployments go. Source: Amazon ECS API
// Reference, DeploymentConfiguration.
func (c *faults) deploymentConfiguration(
	dc *ecs.DeploymentConfiguration, controller ecs.DeploymentControllerType, scheduling ecs.SchedulingStrategy,
) {
	if dc == nil {
		return
	}
	const path = "deploymentConfiguration"
	c.between(path+".minimumHealthyPercent", dc.MinimumHealthyPercent, 0, 100)
	c.between(path+".maximumPercent", dc.MaximumPercent, 1, math.MaxInt32)
	lo, hi := dc.MinimumHealthyPercent.Or(0), dc.MaximumPercent.Or(200)
	if lo <= 100 && 0 < hi && hi < lo {
		c.Refuse(path+".maximumPercent",
			"maximumPercent must not be less than minimumHealthyPercent; it is %d against %d.", hi, lo)
	}
	if scheduling == ecs.SchedulingStrategyDaemon {
		c.daemonPercent(dc)
	}
	c.trafficShift(path, *dc, controller)
	c.circuitBreaker(path+".deploymentCircuitBreaker", dc.DeploymentCircuitBreaker, controller)
	if a := dc.Alarms; a != nil {
		if a.Enable && len(a.AlarmNames) == 0 {
			c.Refuse(path+".alarms.alarmNames", "alarmNames should not be null or empty.")
		}
		if controller != ecs.DeploymentControllerTypeEcs {
			c.Refuse(path+".alarms", "Deployment alarms are supported with the ECS deployment controller only.")
		}
	}
	c.hooks(path+".lifecycleHooks", dc.LifecycleHooks)
	c.earlySuccess(path+".earlySuccessCriteria", *dc, controller)
}

// earlySuccess checks when a rolling deployment is successful early. Source: Amazon ECS API
// Reference, DeploymentEarlySuccessCriteria.
func (c *faults) earlySuccess(path string, dc ecs.DeploymentConfiguration, controller ecs.DeploymentControllerType) {
	e := dc.EarlySuccessCriteria
	if e == nil {
		return
	}
	if rolling := dc.Strategy == "" || dc.Strategy == ecs.DeploymentStrategyRolling; !rolling ||
		controller != ecs.DeploymentControllerTypeEcs {
		c.Refuse(path,
			"Early success criteria are supported with the ROLLING strategy of the ECS deployment controller only.")
	}
	c.between(path+".healthyPercent", e.HealthyPercent, 0, 100)
	if percent, least := e.HealthyPercent.Or(100), dc.MinimumHealthyPercent.Or(0); e.Enable && least <= 100 &&
		0 <= percent && percent < least {
		c.Refuse(path+".healthyPercent",
			"healthyPercent must not be less than minimumHealthyPercent; it is %d against %d.", percent, least)
	}
	switch how := e.SourceServiceRevisionCleanup; how {
	case "", "BLOCKING", "DEFERRED":
	default:
		c.Refuse(path+".sourceServiceRevisionCleanup",
			"sourceServiceRevisionCleanup must be one of BLOCKING, DEFERRED; it is %q.", check.Shortened(how))
	}
	if e.Enable && (e.HealthyPercent.IsZero() || e.SourceServiceRevisionCleanup == "") {
		c.Refuse(path,
			"healthyPercent and sourceServiceRevisionCleanup are required when early success criteria are enabled.")
	}
}

// trafficShift checks the strategy and its settings.
func (c *faults) trafficShift(path string, dc ecs.DeploymentConfiguration, controller ecs.DeploymentControllerType) {
	if !c.OneOf(path+".strategy", choose(dc.Strategy)) {
		return
	}
	rolling := dc.Strategy == "" || dc.Strategy == ecs.DeploymentStrategyRolling
	if !rolling && controller != ecs.DeploymentControllerTypeEcs {
		c.Refuse(path+".strategy", "The %s strategy is supported with the ECS deployment controller only.", dc.Strategy)
	}
	if dc.Strategy == ecs.DeploymentStrategyBlueGreen && dc.BakeTimeInMinutes.IsZero() {
		c.Refuse(path+".bakeTimeInMinutes", "bakeTimeInMinutes is required for the BLUE_GREEN strategy.")
	}
	c.between(path+".bakeTimeInMinutes", dc.BakeTimeInMinutes, 0, 1440)
	if l := dc.LinearConfiguration; l != nil {
		if dc.Strategy != ecs.DeploymentStrategyLinear {
			c.Refuse(path+".linearConfiguration", "linearConfiguration belongs to the LINEAR strategy.")
		}
		c.percent(path+".linearConfiguration.stepPercent", l.StepPercent, 3)
		c.between(path+".linearConfiguration.stepBakeTimeInMinutes", l.StepBakeTimeInMinutes, 0, 1440)
	}
	if k := dc.CanaryConfiguration; k != nil {
		if dc.Strategy != ecs.DeploymentStrategyCanary {
			c.Refuse(path+".canaryConfiguration", "canaryConfiguration belongs to the CANARY strategy.")
		}
		c.percent(path+".canaryConfiguration.canaryPercent", k.CanaryPercent, 0.1)
		c.between(path+".canaryConfiguration.canaryBakeTimeInMinutes", k.CanaryBakeTimeInMinutes, 0, 1440)
	}
}

// percent checks a share of traffic: lo to 100 in steps of 0.1.
func (c *faults) percent(path string, p ecs.Opt[float64], lo float64) {
	v, ok := p.Get()
	tenths := float64(v * 10)
	if ok && !(lo <= v && v <= 100 && math.Abs(tenths-math.Round(tenths)) < 1e-9) {
		c.Refuse(path, "%s must be a multiple of 0.1 from %g to 100; it is %g.", check.LastKey(path), lo, v)
	}
}

func (c *faults) circuitBreaker(path string, b *ecs.DeploymentCircuitBreaker, controller ecs.DeploymentControllerType) {
	if b == nil {
		return
	}
	if b.Enable && controller != ecs.DeploymentControllerTypeEcs {
		c.Refuse(path, "The deployment circuit breaker is supported with the ECS deployment controller only.")
	}
	t := b.ThresholdConfiguration
	if t == nil {
		return
	}
	switch t.Type {
	case "", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT":
		c.between(path+".thresholdConfiguration.value", ecs.Some(t.Value), 1, 100)
	case "COUNT":
		c.between(path+".thresholdConfiguration.value", ecs.Some(t.Value), 1, math.MaxInt32)
	default:
		c.Refuse(path+".thresholdConfiguration.type",
			"type must be one of BOUNDED_PERCENT, UNBOUNDED_PERCENT, COUNT; it is %q.", t.Type)
	}
}

// hooks checks lifecycle hooks. Source: Amazon ECS API Reference, DeploymentLifecycleHook.
func (c *faults) hooks(path string, list []ecs.DeploymentLifecycleHook) {
	lambdas, pauses := 0, 0
	for i, h := range list {
		longest := 1440
		switch h.TargetType {
		case "", ecs.LifecycleHookTargetTypeAWSLambda:
			lambdas++
			c.Present(path+check.Path(i, "hookTargetArn"), h.HookTargetArn)
			c.Present(path+check.Path(i, "roleArn"), h.RoleArn)
			c.Role(path+check.Path(i, "roleArn"), h.RoleArn)
		case ecs.LifecycleHookTargetTypePause:
			pauses++
			longest = 20160
		default:
			c.Refuse(path+check.Path(i, "targetType"), "targetType must be one of AWS_LAMBDA, PAUSE; it is %q.",
				h.TargetType)
		}
		if len(h.LifecycleStages) == 0 {
			c.Refuse(path+check.Path(i, "lifecycleStages"), "lifecycleStages should not be null or empty.")
		}
		for j, stage := range h.LifecycleStages {
			c.stage(path+check.Path(i, "lifecycleStages", j), stage, h.TargetType)
		}
		if t := h.TimeoutConfiguration; t != nil {
			c.between(path+check.Path(i, "timeoutConfiguration", "timeoutInMinutes"), t.TimeoutInMinutes, 1, longest)
			if t.Action != "" && !ecs.Valid(t.Action) {
				c.Refuse(path+check.Path(i, "timeoutConfiguration", "action"),
					"action must be one of ROLLBACK, CONTINUE; it is %q.", t.Action)
			}
		}
	}
	if lambdas > 10 || pauses > 10 {
		c.Refuse(path, "A service can have at most 10 Lambda hooks and 10 pause hooks; it has %d and %d.", lambdas,
			pauses)
	}
}

func (c *faults) stage(path string, stage ecs.LifecycleStage, targetType ecs.LifecycleHookTargetType) {
	stages := hookedStages()
	switch {
	case !slices.Contains(stages, stage):
		c.Refuse(path, "A lifecycle stage must be one of %s; it is %q.", joined(stages), check.Shortened(string(stage)))
	case targetType == ecs.LifecycleHookTargetTypePause && (stage == ecs.LifecycleStageTestTrafficShift ||
		stage == ecs.LifecycleStageProductionTrafficShift):
		c.Refuse(path, "A PAUSE hook cannot stand at %s.", stage)
	}
}

// hookedStages returns the stages that call hooks.
func hookedStages() []ecs.LifecycleStage {
	return []ecs.LifecycleStage{ecs.LifecycleStageReconcileService, ecs.LifecycleStagePreScaleUp,
		ecs.LifecycleStagePostScaleUp,
		ecs.LifecycleStageTestTrafficShift, ecs.LifecycleStagePostTestTrafficShift,
		ecs.LifecycleStagePreProductionTrafficShift,
		ecs.LifecycleStageProductionTrafficShift, ecs.LifecycleStagePostProductionTrafficShift}
}

func joined[S ~string](list []S) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}
