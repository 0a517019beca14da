package query

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// host is a container instance that answers without text where it can.
type host struct {
	name       string
	attributes map[string]string
	groups     []string
	tasks      int
	connected  bool
	agent, id  string
	registered string
}

func (h *host) Lookup(subject string) (string, bool) {
	switch subject {
	case "agentConnected":
		return strconv.FormatBool(h.connected), true
	case "agentVersion":
		return h.agent, h.agent != ""
	case "ec2InstanceId":
		return h.id, h.id != ""
	}
	v, ok := h.attributes[strings.TrimPrefix(subject, "attribute:")]
	return v, ok
}

func (h *host) TaskGroup(i int) (string, bool) {
	if i < len(h.groups) {
		return h.groups[i], true
	}
	return "", false
}

func (h *host) TasksRunning() int { return h.tasks }

func (h *host) Registered() time.Time {
	t, _ := parseTime(h.registered, true)
	return t
}

// plain is a host that answers in text only.
type plain struct{ host *host }

func (p plain) Lookup(subject string) (string, bool) {
	switch subject {
	case "registeredAt":
		return p.host.registered, p.host.registered != ""
	case "runningTasksCount":
		return strconv.Itoa(p.host.tasks), true
	case "task:group":
		return p.host.TaskGroup(0)
	}
	return p.host.Lookup(subject)
}

// fleet is the one of facts 3.4.
func fleet() []*host {
	on := func(kind, zone, stack string) map[string]string {
		m := map[string]string{"ecs.instance-type": kind, "ecs.availability-zone": zone}
		if stack != "" {
			m["stack"] = stack
		}
		return m
	}
	return []*host{
		{"A", on("t2.small", "us-east-1a", "prod"), []string{"service:production"}, 1, true, "1.14.4",
			"i-abcd1234", "2018-02-01"},
		{"B", on("t2.medium", "us-east-1b", "test"), []string{"database"}, 3, false, "1.14.5",
			"i-wxyx7890", "2018-03-01"},
		{"C", on("g2.2xlarge", "us-east-1d", ""), nil, 0, true, "1.9.0", "i-00000003", "2018-02-12"},
		{"D", on("g2.8xlarge", "us-east-1a", "prod"), []string{"service:production", "database"}, 2, true, "1.80.0",
			"i-00000004", "2024-01-01"},
	}
}

// selected returns the names of the hosts for which src holds.
func selected(t *testing.T, src string) string {
	t.Helper()
	e, err := Parse(src)
	require.NoError(t, err)
	var names []string
	for _, h := range fleet() {
		if e.Match(h) {
			names = append(names, h.name)
		}
		if len(h.groups) < 2 {
			require.Equal(t, e.Match(h), e.Match(plain{h}), "%s in text only: %s", h.name, src)
		}
	}
	return strings.Join(names, " ")
}

func TestFleet(t *testing.T) {
	for _, row := range []struct{ facts, expression, selects string }{
		{"3.4 row 1", "attribute:ecs.instance-type == t2.small", "A"},
		{"3.4 row 2", "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", "A B D"},
		{"3.4 row 3", "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", "D"},
		{"3.4 row 4", "attribute:ecs.instance-type in [t2.small, t2.medium]", "A B"},
		{"3.4 row 5", "attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone == us-east-1a", "A"},
		{"3.4 row 6", "task:group == service:production", "A D"},
		{"3.4 row 7", "not(task:group == database)", "A C"},
		{"3.4 row 8", "runningTasksCount == 1", "A"},
		{"3.4 row 9", "runningTasksCount < 2", "A C"},
		{"3.4 row 10", "agentVersion < 1.14.5", "A C"},
		{"3.4 row 11", "registeredAt < 2018-02-13", "A C"},
		{"3.4 row 12", "ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", "A B"},
		{"3.4 row 13", "attribute:stack == prod", "A D"},
		{"3.4 row 14", "attribute:stack != prod", "B"},
		{"3.4 row 15", "attribute:stack exists", "A B D"},
		{"3.4 row 16", "attribute:stack !exists", "C"},
		{"3.4 row 17", "(attribute:stack == prod or attribute:stack !exists) and runningTasksCount <= 1", "A C"},
		{"3.4 row 18", "attribute:ecs.availability-zone not_in [us-east-1a]", "B C"},
		{"3.4 row 19", "attribute:ecs.instance-type not_matches t2.*", "C D"},
		{"3.4 row 20", "agentConnected == true", "A C D"},
		{"3.4 row 21", "task:group == service:daemon-service", ""},
		{"3.4 self-affinity", "task:group == databases", ""},
		{"3.3 include those without", "attribute:stack != prod or attribute:stack !exists", "B C"},
		{"3.3 negation includes those without", "not(attribute:stack == prod)", "B C"},
		{"3.3 !in with the subject absent", "attribute:stack !in [prod]", "B"},
		{"3.3 !~ with the subject absent", "attribute:stack !~ p.*", "B"},
		{"3.1 no wildcards in ==", "attribute:ecs.instance-type == t2.*", ""},
		{"3.3 the whole value matches", "attribute:ecs.instance-type =~ t2", ""},
		{"3.3 the whole value matches: a glob is not a pattern", "attribute:ecs.availability-zone =~ us-east-1*", ""},
		{"3.3 the whole value matches, alternatives", "attribute:ecs.instance-type =~ t2.small|g2", "A"},
		{"3.3 the whole value matches, longest", "attribute:stack =~ 'pr|prod'", "A D"},
		{"task:group != g: some other group", "task:group != database", "A D"},
		{"task:group !in: some group not listed", "task:group !in [database, batch]", "A D"},
		{"task:group exists", "task:group exists", "A B D"},
		{"task:group !exists", "task:group !exists", "C"},
		{"task:group =~", "task:group =~ service:.*", "A D"},
		{"precedence: and before or", "runningTasksCount == 0 or runningTasksCount == 1 and agentConnected == false",
			"C"},
		{"precedence: parentheses", "(runningTasksCount == 0 or runningTasksCount == 1) and agentConnected == true",
			"A C"},
		{"precedence: not before and", "not runningTasksCount == 0 and agentConnected == true", "A D"},
		{"symbols", "!runningTasksCount==0&&agentConnected==true||runningTasksCount==3", "A B D"},
	} {
		t.Run(row.facts, func(t *testing.T) {
			require.Equal(t, row.selects, selected(t, row.expression), row.expression)
		})
	}
}

