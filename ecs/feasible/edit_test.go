package feasible_test

import (
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

var noPlan scheduler.Plan

// edit does to the fleet what a verdict advises.
func (f *fleet) edit(e feasible.Edit) {
	next := f.revs[0]
	switch e.Kind {
	case feasible.EditMinimumHealthyPercent:
		f.minimum = e.Value
	case feasible.EditMaximumPercent:
		f.maximum = e.Value
	case feasible.EditDesiredCount:
		f.desired = e.Value
	case feasible.EditFree:
		h := f.hostOf(e.Instance)
		f.hosts[h].cpu += e.Resources.CPU
		f.hosts[h].memory += e.Resources.Memory
	case feasible.EditConnectAgent:
		f.hosts[f.hostOf(e.Instance)].disconnected = false
	case feasible.EditAddInstances:
		for range e.Value {
			f.hosts = append(f.hosts, host{cpu: e.Resources.CPU, memory: e.Resources.Memory, ssd: true})
			for r := range f.tasks {
				f.tasks[r] = append(f.tasks[r], 0)
			}
		}
	case feasible.EditDropConstraint:
		if !e.NewDeployment {
			f.distinct = false
		}
		next.ssd = false
	case feasible.EditDynamicHostPorts:
		next.port = 0
	}
	if e.NewDeployment {
		f.revs = append([]revision{next}, f.revs...)
		f.tasks = append([][]int{make([]int, len(f.hosts))}, f.tasks...)
	}
}

// only puts everything out of the way but the facts given.
func (f *fleet) only(facts []feasible.Fact) fleet {
	g := f.clone()
	g.strategy = ""
	g.minimum, g.maximum, g.distinct, g.revs[0].port, g.revs[0].ssd = 0, 1000, false, 0, false
	for h := range g.hosts {
		g.hosts[h] = host{cpu: plenty, memory: plenty, ssd: g.hosts[h].ssd, draining: g.hosts[h].draining}
	}
	for _, x := range facts {
		switch x.Code {
		case feasible.CodeMinimumHealthyPercent:
			g.minimum = f.minimum
		case feasible.CodeStrategy:
			g.strategy = f.strategy
		case feasible.CodeMaximumPercent:
			g.maximum = f.maximum
		case placement.ReasonDistinctInstance:
			g.distinct = f.distinct
		case placement.ReasonMemberOf:
			g.revs[0].ssd = f.revs[0].ssd
		case placement.ReasonPorts:
			g.revs[0].port = f.revs[0].port
		case placement.ReasonCPU:
			g.hosts[f.hostOf(x.Instance)].cpu = f.hosts[f.hostOf(x.Instance)].cpu
		case placement.ReasonMemory:
			g.hosts[f.hostOf(x.Instance)].memory = f.hosts[f.hostOf(x.Instance)].memory
		case placement.ReasonAgent:
			g.hosts[f.hostOf(x.Instance)].disconnected = true
		default:
			panic(x.Code)
		}
	}
	return g
}
