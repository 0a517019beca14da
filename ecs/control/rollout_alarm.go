package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *rolloutRoom) alarmsOf(s *service) []scheduler.AlarmState {
	config := s.Record.DeploymentConfiguration.Alarms
	if config == nil {
		return nil
	}
	var list []scheduler.AlarmState
	for _, a := range m.alarms {
		if slices.Contains(config.AlarmNames, a.AlarmName) {
			list = append(list, scheduler.AlarmState{Name: a.AlarmName, State: a.State})
		}
	}
	return list
}

// alarmState notes what an alarm says now and wakes the services that watch it.
func (m *rolloutRoom) alarmState(e message.AlarmState) bool {
	i := slices.IndexFunc(m.alarms, func(a message.AlarmState) bool { return a.AlarmName == e.AlarmName })
	switch {
	case i < 0:
		m.alarms = append(m.alarms, e)
	case m.alarms[i] == e:
		return false
	default:
		m.alarms[i] = e
	}
	for _, c := range m.fleet.Clusters {
		for _, s := range m.services.in(c) {
			if a := s.Record.DeploymentConfiguration.Alarms; a != nil && slices.Contains(a.AlarmNames, e.AlarmName) {
				m.services.touch(s)
			}
		}
	}
	return true
}
