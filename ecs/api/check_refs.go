package api

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// clusterRef checks a cluster's name or ARN; absent is the cluster called default.
func (c *faults) clusterRef(ref string) { c.ref("cluster", ref, ecs.ARNTypeCluster) }

// serviceRef checks a service's name or ARN, which must be there.
func (c *faults) serviceRef(ref string) {
	if c.Present("service", ref) {
		c.ref("service", ref, ecs.ARNTypeService)
	}
}

// ref checks that a present reference is an ARN of the type, or a bare name.
func (c *faults) ref(path, ref string, kind ecs.ARNType) {
	switch {
	case ref == "":
	case strings.HasPrefix(ref, "arn:"):
		if a, err := ecs.ParseARN(ref); err != nil || a.Type != kind {
			c.Refuse(path, "Invalid arn syntax: %q is not the ARN of a %s.", check.Shortened(ref), kind)
		}
	case !check.IsName(ref):
		c.Refuse(path, "Invalid identifier: %q is not a name or ARN of a %s.", check.Shortened(ref), kind)
	}
}

// id checks the ID or ARN of a task or container instance, which must be there.
func (c *faults) id(path, ref string, kind ecs.ARNType) {
	if strings.HasPrefix(ref, "arn:") {
		c.ref(path, ref, kind)
	} else if c.Present(path, ref) && !check.IsName(ref) {
		c.Refuse(path, "Invalid identifier: %q is not the ID or ARN of a %s.", check.Shortened(ref), kind)
	}
}

// ids checks a list of IDs or ARNs of lo to hi entries.
func (c *faults) ids(path string, list []string, kind ecs.ARNType, lo, hi int) {
	if len(list) < lo {
		c.Refuse(path, "%s cannot be empty.", words(check.LastKey(path)))
	}
	c.AtMost(path, len(list), hi)
	for i, ref := range list {
		c.id(path+check.Path(i), ref, kind)
	}
}

// taskDefinitionRef checks family, family:revision or an ARN.
func (c *faults) taskDefinitionRef(ref string) { c.definitionRef("taskDefinition", ref) }

func (c *faults) definitionRef(path, ref string) {
	name, _, err := ecs.SplitTaskDefinition(ref)
	if err != nil {
		for e := range ecs.Errors(err) {
			c.Refuse(path, "%s", e.Message)
		}
		return
	}
	if !check.IsName(name) {
		c.Refuse(path, "Invalid identifier: %q is not a family, family:revision or ARN of a task definition.",
			check.Shortened(ref))
	}
}

// token checks an idempotency token: printable ASCII without spaces.
func (c *faults) token(path, s string, limit int) {
	if len(s) > limit {
		c.Refuse(path, "%s can have at most %d characters; it has %d.", check.LastKey(path), limit, len(s))
	}
	for i := range len(s) {
		if s[i] < 33 || s[i] > 126 {
			c.Refuse(path, "%s takes ASCII characters in the range 33 to 126; it has %s.", check.LastKey(path),
				strconv.QuoteRuneToASCII(rune(s[i])))
			return
		}
	}
}

// startedBy checks who a task says started it. Source: Amazon ECS API Reference, RunTask. It has no
// blank among the characters; a deploy tool in wide use sends "ECS Deploy", so blanks pass here.
func (c *faults) startedBy(s string, limit int) {
	if len(s) > limit {
		c.Refuse("startedBy", "startedBy can have at most %d characters; it has %d.", limit, len(s))
	}
	for i := range len(s) {
		if b := s[i : i+1]; !check.IsName(b) && b != "/" && b != " " {
			c.Refuse("startedBy",
				"startedBy can have letters, numbers, hyphens, forward slashes, underscores and blanks; it has %q.", b)
			return
		}
	}
}

// group checks the name of a task group. Those of services are theirs. Source: Amazon ECS
// Developer Guide, "Group related Amazon ECS tasks"; that "service:" is refused is this
// library's choice.
func (c *faults) group(s string) {
	if len(s) > 255 {
		c.Refuse("group", "group can have at most 255 characters; it has %d.", len(s))
	}
	if strings.HasPrefix(s, "service:") {
		c.Refuse("group", "The prefix service: is reserved for the tasks of services; this is %q.", check.Shortened(s))
	}
}

// page checks the size of a page of a listing, 1 to 100.
func (c *faults) page(n ecs.Opt[int]) { c.between("maxResults", n, 1, 100) }

// words writes a key as ECS does in sentences: containerInstances as "Container Instances".
func words(key string) string {
	var b strings.Builder
	for i, r := range key {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
