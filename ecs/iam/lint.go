package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Use is what a policy is attached to.
type Use string

// The values of Use.
const (
	Principal       Use = "principal"       // a user, or a role that a person or a program assumes
	InstanceProfile Use = "instanceProfile" // of container instances: every container there can use it
	TaskRole        Use = "taskRole"
	ExecutionRole   Use = "executionRole"
)

// Finding is a part of a policy or task definition that is valid but probably a mistake.
type Finding struct {
	Rule    string // its short name, such as "pass-role"
	Field   string // path of that part: "Statement[0].Action", "containerDefinitions[1].environment[0]"
	Message string
}

// String returns "field: message (rule)".
func (f Finding) String() string { return fmt.Sprintf("%s: %s (%s)", f.Field, f.Message, f.Rule) }

// LintPolicy returns the parts of a policy that grant more than the use needs, or that can never match,
// in the order of its statements. The rules:
//
//	everything          all actions on all resources are allowed
//	not-action          Allow with NotAction allows what AWS adds later
//	pass-role           iam:PassRole on all roles, or for every service
//	instance-profile    more than the agent needs, for every container of the instance
//	unknown-action      the pattern matches no action of Amazon ECS
//	resource            the resource patterns cover nothing that the action is checked against
//	absent-key          a condition key that no request of the action has
//	for-all-values      ForAllValues in an Allow is true without the key
//
// Sources: AWS Identity and Access Management User Guide, "Security best practices in IAM" and "IAM Access
// Analyzer policy check reference"; Amazon ECS Developer Guide, "Amazon ECS container instance IAM role".
func LintPolicy(p *Policy, use Use) []Finding {
	l := linter{actions: Actions()}
	for i := range p.statements {
		l.at = check.Index("Statement", i)
		l.statement(&p.statements[i], use)
	}
	return l.found
}

// linter gathers findings.
type linter struct {
	at      string // the statement
	actions []Action
	found   []Finding
}

func (l *linter) add(rule, member, format string, args ...any) {
	l.found = append(l.found, Finding{rule, check.Join(l.at, member), fmt.Sprintf(format, args...)})
}

func (l *linter) statement(s *statement, use Use) {
	if s.effect == Allow {
		l.broad(s, use)
	}
	if s.actions.not {
		return
	}
	for _, text := range s.actions.texts {
		service, name, _ := strings.Cut(text, ":")
		if strings.EqualFold(service, "ecs") && !strings.Contains(name, "*") {
			l.ecsAction(s, text)
		}
	}
}

// broad looks for rights that are more than is needed.
func (l *linter) broad(s *statement, use Use) {
	allResources := s.resources.not || slices.Contains(s.resources.texts, "*")
	if s.actions.not {
		l.add("not-action", "NotAction", "Allow with NotAction allows all other actions of all services, and those "+
			"that AWS adds later. List actions.")
	}
	if allResources && !s.actions.not && slices.ContainsFunc(s.actions.texts, isAllActions) {
		l.add("everything", "Action", "Every action on every resource is allowed. List what is needed.")
	}
	if s.names("iam:passrole") {
		if wide := allRoles(s.resources); wide != "" {
			l.add("pass-role", "Resource", "iam:PassRole on %s lets the caller give any role of the account to a "+
				"task. Name the roles.", wide)
		} else if !s.asks("iam:passedtoservice") {
			l.add("pass-role", "Condition", "iam:PassRole is allowed for every service. Add StringEquals "+
				"iam:PassedToService ecs-tasks.amazonaws.com.")
		}
	}
	if use == InstanceProfile && !s.actions.not {
		for _, text := range s.actions.texts {
			if !slices.Contains(agentActions(), strings.ToLower(text)) {
				l.add("instance-profile", "Action", "%s is not among what the agent needs, and every container of "+
					"the instance can use it. Move it to a task role.", text)
			}
		}
	}
	for i := range s.conditions {
		if c := &s.conditions[i]; c.qualifier == forAllValues && !s.demands(c.key) {
			l.add("for-all-values", "Condition", "%s %s is true where the request has no such key. Add Null %s "+
				"\"false\".", c.written(), c.shown, c.shown)
		}
	}
}

func isAllActions(text string) bool { return strings.Trim(text, "*") == "" || text == "*:*" }

// allRoles returns the pattern that covers every role, or "".
func allRoles(s set[arnPattern]) string {
	if s.not {
		return s.String()
	}
	for i, a := range s.list {
		if a.all || a.match(Context{}, "arn:aws:iam::123456789012:role/a/path/and-a-role-of-no-special-name") {
			return s.texts[i]
		}
	}
	return ""
}

// asks reports whether a condition is about a key.
func (s *statement) asks(key string) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool { return c.key == key })
}

// demands reports whether a condition is false where the request does not have a key.
func (s *statement) demands(key string) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool { return c.key == key && !c.holds(Context{}) })
}

