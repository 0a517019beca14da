package front

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// timeline is everything that happened, a line each.
func timeline(changes []message.Change) string {
	var b strings.Builder
	for _, c := range changes {
		subject := string(c.Task)
		if subject == "" {
			subject = c.Service + string(c.Instance)
		}
		fmt.Fprintf(&b, "%s  %-8s %-14s %-32s %s\n", c.At.Time().Format("15:04:05.0"), c.Kind,
			c.Status, subject, c.Text)
	}
	return b.String()
}

// window is what part of what happened the timeline's page shows.
type window struct {
	From, To time.Time
	Find     string // in names, statuses and reasons; letter case does not matter
	Region   string
}

// seconds is how windows are written.
const seconds = "2006-01-02T15:04:05"

// windowOf reads a window from the query of a call; it is everything unless the query says otherwise.
func windowOf(q url.Values, changes []message.Change, now time.Time) (window, error) {
	w := window{From: now.Add(-time.Second), To: now.Add(time.Second - 1).Truncate(time.Second), Find: q.Get("find"),
		Region: q.Get("region")}
	if len(changes) > 0 && changes[0].At.Time().Before(w.From) {
		w.From = changes[0].At.Time()
	}
	if last := q.Get("last"); last != "" {
		d, err := time.ParseDuration(last)
		if err != nil || d <= 0 {
			return w, ecs.Fault(ecs.InvalidParameterException, "last", "last must be a duration above 0, such as 15m.")
		}
		w.From = now.Add(-d)
	}
	for _, end := range []struct {
		name string
		to   *time.Time
	}{{"from", &w.From}, {"to", &w.To}} {
		text := q.Get(end.name)
		if text == "" {
			continue
		}
		at, err := time.Parse(seconds, strings.TrimSuffix(text, "Z"))
		if err != nil {
			return w, ecs.Fault(ecs.InvalidParameterException, end.name,
				end.name+" must be a time in UTC such as 2026-01-31T12:00:00.")
		}
		*end.to = at
	}
	if !w.From.Before(w.To) {
		return w, ecs.Fault(ecs.InvalidParameterException, "from", "from must be before to.")
	}
	return w, nil
}

// has reports whether a change is of what is looked for.
func (w window) has(c message.Change) bool {
	if w.Find == "" {
		return true
	}
	text := strings.Join([]string{c.Cluster, c.Service, string(c.Task), string(c.Instance), c.Zone, c.Status,
		c.Text}, " ")
	return strings.Contains(strings.ToLower(text), strings.ToLower(w.Find))
}

// link is the address of another window.
func (w window) link(from, to time.Time) string {
	q := url.Values{"format": {"html"}, "from": {from.Format(seconds)}, "to": {to.Format(seconds)}}
	if w.Find != "" {
		q.Set("find", w.Find)
	}
	if w.Region != "" {
		q.Set("region", w.Region)
	}
	return "?" + q.Encode()
}

// Lasts are the windows that end now.
func (w window) Lasts() []string { return []string{"1m", "15m", "1h", "6h"} }

// Closer is the middle half of the window, at least two seconds.
func (w window) Closer() string {
	middle, d := w.middle(), max(w.To.Sub(w.From)/4, time.Second)
	return w.link(middle.Add(-d), middle.Add(d))
}

// Wider is twice the window.
func (w window) Wider() string {
	d := min(w.To.Sub(w.From), 400*24*time.Hour)
	return w.link(w.middle().Add(-d), w.middle().Add(d))
}

// Earlier is the half window before.
func (w window) Earlier() string {
	d := w.To.Sub(w.From) / 2
	return w.link(w.From.Add(-d), w.To.Add(-d))
}

// Later is the half window after.
func (w window) Later() string {
	d := w.To.Sub(w.From) / 2
	return w.link(w.From.Add(d), w.To.Add(d))
}

func (w window) middle() time.Time { return w.From.Add(w.To.Sub(w.From) / 2) }

// percent is where a moment is in the window's width, from 0 to 100.
func (w window) percent(at ecs.Instant) float64 {
	share := float64(at.Time().Sub(w.From)) / float64(w.To.Sub(w.From))
	return min(max(100*share, 0), 100)
}
