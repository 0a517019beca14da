package answer

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/feasible"
)

// Headline is the answer in a sentence, for those who read no further.
type Headline struct {
	Text string // without a full stop
	More string // what happens instead, or how it goes
	Good bool
}

// service is the subject of a question without a new deployment.
const service = "the service"

// simulate says whether a deployment of the definition can end, and lets one happen. The headline, the section and
// the chart come from the same verdict and the same simulation.
func (r *Report) simulate(c *cluster, w *world, settled error, seed uint64) {
	s := Section{Title: "simulate"}
	verdict, refused := c.verdict()
	end, err := "", settled
	if err == nil {
		end, err = w.deploy()
	}
	judged := refused == nil
	switch {
	case err == nil:
		s.Answer, s.Good = end, w.steady && (!judged || verdict.Outcome != feasible.OutcomeBlocked)
	case !judged:
		s.Answer = "not simulated: " + err.Error()
	default:
		s.Answer, s.Good = outcome(verdict, "the deployment")+" (not simulated: "+err.Error()+")", verdict.Ends()
	}
	s.Lines = w.lines
	fleet, unread := c.fleet(w, err == nil)
	if r.Fleet = fleet; unread != nil {
		s.Lines = append(s.Lines, "what then runs cannot be told: "+unread.Error())
	}
	r.Sections = append(r.Sections, s)
	r.Rollout = w.rollout
	if judged {
		r.judge(verdict)
		r.Cures = c.cures(verdict, seed)
	}
	r.head(c, verdict, refused, end)
}

// judge takes what a verdict says besides its outcome.
func (r *Report) judge(v feasible.Verdict) {
	r.Rollout.Desired, r.Rollout.Lower, r.Rollout.Upper = v.Desired, v.Lower, v.Upper
	r.Obstacles = v.Obstacles()
}

// early returns the report with the verdict, and with nothing simulated.
func (r Report) early(c *cluster) Report {
	verdict, refused := c.verdict()
	if refused == nil {
		r.judge(verdict)
		for _, change := range verdict.Changes {
			r.Cures = append(r.Cures, Cure{Change: change.String()})
		}
	}
	r.head(c, verdict, refused, "")
	return r
}

// head writes the headline from the verdict, and holds the simulation against it.
func (r *Report) head(c *cluster, v feasible.Verdict, refused error, end string) {
	simulated, steady := end != "", r.Rollout.Steady
	subject := "this deployment"
	if c.keep {
		subject = service
	}
	h := Headline{Text: outcome(v, subject), Good: v.Ends()}
	went := "it was not simulated"
	if simulated {
		went = "the simulation was " + end
		if steady {
			least, most := r.Rollout.bounds()
			went = fmt.Sprintf("simulated, it takes %s with %s meanwhile", r.Rollout.End.Round(time.Second),
				span(least, most))
		}
	}
	switch {
	case refused != nil:
		h.Text, h.More, h.Good = "there is no verdict on "+subject, refused.Error()+"; "+went, false
		r.Headline = h
		return
	case v.Ends():
		h.More = fmt.Sprintf("%s to start, %s to stop; %s", count(v.Desired-v.Placed, "task"), count(v.Old, "task"),
			went)
	case v.Rests() != "":
		h.More = v.Rests()
	}
	if simulated && v.Outcome == feasible.OutcomeDepends {
		h.More = strings.TrimSpace(h.More + " Here " + went)
	}
	if simulated && v.Outcome != feasible.OutcomeDepends && v.Ends() != steady {
		h.Text += ", by the rules; in the simulation it is " + end
		h.Good = false
	}
	r.Headline = h
}

// outcome is a verdict in one line: a deployment ends, and a service becomes steady.
func outcome(v feasible.Verdict, subject string) string {
	verb, never := " ends", " never ends"
	if subject == service {
		verb, never = " becomes steady", " never becomes steady"
	}
	switch v.Outcome {
	case feasible.OutcomeEnds:
		return subject + verb
	case feasible.OutcomeDepends:
		return "whether " + subject + verb + " depends on which tasks stop and start first"
	}
	return subject + never
}