// agentActions are what the policy AmazonEC2ContainerServiceforEC2Role has, in lower case.
func agentActions() []string {
	return strings.Fields("ec2:describetags ecs:createcluster ecs:deregistercontainerinstance" +
		" ecs:discoverpollendpoint ecs:poll ecs:registercontainerinstance ecs:starttelemetrysession" +
		" ecs:updatecontainerinstancesstate ecs:submit* ecs:submittaskstatechange ecs:submitcontainerstatechange " +
		"ecs:submitattachmentstatechanges ecs:tagresource" +
		" ecr:getauthorizationtoken ecr:batchchecklayeravailability ecr:getdownloadurlforlayer ecr:batchgetimage" +
		" logs:createlogstream logs:putlogevents")
}

// ecsAction looks at one action of Amazon ECS that a statement names.
func (l *linter) ecsAction(s *statement, text string) {
	i := slices.IndexFunc(l.actions, func(a Action) bool {
		p, _ := dialect{wild: true}.compile(strings.ToLower(text))
		return p.match("ecs:" + strings.ToLower(a.Name))
	})
	if i < 0 {
		if !strings.Contains(text, "?") {
			l.add("unknown-action", "Action", "Amazon ECS has no action %s that this package knows.", text)
		}
		return
	}
	a := l.actions[i]
	covered := func(p arnPattern) bool { return p.all || a.under(p) }
	if !s.resources.not && !slices.ContainsFunc(s.resources.list, covered) {
		checked := "\"*\""
		if len(a.Resources) > 0 {
			checked = "a " + strings.Join(a.Resources, " and a ")
		}
		l.add("resource", "Resource", "ecs:%s is checked against %s, which none of these resources covers.", a.Name,
			checked)
	}
	for j := range s.conditions {
		if c := &s.conditions[j]; !a.HasKey(c.key) {
			l.add("absent-key", "Condition", "ecs:%s has no condition key %s: the condition is %t for each request.",
				a.Name, c.shown, c.holds(Context{}))
		}
	}
}

// under reports whether a pattern may cover a resource of one of the action's types.
func (a Action) under(p arnPattern) bool {
	service, resource := p.parts[2].String(), p.parts[5]
	if service != "ecs" && !strings.ContainsAny(service, "*?$") {
		return false
	}
	for _, typ := range a.Resources {
		if begins(resource, typ+"/") {
			return true
		}
	}
	return false
}

// begins reports whether a pattern may match a text that begins so.
func begins(p pattern, start string) bool {
	if len(p) == 0 {
		return false
	}
	if p[0].kind != literal {
		return true
	}
	n := min(len(p[0].text), len(start))
	return p[0].text[:n] == start[:n] && (n == len(start) || len(p) > 1)
}

// hasAccessKey reports whether a text has an access key ID: AKIA or ASIA, and sixteen more capital
// letters and digits. Source: AWS Identity and Access Management User Guide, "IAM identifiers".
func hasAccessKey(s string) bool {
	const prefix, length = 4, 20
	for i := 0; i+length <= len(s); i++ {
		if start := s[i : i+prefix]; start != "AKIA" && start != "ASIA" {
			continue
		}
		if strings.Trim(s[i+prefix:i+length], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
			return true
		}
	}
	return false
}

// LintTaskDefinition returns the parts of a task definition that expose access keys or share a role, in
// the order of its containers. The rules:
//
//	access-key     an access key in a variable or a command, where every reader of the definition sees it
//	shared-role    the task role is the execution role: containers can read what the agent may
//
// Source: Amazon ECS Developer Guide, "Task and container security best practices".
func LintTaskDefinition(d ecs.TaskDefinition) []Finding {
	var l linter
	if d.TaskRoleArn != "" && d.TaskRoleArn == d.ExecutionRoleArn {
		l.add("shared-role", "taskRoleArn", "The task role is the execution role, so containers can read the "+
			"secrets and images that the agent may.")
	}
	for i, c := range d.ContainerDefinitions {
		l.at = check.Index("containerDefinitions", i)
		for j, e := range c.Environment {
			if isKeyVariable(e.Name) && e.Value != "" || hasAccessKey(e.Value) {
				l.add("access-key", check.Index("environment", j),
					"%s holds an access key, which every reader of the task definition sees. Use a task role.",
					check.Shortened(e.Name))
			}
		}
		l.words("entryPoint", c.EntryPoint)
		l.words("command", c.Command)
	}
	return l.found
}

// words looks at the words of a command.
func (l *linter) words(member string, words []string) {
	for j, word := range words {
		if hasAccessKey(word) {
			l.add("access-key", check.Index(member, j), "The word holds an access key, which every reader of the "+
				"task definition sees. Use a task role.")
		}
	}
}

func isKeyVariable(name string) bool {
	return name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_SESSION_TOKEN"
}
