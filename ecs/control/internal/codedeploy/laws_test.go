package codedeploy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// oracle is what a reader of the API would note on paper.
type oracle struct {
	groups  map[string]map[string]*paper // by application and name
	configs map[string]bool              // somebody's own
}

// paper is a deployment group.
type paper struct {
	service, config string
	deployments     []string // IDs, oldest first
	open            string   // ID of the one that is under way
	status          map[string]scheduler.CodeDeployStatus
}

// taken finds the group of a service.
func (o oracle) taken(service string) *paper {
	for _, groups := range o.groups {
		for _, g := range groups {
			if g.service == service {
				return g
			}
		}
	}
	return nil
}

func (o oracle) uses(config string) bool {
	for _, groups := range o.groups {
		for _, g := range groups {
			if g.config == config {
				return true
			}
		}
	}
	return false
}

// customer makes random calls of a shop, and knows by the oracle how each must end.
type customer struct {
	*shop
	oracle
	draw *rapid.T
}

func (c *customer) one(of string, list ...string) string {
	return rapid.SampledFrom(list).Draw(c.draw, of)
}

// outcome checks the error of a call by its code; "" is none.
func (c *customer) outcome(err error, code ecs.Code) bool {
	if code == "" {
		require.NoError(c.t, err)
		return true
	}
	require.ErrorIs(c.t, err, code)
	return false
}

func (c *customer) call() {
	application, name := c.one("application", "a", "b"), c.one("group", "g", "h")
	groups, there := c.groups[application]
	g := groups[name]
	missing := func() ecs.Code {
		switch {
		case !there:
			return cd.ApplicationDoesNotExist
		case g == nil:
			return cd.DeploymentGroupDoesNotExist
		}
		return ""
	}
	switch rapid.IntRange(0, 9).Draw(c.draw, "call") {
	case 0:
		_, err := c.CreateApplication(cd.CreateApplicationInput{ApplicationName: application, ComputePlatform: "ECS"})
		if c.outcome(err, map[bool]ecs.Code{true: cd.ApplicationAlreadyExists}[there]) {
			c.groups[application] = map[string]*paper{}
		}
	case 1:
		if rapid.IntRange(0, 3).Draw(c.draw, "seldom") == 0 {
			_, err := c.DeleteApplication(cd.ApplicationInput{ApplicationName: application})
			c.outcome(err, "")
			delete(c.groups, application)
		}
	case 2:
		c.makeGroup(application, name, there, g != nil)
	case 3:
		_, err := c.DeleteDeploymentGroup(
			cd.DeploymentGroupInput{ApplicationName: application, DeploymentGroupName: name},
		)
		if c.outcome(err, missing()) {
			delete(groups, name)
		}
	case 4:
		c.config()
	case 5, 8, 9:
		c.deploy(application, name, g, missing())
	case 6:
		c.finish(g)
	case 7:
		c.stop(g)
	}
}

func (c *customer) makeGroup(application, name string, there, made bool) {
	service, config := c.one("service", "s", "t", "none"), c.one("config", "", "own", "CodeDeployDefault.ECSAllAtOnce")
	in := inputOf(application, name, service)
	in.DeploymentConfigName = config
	_, err := c.CreateDeploymentGroup(in)
	code := ecs.Code("")
	switch {
	case !there:
		code = cd.ApplicationDoesNotExist
	case config == "own" && !c.configs["own"]:
		code = cd.DeploymentConfigDoesNotExist
	case made:
		code = cd.DeploymentGroupAlreadyExists
	case service == "none":
		code = cd.InvalidECSService
	case c.taken(service) != nil:
		code = cd.ECSServiceMappingLimitExceeded
	}
	if c.outcome(err, code) {
		c.groups[application][name] = &paper{service: service, config: config,
			status: map[string]scheduler.CodeDeployStatus{}}
	}
}

// config makes the configuration own, or deletes it.
func (c *customer) config() {
	if rapid.Bool().Draw(c.draw, "make") {
		_, err := c.CreateDeploymentConfig(cd.CreateDeploymentConfigInput{DeploymentConfigName: "own",
			ComputePlatform: "ECS", TrafficRoutingConfig: &cd.TrafficRoutingConfig{Type: "AllAtOnce"}})
		if c.outcome(err, map[bool]ecs.Code{true: cd.DeploymentConfigAlreadyExists}[c.configs["own"]]) {
			c.configs["own"] = true
		}
		return
	}
	_, err := c.DeleteDeploymentConfig(cd.DeploymentConfigInput{DeploymentConfigName: "own"})
	code := ecs.Code("")
	switch {
	case !c.configs["own"]:
		code = cd.DeploymentConfigDoesNotExist
	case c.uses("own"):
		code = cd.DeploymentConfigInUse
	}
	if c.outcome(err, code) {
		delete(c.configs, "own")
	}
}

