package groups

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// settle brings a group to its desired capacity, as far as it can now.
func (s *Service) settle(now time.Time, r *record) {
	s.manage(r)
	r.Look = 0
	s.replace(now, r)
	goal := r.Group
	goal.DesiredCapacity += r.rebalancing()
	plan := goal.Plan(now)
	for _, zone := range plan.Launch {
		if r.suspended(ProcessLaunch) || !s.launch(now, r, zone, false) {
			break
		}
	}
	if !r.suspended(ProcessTerminate) {
		s.scaleIn(now, r, plan)
	}
	if !r.suspended(ProcessAZRebalance) && !r.suspended(ProcessLaunch) && !r.suspended(ProcessTerminate) {
		for _, zone := range r.Group.Rebalance() {
			if !s.launch(now, r, zone, true) {
				break
			}
		}
	}
	s.schedule(now, r)
}

// rebalancing is how many instances are on their way in place of others, which end when those are in service.
func (r *record) rebalancing() int {
	n := 0
	for _, i := range r.Group.Instances {
		if m := r.Members[i.InstanceID]; m.Rebalances && i.LifecycleState != group.LifecycleStateInService {
			n++
		}
	}
	return n
}

// scaleIn ends the instances of a plan. Those that stay because they are protected are looked at again later.
func (s *Service) scaleIn(now time.Time, r *record, plan group.Plan) {
	if n := len(plan.Terminate); n > 0 {
		from := r.Group.Active()
		cause := r.because(at(now) + fmt.Sprintf("an instance was taken out of service in response to a difference "+
			"between desired and actual capacity, shrinking the capacity from %d to %d.", from, from-n))
		for _, id := range plan.Terminate {
			cause += "  " + at(now) + "instance " + id + " was selected for termination."
		}
		for _, id := range plan.Terminate {
			s.terminate(now, r, id, cause)
		}
	}
	if plan.Protected == 0 {
		r.Kept = false
		return
	}
	r.Look = ecs.At(now.Add(s.config.LookAgain))
	if !r.Kept {
		r.Kept = true
		a := s.begin(now, r, statusCancelled, "Could not scale to desired capacity because all remaining instances "+
			"are "+
			"protected from scale-in.", r.because(at(now)+fmt.Sprintf("%d instances too many are protected from "+
			"scale-in.",
			plan.Protected)))
		a.EndTime, a.Progress = ecs.At(now), 100
	}
}

// launch starts an instance in a zone; false: the world refused it, and a minute later it is tried again.
func (s *Service) launch(now time.Time, r *record, zone string, rebalances bool) bool {
	k := r.Kinds[r.Turn%len(r.Kinds)]
	k.Spot = k.Spot || r.wantsSpot()
	l := r.order(k, zone)
	from := r.Group.Active()
	cause := r.because(at(now) + fmt.Sprintf("an instance was started in response to a difference between desired and "+
		"actual capacity, increasing the capacity from %d to %d.", from, max(from+1, r.Group.DesiredCapacity)))
	if rebalances {
		cause = at(now) + "an instance was launched to rebalance the group over its Availability Zones."
	}
	id, err := s.world.RunInstance(l)
	if err == nil {
		i := group.Instance{InstanceID: id, AvailabilityZone: zone, LaunchTime: ecs.At(now),
			LaunchTemplate: k.Template.group(), LaunchConfigurationName: k.Configuration,
			LaunchConfigurationTime: k.Configured, Spot: k.Spot}
		var next group.AutoScalingGroup
		if next, err = r.Group.Launch(i); err == nil {
			r.Group = next
		}
	}
	if err != nil {
		a := s.begin(now, r, statusFailed, "Launching a new EC2 instance.  Status Reason: "+sentence(err), cause)
		a.EndTime, a.StatusMessage, a.Progress = ecs.At(now), sentence(err), 100
		r.Look = ecs.At(now.Add(time.Minute))
		return false
	}
	r.Turn++
	a := s.begin(now, r, statusPreInService, "Launching a new EC2 instance: "+id, cause)
	a.Progress = 30
	a.detail(zone)
	r.Members[id] = &member{Kind: k, Activity: a.ActivityID, Rebalances: rebalances}
	return true
}

// order is the order of an instance in a zone.
func (r *record) order(k kind, zone string) Launch {
	l := Launch{AutoScalingGroupName: r.Group.AutoScalingGroupName, AvailabilityZone: zone,
		InstanceType: k.InstanceType, ImageID: k.ImageID, UserData: k.UserData, Spot: k.Spot}
	for _, t := range r.Tags {
		if t.PropagateAtLaunch.Or(false) {
			l.Tags = append(l.Tags, t)
		}
	}
	return l
}

