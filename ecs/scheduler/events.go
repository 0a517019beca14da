package scheduler

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// repeat is how long a sentence whose cause lasts is not said again. Source: Amazon ECS
// Developer Guide, "Amazon ECS service event messages".
const repeat = 6 * time.Hour

// The causes of sentences that are said once while the cause lasts.
const (
	causeSteady    = string(ecs.StabilityStatusSteadyState)
	causeStuck     = "DEPLOYMENT_CONFIGURATION"
	causeImpaired  = "TASK_START_IMPAIRED"
	causePlacement = "TASK_PLACEMENT_FAILURE"
	causeZone      = "AZ_REBALANCING"
	causeStays     = "AZ_REBALANCING_SCALE_IN_PROTECTION"
	causeProtected = "SCALE_IN_PROTECTION"
	causeDaemon    = "DAEMON_PLACEMENT_CONSTRAINT_VIOLATED"
)

// keptEvents is how many events a service keeps, newest first.
const keptEvents = 100

// AppendEvents returns events, newest first, with those of a plan, oldest first, put
// before them, cut to the keptEvents newest. The arguments are not changed.
func AppendEvents(events, said []ecs.ServiceEvent) []ecs.ServiceEvent {
	all := make([]ecs.ServiceEvent, 0, min(keptEvents, len(events)+len(said)))
	for i := len(said) - 1; i >= 0 && len(all) < keptEvents; i-- {
		all = append(all, said[i])
	}
	return append(all, events[:min(len(events), keptEvents-len(all))]...)
}

// The sentences about what only the owner of the tasks can number follow. X is the name of
// the service. Source: Amazon ECS Developer Guide, "Amazon ECS service event messages".

// StartedTasks returns the sentence for tasks that a Start made.
func StartedTasks(service string, ids ...ecs.TaskID) string {
	return fmt.Sprintf("(service %s) has started %d tasks: %s.", service, len(ids), taskList(ids))
}

// StoppedTasks returns the sentence for tasks that a Stop ended.
func StoppedTasks(service string, ids ...ecs.TaskID) string {
	return fmt.Sprintf("(service %s) has stopped %d running tasks: %s.", service, len(ids), taskList(ids))
}

// RebalanceStarted returns the sentence for tasks that a Start with a zone made.
func RebalanceStarted(service, zone string, ids ...ecs.TaskID) string {
	return fmt.Sprintf("(%s) has started %d tasks in %s to AZ Rebalance: %s.", service, len(ids), zone, taskList(ids))
}

// RebalanceStopped returns the sentence for tasks that a Stop with a zone ended.
func RebalanceStopped(service, zone string, ids ...ecs.TaskID) string {
	return fmt.Sprintf("(%s) has stopped %d running tasks in %s due to AZ rebalancing: %s.",
		service, len(ids), zone, taskList(ids))
}

// RegisteredTargets returns the sentence for n targets put into a target group.
func RegisteredTargets(service string, n int, targetGroupArn string) string {
	return fmt.Sprintf("(service %s) registered %d targets in (target-group %s)", service, n, targetGroupArn)
}

// DeregisteredTargets returns the sentence for n targets taken out of a target group.
func DeregisteredTargets(service string, n int, targetGroupArn string) string {
	return fmt.Sprintf("(service %s) deregistered %d targets in (target-group %s)", service, n, targetGroupArn)
}

func taskList(ids []ecs.TaskID) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("(task ")
		b.WriteString(string(id))
		b.WriteByte(')')
	}
	return b.String()
}

// say adds an event to the plan.
func (r *run) say(format string, args ...any) {
	r.p.Events = append(r.p.Events, ecs.ServiceEvent{CreatedAt: r.now, Message: fmt.Sprintf(format, args...)})
}

// ssay adds an event that starts with "(service X) ".
func (r *run) ssay(format string, args ...any) {
	r.say("(service "+r.v.Service.ServiceName+") "+format, args...)
}

// told reports whether the sentence of the cause has been said within the last six hours;
// it wakes the scheduler when they are over.
func (r *run) told(cause, message string) bool {
	for _, s := range r.state.Said {
		if s.Cause == cause && (message == "" || s.Message == message) {
			if until := s.At.Add(repeat); r.now < until {
				r.wake(until)
				return true
			}
		}
	}
	return false
}

// tell says a sentence unless it was told.
func (r *run) tell(cause, message, text string) {
	if !r.told(cause, message) {
		r.ssay("%s", text)
		r.remember(cause, message)
	}
}

// remember notes that a sentence was said.
func (r *run) remember(cause, message string) {
	said := make([]Said, 0, len(r.state.Said)+1)
	for _, s := range r.state.Said {
		if s.Cause != cause || s.Message != message {
			said = append(said, s)
		}
	}
	r.state.Said = append(said, Said{Cause: cause, Message: message, At: r.now})
	r.dirty = true
	r.wake(r.now.Add(repeat))
}

// untell forgets the sentences of a cause that is over.
func (r *run) untell(cause string) {
	n := 0
	for _, s := range r.state.Said {
		if s.Cause == cause {
			n++
		}
	}
	if n == 0 {
		return
	}
	var said []Said // nil when empty, as in the zero State
	for _, s := range r.state.Said {
		if s.Cause != cause {
			said = append(said, s)
		}
	}
	r.state.Said, r.dirty = said, true
}
