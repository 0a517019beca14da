package answer

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs/message"
)

// name gives a task that is new its short name.
func (w *world) name(c message.Change) string {
	if c.Task == "" {
		return ""
	}
	if w.names[string(c.Task)] == "" {
		w.count++
		w.names[string(c.Task)] = fmt.Sprintf("t%d", w.count)
		return w.names[string(c.Task)] + "@" + cmp.Or(w.names[string(c.Instance)], c.Zone)
	}
	return w.names[string(c.Task)]
}

// tell writes a change. Tasks that reach the same status at the same time share a line.
func (w *world) tell(c message.Change) {
	moment := clock(w.Elapsed() - w.begun)
	switch c.Kind {
	case message.ChangeTask:
		w.recorded.take(w.Elapsed()-w.begun, c)
		if key := [2]string{moment, c.Status}; key != w.last {
			w.flush()
			w.last = key
			fmt.Fprintf(&w.line, "  %s  %-14s", moment, c.Status)
		}
		w.line.WriteString(" " + w.name(c))
	case message.ChangeService:
		for _, known := range []string{"has started", "has stopped", "registered"} {
			if strings.Contains(c.Text, known) {
				return // the tasks' own lines say so
			}
		}
		if c.Text == "" {
			return
		}
		w.flush()
		w.lines = append(w.lines, fmt.Sprintf("  %s  %-14s %s", moment, "event", w.short(c.Text)))
	}
}

func (w *world) flush() {
	if w.line.Len() > 0 {
		w.lines = append(w.lines, w.line.String())
	}
	w.line.Reset()
	w.last = [2]string{}
}

// short writes names for the IDs in a text.
func (w *world) short(text string) string {
	for id, name := range w.names { //order:any no ID is part of another
		text = strings.ReplaceAll(text, id, name)
	}
	return text
}
