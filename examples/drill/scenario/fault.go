package scenario

import (
	"strconv"
	"strings"
	"time"
)

// Trouble is what a fault of the API does to a call.
type Trouble string

// The troubles that have a meaning of their own. Any other Trouble is the code of the error that refuses the call.
const (
	Throttle    Trouble = "throttle"   // ThrottlingException, HTTP 400
	ServerError Trouble = "500"        // ServerException, HTTP 500
	CutBefore   Trouble = "cut-before" // the connection ends, and nothing is done
	CutAfter    Trouble = "cut-after"  // the call is carried out, and the connection ends without an answer
)

// Fault is a trouble of the API, a line of the part "faults":
//
//	reads every=3 do=500            each third call that reads
//	all every=2 do=throttle
//	UpdateService first=1 do=cut-after
//	reads for=60s do=500            from the command's first deployment on
//	all do=UnrecognizedClientException
type Fault struct {
	Calls string        // an action, or reads, writes, all
	Every int           // each nth of these calls; 0: each
	First int           // so many of them at most; 0: any number
	For   time.Duration // after the command's first deployment; 0: always
	Do    Trouble
}

// faults reads the part "faults".
func (s *Scenario) faults(p part) error {
	for i, line := range strings.Split(p.text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		f := Fault{Calls: words[0]}
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			var err error
			switch key {
			case "every":
				f.Every, err = strconv.Atoi(value)
			case "first":
				f.First, err = strconv.Atoi(value)
			case "for":
				f.For, err = time.ParseDuration(value)
			case "do":
				f.Do = Trouble(value)
			default:
				return s.fault(p.line+i, "a fault has every, first, for and do; %q is none of them", w)
			}
			if err != nil || f.Every < 0 || f.First < 0 || f.For < 0 {
				return s.fault(p.line+i, "%q is not a number or a time", w)
			}
		}
		if f.Do == "" {
			return s.fault(p.line+i, "a fault says what it does, as in do=throttle")
		}
		s.Faults = append(s.Faults, f)
	}
	return nil
}
