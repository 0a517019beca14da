package control

import "fmt"

// check returns everything about deployments that contradicts itself.
func (m *rolloutRoom) check() (faults []error) {
	for _, s := range m.services.allServices {
		for _, r := range s.State.Rollouts {
			if _, err := m.requestFor(s, r.ID); err != nil {
				faults = append(faults, fmt.Errorf("service %s: no task of its deployment %s can be placed: %w",
					s.Record.ServiceName, r.ID, err))
			}
		}
	}
	return faults
}
