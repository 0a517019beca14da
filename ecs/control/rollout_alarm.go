package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (p *Plane) alarmsOf(s *service) []scheduler.AlarmState {
	config := s.Record.DeploymentConfiguration.Alarms
	if config == nil {
		return nil
	}
	var list []scheduler.AlarmState
	for _, a := range p.alarms {
		if slices.Contains(config.AlarmNames, a.AlarmName) {
			list = append(list, scheduler.AlarmState{Name: a.AlarmName, State: a.State})
		}
	}
	return list
}

// alarmState notes what an alarm says now and wakes the services that watch it.
func (p *Plane) alarmState(e message.AlarmState) bool {
	i := slices.IndexFunc(p.alarms, func(a message.AlarmState) bool { return a.AlarmName == e.AlarmName })
	switch {
	case i < 0:
		p.alarms = append(p.alarms, e)
	case p.alarms[i] == e:
		return false
	default:
		p.alarms[i] = e
	}
	for _, c := range p.clusters {
		for _, s := range c.services {
			if a := s.Record.DeploymentConfiguration.Alarms; a != nil && slices.Contains(a.AlarmNames, e.AlarmName) {
				p.touch(s)
			}
		}
	}
	return true
}
