// Package autoscaling is EC2 Auto Scaling as its clients call it: a table of operations over package groups, which has
// the rules and the state. Its inputs and answers are those of groups; this package wraps the answers.
package autoscaling

import (
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// World is what this service asks of the world of a Region.
type World interface {
	// AutoScaling calls f with EC2 Auto Scaling of the world, and lets happen what follows.
	AutoScaling(f func(s *groups.Service, now time.Time) error) error
	// KeepAutoScaling makes durable what a call has changed.
	KeepAutoScaling() error
}

type service = *groups.Service

// looks returns an operation that only looks.
func looks[In, Out any](f func(s service, in In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		var out Out
		err := w.AutoScaling(func(s service, _ time.Time) (err error) {
			out, err = f(s, in)
			return err
		})
		return out, err
	})
}

// under is looks for an answer that stands under a key.
func under[In, Out any](key string, f func(s service, in In) (Out, error)) operation.Operation[World] {
	return looks(func(s service, in In) (operation.Object, error) {
		out, err := f(s, in)
		return operation.Object{key: out}, err
	})
}

// changes returns an operation that changes something, unless it fails.
func changes[In, Out any](f func(s service, now time.Time, in In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		var out Out
		err := w.AutoScaling(func(s service, now time.Time) (err error) {
			out, err = f(s, now, in)
			return err
		})
		if err != nil {
			return nil, err
		}
		return out, w.KeepAutoScaling()
	})
}

// keyed is changes for an answer that stands under a key.
func keyed[In, Out any](
	key string, f func(s service, now time.Time, in In) (Out, error),
) operation.Operation[World] {
	return changes(func(s service, now time.Time, in In) (operation.Object, error) {
		out, err := f(s, now, in)
		return operation.Object{key: out}, err
	})
}

// silent is changes for an operation that answers nothing.
func silent[In any](f func(s service, now time.Time, in In) error) operation.Operation[World] {
	return changes(func(s service, now time.Time, in In) (operation.Object, error) {
		return operation.Object{}, f(s, now, in)
	})
}

// timeless is silent for an operation to which the time does not matter.
func timeless[In any](f func(s service, in In) error) operation.Operation[World] {
	return silent(func(s service, _ time.Time, in In) error { return f(s, in) })
}

// nothing is an input without members.
type nothing struct{}

// lists returns an operation that answers a list of what there is under a key.
func lists[T any](key string, list func() []T) operation.Operation[World] {
	return looks(func(service, nothing) (operation.Object, error) { return operation.Object{key: list()}, nil })
}

// Bare are the actions whose answers have no result in their model.
func Bare() map[string]bool {
	bare := map[string]bool{}
	for _, action := range []string{"AttachInstances", "CreateAutoScalingGroup", "CreateLaunchConfiguration",
		"CreateOrUpdateTags", "DeleteAutoScalingGroup", "DeleteLaunchConfiguration", "DeleteNotificationConfiguration",
		"DeletePolicy", "DeleteScheduledAction", "DeleteTags", "DisableMetricsCollection", "EnableMetricsCollection",
		"ExecutePolicy", "PutNotificationConfiguration", "PutScheduledUpdateGroupAction", "ResumeProcesses",
		"SetDesiredCapacity", "SetInstanceHealth", "SuspendProcesses", "UpdateAutoScalingGroup"} {
		bare[action] = true
	}
	return bare
}

// Operations returns what is served of EC2 Auto Scaling, and what is refused by name.
func Operations() operation.Table[World] {
	return operation.Joined(unmodelled(), groupOperations(), hookOperations(), policyOperations(), listOperations())
}

func groupOperations() operation.Table[World] {
	return operation.Table[World]{
		"CreateAutoScalingGroup":              silent(service.CreateAutoScalingGroup),
		"UpdateAutoScalingGroup":              silent(service.UpdateAutoScalingGroup),
		"DeleteAutoScalingGroup":              silent(service.DeleteAutoScalingGroup),
		"DescribeAutoScalingGroups":           looks(service.DescribeAutoScalingGroups),
		"DescribeAutoScalingInstances":        looks(service.DescribeAutoScalingInstances),
		"DescribeScalingActivities":           looks(service.DescribeScalingActivities),
		"SetDesiredCapacity":                  silent(service.SetDesiredCapacity),
		"SetInstanceHealth":                   silent(service.SetInstanceHealth),
		"SetInstanceProtection":               silent(service.SetInstanceProtection),
		"TerminateInstanceInAutoScalingGroup": keyed("Activity", service.TerminateInstanceInAutoScalingGroup),
		"DetachInstances":                     keyed("Activities", service.DetachInstances),
		"EnterStandby":                        keyed("Activities", service.EnterStandby),
		"ExitStandby":                         keyed("Activities", service.ExitStandby),
		"SuspendProcesses":                    silent(service.SuspendProcesses),
		"ResumeProcesses":                     silent(service.ResumeProcesses),
		"CreateOrUpdateTags":                  timeless(service.CreateOrUpdateTags),
		"DeleteTags":                          timeless(service.DeleteTags),
		"DescribeTags":                        looks(service.DescribeTags),
		"CreateLaunchConfiguration":           silent(service.CreateLaunchConfiguration),
		"DeleteLaunchConfiguration":           timeless(service.DeleteLaunchConfiguration),
		"DescribeLaunchConfigurations":        looks(service.DescribeLaunchConfigurations),
	}
}