// Launched returns what an instance was launched from, with the tags of its group as they are now, and whether a group
// has the instance.
func (s *Service) Launched(instanceID string) (Launch, bool) {
	r, m := s.of(instanceID)
	if r == nil {
		return Launch{}, false
	}
	return r.order(m.Kind, r.instance(instanceID).AvailabilityZone), true
}

// wantsSpot reports whether the mix of the group lacks a Spot instance rather than one On-Demand.
func (r *record) wantsSpot() bool {
	if r.Group.InstancesDistribution == nil {
		return false
	}
	spot := 0
	for _, i := range r.Group.Instances {
		if i.Spot && i.Active() {
			spot++
		}
	}
	_, want := r.Group.InstancesDistribution.Split(max(r.Group.Active()+1, r.Group.DesiredCapacity))
	return spot < want
}

// Booted reports that an instance runs. It is in service, unless a hook holds it. An instance that no group has, or
// that is known to run, changes nothing.
func (s *Service) Booted(now time.Time, instanceID string) {
	r, m := s.of(instanceID)
	if r == nil || r.instance(instanceID).LifecycleState != group.LifecycleStatePending {
		return
	}
	if s.hold(now, r, m, group.HookLaunching) {
		if r.enter(instanceID, group.LifecycleStatePendingWait) == nil {
			r.progress(m, statusMidLifecycleAction, 50)
		}
	} else {
		s.serve(now, r, instanceID, group.LifecycleStateInService)
	}
	s.settle(now, r)
}

// serve puts an instance into service.
func (s *Service) serve(now time.Time, r *record, id string, states ...group.LifecycleState) {
	if r.enter(id, states...) == nil {
		m := r.Members[id]
		m.InService, m.Rebalances = ecs.At(now), false
		r.finish(now, m, statusSuccessful, "")
		r.Settled = ecs.At(now)
	}
}

// terminate takes an instance out of service. It ends, unless a hook holds it.
func (s *Service) terminate(now time.Time, r *record, id, cause string) *Activity {
	i, m := r.instance(id), r.Members[id]
	if r.enter(id, group.LifecycleStateTerminating) != nil {
		return nil // it is about to end
	}
	r.finish(now, m, statusCancelled, "The instance was taken out of service before it was in service.")
	m.Waits = nil
	a := s.begin(now, r, statusInProgress, "Terminating EC2 instance: "+id, cause)
	a.detail(i.AvailabilityZone)
	m.Activity = a.ActivityID
	ran := i.LifecycleState == group.LifecycleStateInService || i.LifecycleState == group.LifecycleStateStandby
	if ran && s.hold(now, r, m, group.HookTerminating) {
		if r.enter(id, group.LifecycleStateTerminatingWait) == nil {
			r.progress(m, statusMidLifecycleAction, 40)
		}
		if m.waitsFor(managedDrainingHook) {
			m.Polled = ecs.At(now)
			s.world.DrainInstance(id)
		}
		return a
	}
	s.end(now, r, id, group.LifecycleStateTerminated)
	return a
}

// end ends an instance that nothing holds any more.
func (s *Service) end(now time.Time, r *record, id string, states ...group.LifecycleState) {
	m := r.Members[id]
	if r.enter(id, states...) != nil {
		return // it has ended
	}
	s.world.TerminateInstance(id)
	r.finish(now, m, statusSuccessful, "")
	r.Settled = ecs.At(now)
	delete(r.Members, id)
}

// Gone reports that an instance has ended by itself. Its group replaces it. An instance that no group has changes
// nothing.
func (s *Service) Gone(now time.Time, instanceID string) {
	r, m := s.of(instanceID)
	if r == nil {
		return
	}
	i := r.instance(instanceID)
	r.finish(now, m, statusCancelled, "The instance has ended.")
	a := s.begin(now, r, statusSuccessful, "Terminating EC2 instance: "+instanceID,
		at(now)+"an instance was taken out of "+
			"service in response to a EC2 health check indicating it has been terminated or stopped.")
	a.EndTime, a.Progress = ecs.At(now), 100
	a.detail(i.AvailabilityZone)
	r.Group.Instances = slices.DeleteFunc(slices.Clone(r.Group.Instances),
		func(o group.Instance) bool { return o.InstanceID == instanceID })
	delete(r.Members, instanceID)
	s.settle(now, r)
}

// replace ends instances that are unhealthy; the group launches others in their place.
func (s *Service) replace(now time.Time, r *record) {
	if r.suspended(ProcessReplaceUnhealthy) || r.suspended(ProcessTerminate) {
		return
	}
	scaling := false
	for _, m := range r.Members { //order:any whether one is
		scaling = scaling || m.Activity != ""
	}
	for _, id := range r.Group.Replacements(scaling) {
		s.terminate(now, r, id, at(now)+"an instance was taken out of service in response to a user health-check.")
	}
}
