//go:build prove

package census

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// proof is the view of all tasks of which the last plan was made. Every test of a plane that is built with the
// tag prove is one of two laws: a plan by the census is that of the whole view, and a choice by what stands in
// order is that among all candidates.
type proof struct{ view scheduler.View }

// plan panics where the plan of a census is not that of the view with all tasks.
func (f *proof) plan(m *Room, b *Book, of *scheduler.View, got scheduler.Plan) {
	v := *of
	v.Tasks, v.Instances = m.SeeAll(b), slices.Clone(v.Instances)
	f.view = v
	want := scheduler.Reconcile(v, m.Core.Now().Time())
	if !reflect.DeepEqual(want, got) {
		panic(fmt.Sprintf("census: of the census %s\nof all tasks %s\nof %s", text(got), text(want), text(v)))
	}
}

// victims panics where a choice is not that among all candidates of the view.
func (f *proof) victims(m *Room, c Choice, seed uint64, got []ecs.TaskID) []ecs.TaskID {
	var among []placement.Running
	var want []ecs.TaskID
	for _, i := range f.view.Candidates(c.Stop, m.Core.Now().Time()) {
		r := m.Tasks.Running(m.Tasks.ByTask[f.view.Tasks[i].ID])
		among, want = append(among, r), append(want, r.ID)
	}
	if len(among) > c.Stop.Count {
		request, err := c.Request()
		if err != nil {
			panic(err)
		}
		shape, err := c.Index.Prepare(request)
		if err != nil {
			panic(err)
		}
		defer c.Index.Forget(shape)
		want = c.Index.Victims(shape, among, c.Stop.Count, "", seed)
	}
	if !slices.Equal(want, got) {
		panic(fmt.Sprintf("census: %s stops %v, of all candidates %v: %s", text(c.Stop), got, want, text(among)))
	}
	return got
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
