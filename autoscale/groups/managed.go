package groups

import (
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// Management is how ECS manages the group of a capacity provider that a cluster has.
type Management struct {
	CapacityProvider string                       `json:"capacityProvider"`
	Cluster          string                       `json:"cluster"`
	Provider         ecs.AutoScalingGroupProvider `json:"provider"`
}

// The names of what ECS adds to the group of a capacity provider.
// Source: Amazon ECS Developer Guide, "Amazon ECS capacity providers for EC2 workloads" and "Safely stop Amazon ECS
// workloads running on EC2 instances".
const (
	managedTag          = "AmazonECSManaged"
	managedDrainingHook = "ecs-managed-draining-termination-hook"
)

// manage adds to a group what ECS adds to that of a capacity provider, and removes it when the provider is gone.
func (s *Service) manage(r *record) {
	m, managed := s.world.Managed(r.Group.AutoScalingGroupName, r.ARN)
	if !managed {
		m = Management{}
	}
	if managed != (r.Managed.CapacityProvider != "") {
		r.untag(managedTag)
		if managed {
			r.Tags = append(r.Tags, Tag{Key: managedTag, PropagateAtLaunch: ecs.Some(true)})
			slices.SortFunc(r.Tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
		}
		r.Wanted = ecs.Opt[int]{}
	}
	r.Managed = m
	s.manageDraining(r, managed && autoscale.Drains(m.Provider))
	s.managePolicy(r, managed && m.scales())
	if !managed || m.Provider.ManagedTerminationProtection != enabled {
		return
	}
	for _, i := range r.Group.Instances {
		if i.LifecycleState == group.LifecycleStateInService {
			tasks, daemons := s.world.Tasks(i.InstanceID)
			protected := !autoscale.Removable(m.Provider, true, tasks, daemons)
			if next, err := r.Group.SetInstanceProtection(i.InstanceID, protected); err == nil { // it is in service
				r.Group = next
			}
		}
	}
}

const enabled = "ENABLED"

// scales reports whether ECS sets the size of the group.
func (m Management) scales() bool {
	return m.Provider.ManagedScaling != nil && m.Provider.ManagedScaling.Status == enabled
}

// manageDraining adds the hook of managed draining, or removes it with its actions.
func (s *Service) manageDraining(r *record, drains bool) {
	at, has := r.hook(managedDrainingHook)
	switch {
	case drains && !has:
		r.Hooks = slices.Insert(slices.Clone(r.Hooks), at, Hook{LifecycleHook: group.LifecycleHook{
			LifecycleHookName: managedDrainingHook, LifecycleTransition: group.HookTerminating,
			HeartbeatTimeout: ecs.Some(3600), DefaultResult: "CONTINUE"}})
	case !drains && has && !slices.ContainsFunc(r.Group.Instances,
		func(i group.Instance) bool { return r.Members[i.InstanceID].waitsFor(managedDrainingHook) }):
		r.Hooks = slices.Delete(slices.Clone(r.Hooks), at, at+1)
	}
}

// managePolicy adds the policy of managed scaling, which ECS evaluates itself, or removes it.
func (s *Service) managePolicy(r *record, scales bool) {
	r.Policies = slices.DeleteFunc(slices.Clone(r.Policies), func(p *policy) bool { return p.Managed && !scales })
	if !scales {
		return
	}
	target := float64(r.Managed.Provider.ManagedScaling.TargetCapacity.Or(autoscale.DefaultTargetCapacity))
	of := autoscale.ManagedGroup{AutoScalingGroup: r.ARN, CapacityProvider: r.Managed.CapacityProvider,
		Cluster: r.Managed.Cluster}
	config := &TargetTrackingConfiguration{TargetValue: ecs.Some(target),
		CustomizedMetricSpecification: &CustomizedMetricSpecification{Namespace: of.Metric().Namespace,
			MetricName: of.Metric().MetricName, Statistic: cloudwatch.StatisticAverage,
			Dimensions: of.Metric().Dimensions}}
	at := slices.IndexFunc(r.Policies, func(p *policy) bool { return p.Managed })
	if at >= 0 {
		r.Policies[at].Input.TargetTrackingConfiguration = config
		return
	}
	p := &policy{Managed: true, Input: PutScalingPolicyInput{AutoScalingGroupName: r.Group.AutoScalingGroupName,
		PolicyName: of.PolicyName(), PolicyType: PolicyTypeTargetTracking, TargetTrackingConfiguration: config}}
	p.ARN = of.PolicyARN()
	for _, a := range of.Alarms(*r.Managed.Provider.ManagedScaling) {
		p.Alarms = append(p.Alarms, s.alarm(a.AlarmName))
	}
	r.Policies = append(r.Policies, p)
}

// ManagedScaling sets the desired capacity of the group of a capacity provider, as far as its sizes allow. Where they
// do
// not, it is set when they do. It returns the desired capacity of the group.
// Errors: ValidationError for a group that does not exist.
func (s *Service) ManagedScaling(now time.Time, groupName string, desired int) (int, error) {
	r, err := s.find(groupName)
	if err != nil {
		return 0, err
	}
	r.Wanted = ecs.Some(desired)
	s.manage(r)
	name, alarm := "", "AlarmLow"
	if desired > r.Group.DesiredCapacity {
		alarm = "AlarmHigh"
	}
	for _, p := range r.Policies {
		if p.Managed {
			name = p.Input.PolicyName
			for _, a := range p.Alarms {
				if a.is(alarm) {
					alarm = a.AlarmName
				}
			}
		}
	}
	why := "a monitor alarm " + alarm + " in state ALARM triggered policy " + name
	s.desire(now, r, max(r.Group.MinSize, min(desired, r.Group.MaxSize)), why)
	return r.Group.DesiredCapacity, nil
}

// want applies what managed scaling wants to new sizes.
func (r *record) want() {
	if n, ok := r.Wanted.Get(); ok {
		r.Group.DesiredCapacity = max(r.Group.MinSize, min(n, r.Group.MaxSize))
	}
}

// drain completes the actions of managed draining of instances that have drained, and keeps the others going.
func (s *Service) drain(now time.Time, r *record) {
	for _, i := range slices.Clone(r.Group.Instances) {
		m := r.Members[i.InstanceID]
		for n := range m.Waits {
			w := &m.Waits[n]
			if w.Hook != managedDrainingHook {
				continue
			}
			tasks, daemons := s.world.Tasks(i.InstanceID)
			m.Polled = ecs.At(now)
			if autoscale.Drained(now, w.Since.Time(), tasks, daemons) {
				s.complete(now, r, i.InstanceID, managedDrainingHook, "CONTINUE")
				break
			}
			at, _ := r.hook(managedDrainingHook)
			w.Deadline = r.Hooks[at].deadline(now, w.Since)
		}
	}
}

// ManagedGroup is a group that ECS manages.
type ManagedGroup struct {
	AutoScalingGroupName string
	CapacityProvider     string
	DesiredCapacity      int
	InstanceTypes        []string // that it launches, in turn
}

// Managed returns the groups that ECS manages, in order of name.
func (s *Service) Managed() []ManagedGroup {
	var list []ManagedGroup
	for _, r := range s.state.Groups {
		if s.manage(r); r.Managed.CapacityProvider == "" {
			continue
		}
		g := ManagedGroup{r.Group.AutoScalingGroupName, r.Managed.CapacityProvider, r.Group.DesiredCapacity, nil}
		for _, k := range r.Kinds {
			g.InstanceTypes = append(g.InstanceTypes, k.InstanceType)
		}
		list = append(list, g)
	}
	return list
}

// NameOf returns the name of a group, given that or an ARN.
func NameOf(ref string) string {
	if strings.HasPrefix(ref, "arn:") {
		_, ref, _ = strings.Cut(ref, "autoScalingGroupName/")
	}
	return ref
}
