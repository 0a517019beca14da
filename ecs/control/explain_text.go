package control

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// waitingShown is how many tasks the text of an Explanation has, one by one.
const waitingShown = 20

// String returns the explanation as a text of lines: what is pending and why, then what is not
// started and why, then what a further task would meet. It ends with a line feed.
func (e Explanation) String() string {
	var b strings.Builder
	switch {
	case e.Task != nil:
		e.Task.write(&b, e)
	default:
		fmt.Fprintf(&b, "service %s at %s: %d desired, %d running, %d pending\n",
			e.Service, moment(e.At), e.Desired, e.Running, e.Pending)
	}
	for i, w := range e.Waiting {
		if i == waitingShown {
			fmt.Fprintf(&b, "\n%s more.\n", ofTasks(len(e.Waiting)-i, "waits", "wait"))
			break
		}
		if e.Task == nil {
			fmt.Fprintf(&b, "\ntask %s is %s%s.\n", w.Task, w.Status, where(w.Fargate, w.Instance))
		}
		w.write(&b, e.At)
	}
	for _, h := range e.Missing {
		b.WriteString("\n" + h.String() + "\n")
	}
	if e.Next != nil {
		b.WriteString("\n" + e.Next.heading(e) + e.Next.String())
	}
	return b.String()
}

func (s *TaskStanding) write(b *strings.Builder, e Explanation) {
	fmt.Fprintf(b, "task %s", s.Task)
	if e.Service != "" {
		fmt.Fprintf(b, " of service %s", e.Service)
	}
	fmt.Fprintf(b, " at %s: %s%s", moment(e.At), s.Status, where(s.Fargate, s.Instance))
	switch {
	case s.Status == ecs.TaskStatusStopped, s.Status == ecs.TaskStatusRunning && s.Desired == ecs.DesiredStatusRunning:
		fmt.Fprintf(b, " since %s (%s)", moment(s.Since), age(s.Since, e.At))
	case s.Desired == ecs.DesiredStatusStopped:
		fmt.Fprintf(b, ", to be stopped since %s (%s)", moment(s.Since), age(s.Since, e.At))
	}
	b.WriteString("\n")
	if s.Code != "" || s.Reason != "" {
		fmt.Fprintf(b, "  %s: %s\n", s.Code, s.Reason)
	}
	if s.Stop != nil {
		fmt.Fprintf(b, "  The agent has not answered StopTask. %s\n", s.Stop)
	}
}

// where is the place of a task behind its status; "" while it has none.
func where(fargate bool, id ecs.InstanceID) string {
	switch {
	case fargate:
		return " on Fargate"
	case id != "":
		return " on instance " + string(id)
	}
	return ""
}

// write writes what the task waits for as indented sentences.
func (w Waiting) write(b *strings.Builder, now ecs.Instant) {
	fmt.Fprintf(b, "  Since %s (%s) it waits for %s.\n", moment(w.Since), age(w.Since, now), w.what())
	if w.Command != nil {
		fmt.Fprintf(b, "  %s\n", w.Command)
	}
	if w.AgentDisconnected {
		b.WriteString("  The agent is not connected.\n")
	}
	if w.Room != nil {
		w.Room.write(b)
	}
}

// what is the object of "it waits for".
func (w Waiting) what() string {
	switch w.For {
	case lifecycle.WaitReasonRoom:
		return "room on an instance of capacity provider " + w.Room.CapacityProvider
	case lifecycle.WaitReasonNetworkInterface:
		return "its network interface to be attached"
	case lifecycle.WaitReasonVolume:
		return "its volume to be attached"
	case lifecycle.WaitReasonAgent:
		return "its agent to answer StartTask"
	case lifecycle.WaitReasonReport:
		return "its agent, which took the task, to report on it"
	case lifecycle.WaitReasonPull:
		if !w.PullStarted {
			return "its images to be pulled; the agent has not reported that a pull began"
		}
		return "its images to be pulled"
	case lifecycle.WaitReasonDependency:
		return fmt.Sprintf("container %s, which container %s depends on, to be %s; it is %s",
			w.DependsOn, w.Container, w.Condition, w.DependsOnStatus)
	case lifecycle.WaitReasonContainer:
		return fmt.Sprintf("container %s to start", w.Container)
	case lifecycle.WaitReasonTargets:
		return "its target groups to register it"
	case lifecycle.WaitReasonDiscovery:
		return "service discovery to register it"
	}
	return "nothing"
}

