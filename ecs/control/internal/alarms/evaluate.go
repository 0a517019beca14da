package alarms

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/check"
)

// schedule sets when an alarm is evaluated next.
func (r *Room) schedule(a *Alarm) {
	every := ecs.Instant(a.Input.Interval())
	a.Wake = r.Core.Now() - r.Core.Now()%every + every
	r.kind.Set(a.Wake, a.Input.AlarmName)
}

// evaluate brings an alarm to the state that its metric has it in.
func (r *Room) evaluate(a *Alarm) {
	now := r.Core.Now()
	r.schedule(a)
	series, err := a.Input.Series(now, r.Metrics)
	state := ecs.AlarmStateInsufficientData
	if err == nil {
		state = a.Input.Alarm().Evaluate(a.State, now.Time(), series).State
	}
	if state == a.State {
		return
	}
	reason, data := a.Input.Reason(state, now, series)
	if err != nil {
		reason = check.Cut("Insufficient Data: "+err.Error(), longestReason)
	}
	r.transition(a, state, reason, data, false)
}

// longestReason is how long a reason is. Source: Amazon CloudWatch API Reference, MetricAlarm.
const longestReason = 1000

// transition brings an alarm into another state, and does what it does then. A request has set the state, or an
// evaluation has found it.
func (r *Room) transition(a *Alarm, state ecs.AlarmState, reason, data string, set bool) {
	old := a.shown()
	a.State, a.Reason, a.ReasonData = state, reason, data
	a.StateUpdated, a.Transitioned = r.Core.Now(), r.Core.Now()
	name := a.Input.AlarmName
	r.note(name, cloudwatch.HistoryStateUpdate, fmt.Sprintf("Alarm updated from %s to %s", old.StateValue, state),
		map[string]any{"version": "1.0", "oldState": old, "newState": a.shown()})
	r.Core.Change(message.Change{Kind: message.ChangeAlarm, Status: string(state), Text: name + ": " + reason})
	for _, arn := range a.Input.Actions(state) {
		r.note(
			name,
			cloudwatch.HistoryAction,
			check.Cut("Successfully executed action "+arn, longestSummary),
			map[string]any{
				"actionState":          "Succeeded",
				"notificationResource": arn,
				"stateUpdateTimestamp": r.Core.Now(),
			},
		)
	}
	r.Above.Changed(name, state)
	for _, arn := range a.Input.Actions(state) {
		if scalingPolicy(arn) {
			r.Above.Invoke(arn, set)
		}
	}
}

// scalingPolicy reports whether an action is a policy of Application Auto Scaling.
func scalingPolicy(arn string) bool { return strings.Contains(arn, ":scalingPolicy:") }

// shownState is a state as the history shows it.
type shownState struct {
	StateValue  ecs.AlarmState  `json:"stateValue"`
	StateReason string          `json:"stateReason"`
	ReasonData  json.RawMessage `json:"stateReasonData,omitzero"`
}

func (a *Alarm) shown() shownState {
	s := shownState{StateValue: a.State, StateReason: check.Cut(a.Reason, longestSummary)}
	if len(a.ReasonData) <= longestHeld && json.Valid([]byte(a.ReasonData)) {
		s.ReasonData = json.RawMessage(a.ReasonData)
	}
	return s
}

// How long the texts of an item of history are.
// Source: Amazon CloudWatch API Reference, AlarmHistoryItem.
const (
	longestSummary = 250
	longestHeld    = 1500
	longestData    = 4095
)

// note adds an item to the history.
func (r *Room) note(name, kind, summary string, data any) {
	text, err := json.Marshal(data)
	if err != nil || len(text) > longestData {
		text = []byte("{}")
	}
	r.history = append(r.history, cloudwatch.AlarmHistoryItem{AlarmName: name, AlarmType: "MetricAlarm",
		Timestamp: r.Core.Now(), HistoryItemType: kind, HistorySummary: summary, HistoryData: string(text)})
	if over := len(r.history) - mostHistory; over > 0 {
		r.history = slices.Delete(r.history, 0, over)
	}
}

// Invocation is an alarm that acts on a policy in its present state.
type Invocation struct {
	Alarm cloudwatch.MetricAlarm

	room *Room
	of   *Alarm
}

// Invoking yields the alarms that act on a policy now, in order of their names.
func (r *Room) Invoking(policyARN string) iter.Seq[Invocation] {
	return func(yield func(Invocation) bool) {
		for _, a := range r.acting[policyARN] {
			if slices.Contains(a.Input.Actions(a.State), policyARN) &&
				!yield(Invocation{Alarm: a.Input.Alarm(), room: r, of: a}) {
				return
			}
		}
	}
}

// Acting returns the names of the alarms that name a policy, whatever their state, in order.
func (r *Room) Acting(policyARN string) []string {
	var names []string
	for _, a := range r.acting[policyARN] {
		names = append(names, a.Input.AlarmName)
	}
	return names
}

// Newest returns the newest datapoint that the alarm looks at, aggregated by a statistic, the alarm's own
// if that is "". Where the metric has none, it is the one that SetAlarmState gave with the state.
func (i Invocation) Newest(statistic cloudwatch.Statistic) cloudwatch.Datapoint {
	in := i.of.Input
	if statistic != "" && len(in.Metrics) == 0 {
		in.Statistic, in.ExtendedStatistic = statistic, ""
	}
	now := i.room.Core.Now()
	if series, err := in.Series(now, i.room.Metrics); err == nil {
		if r := in.Alarm().Evaluate(i.of.State, now.Time(), series); !r.Newest.Missing {
			return r.Newest
		}
	}
	p, _ := cloudwatch.RecentDatapoint(i.of.ReasonData)
	return p
}

// MetricsOf returns the names of the metrics that alarms read which name a policy.
func (r *Room) MetricsOf(policyARN string) []string {
	var names []string
	for _, a := range r.acting[policyARN] {
		if a.Input.MetricName != "" {
			names = append(names, a.Input.MetricName)
		}
		for _, q := range a.Input.Metrics {
			if q.MetricStat != nil {
				names = append(names, q.MetricStat.Metric.MetricName)
			}
		}
	}
	return names
}
