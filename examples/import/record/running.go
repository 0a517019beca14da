package record

import (
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/sim"
)

// running returns how many tasks of a service run.
func running(w *sim.World, name string) int {
	out, err := w.Plane().DescribeServices(api.DescribeServicesInput{Services: []string{name}})
	if err != nil || len(out.Services) == 0 {
		return 0
	}
	return out.Services[0].RunningCount
}