// String returns how often the command was tried, and when it is tried again, as sentences.
func (r OutstandingResult) String() string {
	text := fmt.Sprintf("%s was sent %s", r.Operation, times(r.Sent))
	if r.Failures > 0 {
		text += fmt.Sprintf(" and failed %s", times(r.Failures))
		if r.Failure != "" {
			text += fmt.Sprintf(", the last time with %q", r.Failure)
		}
	}
	return text + fmt.Sprintf("; it is sent again at %s.", moment(r.Again))
}

func (r *Room) write(b *strings.Builder) {
	switch {
	case r.Instances == 0:
		fmt.Fprintf(b, "  The provider has no instance; its group was set to %d.\n", r.Asked)
	default:
		fmt.Fprintf(b, "  The provider has %s; its group was set to %d.\n", count(r.Instances, "instance"), r.Asked)
	}
	if r.Closest != "" {
		fmt.Fprintf(b, "  Closest is instance %s: %s.\n", r.Closest, strings.Join(r.Lacks, "; "))
	}
	fmt.Fprintf(b, "  Without room the task stops at %s.\n", moment(r.Until))
}

// String returns what the deployment lacks and why, as sentences.
func (h Shortfall) String() string {
	text := fmt.Sprintf("Deployment %s wants %s. ", h.Deployment, count(h.Tasks, "more task"))
	switch h.For {
	case ShortfallReasonRoom:
		return text + fmt.Sprintf("The last attempt found no room. "+
			"The next is at %s, or as soon as the cluster gains room.",
			moment(h.Until))
	case ShortfallReasonThrottle:
		return text + fmt.Sprintf("Launches failed %s in a row. The next is at %s.", times(h.Attempts), moment(h.Until))
	case ShortfallReasonRate:
		return text + fmt.Sprintf("As many were launched as the quotas let. The next is at %s.", moment(h.Until))
	case ShortfallReasonFailed:
		return text + "The deployment has FAILED and starts no tasks."
	case ShortfallReasonStage:
		return text + fmt.Sprintf("It is in stage %s.", h.Stage)
	}
	return text + "minimumHealthyPercent and maximumPercent let it start none before another task is healthy or stops."
}

// heading is the line above a Next.
func (n Next) heading(e Explanation) string {
	switch {
	case len(e.Missing) > 0:
		return "A task that was started now would meet:\n"
	case len(e.Waiting) > 0:
		return "Besides those, a further task would meet:\n"
	}
	return "No task waits. A further one would meet:\n"
}

// String returns what a further task would meet, as a text of lines.
func (n Next) String() string {
	switch {
	case n.Fargate:
		return "  Fargate, which takes every task.\n"
	case n.Daemon:
		return "  an instance without a task of the service: a DAEMON service has one on each.\n"
	}
	var b strings.Builder
	for line := range strings.Lines(n.Text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

// moment is an instant to the second.
func moment(i ecs.Instant) string { return i.Time().Format(time.RFC3339) }

// age is how long ago an instant was, to the second.
func age(since, now ecs.Instant) string {
	return now.Sub(since).Truncate(time.Second).String()
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// ofTasks returns "1 task is" or "2 tasks are".
func ofTasks(n int, one, many string) string {
	if n == 1 {
		return "1 task " + one
	}
	return fmt.Sprintf("%d tasks %s", n, many)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
