package services

import (
	"iter"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
)

// scaled is a service as its scaling sees it.
type scaled struct {
	m *Room
	s *Service
}

func (v scaled) ClusterName() string         { return v.s.Cluster.Record.ClusterName }
func (v scaled) Name() string                { return v.s.Record.ServiceName }
func (v scaled) Arn() string                 { return v.s.Record.ServiceArn }
func (v scaled) Active() bool                { return v.s.Record.Status == ecs.ServiceStatusActive }
func (v scaled) Shown() ecs.Service          { return v.s.Record }
func (v scaled) Target() *scaling.Target     { return v.s.Scaling }
func (v scaled) Own() *scaling.Target        { v.s.Hold(); return v.s.Scaling }
func (v scaled) SetTarget(t *scaling.Target) { v.s.Hold(); v.s.Scaling = t }
func (v scaled) SetDesired(n int) {
	v.s.Hold()
	v.s.Record.DesiredCount = n
	v.m.Touch(v.s)
}

func (v scaled) Capacity() autoscale.Capacity {
	c := autoscale.Capacity{Desired: v.s.Record.DesiredCount, Running: v.s.Book.Running()}
	for _, r := range v.s.State.Rollouts {
		if r.RolloutState == ecs.DeploymentRolloutStateInProgress && len(v.s.State.Rollouts) > 1 {
			c.Deploying = true
		}
	}
	return c
}

// Scalables returns the services as their scaling finds them.
func (m *Room) Scalables() scaling.Services { return scalables{m} }

// scalables finds services for their scaling.
type scalables struct{ m *Room }

func (v scalables) Find(clusterRef, ref string) (scaling.Service, bool) {
	c, ok := v.m.Fleet.ByCluster[fleet.ClusterName(clusterRef)]
	if !ok {
		return nil, false
	}
	s, ok := v.m.Find(c, core.NameOf(ref))
	return scaled{v.m, s}, ok
}

func (v scalables) ByArn(arn string) (scaling.Service, bool) {
	s, ok := v.m.ServiceByArn(arn)
	return scaled{v.m, s}, ok
}

func (v scalables) All() iter.Seq[scaling.Service] {
	return func(yield func(scaling.Service) bool) {
		for _, s := range v.m.AllServices {
			if !yield(scaled{v.m, s}) {
				return
			}
		}
	}
}
