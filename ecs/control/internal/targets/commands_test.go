package targets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// TestComplete gives commands their groups, as they are at that time and with their defaults.
//
// Seen to fail: a group without its defaults; a command that has its group completed again; the groups of
// weights in another order.
func TestComplete(t *testing.T) {
	w := newWorld()
	require.NoError(t, w.books.Put(described("web/1", 60), nobody))
	web := described("web/1", 60).Normalize()
	c := w.books.Complete(message.RegisterTarget{TargetGroupArn: prefix + "web/1",
		Target: "10.0.0.1"}).(message.RegisterTarget)
	require.Equal(t, message.RegisterTarget{TargetGroupArn: prefix + "web/1", Target: "10.0.0.1", TargetGroup: web}, c)
	require.Equal(t, 30, c.TargetGroup.HealthCheck.IntervalSeconds)
	require.NoError(t, w.books.Put(described("web/1", 5), nobody))
	require.Equal(t, c, w.books.Complete(c), "a command that is issued again says what it said")
	d := w.books.Complete(message.DeregisterTarget{TargetGroupArn: prefix + "web/1"}).(message.DeregisterTarget)
	require.Equal(t, 5*time.Second, d.TargetGroup.DeregistrationDelay())
	require.NoError(t, w.books.Put(described("web/1", 6), nobody))
	require.Equal(t, d, w.books.Complete(d))
	m := w.books.Complete(message.ModifyTraffic{Weights: []message.TargetGroupWeight{{TargetGroupArn: prefix +
		"other/1"},
		{TargetGroupArn: prefix + "web/1"}}}).(message.ModifyTraffic)
	require.Equal(t, []loadbalance.TargetGroup{(loadbalance.TargetGroup{TargetGroupArn: prefix +
		"other/1"}).Normalize(),
		described("web/1", 6).Normalize()}, m.TargetGroups)
	require.Equal(t, m, w.books.Complete(m))
	stop := message.StopTask{Task: ecs.TaskID("t")}
	require.Equal(t, stop, w.books.Complete(stop))
}
