package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs/codedeploy"
)

// CodeDeploy is the AWS CodeDeploy of a plane, for Amazon ECS. Its methods are the actions of its API, with their
// inputs and answers; their errors are those of package codedeploy. What changes something is recorded, and survives
// with the plane.
type CodeDeploy struct{ plane *Plane }

// CodeDeploy returns the plane's AWS CodeDeploy.
func (p *Plane) CodeDeploy() *CodeDeploy { return &CodeDeploy{p} }

// CreateApplication makes an application. The compute platform must be ECS.
// Source: AWS CodeDeploy API Reference, CreateApplication.
func (c *CodeDeploy) CreateApplication(
	now time.Time, in codedeploy.CreateApplicationInput,
) (codedeploy.CreateApplicationOutput, error) {
	return request(c.plane, now, "codedeploy:CreateApplication", in, c.plane.codeDeploy.CreateApplication)
}

// DeleteApplication deletes an application with its groups.
// Source: AWS CodeDeploy API Reference, DeleteApplication.
func (c *CodeDeploy) DeleteApplication(now time.Time, in codedeploy.ApplicationInput) error {
	_, err := request(c.plane, now, "codedeploy:DeleteApplication", in, c.plane.codeDeploy.DeleteApplication)
	return err
}

// CreateDeploymentConfig makes a configuration of how traffic moves.
// Source: AWS CodeDeploy API Reference, CreateDeploymentConfig.
func (c *CodeDeploy) CreateDeploymentConfig(
	now time.Time, in codedeploy.CreateDeploymentConfigInput,
) (codedeploy.CreateDeploymentConfigOutput, error) {
	return request(c.plane, now, "codedeploy:CreateDeploymentConfig", in, c.plane.codeDeploy.CreateDeploymentConfig)
}

// DeleteDeploymentConfig deletes a configuration that no group uses.
// Source: AWS CodeDeploy API Reference, DeleteDeploymentConfig.
func (c *CodeDeploy) DeleteDeploymentConfig(now time.Time, in codedeploy.DeploymentConfigInput) error {
	_, err := request(c.plane, now, "codedeploy:DeleteDeploymentConfig", in, c.plane.codeDeploy.DeleteDeploymentConfig)
	return err
}

// CreateDeploymentGroup makes a group for one service with the controller CODE_DEPLOY.
// Source: AWS CodeDeploy API Reference, CreateDeploymentGroup.
func (c *CodeDeploy) CreateDeploymentGroup(
	now time.Time, in codedeploy.CreateDeploymentGroupInput,
) (codedeploy.CreateDeploymentGroupOutput, error) {
	return request(c.plane, now, "codedeploy:CreateDeploymentGroup", in, c.plane.codeDeploy.CreateDeploymentGroup)
}

// DeleteDeploymentGroup deletes a group; a deployment under way goes on.
// Source: AWS CodeDeploy API Reference, DeleteDeploymentGroup.
func (c *CodeDeploy) DeleteDeploymentGroup(now time.Time, in codedeploy.DeploymentGroupInput) error {
	_, err := request(c.plane, now, "codedeploy:DeleteDeploymentGroup", in, c.plane.codeDeploy.DeleteDeploymentGroup)
	return err
}

// CreateDeployment starts a deployment of a group's service; there is one at a time.
// Source: AWS CodeDeploy API Reference, CreateDeployment.
func (c *CodeDeploy) CreateDeployment(
	now time.Time, in codedeploy.CreateDeploymentInput,
) (codedeploy.CreateDeploymentOutput, error) {
	return request(c.plane, now, "codedeploy:CreateDeployment", in, c.plane.codeDeploy.CreateDeployment)
}

// StopDeployment stops a deployment: rolled back if the call or its group says so, else where it is.
// Source: AWS CodeDeploy API Reference, StopDeployment.
func (c *CodeDeploy) StopDeployment(
	now time.Time, in codedeploy.StopDeploymentInput,
) (codedeploy.StopDeploymentOutput, error) {
	return request(c.plane, now, "codedeploy:StopDeployment", in, c.plane.codeDeploy.StopDeployment)
}

// ContinueDeployment ends the wait READY_WAIT or TERMINATION_WAIT of a deployment.
// Source: AWS CodeDeploy API Reference, ContinueDeployment.
func (c *CodeDeploy) ContinueDeployment(now time.Time, in codedeploy.ContinueDeploymentInput) error {
	_, err := request(c.plane, now, "codedeploy:ContinueDeployment", in, c.plane.codeDeploy.ContinueDeployment)
	return err
}

// PutLifecycleEventHookExecutionStatus reports how a hook of a deployment ended.
// Source: AWS CodeDeploy API Reference, PutLifecycleEventHookExecutionStatus.
func (c *CodeDeploy) PutLifecycleEventHookExecutionStatus(
	now time.Time, in codedeploy.HookExecutionStatusInput,
) (codedeploy.HookExecutionStatusOutput, error) {
	return request(c.plane, now, "codedeploy:PutLifecycleEventHookExecutionStatus", in,
		c.plane.codeDeploy.PutLifecycleEventHookExecutionStatus)
}

// GetApplication shows an application.
// Source: AWS CodeDeploy API Reference, GetApplication.
func (c *CodeDeploy) GetApplication(in codedeploy.ApplicationInput) (codedeploy.GetApplicationOutput, error) {
	return c.plane.codeDeploy.GetApplication(in)
}

// ListApplications lists applications in order of name.
// Source: AWS CodeDeploy API Reference, ListApplications.
func (c *CodeDeploy) ListApplications(in codedeploy.ListApplicationsInput) (codedeploy.ListApplicationsOutput, error) {
	return c.plane.codeDeploy.ListApplications(in)
}

