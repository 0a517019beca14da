package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// timeline writes changes as lines for people, with short names for long IDs: i1 for an
// instance, t1 for a task, d1 for a deployment, in order of appearance.
type timeline struct {
	text  strings.Builder
	names []string // pairs of an ID and its name
	tasks map[string]taskRef
	hosts map[string]host
	n     struct{ tasks, hosts, deployments int }
}

// taskRef is a task by its cluster.
type taskRef struct {
	cluster string
	id      ecs.TaskID
}

func newTimeline() *timeline {
	return &timeline{tasks: map[string]taskRef{}, hosts: map[string]host{}}
}

func (l *timeline) name(id, name string) { l.names = append(l.names, id, name) }

func (l *timeline) known(id string) (string, bool) {
	for i := 0; i < len(l.names); i += 2 {
		if l.names[i] == id {
			return l.names[i+1], true
		}
	}
	return "", false
}

func (l *timeline) task(cluster string, id ecs.TaskID) string {
	if id == "" {
		return ""
	}
	name, ok := l.known(string(id))
	if !ok {
		l.n.tasks++
		name = fmt.Sprintf("t%d", l.n.tasks)
		l.name(string(id), name)
		l.tasks[name] = taskRef{cluster, id}
	}
	return name
}

func (l *timeline) host(id ecs.InstanceID) string {
	name, _ := l.known(string(id))
	return name
}

// join names a container instance and its EC2 instance.
func (l *timeline) join(h host, ec2 string) {
	l.n.hosts++
	name := fmt.Sprintf("i%d", l.n.hosts)
	l.name(string(h.id), name)
	l.name(ec2, name)
	l.hosts[name] = h
}

// short replaces the IDs in a text by their names, and ARNs of target groups by theirs.
func (l *timeline) short(text string) string {
	const prefix = "ecs-svc/"
	for rest := text; ; {
		i := strings.Index(rest, prefix)
		if i < 0 || len(rest) < i+len(prefix)+19 {
			break
		}
		id := rest[i : i+len(prefix)+19]
		if strings.Trim(id[len(prefix):], "0123456789") != "" {
			rest = rest[i+len(prefix):]
			continue
		}
		if _, ok := l.known(id); !ok {
			l.n.deployments++
			l.name(id, fmt.Sprintf("d%d", l.n.deployments))
		}
		rest = rest[i+len(id):]
	}
	text = strings.NewReplacer(l.names...).Replace(text)
	const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/"
	for {
		i := strings.Index(text, group)
		if i < 0 {
			return text
		}
		name, rest, _ := strings.Cut(text[i+len(group):], "/")
		end := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
		if end < 0 {
			end = len(rest)
		}
		text = text[:i] + name + rest[end:]
	}
}

// write adds the line of a change.
func (l *timeline) write(elapsed time.Duration, c message.Change) {
	status, who, text := c.Status, l.task(c.Cluster, c.Task), l.short(c.Text)
	switch c.Kind {
	case message.ChangeTask:
		place := l.host(c.Instance)
		if c.Fargate {
			place = "Fargate"
		}
		text = joined(place, c.Zone, fmt.Sprintf("revision %d", c.Revision), text, c.Why)
	case message.ChangeInstance:
		who = l.host(c.Instance)
	case message.ChangeService, message.ChangeScaling, message.ChangeTraffic:
		who, status = c.Service, joined(strings.ToLower(string(c.Kind)), status)
	case message.ChangeCommand:
		status = "command"
	}
	l.line(elapsed, status, who, text)
}

func joined(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return strings.Join(list, " ")
}

func (l *timeline) line(elapsed time.Duration, status, who, text string) {
	elapsed = elapsed.Truncate(100 * time.Millisecond)
	clock := fmt.Sprintf("%02d:%04.1f", int(elapsed/time.Minute), (elapsed % time.Minute).Seconds())
	fmt.Fprintln(&l.text, strings.TrimRight(fmt.Sprintf("%s  %-14s %-4s %s", clock, status, who, text), " "))
}
