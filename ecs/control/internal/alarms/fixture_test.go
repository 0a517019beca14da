package alarms

import (
	"encoding/json"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
)

// start is the first instant of a world: half past a minute.
var start = time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)

// world is the room with its floor, a clock that the test moves, and nothing above but a list of what the
// room has told.
type world struct {
	position core.Position
	timers   deadlines.Timers
	core     *core.Core
	room     *Room
	told     []string
	managed  []cloudwatch.Alarm
}

func (w *world) Managed() iter.Seq[cloudwatch.Alarm] {
	return func(yield func(cloudwatch.Alarm) bool) {
		for _, a := range w.managed {
			if !yield(a) {
				return
			}
		}
	}
}
func (w *world) Changed(name string, state ecs.AlarmState) {
	w.told = append(w.told, name+" "+string(state))
}
func (w *world) Gone(name string) { w.told = append(w.told, name+" gone") }
func (w *world) Invoke(policyARN string, set bool) {
	w.told = append(w.told, fmt.Sprintf("invoke %s, set: %t", policyARN, set))
}

func newWorld() *world {
	w := &world{}
	w.position.Now = ecs.At(start)
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	w.room = New(Config{Core: w.core, Above: w}, &w.timers)
	return w
}

// until serves every deadline up to the time.
func (w *world) until(at time.Time) {
	for next, ok := w.timers.Next(); ok && next <= ecs.At(at); next, ok = w.timers.Next() {
		w.position.Now = max(w.position.Now, next)
		w.timers.Serve(w.position.Now)
		w.timers.DropStale()
	}
	w.position.Now = ecs.At(at)
}

// put reports a datapoint of the metric App/Depth.
func (w *world) put(t *testing.T, value float64) {
	t.Helper()
	require.NoError(t, w.room.PutMetricData(cloudwatch.PutMetricDataInput{Namespace: "App",
		MetricData: []cloudwatch.MetricDatum{{MetricName: "Depth", Value: ecs.Some(value)}}}))
}

// restored is the world with a room that was read from the state of its own.
func (w *world) restored(t *testing.T) *world {
	t.Helper()
	data, err := json.Marshal(w.room.State())
	require.NoError(t, err)
	var s *State
	require.NoError(t, json.Unmarshal(data, &s))
	v := newWorld()
	v.position, v.managed = w.position, w.managed
	require.NoError(t, v.room.Restore(s))
	again, err := json.Marshal(v.room.State())
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
	return v
}

const policy = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:u:" +
	"resource/ecs/service/default/web:policyName/out"

// deep is an alarm on App/Depth of one period, which acts on a policy and tells a topic.
func deep(name string) cloudwatch.PutMetricAlarmInput {
	return cloudwatch.PutMetricAlarmInput{AlarmName: name, Namespace: "App", MetricName: "Depth",
		Statistic: cloudwatch.StatisticMaximum, Period: 60, EvaluationPeriods: 1, Threshold: ecs.Some(10.0),
		ComparisonOperator: cloudwatch.GreaterThanThreshold,
		AlarmActions:       []string{policy, "arn:aws:sns:us-east-1:123456789012:topic"}}
}
