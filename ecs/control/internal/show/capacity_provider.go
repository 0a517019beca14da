package show

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// DescribeCapacityProviders answers the request of that name.
func (m *Room) DescribeCapacityProviders(
	in api.DescribeCapacityProvidersInput,
) (api.DescribeCapacityProvidersOutput, error) {
	out := api.DescribeCapacityProvidersOutput{CapacityProviders: []ecs.CapacityProvider{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	all := capacity.FargateProviders()
	for i := range all {
		all[i].CapacityProviderArn, all[i].Tags = m.Core.ARN("ecs", "capacity-provider/"+all[i].Name), []ecs.Tag{}
	}
	for _, c := range m.Capacity.Providers {
		r := c.View()
		if r.Tags = core.Shown(r.Tags); !core.Included(in.Include, "TAGS") {
			r.Tags = []ecs.Tag{}
		}
		all = append(all, r)
	}
	if len(in.CapacityProviders) == 0 {
		const most = 10
		name := func(c ecs.CapacityProvider) string { return c.Name }
		slices.SortFunc(all, func(a, b ecs.CapacityProvider) int { return cmp.Compare(a.Name, b.Name) })
		var err error
		out.CapacityProviders, out.NextToken, err = core.Cut(all, in.NextToken, in.MaxResults.Or(most), most, name,
			false)
		return out, err
	}
	for _, ref := range in.CapacityProviders {
		i := slices.IndexFunc(all, func(c ecs.CapacityProvider) bool { return c.Name == core.NameOf(ref) })
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(m.Core.ARN("ecs", "capacity-provider/"+core.NameOf(ref))))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, all[i])
	}
	return out, nil
}
