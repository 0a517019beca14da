package copilot

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// duration reads a duration such as 400ms.
func duration(v *source.Value) (time.Duration, bool) {
	s := v.String()
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		if v != nil {
			v.Fault("it must be a duration such as 400ms, not %q", s)
		}
		return 0, false
	}
	return d, true
}

// schedule returns an expression of EventBridge for a schedule of Copilot; "" for none, and for a schedule that
// is not one, which is a fault.
func schedule(v *source.Value) string {
	s := strings.TrimSpace(v.String())
	switch {
	case s == "" || strings.EqualFold(s, "none"):
		return ""
	case strings.HasPrefix(s, "rate(") || strings.HasPrefix(s, "cron("):
		return s
	case strings.HasPrefix(s, "@every "):
		d, err := time.ParseDuration(strings.TrimSpace(s[len("@every "):]))
		minutes := math.Ceil(d.Minutes())
		if err != nil || d < time.Minute {
			v.Fault("%q is not a duration of a minute or more", s)
			return ""
		}
		if d%time.Minute != 0 {
			v.Approximate("in whole minutes")
		}
		if minutes == 1 {
			return "rate(1 minute)"
		}
		return fmt.Sprintf("rate(%.0f minutes)", minutes)
	}
	text, err := document.Cron(s)
	if err != nil {
		v.Fault("%q is not a schedule: %v", s, err)
	}
	return text
}
