package query

import "time"

// A Subject is what an expression is matched against: a container instance, or
// anything that can answer for one.
//
// Lookup returns the value of a subject named as in the language: one of
// agentConnected ("true" or "false"), agentVersion ("1.14.5"),
// "attribute:NAME", ec2InstanceId, registeredAt (in one of the forms of
// [Grammar], a fraction of a second allowed), runningTasksCount (decimal) or
// "task:group". It reports false when the container instance does not have it.
// An attribute without a value is ("", true).
//
// Lookup must not change the subject. It is called at most once for each test
// of an expression, in the order of the text, and only as far as the answer
// needs.
type Subject interface {
	Lookup(subject string) (value string, ok bool)
}

// An Instance is a Subject that also returns numbers, times and lists, so that Match formats nothing.
// Match asks it instead of Lookup for task:group, runningTasksCount and registeredAt. A Subject that is
// not an Instance has the task group that its Lookup returns, or none.
type Instance interface {
	Subject

	// TaskGroup returns the group of the i-th task on the container instance,
	// and false when there are i tasks or fewer. A group may appear more than
	// once, and the order does not matter.
	TaskGroup(i int) (group string, ok bool)

	// TasksRunning returns the runningTasksCount: how many tasks on the
	// container instance have the desired status RUNNING.
	TasksRunning() int

	// Registered returns the registeredAt time; the zero time means unknown.
	Registered() time.Time
}
