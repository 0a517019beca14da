package console

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// servicePage is what the page of a service shows.
type servicePage struct {
	Now         ecs.Instant             `json:"now"`
	Service     ecs.Service             `json:"service"`
	Deployments []api.ServiceDeployment `json:"serviceDeployments"` // newest first, the last ten
	Targets     []groupHealth           `json:"targetGroups"`
	Rules       []elbv2.Rule            `json:"rules"` // whose weights deployments move
	Scaling     *scalingPage            `json:"scaling"`
	Answer      string                  `json:"explanation"`
	Stopped     []stoppedTask           `json:"stopped"` // newest first
	Changes     []message.Change        `json:"changes"` // of traffic, scaling and alarms, newest last
}

// groupHealth is a target group with its targets.
type groupHealth struct {
	Arn     string                          `json:"arn"`
	Targets []elbv2.TargetHealthDescription `json:"targets"`
	More    int                             `json:"more,omitzero"` // targets that are not listed
	Counts  map[string]int                  `json:"counts"`        // by state
}

// stoppedTask is a task that has stopped, and why.
type stoppedTask struct {
	ID         ecs.TaskID       `json:"id"`
	Definition string           `json:"definition"`
	StoppedAt  ecs.Instant      `json:"stoppedAt,omitzero"`
	Code       ecs.TaskStopCode `json:"code,omitzero"`
	Reason     string           `json:"reason,omitzero"`
	Containers []string         `json:"containers,omitempty"` // with their exit codes and reasons
}

// service shows one service.
func (v *visit) service() (any, error) {
	cluster, name := v.asked("cluster"), nameOf(v.asked("service"))
	out := servicePage{Deployments: []api.ServiceDeployment{}, Targets: []groupHealth{}, Rules: []elbv2.Rule{},
		Stopped: []stoppedTask{}, Changes: []message.Change{}}
	err := v.hub.world.Read(func(p *control.Plane, now time.Time) error {
		described, err := p.DescribeServices(api.DescribeServicesInput{Cluster: cluster, Services: []string{name}})
		if err != nil {
			return err
		}
		if len(described.Services) == 0 {
			return ecs.Fault(ecs.ServiceNotFoundException, "service", "Service not found.")
		}
		out.Now, out.Service = ecs.At(now), maskedService(described.Services[0])
		if out.Deployments, err = deploymentsOf(p, cluster, name); err != nil {
			return err
		}
		out.balance(p)
		if out.Scaling, err = scalingOf(p, now, "service/"+clusterOf(cluster)+"/"+name); err != nil {
			return err
		}
		if out.Stopped, err = stoppedOf(p, cluster, name); err != nil {
			return err
		}
		if answer, err := p.Explain(now, cluster, out.Service.ServiceArn); err == nil {
			out.Answer = answer.String()
		}
		for c := range v.hub.world.Changes() {
			told := c.Kind == message.ChangeTraffic || c.Kind == message.ChangeScaling || c.Kind == message.ChangeAlarm
			if told && c.Cluster == clusterOf(cluster) && (c.Service == name || c.Kind == message.ChangeAlarm) {
				out.Changes = append(out.Changes, c)
			}
		}
		out.Changes = out.Changes[max(0, len(out.Changes)-mostTold):]
		return nil
	})
	return out, err
}

// clusterOf is the name of a cluster that a call names.
func clusterOf(ref string) string {
	if ref == "" {
		return "default"
	}
	return nameOf(ref)
}

// deploymentsOf describes the newest deployments of a service. Task sets and CodeDeploy have none.
func deploymentsOf(p *control.Plane, cluster, name string) ([]api.ServiceDeployment, error) {
	page, err := p.ListServiceDeployments(api.ListServiceDeploymentsInput{Cluster: cluster, Service: name,
		MaxResults: ecs.Some(10)})
	if err != nil || len(page.ServiceDeployments) == 0 {
		return []api.ServiceDeployment{}, err
	}
	var arns []string
	for _, d := range page.ServiceDeployments {
		arns = append(arns, d.ServiceDeploymentArn)
	}
	out, err := p.DescribeServiceDeployments(api.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns})
	return out.ServiceDeployments, err
}

// balance fills in the target groups of the service and the rules that forward to them. A group that no load
// balancer has yet is left out.
func (s *servicePage) balance(p *control.Plane) {
	seen := map[string]bool{}
	for _, lb := range s.Service.LoadBalancers {
		groups := []string{lb.TargetGroupArn}
		if a := lb.AdvancedConfiguration; a != nil {
			groups = append(groups, a.AlternateTargetGroupArn)
			s.Rules = append(s.Rules, rulesOf(p, a.ProductionListenerRule, a.TestListenerRule)...)
		}
		for _, arn := range groups {
			if arn == "" || seen[arn] {
				continue
			}
			seen[arn] = true
			health, err := p.LoadBalancers().DescribeTargetHealth(elbv2.DescribeTargetHealthInput{TargetGroupArn: arn})
			if err != nil {
				continue
			}
			g := groupHealth{Arn: arn, Targets: health.TargetHealthDescriptions, Counts: map[string]int{}}
			for _, t := range g.Targets {
				g.Counts[string(t.TargetHealth.State)]++
			}
			g.More = max(0, len(g.Targets)-mostTold)
			g.Targets = g.Targets[:len(g.Targets)-g.More]
			s.Targets = append(s.Targets, g)
		}
	}
}

// rulesOf describes the rules that are there of those that are named.
func rulesOf(p *control.Plane, arns ...string) (rules []elbv2.Rule) {
	for _, arn := range arns {
		out, err := p.LoadBalancers().DescribeRules(elbv2.DescribeRulesInput{RuleArns: []string{arn}})
		if arn != "" && err == nil {
			rules = append(rules, out.Rules...)
		}
	}
	return rules
}

// stoppedOf describes stopped tasks of a service: of the first hundred that are listed the newest.
func stoppedOf(p *control.Plane, cluster, name string) ([]stoppedTask, error) {
	page, err := p.ListTasks(api.ListTasksInput{Cluster: cluster, ServiceName: name,
		DesiredStatus: ecs.DesiredStatusStopped})
	if err != nil || len(page.Arns) == 0 {
		return []stoppedTask{}, err
	}
	out, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: cluster, Tasks: page.Arns})
	list := []stoppedTask{}
	for _, t := range out.Tasks {
		if !t.LastStatus.Over() {
			continue
		}
		list = append(list, stoppedTask{t.ID(), nameOf(t.TaskDefinitionArn), t.StoppedAt, t.StopCode, t.StoppedReason,
			ends(t)})
	}
	newestFirst(list)
	return list[:min(len(list), 20)], err
}

// ends say how each container of a stopped task ended.
func ends(t ecs.Task) (list []string) {
	for _, c := range t.Containers {
		text := c.Name
		if code, ok := c.ExitCode.Get(); ok {
			text += fmt.Sprintf(" exited with %d", code)
		}
		if c.Reason != "" {
			text += ": " + c.Reason
		}
		if text != c.Name {
			list = append(list, text)
		}
	}
	return list
}

func newestFirst(list []stoppedTask) {
	slices.SortFunc(list, func(a, b stoppedTask) int {
		return cmp.Or(cmp.Compare(b.StoppedAt, a.StoppedAt), cmp.Compare(a.ID, b.ID))
	})
}
