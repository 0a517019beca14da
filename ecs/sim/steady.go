package sim

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// Steady reports whether every ACTIVE service has one deployment, which is completed, and as many
// running tasks as it wants. A service of CodeDeploy is steady with one task set that is. It ignores services with the
// deployment controller EXTERNAL.
func Steady(p *control.Plane) bool {
	in := api.ListClustersInput{}
	for {
		page, err := p.ListClusters(in)
		if err != nil {
			return false
		}
		for _, cluster := range page.Arns {
			if !steady(p, cluster) {
				return false
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return true
		}
	}
}

func steady(p *control.Plane, cluster string) bool {
	in := api.ListServicesInput{Cluster: cluster}
	for {
		page, err := p.ListServices(in)
		if err != nil || len(page.Arns) == 0 {
			return err == nil
		}
		out, err := p.DescribeServices(api.DescribeServicesInput{Cluster: cluster, Services: page.Arns})
		if err != nil {
			return false
		}
		for _, s := range out.Services {
			if !settled(s) {
				return false
			}
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			return true
		}
	}
}

func settled(s ecs.Service) bool {
	if c := s.DeploymentController; c != nil {
		switch c.Type {
		case ecs.DeploymentControllerTypeExternal:
			return true
		case ecs.DeploymentControllerTypeCodeDeploy: // ECS shows its task sets, and no deployments
			return len(s.TaskSets) == 1 && s.TaskSets[0].StabilityStatus == ecs.StabilityStatusSteadyState &&
				s.RunningCount == s.DesiredCount && s.PendingCount == 0
		}
	}
	return len(s.Deployments) == 1 && s.Deployments[0].RolloutState == ecs.DeploymentRolloutStateCompleted &&
		s.RunningCount == s.DesiredCount && s.PendingCount == 0
}
