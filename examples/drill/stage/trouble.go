package stage

import (
	"net/http"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
)

// count is how often a fault of the scenario met a call, and how often it did something.
type count struct{ met, done int }

// trouble returns what the scenario's faults do to a call, or "".
func (s *Stage) trouble(q request, now time.Time) scenario.Trouble {
	for i, f := range s.config.Scenario.Faults {
		if !concerns(f, q) || f.For > 0 && (s.deployed.IsZero() || now.Sub(s.deployed) >= f.For) {
			continue
		}
		c := &s.faults[i]
		c.met++
		if f.First > 0 && c.done >= f.First || f.Every > 0 && c.met%f.Every != 0 {
			continue
		}
		c.done++
		return f.Do
	}
	return ""
}

func concerns(f scenario.Fault, q request) bool {
	switch f.Calls {
	case "all":
		return true
	case "reads":
		return q.reads()
	case "writes":
		return !q.reads()
	}
	return f.Calls == q.action
}

// troubled is the answer to a call that is not carried out.
func troubled(r *http.Request, t scenario.Trouble) *answer {
	switch t {
	case scenario.Throttle:
		return refuse(r, http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	case scenario.ServerError:
		return refuse(r, http.StatusInternalServerError, "ServerException",
			"Service Unavailable. Please try again later.")
	case scenario.CutBefore:
		return newAnswer()
	}
	return refuse(r, http.StatusBadRequest, string(t), "The drill refuses this call.")
}
