package autoscale

import (
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// ServiceNamespaceECS and ScalableDimensionService are how requests name the desired count of a service.
const (
	ServiceNamespaceECS      = "ecs"
	ScalableDimensionService = "ecs:service:DesiredCount"
)

// RegisterScalableTargetInput registers a service for scaling or changes its range, in the
// form of RegisterScalableTarget. An absent member keeps its value.
// Source: Application Auto Scaling API Reference, RegisterScalableTarget.
type RegisterScalableTargetInput struct {
	ServiceNamespace  string               `json:"ServiceNamespace"`
	ResourceID        string               `json:"ResourceId"` // service/CLUSTER/SERVICE
	ScalableDimension string               `json:"ScalableDimension"`
	MinCapacity       ecs.Opt[int]         `json:"MinCapacity,omitzero"`
	MaxCapacity       ecs.Opt[int]         `json:"MaxCapacity,omitzero"`
	RoleARN           string               `json:"RoleARN,omitzero"`
	SuspendedState    *SuspendedStateInput `json:"SuspendedState,omitzero"`
	Tags              map[string]string    `json:"Tags,omitzero"` // taken at the first registration
}

// SuspendedStateInput changes a suspended state member by member.
type SuspendedStateInput struct {
	DynamicScalingInSuspended  ecs.Opt[bool] `json:"DynamicScalingInSuspended,omitzero"`
	DynamicScalingOutSuspended ecs.Opt[bool] `json:"DynamicScalingOutSuspended,omitzero"`
	ScheduledScalingSuspended  ecs.Opt[bool] `json:"ScheduledScalingSuspended,omitzero"`
}

// ScalableTarget is a service registered for scaling, in the form of DescribeScalableTargets.
type ScalableTarget struct {
	ScalableTargetARN string         `json:"ScalableTargetARN,omitzero"`
	ServiceNamespace  string         `json:"ServiceNamespace"`
	ResourceID        string         `json:"ResourceId"`
	ScalableDimension string         `json:"ScalableDimension"`
	MinCapacity       int            `json:"MinCapacity"`
	MaxCapacity       int            `json:"MaxCapacity"`
	RoleARN           string         `json:"RoleARN,omitzero"`
	CreationTime      ecs.Instant    `json:"CreationTime,omitzero"`
	SuspendedState    SuspendedState `json:"SuspendedState"`
}

// Bounds returns the target's range and what is suspended.
func (t ScalableTarget) Bounds() Bounds {
	return Bounds{MinCapacity: t.MinCapacity, MaxCapacity: t.MaxCapacity, SuspendedState: t.SuspendedState}
}

// Validate returns nil, or a ValidationException for each fault that needs no knowledge of
// an earlier registration: see Register for the rest.
func (in RegisterScalableTargetInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if n, ok := in.MinCapacity.Get(); ok && n < 0 {
		f.Refuse("MinCapacity", "Minimum capacity must not be negative, got %d.", n)
	}
	if n, ok := in.MaxCapacity.Get(); ok && n < 0 {
		f.Refuse("MaxCapacity", "Maximum capacity must not be negative, got %d.", n)
	}
	lo, hasLo := in.MinCapacity.Get()
	hi, hasHi := in.MaxCapacity.Get()
	fits32(&f, "MinCapacity", max(lo, 0))
	fits32(&f, "MaxCapacity", max(hi, 0))
	if hasLo && hasHi && lo > hi {
		f.Refuse("MinCapacity", "Maximum capacity cannot be less than minimum capacity, got %d and %d.", hi, lo)
	}
	validateTags(&f, in.Tags)
	if n := len(in.Tags); n > mostTags {
		f.Refuse("Tags", "A scalable target can have at most %d tags, got %d.", mostTags, n)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func validateKey(f *check.Faults, namespace, resource, dimension string) {
	if namespace != ServiceNamespaceECS {
		f.Refuse("ServiceNamespace", "ServiceNamespace must be %q, got %q: no other service is modelled.",
			ServiceNamespaceECS, namespace)
	}
	if dimension != ScalableDimensionService {
		f.Refuse("ScalableDimension", "ScalableDimension must be %q, got %q.", ScalableDimensionService, dimension)
	}
	if _, _, ok := SplitResourceID(resource); !ok {
		f.Refuse("ResourceId", "ResourceId must be service/CLUSTER/SERVICE, got %q.", resource)
	}
}

// SplitResourceID returns the cluster's and the service's name in service/CLUSTER/SERVICE.
func SplitResourceID(id string) (cluster, service string, ok bool) {
	names, found := strings.CutPrefix(id, "service/")
	cluster, service, both := strings.Cut(names, "/")
	if !found || !both || !check.IsName(cluster) || !check.IsName(service) {
		return "", "", false
	}
	return cluster, service, true
}

// Register returns the target after the input: a new one from the zero target, which needs both
// capacities, or the given one with the members that the input names. Errors are ValidationException;
// then Register returns the target that was given.
func (in RegisterScalableTargetInput) Register(t ScalableTarget) (ScalableTarget, error) {
	if err := in.Validate(); err != nil {
		return t, err
	}
	var f check.Faults
	isNew := t.ResourceID == ""
	if isNew && in.MinCapacity.IsZero() {
		f.Refuse("MinCapacity", "MinCapacity is required when a scalable target is registered for the first time.")
	}
	if isNew && in.MaxCapacity.IsZero() {
		f.Refuse("MaxCapacity", "MaxCapacity is required when a scalable target is registered for the first time.")
	}
	next := t
	next.ServiceNamespace, next.ResourceID, next.ScalableDimension = in.ServiceNamespace,
		in.ResourceID, in.ScalableDimension
	next.MinCapacity, next.MaxCapacity = in.MinCapacity.Or(t.MinCapacity), in.MaxCapacity.Or(t.MaxCapacity)
	if in.RoleARN != "" {
		next.RoleARN = in.RoleARN
	}
	if s := in.SuspendedState; s != nil {
		next.SuspendedState = SuspendedState{
			DynamicScalingInSuspended:  s.DynamicScalingInSuspended.Or(t.SuspendedState.DynamicScalingInSuspended),
			DynamicScalingOutSuspended: s.DynamicScalingOutSuspended.Or(t.SuspendedState.DynamicScalingOutSuspended),
			ScheduledScalingSuspended:  s.ScheduledScalingSuspended.Or(t.SuspendedState.ScheduledScalingSuspended),
		}
	}
	if f.None() && next.MinCapacity > next.MaxCapacity {
		f.Refuse("MinCapacity", "Maximum capacity cannot be less than minimum capacity, got %d and %d.",
			next.MaxCapacity, next.MinCapacity)
	}
	if err := ecs.Faults(ecs.ValidationException, f.Pairs()); err != nil {
		return t, err
	}
	return next, nil
}

// Pull returns the decision that brings the desired count into the bounds, as registering,
// updating and scheduled actions do: up to the minimum, down to the maximum, else unchanged.
func (b Bounds) Pull(now time.Time, c Capacity) Decision {
	d := Decision{At: ecs.At(now), Old: c.Desired, New: b.Clamp(c.Desired), Reason: ReasonRange}
	d.Want = d.New
	return d
}

// Scalable returns nil for a service that can be a scalable target, and a ValidationException
// for a daemon service, which has no desired count.
// Source: Amazon ECS Developer Guide, "Automatically scale your Amazon ECS service".
func Scalable(s ecs.Service) error {
	if s.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		return nil
	}
	var f check.Faults
	f.Refuse("ResourceId", "The service %s uses the DAEMON scheduling strategy, which cannot be scaled.", s.ServiceName)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}
