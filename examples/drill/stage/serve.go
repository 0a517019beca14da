package stage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/drill/scenario"
)

// mostBody is the largest request that is read.
const mostBody = 4 << 20

// Handler answers the calls of a run of the command, 0 or, if the scenario has two, 1. Calls are carried out one after
// another.
func (s *Stage) Handler(number int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
		if err != nil {
			refuse(r, http.StatusBadRequest, "SerializationException", "The request is too large.").send(w)
			return
		}
		q := identify(r, body)
		s.meet(r.Context(), number, q)
		a := s.serve(s.runs[number], r, q)
		if a.status == 0 {
			panic(http.ErrAbortHandler) // the connection is cut
		}
		a.send(w)
	})
}

// serve answers a call: its status is 0 if the connection is to be cut.
func (s *Stage) serve(run *run, r *http.Request, q request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.astray(run, r, q)
	c := Call{Action: q.name(), Says: q.says(), Wall: s.config.Now().Sub(s.called)}
	var does scenario.Trouble
	var before state // of a call that may change it
	err := s.server.World(func(w *sim.World) (err error) {
		c.At = w.Now().Sub(s.began) + max(0, c.Wall)
		if does = s.trouble(q, w.Now().Add(max(0, c.Wall))); does != "" && does != scenario.CutAfter {
			if err = s.pass(w, max(0, c.Wall)); err == nil && q.reads() && !s.deployed.IsZero() {
				err = s.pass(w, step)
			}
		} else {
			err = s.follow(w, q.reads())
		}
		c.Until = w.Now().Sub(s.began)
		if err == nil && !q.reads() {
			before, err = s.shown(w.Plane())
		}
		return err
	})
	s.broken = errors.Join(s.broken, err)
	a := s.carriedOut(r, q, does)
	c.Status, c.Code, c.Fault = a.status, a.code(), string(does)
	if carried := does == "" || does == scenario.CutAfter; carried && a.status < http.StatusBadRequest && !q.reads() {
		s.broken = errors.Join(s.broken, s.server.World(func(w *sim.World) error {
			return s.judge(w, run, q, before, a)
		}))
	}
	if does == "" && unmodelled(a, c.Code) && !slices.Contains(run.unmodelled, c.Action) &&
		len(run.unmodelled) < 100 {
		run.unmodelled = append(run.unmodelled, c.Action)
	}
	if does == scenario.CutAfter || does == scenario.CutBefore {
		a.status, c.Status = 0, 0
	}
	s.called = s.config.Now()
	run.note(c, s.called)
	return a
}

// carriedOut is the answer to a call, before its connection is cut.
func (s *Stage) carriedOut(r *http.Request, q request, does scenario.Trouble) *answer {
	if does != "" && does != scenario.CutAfter {
		return troubled(r, does)
	}
	if a, known := neighbour(r, q); known {
		return a
	}
	r.Body = io.NopCloser(bytes.NewReader(q.body))
	a := newAnswer()
	s.server.ServeHTTP(a, r)
	return a
}

// unmodelled reports whether the world has no answer to a call, where AWS would have one.
func unmodelled(a *answer, code string) bool {
	return a.status >= http.StatusBadRequest && slices.Contains([]string{"UnknownOperationException",
		"UnsupportedFeatureException", "InvalidAction", "NotModelled"}, code)
}

// judge looks at what a call that writes has done.
func (s *Stage) judge(w *sim.World, run *run, q request, before state, a *answer) error {
	after, err := s.shown(w.Plane())
	if err != nil {
		return err
	}
	if len(run.writes) < 100 {
		run.writes = append(run.writes, strings.TrimSpace(q.name()+" "+q.says()))
	}
	for _, d := range after.deployments {
		if slices.ContainsFunc(before.deployments, func(o Deployment) bool { return o.ID == d.ID }) {
			continue
		}
		run.mine = append(run.mine, d.ID)
		if s.deployed.IsZero() {
			s.deployed = w.Now()
		}
		if run.deployed.IsZero() {
			run.deployed = w.Now()
			s.progress()
		}
	}
	s.foreign(run, q)
	in := q.input
	switch q.name() {
	case "ecs:UpdateService":
		if in.DesiredCount != nil && *in.DesiredCount != before.desired && s.ours(in) {
			run.effect("W3", fmt.Sprintf("changed the desired count from %d to %d", before.desired,
				*in.DesiredCount))
		}
	case "ecs:DeleteService":
		run.effect("W2", "deleted the service "+last(in.Service))
	case "ecs:RegisterTaskDefinition":
		var out struct {
			TaskDefinition struct {
				TaskDefinitionArn string `json:"taskDefinitionArn"`
			} `json:"taskDefinition"`
		}
		if err := json.Unmarshal(a.body.Bytes(), &out); err == nil && len(run.registered) < 100 {
			run.registered = append(run.registered, revision(out.TaskDefinition.TaskDefinitionArn))
		}
	case "ecs:DeregisterTaskDefinition", "ecs:DeleteTaskDefinitions":
		for _, name := range append(in.TaskDefinitions, in.TaskDefinition) {
			if name = revision(name); name != "" && before.used[name] {
				run.effect("W1", fmt.Sprintf("deregistered %s, %s", name, serves(before, name)))
			}
		}
	}
	return nil
}

// serves says what a revision is used for.
func serves(now state, name string) string {
	if n := now.serving[name]; n > 0 {
		return fmt.Sprintf("of which %d tasks run", n)
	}
	return "which a deployment of the service uses"
}

// ours reports whether a call is about the service that the command is told.
func (s *Stage) ours(in input) bool {
	name := in.Service + in.ServiceName
	return last(name) == s.names.Service && (in.Cluster == "" && s.names.Cluster == "default" ||
		last(in.Cluster) == s.names.Cluster || strings.HasPrefix(name, "arn:"))
}

// foreign notes a call that changes something else than the command is told to.
func (s *Stage) foreign(run *run, q request) {
	in := q.input
	switch {
	case q.service != "ecs":
	case in.Service+in.ServiceName != "" && !s.ours(in):
		run.effect("W2", fmt.Sprintf("%s of service %s in cluster %q", q.action,
			last(in.Service+in.ServiceName), last(in.Cluster)))
	case q.action == "RegisterTaskDefinition" && in.Family != s.names.Family:
		run.effect("W2", "registered a task definition of family "+shortened(in.Family))
	}
}
