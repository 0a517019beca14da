package rollout

import "fmt"

// Check returns everything about deployments that contradicts itself.
func (m *Room) Check() (faults []error) {
	for _, s := range m.Services.AllServices {
		for _, r := range s.State.Rollouts {
			if _, err := m.RequestFor(s, r.ID); err != nil {
				faults = append(faults, fmt.Errorf("service %s: no task of its deployment %s can be placed: %w",
					s.Record.ServiceName, r.ID, err))
			}
		}
	}
	return faults
}
