package alarms

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// PutMetricData adds what was reported to the metrics.
func (r *Room) PutMetricData(in cloudwatch.PutMetricDataInput) error {
	return r.Metrics.Put(r.Core.Now().Time(), in)
}

// PutMetricAlarm makes an alarm, or replaces its configuration and keeps its state and its tags.
func (r *Room) PutMetricAlarm(in cloudwatch.PutMetricAlarmInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := r.own(in.AlarmName); err != nil {
		return err
	}
	a, there := r.alarms[in.AlarmName]
	if !there && len(r.alarms) >= mostAlarms {
		return cloudwatch.TooManyAlarms(mostAlarms)
	}
	done := "updated"
	if there {
		r.unindex(a)
		in.Tags = a.Input.Tags
	} else {
		now := r.Core.Now()
		a = &Alarm{State: ecs.AlarmStateInsufficientData, Reason: cloudwatch.InitialReason, StateUpdated: now,
			Transitioned: now}
		r.alarms[in.AlarmName] = a
		done = "created"
	}
	a.Input, a.Updated = in.Clone(), r.Core.Now()
	r.index(a)
	r.schedule(a)
	r.configured(in.AlarmName, done)
	return nil
}

// configured notes that an alarm was created, updated or deleted.
func (r *Room) configured(name, done string) {
	kind := map[string]string{"created": "Create", "updated": "Update", "deleted": "Delete"}[done]
	r.note(name, cloudwatch.HistoryConfigurationUpdate, check.Cut("Alarm \""+name+"\" "+done, longestSummary),
		map[string]any{"version": "1.0", "type": kind})
}

// own refuses names of alarms that scaling policies keep.
func (r *Room) own(names ...string) error {
	for _, name := range names {
		if strings.HasPrefix(name, "TargetTracking-") && r.managed(name) {
			return cloudwatch.ManagedAlarm(name)
		}
	}
	return nil
}

func (r *Room) managed(name string) bool {
	for a := range r.Above.Managed() {
		if a.AlarmName == name {
			return true
		}
	}
	return false
}

// DeleteAlarms deletes those of the alarms that there are. If there is none of them, and one is named, that
// is a ResourceNotFound.
func (r *Room) DeleteAlarms(in cloudwatch.AlarmNamesInput) error {
	if err := r.named(in); err != nil {
		return err
	}
	for _, name := range in.AlarmNames {
		a, ok := r.alarms[name]
		if !ok {
			continue
		}
		r.unindex(a)
		delete(r.alarms, name)
		r.configured(name, "deleted")
		r.Above.Gone(name)
	}
	return nil
}

// named checks names of alarms, of which at least one is known.
func (r *Room) named(in cloudwatch.AlarmNamesInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := r.own(in.AlarmNames...); err != nil {
		return err
	}
	if !slices.ContainsFunc(in.AlarmNames, func(name string) bool { return r.alarms[name] != nil }) {
		return cloudwatch.UnknownAlarm(in.AlarmNames[0])
	}
	return nil
}

// EnableAlarmActions lets alarms act.
func (r *Room) EnableAlarmActions(in cloudwatch.AlarmNamesInput) error { return r.enable(in, true) }

// DisableAlarmActions keeps alarms from acting.
func (r *Room) DisableAlarmActions(in cloudwatch.AlarmNamesInput) error { return r.enable(in, false) }

// enable passes over names that are not alarms.
func (r *Room) enable(in cloudwatch.AlarmNamesInput, enabled bool) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := r.own(in.AlarmNames...); err != nil {
		return err
	}
	for _, name := range in.AlarmNames {
		if a, ok := r.alarms[name]; ok {
			a.Input.ActionsEnabled, a.Updated = ecs.Some(enabled), r.Core.Now()
		}
	}
	return nil
}

// SetAlarmState brings an alarm into a state until its next evaluation. It acts if the state is another
// one.
func (r *Room) SetAlarmState(in cloudwatch.SetAlarmStateInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := r.own(in.AlarmName); err != nil {
		return err
	}
	a, ok := r.alarms[in.AlarmName]
	switch {
	case !ok:
		return cloudwatch.UnknownAlarm(in.AlarmName)
	case a.State == in.StateValue:
		a.Reason, a.ReasonData, a.StateUpdated = in.StateReason, in.StateReasonData, r.Core.Now()
	default:
		r.transition(a, in.StateValue, in.StateReason, in.StateReasonData, true)
	}
	return nil
}

// arn is the ARN of an alarm.
func (r *Room) arn(name string) string { return r.Core.ARN("cloudwatch", "alarm:"+name) }

// byARN finds an alarm by its ARN.
func (r *Room) byARN(arn string) (*Alarm, error) {
	name, ok := strings.CutPrefix(arn, r.arn(""))
	if a, known := r.alarms[name]; ok && known {
		return a, nil
	}
	return nil, cloudwatch.UnknownResource(arn)
}

// TagResource tags an alarm.
func (r *Room) TagResource(in cloudwatch.TagResourceInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	a, err := r.byARN(in.ResourceARN)
	if err != nil {
		return err
	}
	tags, err := in.Tagged(a.Input.Tags)
	if err == nil {
		a.Input.Tags = tags
	}
	return err
}

// UntagResource takes tags off an alarm.
func (r *Room) UntagResource(in cloudwatch.UntagResourceInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	a, err := r.byARN(in.ResourceARN)
	if err == nil {
		a.Input.Tags = slices.DeleteFunc(slices.Clone(a.Input.Tags),
			func(t cloudwatch.Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	}
	return err
}

// Adopt makes an alarm in a state, or changes one, without an input: it comes from a state in which alarms
// were kept elsewhere. One that cannot be made is left out.
func (r *Room) Adopt(in cloudwatch.PutMetricAlarmInput, state ecs.AlarmState) {
	if r.PutMetricAlarm(in) == nil {
		r.alarms[in.AlarmName].State = cmp.Or(state, ecs.AlarmStateInsufficientData)
	}
}

// ActionsOf returns what an alarm does in ALARM, nothing for a name that is not an alarm's.
func (r *Room) ActionsOf(name string) []string {
	if a, ok := r.alarms[name]; ok {
		return a.Input.AlarmActions
	}
	return nil
}
