package autoscale

// Combine returns the one decision of a target from those of its policies at one moment. Any policy may
// scale out, unless that is suspended. Target tracking scales in only when every target-tracking policy
// with scale-in enabled agrees; a step policy scales in by itself. Of several decisions, to scale out or
// in, the one with the largest capacity wins, and of equal ones the first. The result is not below a
// forecast. It is limited to the bounds, which a forecast may raise. If a user has set the desired count
// outside the bounds, it moves only when a policy moves it towards them. Without decisions the result
// changes nothing. No allocation.
// Source: Application Auto Scaling User Guide, "Multiple scaling policies"; Amazon ECS Developer Guide,
// "Automatically scale your Amazon ECS service".
func Combine(b Bounds, c Capacity, ds ...Decision) Decision {
	held := Decision{Old: c.Desired, New: c.Desired, Want: c.Desired}
	if len(ds) == 0 {
		return held
	}
	raised := 0
	for i := range ds {
		raised = max(raised, ds[i].MaxCapacity)
	}
	if raised > b.MaxCapacity {
		b.MaxCapacity = raised
	} else {
		raised = 0
	}
	if out, ok := largest(ds, VoteOut, VoteFloor); ok && out.New > c.Desired {
		return expand(b, c, out, raised)
	}
	in, ok := scaleIn(ds)
	if !ok {
		held = explain(ds)
		held.Old, held.New, held.MaxCapacity = c.Desired, c.Desired, raised
		return held
	}
	return shrink(b, c, in, raised)
}

// scaleIn returns the decision that scales in, if any may.
func scaleIn(ds []Decision) (Decision, bool) {
	vetoed := false
	for i := range ds {
		vetoed = vetoed || ds[i].Vote == VoteHold || ds[i].Vote == VoteOut
	}
	in, ok := largest(ds, VoteStepIn, VoteStepIn)
	if tracked, also := largest(ds, VoteIn, VoteIn); also && !vetoed && (!ok || tracked.New > in.New) {
		in, ok = tracked, true
	}
	for i := range ds {
		if d := &ds[i]; ok && d.Vote == VoteFloor && d.Want > in.New {
			in = *d
			in.New = d.Want
		}
	}
	return in, ok
}

// largest returns the first decision with the largest capacity among those with either vote.
func largest(ds []Decision, a, b Vote) (Decision, bool) {
	best := -1
	for i := range ds {
		if d := &ds[i]; (d.Vote == a || d.Vote == b) && (best < 0 || d.New > ds[best].New) {
			best = i
		}
	}
	if best < 0 {
		return Decision{}, false
	}
	return ds[best], true
}

func expand(b Bounds, c Capacity, d Decision, raised int) Decision {
	d.Old, d.MaxCapacity = c.Desired, raised
	if b.SuspendedState.DynamicScalingOutSuspended {
		d.New, d.MaxCapacity = c.Desired, 0
		d.Limit, d.Until = LimitScaleOutSuspended, 0
		return d
	}
	to := b.Clamp(d.New)
	switch {
	case to < d.New:
		d.Limit, d.Until = LimitMaxCapacity, 0
	case to > d.New: // below its minimum by hand
		d.Limit, d.Until = LimitMinCapacity, 0
	}
	d.New = max(to, c.Desired) // beyond its maximum by hand: a scale-out changes nothing
	return d
}

func shrink(b Bounds, c Capacity, d Decision, raised int) Decision {
	d.Old, d.MaxCapacity = c.Desired, raised
	to := b.Clamp(d.New)
	switch {
	case d.New >= c.Desired && c.Desired <= b.MaxCapacity:
		d.New, d.Limit = c.Desired, LimitDesiredCapacity
	case b.SuspendedState.DynamicScalingInSuspended:
		d.New, d.Limit = c.Desired, LimitScaleInSuspended
	case c.Deploying:
		d.New, d.Limit = c.Desired, LimitDeployment
	case to > d.New:
		d.New, d.Limit = min(to, c.Desired), LimitMinCapacity
	case to < d.New:
		d.New, d.Limit = to, LimitMaxCapacity // set above its maximum by hand
	default:
		d.New = to
	}
	return d
}

// explain picks the decision that says most about why nothing happens: a policy that wants to
// scale in and may not for the others' sake, else the first that is held back, else the first.
func explain(ds []Decision) Decision {
	if in, ok := largest(ds, VoteIn, VoteIn); ok && in.New < in.Old {
		in.Limit, in.Until = LimitOtherPolicies, 0
		return in
	}
	for i := range ds {
		if ds[i].Limit != "" {
			return ds[i]
		}
	}
	return ds[0]
}
