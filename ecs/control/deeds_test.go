package control_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// deed is something that a person or the world does.
type deed struct {
	name string
	do   func(s *storm, p *control.Plane, now time.Time) error
}

func stormDeeds() []deed {
	return []deed{
		{"update the desired count", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Cluster: s.cluster, Service: s.service(),
				DesiredCount: ecs.Some(s.random.IntN(6))})
			return err
		}},
		{"roll out a revision", (*storm).rollOut},
		{"roll out a revision", (*storm).rollOut},
		{"force a deployment", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Cluster: s.cluster, Service: s.service(),
				ForceNewDeployment: true})
			return err
		}},
		{"stop a deployment", (*storm).stopDeployment},
		{"delete a service", func(s *storm, p *control.Plane, now time.Time) error {
			if s.random.IntN(3) > 0 {
				return nil
			}
			_, err := p.DeleteService(now, api.DeleteServiceInput{Cluster: s.cluster, Service: s.service(),
				Force: s.random.IntN(2) == 0})
			return err
		}},
		{"run tasks", func(s *storm, p *control.Plane, now time.Time) error {
			in := api.RunTaskInput{Cluster: s.cluster,
				TaskDefinition: []string{"bridge", "static", "checked"}[s.random.IntN(3)],
				Count:          ecs.Some(1 + s.random.IntN(3)), ClientToken: fmt.Sprint(s.random.IntN(1000))}
			_, err := p.RunTask(now, in)
			return err
		}},
		{"start a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.StartTask(now, api.StartTaskInput{Cluster: s.cluster, TaskDefinition: "pair",
				ContainerInstances: []string{string(s.instance())}})
			return err
		}},
		{"stop a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.StopTask(now, api.StopTaskInput{Cluster: s.cluster, Task: s.task()})
			return err
		}},
		{"kill a task", func(s *storm, _ *control.Plane, _ time.Time) error {
			s.world.KillTask(ecs.Task{TaskArn: s.task()}.ID())
			return nil
		}},
		{"protect a task", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.UpdateTaskProtection(now,
				api.UpdateTaskProtectionInput{Cluster: s.cluster, Tasks: []string{s.task()},
					ProtectionEnabled: s.random.IntN(2) == 0, ExpiresInMinutes: ecs.Some(1 + s.random.IntN(10))})
			return err
		}},
		{"drain or activate an instance", func(s *storm, p *control.Plane, now time.Time) error {
			status := []ecs.ContainerInstanceStatus{ecs.ContainerInstanceStatusDraining,
				ecs.ContainerInstanceStatusActive}[s.random.IntN(2)]
			_, err := p.UpdateContainerInstancesState(now,
				api.UpdateContainerInstancesStateInput{Cluster: s.cluster,
					ContainerInstances: []string{string(s.instance())}, Status: status})
			return err
		}},
		{"add an instance", func(s *storm, _ *control.Plane, _ time.Time) error {
			if len(s.instances) < 8 {
				s.join()
			}
			return nil
		}},
		{"lose an instance", func(s *storm, _ *control.Plane, _ time.Time) error {
			if s.random.IntN(4) == 0 {
				s.world.Terminate(s.cluster, s.instance())
			}
			return nil
		}},
		{"reboot an instance", func(s *storm, _ *control.Plane, _ time.Time) error {
			if s.random.IntN(2) == 0 {
				s.world.Reboot(s.cluster, s.instance(), s.random.IntN(2) == 0)
			}
			return nil
		}},
		{"deregister an instance", func(s *storm, p *control.Plane, now time.Time) error {
			if s.random.IntN(4) > 0 {
				return nil
			}
			_, err := p.DeregisterContainerInstance(now,
				api.DeregisterContainerInstanceInput{Cluster: s.cluster, ContainerInstance: string(s.instance()),
					Force: s.random.IntN(2) == 0})
			return err
		}},
		{"Spot notice", func(s *storm, _ *control.Plane, _ time.Time) error {
			if s.random.IntN(4) > 0 {
				return s.tell(message.SpotInterruption{Cluster: s.cluster, Task: ecs.Task{TaskArn: s.task()}.ID()})
			}
			return s.tell(message.SpotInterruption{Cluster: s.cluster, Instance: s.instance()})
		}},
		{"agent comes or goes", func(s *storm, _ *control.Plane, _ time.Time) error {
			return s.tell(message.AgentConnectivity{Cluster: s.cluster, Instance: s.instance(),
				Connected: s.random.IntN(3) > 0})
		}},
		{"alarm", func(s *storm, _ *control.Plane, _ time.Time) error {
			return s.tell(message.AlarmState{AlarmName: "alarm",
				State: []ecs.AlarmState{"OK", "ALARM", "INSUFFICIENT_DATA"}[s.random.IntN(3)]})
		}},
		{"attributes", func(s *storm, p *control.Plane, now time.Time) error {
			_, err := p.PutAttributes(now, api.PutAttributesInput{Cluster: s.cluster,
				Attributes: []ecs.Attribute{{Name: fmt.Sprint("a", s.random.IntN(3)), Value: "v",
					TargetID: string(s.instance())}}})
			return err
		}},
		{"scale automatically", (*storm).scale},
		{"a load", func(s *storm, _ *control.Plane, now time.Time) error {
			return s.tell(message.MetricSample{Cluster: s.cluster, Service: s.service(),
				Metric: "ECSServiceAverageCPUUtilization", At: ecs.At(now.Truncate(time.Minute)),
				Value: float64(s.random.IntN(100))})
		}},
		{"create a service", func(s *storm, _ *control.Plane, _ time.Time) error {
			if len(s.services) < 8 {
				s.create()
			}
			return nil
		}},
		{"use a name again", (*storm).useAgain},
		{"change what a service is behind", (*storm).changeBalancers},
		{"a task set", (*storm).taskSet},
		{"change a task set", (*storm).changeTaskSet},
		{"schedule", (*storm).schedule},
		{"scale by steps", (*storm).scaleBySteps},
		{"tag", func(s *storm, p *control.Plane, now time.Time) error {
			arn := fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:service/%s/%s", s.cluster, s.service())
			if s.random.IntN(2) == 0 {
				return p.UntagResource(now, api.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"k0"}})
			}
			return p.TagResource(now, api.TagResourceInput{ResourceArn: arn,
				Tags: []ecs.Tag{{Key: fmt.Sprint("k", s.random.IntN(3)), Value: "v"}}})
		}},
		{"another delay", func(s *storm, p *control.Plane, now time.Time) error {
			for _, g := range p.TargetGroups() {
				g.Group.DeregistrationDelaySeconds = ecs.Some(s.random.IntN(60))
				return p.PutTargetGroup(now, g.Group)
			}
			return nil
		}},
	}
}

