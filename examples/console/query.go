package console

import (
	"errors"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/query"
)

// mostMatches bounds the instances that an expression finds.
const mostMatches = 1000

// queryPage is what an expression of the cluster query language finds, or what is wrong with it.
type queryPage struct {
	Canonical string   `json:"canonical,omitzero"`
	Instances []string `json:"instances"`
	More      bool     `json:"more,omitzero"` // there are more than are listed
	Fault     string   `json:"fault,omitzero"`
	Offset    int      `json:"offset"` // of the fault, in characters; -1 without one
	Expected  []string `json:"expected,omitempty"`
	Hint      string   `json:"hint,omitzero"`
}

// query answers what an expression finds in the cluster.
func (v *visit) query() (any, error) {
	text := v.asked("expression")
	out := queryPage{Instances: []string{}, Offset: -1}
	parsed, err := query.Parse(text)
	var syntax *query.SyntaxError
	if errors.As(err, &syntax) {
		out.Fault, out.Expected, out.Hint = err.Error(), syntax.Expected, syntax.Hint
		out.Offset = len([]rune(text[:syntax.Offset]))
		return out, nil
	}
	if err != nil {
		out.Fault = err.Error()
		return out, nil
	}
	out.Canonical = parsed.String()
	in := api.ListContainerInstancesInput{Cluster: v.asked("cluster"), Filter: text}
	err = v.hub.world.Read(func(p *control.Plane, _ time.Time) error {
		for {
			page, err := p.ListContainerInstances(in)
			if err != nil {
				return err
			}
			for _, arn := range page.Arns {
				out.Instances = append(out.Instances, nameOf(arn))
			}
			in.NextToken = page.NextToken
			if out.More = in.NextToken != "" && len(out.Instances) >= mostMatches; out.More || in.NextToken == "" {
				return nil
			}
		}
	})
	if fault := (*ecs.Error)(nil); errors.As(err, &fault) && fault.Field == "filter" {
		out.Fault, err = fault.Message, nil
	}
	return out, err
}
