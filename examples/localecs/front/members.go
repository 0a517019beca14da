package front

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/bayplan/bayplan/ecs/api"
)

// Member is a member of an action's input and what becomes of it.
type Member struct {
	Service string // ecs or application-autoscaling
	Action  string // "CreateService"
	Path    string // "overrides.containerOverrides[].name"; "" for an action that is refused whole
	Fate    api.Fate
}

// Members lists what becomes of each member of each action, in order of service and action.
func Members() []Member {
	var list []Member
	for service, actions := range operations() { //order:any sorted below
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			op := actions[action]
			if op.Input == nil {
				list = append(list, Member{service, action, "", api.FateRefused})
				continue
			}
			for _, m := range api.InputMembers(op.Input) {
				list = append(list, Member{service, action, m.Path, m.Fate})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(b.Service, a.Service), cmp.Compare(a.Action, b.Action))
	})
	return list
}

// WriteMembers writes Members as a table, with their number by fate at the end.
func WriteMembers(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	count := map[api.Fate]int{}
	for _, m := range Members() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Service, m.Action, cmp.Or(m.Path, "(the action)"), m.Fate)
		count[m.Fate]++
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d modelled, %d kept and shown, %d refused by name\n",
		count[api.FateModelled], count[api.FateKept], count[api.FateRefused])
	return err
}