func (s *storm) rollOut(p *control.Plane, now time.Time) error {
	name := s.service()
	out := must(p.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}}))
	d := must(
		p.DescribeTaskDefinition(api.DescribeTaskDefinitionInput{TaskDefinition: out.Services[0].TaskDefinition}),
	).TaskDefinition
	for _, next := range stormDefinitions(s.image()) {
		if next.Family == d.Family {
			if _, err := p.RegisterTaskDefinition(now, next); err != nil {
				return err
			}
		}
	}
	_, err := p.UpdateService(now, api.UpdateServiceInput{Cluster: s.cluster, Service: name, TaskDefinition: d.Family})
	return err
}

func (s *storm) stopDeployment(p *control.Plane, now time.Time) error {
	name := s.service()
	out := must(p.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}}))
	if len(out.Services[0].Deployments) == 0 {
		return nil
	}
	id := strings.TrimPrefix(out.Services[0].Deployments[0].ID, "ecs-svc/")
	_, err := p.StopServiceDeployment(
		now,
		api.StopServiceDeploymentInput{
			ServiceDeploymentArn: "arn:aws:ecs:us-east-1:123456789012:service-deployment/" + s.cluster + "/" + name +
				"/" + id,
		},
	)
	return err
}

func (s *storm) scale(p *control.Plane, now time.Time) error {
	resource := "service/" + s.cluster + "/" + s.service()
	if _, err := p.RegisterScalableTarget(now, input[autoscale.RegisterScalableTargetInput](
		`{"ServiceNamespace":"ecs","ResourceId":%q,"ScalableDimension":"ecs:service:DesiredCount","MinCapacity":%d,"MaxCapacity":%d}`, resource, s.random.IntN(2), 2+s.random.IntN(4))); err != nil {
		return err
	}
	_, err := p.PutScalingPolicy(now, input[autoscale.PutScalingPolicyInput](
		`{"PolicyName":"cpu","ServiceNamespace":"ecs","ResourceId":%q,"ScalableDimension":"ecs:service:DesiredCount","PolicyType":"TargetTrackingScaling",`+
			`"TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"}}}`,
		resource,
	))
	return err
}

