package scheduler

import "github.com/bayplan/bayplan/ecs"

// act is what a stage does besides calling its hooks.
type act uint8

const (
	actNothing   act = iota
	actReconcile     // wait until no third revision is left
	actScaleUp       // bring green to the desired count
	actTest          // move test traffic to green
	actShift         // move a step of production traffic to green
	actReady         // CodeDeploy: wait to be continued
	actBake          // let both run, and watch the alarms
	actCleanUp       // stop blue
)

// stageRule is one row of a controller's life cycle.
type stageRule struct {
	stage ecs.LifecycleStage
	hooks bool
	act   act
}

// The life cycle of BLUE_GREEN, LINEAR and CANARY. Source: Amazon ECS Developer Guide,
// "Amazon ECS blue/green service deployments workflow".
var nativeStages = [...]stageRule{
	{ecs.LifecycleStageReconcileService, true, actReconcile},
	{ecs.LifecycleStagePreScaleUp, true, actNothing},
	{ecs.LifecycleStageScaleUp, false, actScaleUp},
	{ecs.LifecycleStagePostScaleUp, true, actNothing},
	{ecs.LifecycleStageTestTrafficShift, true, actTest},
	{ecs.LifecycleStagePostTestTrafficShift, true, actNothing},
	{ecs.LifecycleStagePreProductionTrafficShift, true, actNothing},
	{ecs.LifecycleStageProductionTrafficShift, true, actShift},
	{ecs.LifecycleStagePostProductionTrafficShift, true, actNothing},
	{ecs.LifecycleStageBakeTime, false, actBake},
	{ecs.LifecycleStageCleanUp, false, actCleanUp},
}

// CodeDeploy's life-cycle events, with its waits, and the termination of blue that has no
// event. Source: AWS CodeDeploy User Guide, "List of lifecycle event hooks for an Amazon ECS
// deployment".
var codeDeployStages = [...]stageRule{
	{StageBeforeInstall, true, actReconcile},
	{StageInstall, false, actScaleUp},
	{StageAfterInstall, true, actNothing},
	{StageAllowTestTraffic, false, actTest},
	{StageAfterAllowTestTraffic, true, actNothing},
	{StageReadyWait, false, actReady},
	{StageBeforeAllowTraffic, true, actNothing},
	{StageAllowTraffic, false, actShift},
	{StageAfterAllowTraffic, true, actNothing},
	{StageTerminationWait, false, actBake},
	{ecs.LifecycleStageCleanUp, false, actCleanUp},
}

// CodeDeployStages returns CodeDeploy's life-cycle events and waits, in their order.
func CodeDeployStages() (stages []ecs.LifecycleStage) {
	for _, rule := range codeDeployStages {
		stages = append(stages, rule.stage)
	}
	return stages
}

// The way back of both: production traffic, test traffic, then green goes. There is no stage
// of its own for it.
var backStages = [...]stageRule{
	{ecs.LifecycleStageProductionTrafficShift, true, actShift},
	{ecs.LifecycleStageTestTrafficShift, true, actTest},
	{ecs.LifecycleStageCleanUp, false, actCleanUp},
}

// rules returns the life cycle that rollout d goes by.
func (r *run) rules(d *Rollout) []stageRule {
	switch {
	case d.Stages.Back:
		return backStages[:]
	case r.codeDeploys():
		return codeDeployStages[:]
	}
	return nativeStages[:]
}
