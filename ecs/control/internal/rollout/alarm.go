package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// AlarmsOf returns the states of the alarms that a service's deployments watch.
func (m *Room) AlarmsOf(s *services.Service) []scheduler.AlarmState {
	names := s.AlarmNames()
	if len(names) == 0 {
		return nil
	}
	var list []scheduler.AlarmState
	for _, a := range m.Alarms {
		if slices.Contains(names, a.AlarmName) {
			list = append(list, scheduler.AlarmState{Name: a.AlarmName, State: a.State})
		}
	}
	return list
}

// AlarmState notes what an alarm says now and wakes the services that watch it.
func (m *Room) AlarmState(e message.AlarmState) bool {
	i := slices.IndexFunc(m.Alarms, func(a message.AlarmState) bool { return a.AlarmName == e.AlarmName })
	switch {
	case i < 0:
		m.Alarms = append(m.Alarms, e)
	case m.Alarms[i] == e:
		return false
	default:
		m.Alarms[i] = e
	}
	for _, c := range m.Fleet.Clusters {
		for _, s := range m.Services.In(c) {
			if slices.Contains(s.AlarmNames(), e.AlarmName) {
				m.Services.Touch(s)
			}
		}
	}
	return true
}

// ForgetAlarm forgets what an alarm said that has been deleted.
func (m *Room) ForgetAlarm(name string) {
	m.Alarms = slices.DeleteFunc(m.Alarms, func(a message.AlarmState) bool { return a.AlarmName == name })
}