// GetDeploymentConfig shows a configuration, AWS's own too.
// Source: AWS CodeDeploy API Reference, GetDeploymentConfig.
func (c *CodeDeploy) GetDeploymentConfig(
	in codedeploy.DeploymentConfigInput,
) (codedeploy.GetDeploymentConfigOutput, error) {
	return c.plane.codeDeploy.GetDeploymentConfig(in)
}

// ListDeploymentConfigs lists configurations in order of name.
// Source: AWS CodeDeploy API Reference, ListDeploymentConfigs.
func (c *CodeDeploy) ListDeploymentConfigs(
	in codedeploy.ListDeploymentConfigsInput,
) (codedeploy.ListDeploymentConfigsOutput, error) {
	return c.plane.codeDeploy.ListDeploymentConfigs(in)
}

// GetDeploymentGroup shows a group with its last deployments.
// Source: AWS CodeDeploy API Reference, GetDeploymentGroup.
func (c *CodeDeploy) GetDeploymentGroup(
	in codedeploy.DeploymentGroupInput,
) (codedeploy.GetDeploymentGroupOutput, error) {
	return c.plane.codeDeploy.GetDeploymentGroup(in)
}

// ListDeploymentGroups lists an application's groups in order of name.
// Source: AWS CodeDeploy API Reference, ListDeploymentGroups.
func (c *CodeDeploy) ListDeploymentGroups(
	in codedeploy.ListDeploymentGroupsInput,
) (codedeploy.ListDeploymentGroupsOutput, error) {
	return c.plane.codeDeploy.ListDeploymentGroups(in)
}

// GetDeployment shows a deployment, or the one that rolls it back.
// Source: AWS CodeDeploy API Reference, GetDeployment.
func (c *CodeDeploy) GetDeployment(in codedeploy.DeploymentInput) (codedeploy.GetDeploymentOutput, error) {
	return c.plane.codeDeploy.GetDeployment(in)
}

// BatchGetDeployments shows deployments in the order asked for.
// Source: AWS CodeDeploy API Reference, BatchGetDeployments.
func (c *CodeDeploy) BatchGetDeployments(
	in codedeploy.BatchGetDeploymentsInput,
) (codedeploy.BatchGetDeploymentsOutput, error) {
	return c.plane.codeDeploy.BatchGetDeployments(in)
}

// ListDeployments lists the IDs of deployments, of a group or of all, in order.
// Source: AWS CodeDeploy API Reference, ListDeployments.
func (c *CodeDeploy) ListDeployments(in codedeploy.ListDeploymentsInput) (codedeploy.ListDeploymentsOutput, error) {
	return c.plane.codeDeploy.ListDeployments(in)
}

// ListDeploymentTargets lists the one target of a deployment.
// Source: AWS CodeDeploy API Reference, ListDeploymentTargets.
func (c *CodeDeploy) ListDeploymentTargets(
	in codedeploy.ListDeploymentTargetsInput,
) (codedeploy.ListDeploymentTargetsOutput, error) {
	return c.plane.codeDeploy.ListDeploymentTargets(in)
}

// GetDeploymentTarget shows the life-cycle events and the task sets of a deployment.
// Source: AWS CodeDeploy API Reference, GetDeploymentTarget.
func (c *CodeDeploy) GetDeploymentTarget(
	in codedeploy.GetDeploymentTargetInput,
) (codedeploy.GetDeploymentTargetOutput, error) {
	return c.plane.codeDeploy.GetDeploymentTarget(in)
}

// BatchGetDeploymentTargets shows targets in the order asked for.
// Source: AWS CodeDeploy API Reference, BatchGetDeploymentTargets.
func (c *CodeDeploy) BatchGetDeploymentTargets(
	in codedeploy.BatchGetDeploymentTargetsInput,
) (codedeploy.BatchGetDeploymentTargetsOutput, error) {
	return c.plane.codeDeploy.BatchGetDeploymentTargets(in)
}

// codeDeployOperations are the inputs of AWS CodeDeploy that leave a record.
func codeDeployOperations() []operation {
	return []operation{
		of((*Plane).CodeDeploy, "codedeploy:CreateApplication", (*CodeDeploy).CreateApplication),
		tellOf((*Plane).CodeDeploy, "codedeploy:DeleteApplication", (*CodeDeploy).DeleteApplication),
		of((*Plane).CodeDeploy, "codedeploy:CreateDeploymentConfig", (*CodeDeploy).CreateDeploymentConfig),
		tellOf((*Plane).CodeDeploy, "codedeploy:DeleteDeploymentConfig", (*CodeDeploy).DeleteDeploymentConfig),
		of((*Plane).CodeDeploy, "codedeploy:CreateDeploymentGroup", (*CodeDeploy).CreateDeploymentGroup),
		tellOf((*Plane).CodeDeploy, "codedeploy:DeleteDeploymentGroup", (*CodeDeploy).DeleteDeploymentGroup),
		of((*Plane).CodeDeploy, "codedeploy:CreateDeployment", (*CodeDeploy).CreateDeployment),
		of((*Plane).CodeDeploy, "codedeploy:StopDeployment", (*CodeDeploy).StopDeployment),
		tellOf((*Plane).CodeDeploy, "codedeploy:ContinueDeployment", (*CodeDeploy).ContinueDeployment),
		of((*Plane).CodeDeploy, "codedeploy:PutLifecycleEventHookExecutionStatus",
			(*CodeDeploy).PutLifecycleEventHookExecutionStatus),
	}
}
