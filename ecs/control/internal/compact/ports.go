package compact

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Ports returns the ports that an instance registers as texts. What is not a port is left out.
func Ports(texts []string) []uint16 {
	list := make([]uint16, 0, len(texts))
	for _, s := range texts {
		if n, err := strconv.ParseUint(s, 10, 16); err == nil && n > 0 {
			list = append(list, uint16(n))
		}
	}
	return list
}

// WithReservedPorts returns what an instance registers; where it does not say which ports its agent keeps, the agent's
// defaults are added.
func WithReservedPorts(registered []ecs.Resource, attributes []ecs.Attribute) []ecs.Resource {
	list := slices.Clone(registered)
	if slices.ContainsFunc(list, func(r ecs.Resource) bool { return r.Name == ecs.ResourcePorts }) {
		return list
	}
	windows := slices.ContainsFunc(attributes,
		func(a ecs.Attribute) bool { return a.Name == "ecs.os-type" && a.Value == "windows" })
	var texts []string
	for _, port := range loadbalance.DefaultReservedPorts(windows) {
		texts = append(texts, strconv.Itoa(int(port)))
	}
	return append(list, ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: texts})
}