// useAgain makes a service under the name of one that is gone.
func (s *storm) useAgain(p *control.Plane, now time.Time) error {
	name := s.service()
	v := must(p.DescribeServices(api.DescribeServicesInput{Cluster: s.cluster, Services: []string{name}})).Services[0]
	if v.Status != ecs.ServiceStatusInactive {
		return nil
	}
	s.again++
	return s.createAs(p, now, name, fmt.Sprint(name, "-", s.again))
}

// changeBalancers gives a service other target groups and registries.
func (s *storm) changeBalancers(p *control.Plane, now time.Time) error {
	name := s.service()
	change := []string{`"loadBalancers":[]`, `"serviceRegistries":[]`,
		`"loadBalancers":[{"targetGroupArn":"` + groupPrefix + name +
			`/0123456789abcdef","containerName":"c","containerPort":80}]`,
		`"serviceRegistries":[{"registryArn":"arn:aws:servicediscovery:us-east-1:123456789012:service/srv-2"}]`}[s.random.IntN(4)]
	_, err := p.UpdateService(
		now,
		input[api.UpdateServiceInput](`{"cluster":%q,"service":%q,%s}`, s.cluster, name, change),
	)
	return err
}

func (s *storm) taskSet(p *control.Plane, now time.Time) error {
	_, err := p.CreateTaskSet(
		now,
		input[api.CreateTaskSetInput](
			`{"cluster":%q,"service":"external","taskDefinition":"bridge","scale":{"value":%d,"unit":"PERCENT"}}`,
			s.cluster,
			50*s.random.IntN(3),
		),
	)
	return err
}

func (s *storm) changeTaskSet(p *control.Plane, now time.Time) error {
	sets := must(p.DescribeTaskSets(api.DescribeTaskSetsInput{Cluster: s.cluster, Service: "external"})).TaskSets
	if len(sets) == 0 {
		return nil
	}
	id := sets[s.random.IntN(len(sets))].ID
	var err error
	switch s.random.IntN(3) {
	case 0:
		_, err = p.UpdateTaskSet(now, api.UpdateTaskSetInput{Cluster: s.cluster, Service: "external", TaskSet: id,
			Scale: &ecs.Scale{Value: float64(50 * s.random.IntN(3)), Unit: "PERCENT"}})
	case 1:
		_, err = p.UpdateServicePrimaryTaskSet(now,
			api.UpdateServicePrimaryTaskSetInput{Cluster: s.cluster, Service: "external", PrimaryTaskSet: id})
	default:
		_, err = p.DeleteTaskSet(now, api.DeleteTaskSetInput{Cluster: s.cluster, Service: "external", TaskSet: id,
			Force: s.random.IntN(2) == 0})
	}
	return err
}

// schedule sets a scalable service's bounds once, soon.
func (s *storm) schedule(p *control.Plane, now time.Time) error {
	at := now.Add(time.Duration(1+s.random.IntN(5)) * time.Minute).Format("2006-01-02T15:04:05")
	return p.PutScheduledAction(
		now,
		input[autoscale.PutScheduledActionInput](
			`{"ScheduledActionName":"once","ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount",`+
				`"ResourceId":"service/%s/%s","Schedule":"at(%s)","ScalableTargetAction":{"MinCapacity":%d,"MaxCapacity":%d}}`,
			s.cluster,
			s.service(),
			at,
			s.random.IntN(2),
			2+s.random.IntN(3),
		),
	)
}

// scaleBySteps gives a scalable service a step scaling policy and the alarm that invokes it.
func (s *storm) scaleBySteps(p *control.Plane, now time.Time) error {
	resource := "service/" + s.cluster + "/" + s.service()
	out, err := p.PutScalingPolicy(
		now,
		input[autoscale.PutScalingPolicyInput](
			`{"PolicyName":"steps","ServiceNamespace":"ecs","ResourceId":%q,"ScalableDimension":"ecs:service:DesiredCount",`+
				`"PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}]}}`,
			resource,
		),
	)
	if err != nil {
		return err
	}
	return p.CloudWatch().PutMetricAlarm(now, input[cloudwatch.PutMetricAlarmInput](`{"AlarmName":"busy",`+
		`"AlarmActions":[%q],"Namespace":"AWS/ECS","MetricName":"CPUUtilization","Statistic":"Average",`+
		`"Dimensions":[{"Name":"ClusterName","Value":%q},{"Name":"ServiceName","Value":%q}],`+
		`"ComparisonOperator":"GreaterThanOrEqualToThreshold","Threshold":50,"Period":60,"EvaluationPeriods":1}`,
		out.PolicyARN, s.cluster, s.service()))
}