func TestValues(t *testing.T) {
	h := &host{
		attributes: map[string]string{"n": "10", "x": "1.50", "big": "10000000000000000000000000000000001", "neg": "-3",
			"word": "b", "none": "", "Role": "Primary", "note": "it's a big box", "kind": "c5.large", "lines": "a\nb"},
		tasks: 7, agent: "1.14", id: "i-1", registered: "2018-06-18T22:28:28.5+02:00",
	}
	for _, row := range []struct {
		expression string
		holds      bool
	}{
		// Attributes compare by number when both sides are numbers, exactly, else as text.
		{"attribute:n > 9", true}, {"attribute:n >= 10.0", true}, {"attribute:n < 9", false},
		{"attribute:x == 1.5", false}, {"attribute:x <= 1.5", true}, {"attribute:x >= +1.5", true},
		{"attribute:big > 10000000000000000000000000000000000", true},
		{"attribute:neg < -2.9", true}, {"attribute:neg > -3.1", true}, {"attribute:neg < 0", true},
		{"attribute:word > a", true}, {"attribute:word > 10", true}, {"attribute:n > 9a", false},
		// A valueless attribute exists and passes nothing else.
		{"attribute:none exists", true}, {"attribute:none !exists", false}, {"attribute:none == a", false},
		{"attribute:none != a", false}, {"attribute:none =~ .*", false}, {"attribute:none !~ a", false},
		{"attribute:none !in [a]", false}, {"attribute:none < a", false}, {"not attribute:none == a", true},
		// Names are told apart by case.
		{"attribute:Role == Primary", true}, {"attribute:role == Primary", false}, {"attribute:Role == primary", false},
		// Quotes.
		{`attribute:note == "it's a big box"`, true}, {`attribute:note =~ "it's a .*"`, true},
		{"attribute:word == 'b'", true},
		// Versions compare by number; missing parts are zero.
		{"agentVersion == 1.14.0", true}, {"agentVersion > 1.9.0", true}, {"agentVersion < 1.14.0.1", true},
		{"agentVersion >= 1.014", true}, {"agentVersion != 1.14", false},
		{"agentVersion < 100000000000000000000000", true},
		// Counts.
		{"runningTasksCount == 007", true}, {"runningTasksCount < 99999999999999999999999", true},
		{"runningTasksCount >= 8", false},
		// Times: UTC without a zone, midnight without a time.
		{"registeredAt == 2018-06-18T20:28:28", false}, {"registeredAt > 2018-06-18T20:28:28Z", true},
		{"registeredAt < 2018-06-18T20:28:29+00:00", true}, {"registeredAt < 2018-06-18T22:28:29+02:00", true},
		{"registeredAt > 2018-06-18", true}, {"registeredAt < 2018-06-19", true},
		{"registeredAt >= 2018-06-18T15:28:28-05:30", false},
		// Patterns.
		{"attribute:kind =~ c5.large", true}, {"attribute:kind =~ C5.*", false},
		{"attribute:kind =~ '(?i:C5).*'", true},
		{"attribute:kind =~ [cm]5.*", true}, {"attribute:kind =~ [cm]5[.]x?l.{1,9}", true},
		{"attribute:kind =~ .*", true},
		{`attribute:kind =~ \Qc5.large`, true}, {"attribute:kind =~ c5", false}, {"attribute:kind =~ .*large|m5", true},
		{"attribute:lines =~ a.*", false}, {"attribute:lines =~ '(?s)a.*'", true}, {"attribute:lines =~ a", false},
	} {
		e, err := Parse(row.expression)
		require.NoError(t, err)
		require.Equal(t, row.holds, e.Match(h), row.expression)
		require.Equal(t, row.holds, e.Match(plain{h}), "in text only: %s", row.expression)
	}
	odd := &host{agent: "1.14-dev", registered: "yesterday"}
	for _, src := range []string{"agentVersion != 1.0", "agentVersion < 9", "registeredAt != 2018-01-01",
		"registeredAt < 2999-01-01", "ec2InstanceId != i-1"} {
		e, err := Parse(src)
		require.NoError(t, err)
		require.False(t, e.Match(odd), src)
		require.False(t, e.Match(plain{odd}), src)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	h := fleet()[3]
	var subjects = []Subject{h, plain{h}}
	for _, src := range []string{
		"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
		"attribute:ecs.instance-type =~ '(g|p)[2-4][.].*large'",
		"attribute:ecs.instance-type in [a, b, c, g2.8xlarge] and not(task:group == web) and runningTasksCount < 5",
		"agentVersion > 1.9.0 and registeredAt > 2018-06-18T22:28:28+02:00 and agentConnected == true",
		"attribute:stack > 10 or attribute:stack !exists or task:group !~ service:.*x|y",
	} {
		e, err := Parse(src)
		require.NoError(t, err)
		for _, s := range subjects {
			require.Zero(t, testing.AllocsPerRun(200, func() { e.Match(s) }), src)
		}
	}
}