func hookOperations() operation.Table[World] {
	return operation.Table[World]{
		"PutLifecycleHook":               timeless(service.PutLifecycleHook),
		"DeleteLifecycleHook":            silent(service.DeleteLifecycleHook),
		"DescribeLifecycleHooks":         under("LifecycleHooks", service.DescribeLifecycleHooks),
		"CompleteLifecycleAction":        silent(service.CompleteLifecycleAction),
		"RecordLifecycleActionHeartbeat": silent(service.RecordLifecycleActionHeartbeat),
	}
}

func policyOperations() operation.Table[World] {
	return operation.Table[World]{
		"PutScalingPolicy":              changes(service.PutScalingPolicy),
		"DeletePolicy":                  silent(service.DeletePolicy),
		"DescribePolicies":              looks(service.DescribePolicies),
		"ExecutePolicy":                 silent(service.ExecutePolicy),
		"GetPredictiveScalingForecast":  looks(service.GetPredictiveScalingForecast),
		"PutScheduledUpdateGroupAction": silent(service.PutScheduledUpdateGroupAction),
		"DeleteScheduledAction":         timeless(service.DeleteScheduledAction),
		"DescribeScheduledActions":      looks(service.DescribeScheduledActions),
	}
}

// listOperations answer what there is for everybody.
func listOperations() operation.Table[World] {
	return operation.Table[World]{
		"DescribeAccountLimits": looks(func(s service, _ nothing) (groups.AccountLimits, error) {
			return s.Limits(),
				nil
		}),
		"DescribeAdjustmentTypes": lists("AdjustmentTypes", func() []operation.Object {
			return eachUnder("AdjustmentType", autoscale.AdjustmentType("").Values())
		}),
		"DescribeLifecycleHookTypes": lists("LifecycleHookTypes", func() []string {
			return []string{group.HookLaunching, group.HookTerminating}
		}),
		"DescribeScalingProcessTypes": lists("Processes", func() []operation.Object {
			return eachUnder("ProcessName", groups.Processes())
		}),
		"DescribeTerminationPolicyTypes": lists("TerminationPolicyTypes", group.TerminationPolicy("").Values),
	}
}

// eachUnder returns a structure for each value, which has it under a key.
func eachUnder[T any](key string, values []T) []operation.Object {
	list := []operation.Object{}
	for _, v := range values {
		list = append(list, operation.Object{key: v})
	}
	return list
}

// unmodelled are the actions of EC2 Auto Scaling that are not modelled: those about load balancers and notifications,
// warm pools, instance refreshes and instances that no group has launched.
func unmodelled() operation.Table[World] {
	return operation.Unmodelled[World](groups.ValidationError,
		"AttachInstances", "AttachLoadBalancerTargetGroups", "AttachLoadBalancers", "AttachTrafficSources",
		"BatchDeleteScheduledAction", "BatchPutScheduledUpdateGroupAction", "CancelInstanceRefresh",
		"DeleteNotificationConfiguration", "DeleteWarmPool", "DescribeAccountSettings",
		"DescribeAutoScalingNotificationTypes",
		"DescribeInstanceRefreshes", "DescribeLoadBalancerTargetGroups", "DescribeLoadBalancers",
		"DescribeMetricCollectionTypes", "DescribeNotificationConfigurations", "DescribeTrafficSources",
		"DescribeWarmPool", "DetachLoadBalancerTargetGroups", "DetachLoadBalancers", "DetachTrafficSources",
		"DisableMetricsCollection", "EnableMetricsCollection", "LaunchInstances", "PutAccountSetting",
		"PutNotificationConfiguration",
		"PutWarmPool", "RollbackInstanceRefresh", "StartInstanceRefresh")
}

// Named lists, by action, what the members of its input name, in the form of front's own table.
func Named() map[string]string {
	const group = "autoScalingGroup=AutoScalingGroupName"
	all := map[string]string{
		"DescribeAutoScalingGroups":    "autoScalingGroup=AutoScalingGroupNames",
		"DescribeAutoScalingInstances": "", "DescribeTags": "", "DescribeAccountLimits": "",
		"DescribeAdjustmentTypes": "", "DescribeLifecycleHookTypes": "", "DescribeScalingProcessTypes": "",
		"DescribeTerminationPolicyTypes": "", "SetInstanceHealth": "", "TerminateInstanceInAutoScalingGroup": "",
		"CreateOrUpdateTags":           "autoScalingGroup=Tags.ResourceId",
		"DeleteTags":                   "autoScalingGroup=Tags.ResourceId",
		"CreateLaunchConfiguration":    "launchConfiguration=LaunchConfigurationName",
		"DeleteLaunchConfiguration":    "launchConfiguration=LaunchConfigurationName",
		"DescribeLaunchConfigurations": "launchConfiguration=LaunchConfigurationNames",
	}
	for action, op := range Operations() { //order:any each by itself
		if _, own := all[action]; !own && op.Input != nil {
			all[action] = group
		}
	}
	return all
}
