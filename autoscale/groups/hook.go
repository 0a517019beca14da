package groups

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Hook is a lifecycle hook of a group. Nobody is notified of its actions.
// Source: Amazon EC2 Auto Scaling API Reference, LifecycleHookSpecification.
type Hook struct {
	group.LifecycleHook
	NotificationMetadata  string `json:"NotificationMetadata,omitzero" kept:""`
	NotificationTargetARN string `json:"NotificationTargetARN,omitzero" kept:""`
	RoleARN               string `json:"RoleARN,omitzero" kept:""`
}

// PutLifecycleHookInput makes or changes a hook of a group.
type PutLifecycleHookInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	Hook
}

// wait is a lifecycle action of an instance that is not complete.
type wait struct {
	Hook     string      `json:"hook"`
	Token    string      `json:"token"`
	Since    ecs.Instant `json:"since"`
	Deadline ecs.Instant `json:"deadline"`
}

const mostHooks = 50

// PutLifecycleHook makes a hook of a group, or changes the one of that name. It holds instances that launch or end from
// now on. Errors: ValidationError for a group that does not exist and a hook with a fault, LimitExceeded.
func (s *Service) PutLifecycleHook(in PutLifecycleHookInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	return r.putHook(in.Hook)
}

func (r *record) putHook(in Hook) error {
	at, exists := r.hook(in.LifecycleHookName)
	if exists {
		old := r.Hooks[at]
		in.LifecycleTransition = cmp.Or(in.LifecycleTransition, old.LifecycleTransition)
		if in.HeartbeatTimeout.IsZero() {
			in.HeartbeatTimeout = old.HeartbeatTimeout
		}
		in.DefaultResult = cmp.Or(in.DefaultResult, old.DefaultResult)
	}
	switch {
	case in.LifecycleHookName == "" || len(in.LifecycleHookName) > 255 || !check.Only(in.LifecycleHookName, "-_/"):
		return fault(ValidationError, "LifecycleHookName",
			"LifecycleHookName must have from 1 to 255 letters, digits and the characters - _ /, got %q.",
			in.LifecycleHookName)
	case !exists && len(r.Hooks) >= mostHooks:
		return fault(LimitExceeded, "LifecycleHookName", "A group has at most %d lifecycle hooks.", mostHooks)
	}
	if err := in.LifecycleHook.Validate(); err != nil {
		return err
	}
	in.HeartbeatTimeout = ecs.Some(in.HeartbeatTimeout.Or(3600))
	in.DefaultResult = cmp.Or(in.DefaultResult, "ABANDON")
	if exists {
		r.Hooks[at] = in
	} else {
		r.Hooks = slices.Insert(r.Hooks, at, in)
	}
	return nil
}

// hook returns where the hook of a name is, or belongs.
func (r *record) hook(name string) (int, bool) {
	return slices.BinarySearchFunc(r.Hooks, name,
		func(h Hook, name string) int { return strings.Compare(h.LifecycleHookName, name) })
}

// DescribeLifecycleHooksInput asks for the hooks of a group.
type DescribeLifecycleHooksInput struct {
	AutoScalingGroupName string   `json:"AutoScalingGroupName"`
	LifecycleHookNames   []string `json:"LifecycleHookNames,omitzero"`
}

// ShownHook is a hook as DescribeLifecycleHooks shows it.
// Source: Amazon EC2 Auto Scaling API Reference, LifecycleHook.
type ShownHook struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	Hook
	GlobalTimeout int `json:"GlobalTimeout"` // seconds
}

// DescribeLifecycleHooks returns the hooks of a group in order of name: those that are named, as far as they exist, or
// all. Errors: ValidationError for a group that does not exist.
func (s *Service) DescribeLifecycleHooks(in DescribeLifecycleHooksInput) ([]ShownHook, error) {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	s.manage(r)
	list := []ShownHook{}
	for _, h := range r.Hooks {
		if len(in.LifecycleHookNames) == 0 || slices.Contains(in.LifecycleHookNames, h.LifecycleHookName) {
			list = append(list, ShownHook{r.Group.AutoScalingGroupName, h, int(h.LongestWait() / time.Second)})
		}
	}
	return list, nil
}

// LifecycleHookNameInput names a hook of a group.
type LifecycleHookNameInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	LifecycleHookName    string `json:"LifecycleHookName"`
}

// DeleteLifecycleHook removes a hook. Its actions are completed: those of a launch by ABANDON, others by CONTINUE.
// Errors: ValidationError for a group or a hook that does not exist.
func (s *Service) DeleteLifecycleHook(now time.Time, in LifecycleHookNameInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	at, ok := r.hook(in.LifecycleHookName)
	if !ok {
		return noHook(in.LifecycleHookName)
	}
	h := r.Hooks[at]
	result := "CONTINUE"
	if h.LifecycleTransition == group.HookLaunching {
		result = "ABANDON"
	}
	for _, i := range slices.Clone(r.Group.Instances) {
		if m := r.Members[i.InstanceID]; m.waitsFor(h.LifecycleHookName) {
			s.complete(now, r, i.InstanceID, h.LifecycleHookName, result)
		}
	}
	at, _ = r.hook(in.LifecycleHookName)
	r.Hooks = slices.Delete(slices.Clone(r.Hooks), at, at+1)
	s.settle(now, r)
	return nil
}

func noHook(name string) error {
	return fault(ValidationError, "LifecycleHookName", "No Lifecycle Hook found with name %s", name)
}

