// Package groups is EC2 Auto Scaling of one Region as a machine: its groups with their instances, lifecycle hooks,
// scheduled actions, scaling policies, activities and tags. Requests and what happens to instances come in; which
// instances to start and to end goes out.
//
// # Start here
//
// Give a [Service] the world that it acts on, make requests, and tell it what happens there:
//
//	s := groups.New(groups.Config{Region: "us-east-1", Zones: zones, InstanceTypes: types}, world)
//	err := s.CreateAutoScalingGroup(now, groups.CreateAutoScalingGroupInput{…}) // calls world.RunInstance
//	s.Booted(later, instanceID)                                                // the instance is in service
//	at, ok := s.Next()                                                         // call Tick then
//
// # Model
//
// A group is an [group.AutoScalingGroup], which decides what to launch and what to end. Service keeps what surrounds
// it, and carries its plans out: each launch and each end is an [Activity], and a lifecycle hook holds an instance
// until its action is complete or its time is over. Requests have the names, members and sentences of the API.
//
// A scaling policy decides once a minute, by package autoscale. Simple and step policies act when somebody calls
// ExecutePolicy. The decisions of target tracking and of a forecast become one: the larger capacity.
//
// ECS manages the group of a capacity provider: the world says so by Managed. Such a group has the tag
// AmazonECSManaged, a policy and, with managed draining, a lifecycle hook. Its size follows [Service.ManagedScaling].
// With managed termination protection the instances that run tasks are protected. With managed draining an instance
// that is to end drains first.
//
// # Guarantees
//
//  1. A group settles at its desired capacity, whatever instances end, and in which order requests come
//     (TestLaws/G1_settles_at_desired).
//  2. A request that is refused changes nothing (TestLaws/G2_refused_changes_nothing).
//  3. A service that is restored from its state goes on as the one before (TestLaws/G3_restored_goes_on).
//  4. Hooks hold an instance until their result, and no longer than their timeouts say (TestLaunchingHook,
//     TestTerminatingHook).
//  5. Scheduled actions change sizes at their times (TestScheduledActions), and of target tracking and a forecast the
//     larger capacity counts (TestPredictive).
//  6. ECS's draining and termination protection act as its provider says (TestManagedDraining,
//     TestManagedTerminationProtection).
//  7. What a group keeps is bounded: activities, forecasts and metrics (TestActivitiesAreBounded).
//
// # Differences from ECS
//
//   - Hooks of a launch begin when the instance has booted.
//   - A launch that is refused is tried again a minute later.
//   - An activity is kept until there are 200 newer ones of its group. AWS keeps them for six weeks.
//   - A detached instance goes on, and cannot be attached again.
//   - Managed draining completes its action within ten seconds after the last task has stopped.
//   - Alarms of Amazon CloudWatch do not call policies: target tracking evaluates its own, and they are not listed.
//   - Launch templates are not kept: one that has the name of an instance type starts that type, and no other exists.
//     A launch configuration has user data, too.
//   - The load of a predictive policy is the average metric of the group times its instances.
//
// # Example
//
// The example of [Service].
package groups