func (c *customer) deploy(application, name string, g *paper, code ecs.Code) {
	if g != nil && g.open != "" {
		code = cd.DeploymentLimitExceeded
	} else if g != nil { // what a group that was deleted has left under way
		c.trim(g.service)
	}
	content := `{"Resources":[{"S":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"web:1",` +
		`"LoadBalancerInfo":{"ContainerName":"app","ContainerPort":80}}}}]}`
	out, err := c.CreateDeployment(cd.CreateDeploymentInput{ApplicationName: application, DeploymentGroupName: name,
		Revision: &cd.RevisionLocation{RevisionType: "AppSpecContent",
			AppSpecContent: &cd.AppSpecContent{Content: content}}})
	if c.outcome(err, code) {
		require.Regexp(c.t, "^d-[A-Z0-9]{9}$", out.DeploymentID)
		g.open = out.DeploymentID
		g.deployments = append(g.deployments, g.open)
		g.status[g.open] = scheduler.CodeDeployStatusCreated
	}
}

// finish lets the deployment that is under way succeed or fail.
func (c *customer) finish(g *paper) {
	if g == nil || g.open == "" {
		return
	}
	state, status := ecs.DeploymentRolloutStateCompleted, scheduler.CodeDeployStatusSucceeded
	if rapid.Bool().Draw(c.draw, "fails") {
		state, status = ecs.DeploymentRolloutStateFailed, scheduler.CodeDeployStatusFailed
		if g.status[g.open] == scheduler.CodeDeployStatusStopped {
			status = scheduler.CodeDeployStatusStopped
		}
	}
	c.end(g.service, state)
	g.status[g.open], g.open = status, ""
}

// stop stops a deployment, which stays under way until the scheduler has ended it.
func (c *customer) stop(g *paper) {
	id := "d-000000000"
	if g != nil && len(g.deployments) > 0 {
		id = c.one("deployment", g.deployments...)
	}
	_, err := c.StopDeployment(cd.StopDeploymentInput{DeploymentID: id})
	switch {
	case id == "d-000000000":
		c.outcome(err, cd.DeploymentDoesNotExist)
	case id != g.open:
		c.outcome(err, cd.DeploymentAlreadyCompleted)
	default:
		c.outcome(err, "")
		c.end(g.service, ecs.DeploymentRolloutStateFailed)
		g.status[id], g.open = scheduler.CodeDeployStatusStopped, ""
	}
}

// same compares what the room shows with the oracle.
func (c *customer) same() {
	applications, err := c.ListApplications(cd.ListApplicationsInput{})
	require.NoError(c.t, err)
	require.Equal(c.t, append([]string{}, slices.Sorted(maps.Keys(c.groups))...), applications.Applications)
	for application, groups := range c.groups {
		list, err := c.ListDeploymentGroups(cd.ListDeploymentGroupsInput{ApplicationName: application})
		require.NoError(c.t, err)
		require.Equal(c.t, append([]string{}, slices.Sorted(maps.Keys(groups))...), list.DeploymentGroups)
		for name, g := range groups {
			all, err := c.ListDeployments(cd.ListDeploymentsInput{ApplicationName: application,
				DeploymentGroupName: name})
			require.NoError(c.t, err)
			require.ElementsMatch(c.t, g.deployments, all.Deployments)
			for _, id := range g.deployments {
				out, err := c.GetDeployment(cd.DeploymentInput{DeploymentID: id})
				require.NoError(c.t, err)
				require.Equal(c.t, g.status[id], out.DeploymentInfo.Status)
				targets, err := c.ListDeploymentTargets(cd.ListDeploymentTargetsInput{DeploymentID: id})
				require.NoError(c.t, err)
				require.Equal(c.t, []string{"default:" + g.service}, targets.TargetIDs)
			}
			shown, err := c.GetDeploymentGroup(cd.DeploymentGroupInput{ApplicationName: application,
				DeploymentGroupName: name})
			require.NoError(c.t, err)
			if n := len(g.deployments); n > 0 {
				require.Equal(c.t, g.deployments[n-1], shown.DeploymentGroupInfo.LastAttemptedDeployment.DeploymentID)
			}
		}
	}
}

// Random calls end as a reader of the API would note them on paper: what is there, what is refused and by which code,
// how each deployment ended. A call that is refused changes nothing; the room is in order, and is the same after it
// was restored.
//
// Seen to fail: a group of a service that another group has; a configuration deleted though a group uses it; a second
// deployment while one is under way; a deployment that is forgotten by one of its IDs only.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &customer{newShop(t, "s", "t"), oracle{map[string]map[string]*paper{}, map[string]bool{}}, t}
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			c.call()
			require.Empty(t, c.Check())
		}
		c.same()
		again := newShop(t, "s", "t")
		again.Services = c.Services
		require.NoError(t, again.Restore(c.State()))
		require.Empty(t, again.Check())
		require.Equal(t, c.text(), again.text())
	})
}

// A State with what cannot be is refused.
//
// Seen to fail: a group that is null.
func TestRestoreRefuses(t *testing.T) {
	for text, s := range map[string]State{
		"an application or a group is null": {Applications: []*Application{nil}},
		"null":                              {Applications: []*Application{{Groups: []*Group{nil}}}},
		"a deployment is null": {Applications: []*Application{{Groups: []*Group{{Name: "g",
			Record: inputOf("a", "g", "s").DeploymentGroup, Deployments: []*Deployment{nil}}}}}},
	} {
		err := newShop(t).Restore(&s)
		require.Error(t, err)
		require.True(t, strings.Contains(err.Error(), text), err)
	}
}