// LifecycleActionInput is about a lifecycle action of an instance.
type LifecycleActionInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	LifecycleHookName    string `json:"LifecycleHookName"`
	InstanceID           string `json:"InstanceId,omitzero"`
	LifecycleActionToken string `json:"LifecycleActionToken,omitzero"` // or InstanceId
}

// CompleteLifecycleActionInput completes a lifecycle action.
type CompleteLifecycleActionInput struct {
	LifecycleActionInput
	LifecycleActionResult string `json:"LifecycleActionResult"` // CONTINUE or ABANDON
}

// CompleteLifecycleAction completes the action of a hook for an instance, which goes on when no other hook holds it.
// A launch that is abandoned ends. Errors: ValidationError for a group, a hook or an action that does not exist, and
// for another result.
func (s *Service) CompleteLifecycleAction(now time.Time, in CompleteLifecycleActionInput) error {
	r, id, _, err := s.waiting(in.LifecycleActionInput)
	if err != nil {
		return err
	}
	if in.LifecycleActionResult != "CONTINUE" && in.LifecycleActionResult != "ABANDON" {
		return fault(ValidationError, "LifecycleActionResult", "%q is neither CONTINUE nor ABANDON.",
			in.LifecycleActionResult)
	}
	s.complete(now, r, id, in.LifecycleHookName, in.LifecycleActionResult)
	s.settle(now, r)
	return nil
}

// RecordLifecycleActionHeartbeat begins the timeout of an action again. An instance never waits longer than
// LongestWait of its hook. Errors: ValidationError for a group, a hook or an action that does not exist.
func (s *Service) RecordLifecycleActionHeartbeat(now time.Time, in LifecycleActionInput) error {
	r, _, w, err := s.waiting(in)
	if err != nil {
		return err
	}
	at, _ := r.hook(in.LifecycleHookName)
	w.Deadline = r.Hooks[at].deadline(now, w.Since)
	s.schedule(now, r)
	return nil
}

// deadline is when an action times out that heard of somebody just now.
func (h Hook) deadline(now time.Time, since ecs.Instant) ecs.Instant {
	timeout := time.Duration(h.HeartbeatTimeout.Or(3600)) * time.Second
	return min(ecs.At(now.Add(timeout)), since.Add(h.LongestWait()))
}

// waiting finds the action that a request is about.
func (s *Service) waiting(in LifecycleActionInput) (*record, string, *wait, error) {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, "", nil, err
	}
	if _, ok := r.hook(in.LifecycleHookName); !ok {
		return nil, "", nil, noHook(in.LifecycleHookName)
	}
	for _, i := range r.Group.Instances {
		m := r.Members[i.InstanceID]
		for n := range m.Waits {
			w := &m.Waits[n]
			if w.Hook == in.LifecycleHookName && (in.LifecycleActionToken == w.Token ||
				in.LifecycleActionToken == "" && in.InstanceID == i.InstanceID) {
				return r, i.InstanceID, w, nil
			}
		}
	}
	if in.LifecycleActionToken != "" {
		return nil, "", nil, fault(ValidationError, "LifecycleActionToken",
			"No active Lifecycle Action found with token %s", in.LifecycleActionToken)
	}
	return nil, "", nil, fault(ValidationError, "InstanceId", "No active Lifecycle Action found with instance ID %s",
		in.InstanceID)
}

// hold begins the actions of an instance, and reports whether there are any.
func (s *Service) hold(now time.Time, r *record, m *member, transition string) bool {
	for _, h := range r.Hooks {
		if h.LifecycleTransition == transition {
			m.Waits = append(m.Waits, wait{h.LifecycleHookName, s.uuid(), ecs.At(now), h.deadline(now, ecs.At(now))})
		}
	}
	return len(m.Waits) > 0
}

func (m *member) waitsFor(hook string) bool {
	return slices.ContainsFunc(m.Waits, func(w wait) bool { return w.Hook == hook })
}

// complete ends an action of an instance; an empty result is the hook's default.
func (s *Service) complete(now time.Time, r *record, id, name, result string) {
	at, _ := r.hook(name)
	h, m := r.Hooks[at], r.Members[id]
	state := r.instance(id).LifecycleState
	next := h.After(state, result)
	m.Waits = slices.DeleteFunc(slices.Clone(m.Waits), func(w wait) bool { return w.Hook == name })
	abandoned := cmp.Or(result, h.DefaultResult) == "ABANDON"
	switch {
	case next == group.LifecycleStateTerminating:
		r.finish(now, m, statusFailed, "The lifecycle action "+name+" was abandoned.")
		m.Waits = nil
		s.end(now, r, id, group.LifecycleStateTerminating, group.LifecycleStateTerminated)
	case len(m.Waits) > 0 && !(abandoned && state == group.LifecycleStateTerminatingWait):
	case state == group.LifecycleStatePendingWait:
		s.serve(now, r, id, next, group.LifecycleStateInService)
	default:
		m.Waits = nil
		s.end(now, r, id, next, group.LifecycleStateTerminated)
	}
}

// expire completes the actions of a group whose time is over.
func (s *Service) expire(now time.Time, r *record) {
	for _, i := range slices.Clone(r.Group.Instances) {
		for m := r.Members[i.InstanceID]; m != nil; m = r.Members[i.InstanceID] {
			late := slices.IndexFunc(m.Waits, func(w wait) bool { return w.Deadline <= ecs.At(now) })
			if late < 0 {
				break
			}
			s.complete(now, r, i.InstanceID, m.Waits[late].Hook, "")
		}
	}
}
