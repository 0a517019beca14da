package front

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// local serves what tests need besides AWS's API.
func (s *Server) local(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, ecs.Fault(ecs.SerializationException, "", err.Error()))
		return
	}
	out, err := s.locally(r, body)
	if err != nil {
		fail(w, err)
		return
	}
	out.write(w, r)
}

// locally is for the world of the Region that the query names, or else for that of Config.Region; but
// advance and reset are for all worlds, unless a Region is named.
func (s *Server) locally(r *http.Request, body []byte) (out localAnswer, err error) {
	if s.config.World != nil {
		return s.locallyLive(r)
	}
	name, all := r.URL.Query().Get("region"), !r.URL.Query().Has("region")
	if name != "" && !s.served(name) {
		return out, ecs.Fault(ecs.InvalidParameterException, "region", fmt.Sprintf("%q is not a Region.", name))
	}
	first, err := s.region(name)
	if err != nil {
		return out, err
	}
	list := []*region{first}
	switch {
	case r.Method == http.MethodPost && (r.URL.Path == "/_local/reset" || r.URL.Path == "/moto-api/reset"):
		if all {
			return out, s.reset()
		}
		return out, first.reset(first.config.Now())
	case r.URL.Path == "/_local/advance" && all:
		list = append(slices.DeleteFunc(s.all(), func(o *region) bool { return o == first }), first)
	}
	for _, world := range list {
		var st *store
		out, st, err = world.locally(r, body)
		if broken := world.commit(st); broken != nil {
			err = broken
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// localAnswer is an answer in the forms that it has.
type localAnswer struct {
	text string
	html string // "" for none
	json any
}

// write writes the form that is asked for, by format= or else by the Accept header: text
// unless told.
func (a localAnswer) write(w http.ResponseWriter, r *http.Request) {
	format, accept := r.URL.Query().Get("format"), r.Header.Get("Accept")
	switch {
	case a.json != nil && (format == "json" || format == "" && strings.Contains(accept, "application/json")):
		w.Header().Set("Content-Type", "application/json")
		answer(w, http.StatusOK, a.json)
	case a.html != "" && (format == "html" || format == "" && strings.Contains(accept, "text/html")):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, a.html)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, a.text)
	}
}

func (s *region) locally(r *http.Request, body []byte) (localAnswer, *store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(); err != nil {
		return localAnswer{}, nil, err
	}
	s.catchUp()
	out, err := s.control(r, body)
	return out, s.store, err
}

func (s *region) control(r *http.Request, body []byte) (localAnswer, error) {
	name, argument, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/_local/"), "/")
	switch r.Method + " " + name {
	case "POST advance":
		by, err := time.ParseDuration(r.URL.Query().Get("by"))
		if err != nil || by < 0 || by > 400*24*time.Hour {
			return localAnswer{}, ecs.Fault(ecs.InvalidParameterException, "by",
				"by must be a duration from 0 to 400 days, such as 90s.")
		}
		s.sim.Advance(by)
		return localAnswer{text: s.world.Now().Format(time.RFC3339) + "\n", json: object{"now": s.world.Now()}}, nil
	case "POST behaviour":
		return localAnswer{}, s.behave(body)
	case "POST load":
		return localAnswer{}, s.load(body)
	case "POST hooks":
		return localAnswer{}, s.hook(body)
	case "PUT target-groups":
		return localAnswer{}, s.describeGroup(argument, body)
	case "GET explain":
		return s.explain(r)
	case "GET timeline":
		changes := slices.Collect(s.world.Changes())
		w, err := windowOf(r.URL.Query(), changes, s.world.Now())
		if err != nil {
			return localAnswer{}, err
		}
		page, err := timelineHTML(changes, w, s.world.Now())
		return localAnswer{text: timeline(changes), html: page, json: notNil(changes)}, err
	}
	return localAnswer{}, ecs.Fault("UnknownOperationException", "", r.Method+" "+r.URL.Path+" is not served.")
}

// explain says why a service's tasks are pending and where a further one would go, or of one task
// what it waits for, its life, and why it was placed where it is.
func (s *region) explain(r *http.Request) (localAnswer, error) {
	q := r.URL.Query()
	ref := cmp.Or(q.Get("task"), q.Get("service"))
	e, err := s.world.Plane().Explain(s.world.Now(), q.Get("cluster"), ref)
	if q.Get("task") == "" {
		if err != nil {
			return localAnswer{}, err
		}
		text := e.String()
		return localAnswer{text: text, json: object{"service": q.Get("service"), "explanation": text, "answer": e}}, nil
	}
	id := string(ecs.Task{TaskArn: ref}.ID())
	var changes []message.Change
	why := ""
	for c := range s.world.Changes() {
		if string(c.Task) == id {
			why = cmp.Or(why, c.Why)
			changes = append(changes, c)
		}
	}
	if len(changes) == 0 {
		return localAnswer{}, ecs.Fault(ecs.InvalidParameterException, "task", "The referenced task was not found.")
	}
	out := object{"task": id, "explanation": why, "changes": changes}
	text := timeline(changes)
	if err == nil { // else the task is no longer described, and its life is all that is left
		text, out["answer"] = e.String()+"\n"+text, e
	}
	if why != "" {
		text += "\nwhy there: " + why + "\n"
	}
	return localAnswer{text: text, json: out}, nil
}

// serviceLoad is how many requests a minute a service gets.
type serviceLoad struct {
	Cluster           string `json:"cluster"`
	Service           string `json:"service"`
	RequestsPerMinute int    `json:"requestsPerMinute"`
}

// load sets how many requests a minute a service gets.
func (s *region) load(body []byte) error {
	in, err := api.ParseInput[serviceLoad](body)
	if err != nil {
		return err
	}
	in.Cluster = cmp.Or(in.Cluster, "default")
	out, err := s.world.Plane().DescribeServices(api.DescribeServicesInput{Cluster: in.Cluster,
		Services: []string{in.Service}})
	if err != nil {
		return err
	}
	if len(out.Services) == 0 {
		return ecs.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
	}
	if in.RequestsPerMinute < 0 {
		return ecs.Fault(ecs.InvalidParameterException, "requestsPerMinute",
			fmt.Sprintf("requestsPerMinute must not be negative; it is %d.", in.RequestsPerMinute))
	}
	s.sim.SetLoad(in.Cluster, in.Service, in.RequestsPerMinute)
	s.kept.Loads = append(slices.DeleteFunc(s.kept.Loads, func(o serviceLoad) bool {
		return o.Cluster == in.Cluster && o.Service == in.Service
	}), in)
	return s.keep()
}

// hookAnswer is what the Lambda function of a deployment's hook answers.
type hookAnswer struct {
	Function string                  `json:"function"`
	Status   ecs.LifecycleHookStatus `json:"status"`
}

// hook sets what a function answers: SUCCEEDED, which is what others answer, FAILED, or IN_PROGRESS.
func (s *region) hook(body []byte) error {
	in, err := api.ParseInput[hookAnswer](body)
	if err != nil {
		return err
	}
	switch in.Status {
	case ecs.LifecycleHookStatusSucceeded, ecs.LifecycleHookStatusFailed, ecs.LifecycleHookStatusInProgress:
	default:
		return ecs.Fault(ecs.InvalidParameterException, "status", "status is SUCCEEDED, FAILED or IN_PROGRESS.")
	}
	if _, known := s.kept.Hooks[in.Function]; !known && len(s.kept.Hooks) >= mostKept {
		return ecs.Fault(ecs.LimitExceededException, "function",
			fmt.Sprintf("%d functions have an answer, and no more can have one.", mostKept))
	}
	s.sim.AnswerHook(in.Function, in.Status)
	if s.kept.Hooks == nil {
		s.kept.Hooks = map[string]ecs.LifecycleHookStatus{}
	}
	s.kept.Hooks[in.Function] = in.Status
	return s.keep()
}

// behaviour is how containers of an image behave; the delays are durations such as 2s.
type behaviour struct {
	Image             string            `json:"image"`
	PullDelay         string            `json:"pullDelay"`
	PullError         string            `json:"pullError"`
	StartDelay        string            `json:"startDelay"`
	ServeDelay        string            `json:"serveDelay"`
	StartError        string            `json:"startError"`
	ExitAfter         string            `json:"exitAfter"`
	ExitCode          int               `json:"exitCode"`
	StopDelay         string            `json:"stopDelay"`
	IgnoreSIGTERM     bool              `json:"ignoreSIGTERM"`
	Health            ecs.HealthStatus  `json:"health"`
	TargetHealth      loadbalance.State `json:"targetHealth"`
	RequestsPerMinute int               `json:"requestsPerMinute"`
}

// behaves returns what a behaviour means in the simulation, or all that is wrong with it.
func (in behaviour) behaves() (sim.Behaviour, error) {
	b := sim.Behaviour{PullError: in.PullError, StartError: in.StartError, ExitCode: in.ExitCode,
		IgnoreSIGTERM: in.IgnoreSIGTERM, Health: in.Health, TargetHealth: in.TargetHealth,
		RequestsPerMinute: in.RequestsPerMinute}
	var faults ecs.ErrorList
	if in.Image == "" {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, "image", "image must not be empty."))
	}
	for _, f := range []struct {
		name, text string
		to         *time.Duration
	}{{"pullDelay", in.PullDelay, &b.PullDelay}, {"startDelay", in.StartDelay, &b.StartDelay},
		{"exitAfter", in.ExitAfter, &b.ExitAfter}, {"stopDelay", in.StopDelay, &b.StopDelay},
		{"serveDelay", in.ServeDelay, &b.ServeDelay}} {
		if f.text == "" {
			continue
		}
		var err error
		if *f.to, err = time.ParseDuration(f.text); err != nil {
			faults = append(faults, ecs.Fault(ecs.InvalidParameterException, f.name,
				fmt.Sprintf("%s must be a duration such as 2s; it is %q.", f.name, check.Shortened(f.text))))
		}
	}
	for e := range ecs.Errors(b.Validate()) {
		faults = append(faults, e)
	}
	return b, faults.Err()
}

// behave sets how containers of an image behave.
func (s *region) behave(body []byte) error {
	in, err := api.ParseInput[behaviour](body)
	if err != nil {
		return err
	}
	b, err := in.behaves()
	if err != nil {
		return err
	}
	if _, known := s.kept.Behaviours[in.Image]; !known && len(s.kept.Behaviours) == mostKept {
		return ecs.Fault(ecs.LimitExceededException, "image",
			fmt.Sprintf("%d images have a behaviour, and no more can have one.", mostKept))
	}
	s.sim.Behave(in.Image, b)
	if s.kept.Behaviours == nil {
		s.kept.Behaviours = map[string]sim.Behaviour{}
	}
	s.kept.Behaviours[in.Image] = b
	return s.keep()
}

func (s *region) describeGroup(name string, body []byte) error {
	g, err := api.ParseInput[loadbalance.TargetGroup](body)
	if err != nil {
		return err
	}
	if g.TargetGroupArn == "" {
		g.TargetGroupArn = "arn:aws:elasticloadbalancing:" + s.config.Region + ":" + s.config.Account +
			":targetgroup/" + name + "/0123456789abcdef"
	}
	return s.world.Do(func(p *control.Plane, now time.Time) error { return p.PutTargetGroup(now, g) })
}
