package front

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/iam"
)

// Policies is an Authorizer that decides each call by IAM policies: those of the caller's access key ID,
// and those of "", which apply to every caller. A caller without policies is denied everything.
//
// A call needs the right to its action on each resource that it is checked against (iam.Actions), as the
// plane will find it: in the call's Region, account and cluster. Besides, roles that are given to a task or
// a service need iam:PassRole, and tags that are given to something new need ecs:TagResource.
//
// A caller is a user without tags, so that no key aws:PrincipalTag is present: a condition on one is false, a negated
// one is true, and a statement whose Resource has one as a variable matches nothing.
//
// A call may claim any key ID; only Config.Secret verifies it.
type Policies map[string][]*iam.Policy

// Add takes in the policy document of a file: FILE for every caller, KEYID=FILE for the calls of one access key. It
// returns what a linter says of it. The errors are those of reading the file and of iam.ParsePolicy.
func (p Policies) Add(value string) ([]iam.Finding, error) {
	key, file, ok := strings.Cut(value, "=")
	if !ok {
		key, file = "", value
	}
	document, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	policy, err := iam.ParsePolicy(filepath.Base(file), document)
	if err != nil {
		return nil, fmt.Errorf("%s is not a policy:\n%w", file, err)
	}
	p[key] = append(p[key], policy)
	return iam.LintPolicy(policy, iam.Principal), nil
}

// Authorize refuses every call: a Call does not hold enough to decide it by policies. A [Server] decides
// with more of the call's input.
func (p Policies) Authorize(Call) error {
	return errors.New("only a Server can decide calls by policies")
}

// authorize returns the text of the AccessDeniedException for a call that the policies do not allow.
func (p Policies) authorize(c question) error {
	policies := append(append([]*iam.Policy(nil), p[""]...), p[c.AccessKeyID]...)
	if c.AccessKeyID == "" {
		policies = p[""]
	}
	for _, r := range c.requests() {
		result, err := iam.Evaluate(policies, r)
		if err != nil {
			return err
		}
		if result.Decision != iam.Allowed {
			return errors.New(result.Message(c.principal(), r.Action))
		}
	}
	return nil
}

// principal is the ARN of the caller: a user with the name of its access key ID.
func (c question) principal() string { return "arn:aws:iam::" + c.account() + ":user/" + c.user() }

func (c question) user() string {
	if c.AccessKeyID == "" {
		return "anonymous"
	}
	return c.AccessKeyID
}

func (c question) account() string { return c.world.config.Account }

// requests are what the caller must be allowed to do.
func (c question) requests() []iam.Request {
	common := c.context()
	list := []iam.Request{{Action: c.Service + ":" + c.Action, Resources: c.checked(), Context: common}}
	for _, pass := range c.passed() {
		list = append(list, iam.Request{Action: "iam:PassRole", Resources: []iam.Resource{{ARN: pass.role}},
			Context: adding(c.global(), "iam:PassedToService", pass.to)})
	}
	if tagged := c.created(); tagged != "" && len(common["aws:TagKeys"]) > 0 {
		list = append(list, iam.Request{Action: "ecs:TagResource", Resources: []iam.Resource{{ARN: tagged}},
			Context: adding(common, "ecs:CreateAction", c.Action)})
	}
	return list
}

// adding returns a context with values under one more key.
func adding(c iam.Context, key string, values ...string) iam.Context {
	more := maps.Clone(c)
	more[key] = values
	return more
}

// pass is a role that a call gives to a service of AWS.
type pass struct{ role, to string }

// The services of AWS that roles are given to.
const (
	toTasks   = "ecs-tasks.amazonaws.com"
	toECS     = "ecs.amazonaws.com"
	toScaling = "application-autoscaling.amazonaws.com"
)

// passed are the roles that the call gives away: those that it names, and those of the task definition
// that it runs. Source: Amazon ECS Developer Guide, "IAM roles for Amazon ECS".
func (c question) passed() (list []pass) {
	add := func(role, to string) {
		if one := (pass{c.roleARN(role), to}); !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	tasks := c.texts("overrides.taskRoleArn", "overrides.executionRoleArn")
	switch c.Action {
	case "RegisterTaskDefinition":
		tasks = c.texts("taskRoleArn", "executionRoleArn")
	case "RunTask", "StartTask", "CreateService":
		d, _ := c.definition()
		for i, role := range []string{d.TaskRoleArn, d.ExecutionRoleArn} {
			over := c.texts([]string{"overrides.taskRoleArn", "overrides.executionRoleArn"}[i])
			if role != "" && len(over) == 0 {
				tasks = append(tasks, role)
			}
		}
	}
	for _, role := range tasks {
		add(role, toTasks)
	}
	for _, r := range c.Resources {
		switch {
		case r.Type != "role" || slices.Contains(tasks, r.Name):
		case c.Service == "ecs":
			add(r.Name, toECS)
		default:
			add(r.Name, toScaling)
		}
	}
	return list
}

// roleARN returns the ARN of a role that a call names by its ARN or name.
func (c question) roleARN(role string) string {
	if len(role) >= 4 && role[:4] == "arn:" {
		return role
	}
	return "arn:aws:iam::" + c.account() + ":role/" + role
}

// texts returns what stands at paths of the call's input.
func (c question) texts(paths ...string) (list []string) {
	for _, path := range paths {
		list = append(list, namesAt(c.members, splitPath(path))...)
	}
	return list
}

// definition returns the task definition that the call runs, if there is one.
func (c question) definition() (ecs.TaskDefinition, bool) {
	refs := c.texts("taskDefinition")
	if len(refs) != 1 {
		return ecs.TaskDefinition{}, false
	}
	return look(c.world, func(p *control.Plane) (ecs.TaskDefinition, error) {
		out, err := p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: refs[0]})
		return out.TaskDefinition, err
	})
}

// tags returns the tags of a resource, none for one that does not exist.
func (c question) tags(arn string) []ecs.Tag {
	tags, _ := look(c.world, func(p *control.Plane) ([]ecs.Tag, error) {
		return p.ListTagsForResource(api.ListTagsForResourceInput{ResourceArn: arn})
	})
	return tags
}

// look asks the plane of a Region, and reports whether it knew.
func look[T any](s *region, ask func(p *control.Plane) (T, error)) (T, bool) {
	if s.live != nil {
		v, err := lend(context.Background(), s, func(s *region) (T, error) { return ask(s.world.Plane()) })
		return v, err == nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world == nil || s.world.Plane().Failed() != nil {
		var none T
		return none, false
	}
	v, err := ask(s.world.Plane())
	return v, err == nil
}

// global are the condition keys of every request.
// Source: AWS Identity and Access Management User Guide, "AWS global condition context keys".
func (c question) global() iam.Context {
	global := iam.Context{
		"aws:RequestedRegion": {c.Region}, "aws:PrincipalAccount": {c.account()}, "aws:PrincipalArn": {c.principal()},
		"aws:username": {c.user()}, "aws:userid": {c.user()}, "aws:SecureTransport": {"false"},
		"aws:CurrentTime": {c.world.now().UTC().Format(time.RFC3339)},
	}
	if c.source.IsValid() {
		global["aws:SourceIp"] = []string{c.source.String()}
	}
	return global
}
