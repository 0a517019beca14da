package services

import "github.com/bayplan/bayplan/ecs/scheduler"

// CodeDeploy is what the deployment group of a service with the controller CODE_DEPLOY asks for in its last
// deployment.
type CodeDeploy struct {
	Group      scheduler.CodeDeploy `json:"group"`
	Production string               `json:"production"`    // listener
	Test       string               `json:"test,omitzero"` // listener; "": there is none
}

// AlarmNames lists the alarms that the service's deployments watch.
func (s *Service) AlarmNames() []string {
	if s.CodeDeploy != nil {
		return s.CodeDeploy.Group.AlarmNames
	}
	if a := s.Record.DeploymentConfiguration.Alarms; a != nil {
		return a.AlarmNames
	}
	return nil
}
