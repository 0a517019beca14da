// Package lifecycle is the state machine of one Amazon ECS task and its containers: which status
// follows which, and what must be done on the way.
//
// # Model
//
// [Compile] turns a task definition and its [Traits] into a [Program]. [Program.Start] makes a
// [Task], [Program.Step] takes an [Event] and returns the task after it with the [Effect] values
// that must now be done, [Program.Next] says when a [Tick] is due. A Task is a comparable value:
// keep it, copy it, compare it, write it as JSON.
//
// There are two machines. The task's goes PROVISIONING, PENDING, ACTIVATING, RUNNING and, once its
// desired status is STOPPED, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED; the containers' goes
// through pull, creation and start to the stop signal and SIGKILL. [Role] says which of them run:
//
//   - [RoleControlPlane] runs the task's machine and hands the task to an agent by
//     [EffectStartTask] and [EffectStopTask]. The agent's reports become container events. Nothing is
//     timed or restarted here: the agent does that.
//   - [RoleAgent] runs the containers' machine for an agent: its effects are for the container
//     runtime, and what changes in Task.Containers is what it reports.
//   - [RoleWhole], the zero value, runs both in one.
//
// [Effect.ForAgent] and [Effect.ForRuntime] tell the effects apart. Every effect names the event
// that answers it.
//
// # Guarantees
//
// # Differences from ECS
//
// # Example
package lifecycle
