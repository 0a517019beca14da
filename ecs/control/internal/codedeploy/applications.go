package codedeploy

import (
	"slices"

	cd "github.com/bayplan/bayplan/ecs/codedeploy"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// CreateApplication makes an application.
func (m *Room) CreateApplication(in cd.CreateApplicationInput) (out cd.CreateApplicationOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	if _, err := m.application(in.ApplicationName); err == nil {
		return out, core.Fault(cd.ApplicationAlreadyExists, "applicationName", "The application %s already exists.",
			in.ApplicationName)
	}
	if len(m.state.Applications) >= mostApplications {
		return out, core.Fault(cd.ApplicationLimitExceeded, "", "There are at most %d applications.", mostApplications)
	}
	out.ApplicationID = m.uuid()
	m.state.Applications = append(m.state.Applications, &Application{Record: cd.Application{
		ApplicationID: out.ApplicationID, ApplicationName: in.ApplicationName, CreateTime: m.Core.Now(),
		ComputePlatform: cd.ComputePlatformECS}})
	return out, nil
}

func (m *Room) application(name string) (*Application, error) {
	i := slices.IndexFunc(m.state.Applications, func(a *Application) bool { return a.Record.ApplicationName == name })
	switch {
	case name == "":
		return nil, core.Fault(cd.ApplicationNameRequired, "applicationName", "applicationName is required.")
	case i < 0:
		return nil, core.Fault(cd.ApplicationDoesNotExist, "applicationName", "No application found for name: %s", name)
	}
	return m.state.Applications[i], nil
}

// GetApplication shows an application.
func (m *Room) GetApplication(in cd.ApplicationInput) (out cd.GetApplicationOutput, err error) {
	a, err := m.application(in.ApplicationName)
	if err == nil {
		out.Application = a.Record
	}
	return out, err
}

// DeleteApplication deletes an application with its groups; one that is not there is no fault.
func (m *Room) DeleteApplication(in cd.ApplicationInput) (struct{}, error) {
	a, err := m.application(in.ApplicationName)
	if in.ApplicationName == "" {
		return struct{}{}, err
	}
	if err == nil {
		for _, g := range a.Groups {
			m.forget(g, len(g.Deployments))
		}
		m.state.Applications = slices.DeleteFunc(m.state.Applications, func(o *Application) bool { return o == a })
	}
	return struct{}{}, nil
}

// ListApplications lists the names of applications.
func (m *Room) ListApplications(in cd.ListApplicationsInput) (out cd.ListApplicationsOutput, err error) {
	var names []string
	for _, a := range m.state.Applications {
		names = append(names, a.Record.ApplicationName)
	}
	out.Applications, out.NextToken, err = page(names, in.NextToken)
	return out, err
}

// CreateDeploymentConfig makes a configuration.
func (m *Room) CreateDeploymentConfig(
	in cd.CreateDeploymentConfigInput,
) (out cd.CreateDeploymentConfigOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	if _, err := m.config(in.DeploymentConfigName); err == nil {
		return out, core.Fault(cd.DeploymentConfigAlreadyExists, "deploymentConfigName",
			"The deployment configuration %s already exists.", in.DeploymentConfigName)
	}
	if len(m.state.Configs) >= mostConfigs {
		return out, core.Fault(cd.DeploymentConfigLimitExceeded, "", "There are at most %d configurations.",
			mostConfigs)
	}
	out.DeploymentConfigID = m.uuid()
	m.state.Configs = append(m.state.Configs, cd.DeploymentConfig{DeploymentConfigID: out.DeploymentConfigID,
		DeploymentConfigName: in.DeploymentConfigName, CreateTime: m.Core.Now(), ComputePlatform: cd.ComputePlatformECS,
		TrafficRoutingConfig: *in.TrafficRoutingConfig})
	return out, nil
}

// config finds a configuration, AWS's own too.
func (m *Room) config(name string) (cd.DeploymentConfig, error) {
	for _, c := range slices.Concat(cd.Predefined(), m.state.Configs) {
		if c.DeploymentConfigName == name {
			return c, nil
		}
	}
	return cd.DeploymentConfig{}, core.Fault(cd.DeploymentConfigDoesNotExist, "deploymentConfigName",
		"No deployment configuration found for name: %s", name)
}

// GetDeploymentConfig shows a configuration.
func (m *Room) GetDeploymentConfig(in cd.DeploymentConfigInput) (out cd.GetDeploymentConfigOutput, err error) {
	out.DeploymentConfigInfo, err = m.config(in.DeploymentConfigName)
	return out, err
}

// DeleteDeploymentConfig deletes a configuration that no group uses.
func (m *Room) DeleteDeploymentConfig(in cd.DeploymentConfigInput) (struct{}, error) {
	i := slices.IndexFunc(m.state.Configs, func(c cd.DeploymentConfig) bool {
		return c.DeploymentConfigName == in.DeploymentConfigName
	})
	if i < 0 {
		_, err := m.config(in.DeploymentConfigName)
		if err == nil {
			err = core.Fault(cd.InvalidDeploymentConfigName, "deploymentConfigName", "%s is AWS's own.",
				in.DeploymentConfigName)
		}
		return struct{}{}, err
	}
	for _, a := range m.state.Applications {
		for _, g := range a.Groups {
			if g.Record.DeploymentConfigName == in.DeploymentConfigName {
				return struct{}{}, core.Fault(cd.DeploymentConfigInUse, "deploymentConfigName",
					"The deployment group %s uses %s.", g.Name, in.DeploymentConfigName)
			}
		}
	}
	m.state.Configs = slices.Delete(slices.Clone(m.state.Configs), i, i+1)
	return struct{}{}, nil
}

// ListDeploymentConfigs lists the names of configurations, AWS's own too.
func (m *Room) ListDeploymentConfigs(in cd.ListDeploymentConfigsInput) (out cd.ListDeploymentConfigsOutput, err error) {
	var names []string
	for _, c := range slices.Concat(cd.Predefined(), m.state.Configs) {
		names = append(names, c.DeploymentConfigName)
	}
	out.DeploymentConfigsList, out.NextToken, err = page(names, in.NextToken)
	return out, err
}

// CreateDeploymentGroup makes a deployment group for a service with the controller CODE_DEPLOY.
func (m *Room) CreateDeploymentGroup(in cd.CreateDeploymentGroupInput) (out cd.CreateDeploymentGroupOutput, err error) {
	a, err := m.application(in.ApplicationName)
	if err != nil {
		return out, err
	}
	if err := in.Validate(); err != nil {
		return out, err
	}
	if in.DeploymentConfigName == "" {
		in.DeploymentConfigName = cd.DefaultConfig
	}
	if _, err := m.config(in.DeploymentConfigName); err != nil {
		return out, err
	}
	if _, err := a.group(in.DeploymentGroupName); err == nil {
		return out, core.Fault(cd.DeploymentGroupAlreadyExists, "deploymentGroupName",
			"The deployment group %s already exists.", in.DeploymentGroupName)
	}
	if len(a.Groups) >= mostGroups {
		return out, core.Fault(cd.DeploymentGroupLimitExceeded, "", "An application has at most %d groups.", mostGroups)
	}
	s, err := m.service(in.DeploymentGroup)
	if err != nil {
		return out, err
	}
	if taken := m.groupOf(s); taken != nil {
		return out, core.Fault(cd.ECSServiceMappingLimitExceeded, "ecsServices",
			"The service %s is already in the deployment group %s.", s.Record.ServiceName, taken.Name)
	}
	if _, _, err := m.turn(in.DeploymentGroup, s); err != nil {
		return out, err
	}
	out.DeploymentGroupID = m.uuid()
	a.Groups = append(a.Groups, &Group{ID: out.DeploymentGroupID, Application: in.ApplicationName,
		Name: in.DeploymentGroupName, Record: in.DeploymentGroup})
	return out, nil
}

// service finds the service of a group.
func (m *Room) service(g cd.DeploymentGroup) (*services.Service, error) {
	of := g.EcsServices[0]
	if c, err := m.Fleet.Cluster(of.ClusterName); err == nil {
		if s, err := m.Services.ActiveService(c, of.ServiceName); err == nil && Deploys(s.Record) {
			return s, nil
		}
	}
	return nil, core.Fault(cd.InvalidECSService, "ecsServices",
		"The ECS service %s of the cluster %s is not ACTIVE, or its deployment controller is not CODE_DEPLOY.",
		of.ServiceName, of.ClusterName)
}

// groupOf returns the group of a service; nil if it is in none.
func (m *Room) groupOf(s *services.Service) *Group {
	for _, a := range m.state.Applications {
		for _, g := range a.Groups {
			if found, err := m.service(g.Record); err == nil && found == s {
				return g
			}
		}
	}
	return nil
}

// turn returns the target group that a service uses, and the other one of the pair.
func (m *Room) turn(g cd.DeploymentGroup, s *services.Service) (blue, green string, err error) {
	byName := map[string]string{}
	for _, t := range m.Targets.State() {
		if arn := t.Group.TargetGroupArn; arn != "" {
			byName[targets.GroupName(arn)] = arn
		}
	}
	pair := g.Pair().TargetGroups
	for _, t := range pair {
		if byName[t.Name] == "" {
			return "", "", core.Fault(cd.InvalidTargetGroupPair, "loadBalancerInfo.targetGroupPairInfoList",
				"The target group %s does not exist.", t.Name)
		}
	}
	one, other := byName[pair[0].Name], byName[pair[1].Name]
	for _, lb := range s.Record.LoadBalancers {
		switch lb.TargetGroupArn {
		case one:
			return one, other, nil
		case other:
			return other, one, nil
		}
	}
	return "", "", core.Fault(cd.InvalidTargetGroupPair, "loadBalancerInfo.targetGroupPairInfoList",
		"The service %s uses neither of the target groups %s and %s.", s.Record.ServiceName, pair[0].Name, pair[1].Name)
}

func (a *Application) group(name string) (*Group, error) {
	i := slices.IndexFunc(a.Groups, func(g *Group) bool { return g.Name == name })
	switch {
	case name == "":
		return nil, core.Fault(cd.DeploymentGroupNameRequired, "deploymentGroupName",
			"deploymentGroupName is required.")
	case i < 0:
		return nil, core.Fault(cd.DeploymentGroupDoesNotExist, "deploymentGroupName",
			"No deployment group found for name: %s", name)
	}
	return a.Groups[i], nil
}

func (m *Room) group(application, name string) (*Group, error) {
	a, err := m.application(application)
	if err != nil {
		return nil, err
	}
	return a.group(name)
}

// GetDeploymentGroup shows a deployment group with its last deployments.
func (m *Room) GetDeploymentGroup(in cd.DeploymentGroupInput) (out cd.GetDeploymentGroupOutput, err error) {
	g, err := m.group(in.ApplicationName, in.DeploymentGroupName)
	if err != nil {
		return out, err
	}
	info := cd.DeploymentGroupInfo{ApplicationName: g.Application, DeploymentGroupID: g.ID, DeploymentGroupName: g.Name,
		ComputePlatform: cd.ComputePlatformECS, DeploymentGroup: g.Record}
	info.BlueGreenDeploymentConfiguration = waits(g.Record.BlueGreenDeploymentConfiguration)
	for _, d := range g.Deployments {
		shown := m.info(d)
		last := &cd.LastDeploymentInfo{DeploymentID: d.ID, Status: shown.Status, EndTime: shown.CompleteTime,
			CreateTime: d.At}
		info.LastAttemptedDeployment = last
		if shown.Status == scheduler.CodeDeployStatusSucceeded {
			info.LastSuccessfulDeployment, info.TargetRevision = last, d.Input.Revision
		}
	}
	out.DeploymentGroupInfo = info
	return out, nil
}

// waits fills in the two waits, which clients read without asking whether they are there.
func waits(b *cd.BlueGreenDeploymentConfiguration) *cd.BlueGreenDeploymentConfiguration {
	full := cd.BlueGreenDeploymentConfiguration{}
	if b != nil {
		full = *b
	}
	if full.DeploymentReadyOption == nil {
		full.DeploymentReadyOption = &cd.DeploymentReadyOption{ActionOnTimeout: scheduler.ReadyActionContinueDeployment}
	}
	if full.TerminateBlueInstancesOnDeploymentSuccess == nil {
		full.TerminateBlueInstancesOnDeploymentSuccess = &cd.BlueInstanceTerminationOption{
			Action: scheduler.BlueActionTerminate}
	}
	return &full
}

// DeleteDeploymentGroup deletes a deployment group.
func (m *Room) DeleteDeploymentGroup(in cd.DeploymentGroupInput) (struct{}, error) {
	a, err := m.application(in.ApplicationName)
	if err != nil {
		return struct{}{}, err
	}
	g, err := a.group(in.DeploymentGroupName)
	if err != nil {
		return struct{}{}, err
	}
	m.forget(g, len(g.Deployments))
	a.Groups = slices.DeleteFunc(a.Groups, func(o *Group) bool { return o == g })
	return struct{}{}, nil
}

// forget forgets the oldest deployments of a group.
func (m *Room) forget(g *Group, n int) {
	for _, d := range g.Deployments[:n] {
		delete(m.byID, d.ID)
		delete(m.byID, d.Rollback)
		delete(m.byRollout, d.Rollout)
	}
	g.Deployments = slices.Clone(g.Deployments[n:])
}

// ListDeploymentGroups lists the names of an application's groups.
func (m *Room) ListDeploymentGroups(in cd.ListDeploymentGroupsInput) (out cd.ListDeploymentGroupsOutput, err error) {
	a, err := m.application(in.ApplicationName)
	if err != nil {
		return out, err
	}
	var names []string
	for _, g := range a.Groups {
		names = append(names, g.Name)
	}
	out.ApplicationName = in.ApplicationName
	out.DeploymentGroups, out.NextToken, err = page(names, in.NextToken)
	return out, err
}
