package front

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// local serves what tests need beside AWS's API.
func (s *Server) local(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, ecs.Fault(ecs.SerializationException, "", err.Error()))
		return
	}
	if r.Method == http.MethodPost && (r.URL.Path == "/_local/reset" || r.URL.Path == "/moto-api/reset") {
		if err := s.anew(); err != nil {
			fail(w, err)
		}
		return
	}
	text, st, err := s.locally(r, body)
	if broken := s.commit(st); broken != nil {
		err = broken
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}

func (s *Server) locally(r *http.Request, body []byte) (string, *store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	text, err := s.control(r, body)
	return text, s.store, err
}

func (s *Server) control(r *http.Request, body []byte) (string, error) {
	name, argument, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/_local/"), "/")
	switch r.Method + " " + name {
	case "POST advance":
		by, err := time.ParseDuration(r.URL.Query().Get("by"))
		if err != nil || by < 0 || by > 400*24*time.Hour {
			return "", ecs.Fault(ecs.InvalidParameterException, "by", "by is a duration from 0 to 400 days, such as 90s.")
		}
		s.world.Advance(by)
		return s.world.Now().Format(time.RFC3339) + "\n", nil
	case "POST behaviour":
		return "", s.behave(body)
	case "PUT target-groups":
		return "", s.describeGroup(argument, body)
	case "GET explain":
		return s.world.Plane().Explain(r.URL.Query().Get("cluster"), r.URL.Query().Get("service"))
	case "GET timeline":
		return s.timeline(), nil
	}
	return "", ecs.Fault("UnknownOperationException", "", r.Method+" "+r.URL.Path+" is not served.")
}

// behave sets how containers of an image behave.
func (s *Server) behave(body []byte) error {
	var in struct {
		Image                                       string
		PullDelay, StartDelay, ExitAfter, StopDelay string
		PullError, StartError                       string
		ExitCode                                    int
		IgnoreSIGTERM                               bool
		Health                                      ecs.HealthStatus
		TargetHealth                                string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return ecs.Fault(ecs.SerializationException, "", err.Error())
	}
	b := sim.Behaviour{PullError: in.PullError, StartError: in.StartError, ExitCode: in.ExitCode, IgnoreSIGTERM: in.IgnoreSIGTERM, Health: in.Health, TargetHealth: in.TargetHealth}
	for _, f := range []struct {
		name, text string
		to         *time.Duration
	}{{"pullDelay", in.PullDelay, &b.PullDelay}, {"startDelay", in.StartDelay, &b.StartDelay}, {"exitAfter", in.ExitAfter, &b.ExitAfter}, {"stopDelay", in.StopDelay, &b.StopDelay}} {
		if f.text == "" {
			continue
		}
		d, err := time.ParseDuration(f.text)
		if err != nil || d < 0 {
			return ecs.Fault(ecs.InvalidParameterException, f.name, fmt.Sprintf("%q is not a duration such as 2s.", f.text))
		}
		*f.to = d
	}
	if in.Image == "" {
		return ecs.Fault(ecs.InvalidParameterException, "image", "image is missing.")
	}
	s.world.Behave(in.Image, b)
	if s.kept.Behaviours == nil {
		s.kept.Behaviours = map[string]sim.Behaviour{}
	}
	s.kept.Behaviours[in.Image] = b
	return s.keep()
}

func (s *Server) describeGroup(name string, body []byte) error {
	var g loadbalance.TargetGroup
	if err := json.Unmarshal(body, &g); err != nil {
		return ecs.Fault(ecs.SerializationException, "", err.Error())
	}
	if g.TargetGroupArn == "" {
		g.TargetGroupArn = "arn:aws:elasticloadbalancing:" + s.config.Region + ":" + s.config.Account + ":targetgroup/" + name + "/0123456789abcdef"
	}
	return s.world.Do(func(p *control.Plane, now time.Time) error { return p.PutTargetGroup(now, g) })
}

// timeline is everything that happened, a line each.
func (s *Server) timeline() string {
	var b strings.Builder
	for c := range s.world.Changes() {
		subject := string(c.Task)
		if subject == "" {
			subject = c.Service + string(c.Instance)
		}
		fmt.Fprintf(&b, "%s  %-8s %-13s %-32s %s\n", c.At.Time().Format("15:04:05.0"), c.Kind, c.Status, subject, c.Text)
	}
	return b.String()
}
