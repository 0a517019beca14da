package stage

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Astray is something that the command calls by another name than the drill does.
type Astray struct {
	Flag  string // of the drill, which makes the names the same: "cluster"
	Asked string // the command's name
	Has   string // the drill's
}

// astray notes what a call names otherwise than the drill, the first name of each kind. It may be right to ask for
// other things, too: only who deploys nothing needs to know. The words that stand for a missing value, as the AWS CLI
// and jq print it, are no names.
func (s *Stage) astray(run *run, r *http.Request, q request) {
	note := func(flag, asked, has string) {
		known := func(a Astray) bool { return a.Flag == flag }
		missing := asked == "" || asked == "None" || asked == "null"
		if !missing && asked != has && !slices.ContainsFunc(run.astray, known) {
			run.astray = append(run.astray, Astray{flag, shortened(asked), has})
		}
	}
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		note("region", found[1], s.names.Region)
	}
	if q.service != "ecs" {
		return
	}
	in := q.input
	services := slices.DeleteFunc(append([]string{in.Service, in.ServiceName}, in.Services...),
		func(name string) bool { return name == "" })
	if len(services) > 0 {
		note("cluster", cmp.Or(last(in.Cluster), "default"), s.names.Cluster)
	}
	note("cluster", last(in.Cluster), s.names.Cluster)
	for _, name := range services {
		note("service", last(name), s.names.Service)
	}
	if q.action == "DescribeTaskDefinition" {
		family, _, _ := strings.Cut(last(in.TaskDefinition), ":")
		note("family", family, s.names.Family)
	}
}
