package console

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// clusterRow is a cluster as the page lists it.
type clusterRow struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	Instances int    `json:"instances"`
	Running   int    `json:"running"`
	Pending   int    `json:"pending"`
	Services  int    `json:"services"`
}

func clusterRowOf(c ecs.Cluster) clusterRow {
	return clusterRow{c.ClusterName, string(c.Status), c.RegisteredContainerInstancesCount, c.RunningTasksCount,
		c.PendingTasksCount, c.ActiveServicesCount}
}

// instanceRow is a container instance on the map.
type instanceRow struct {
	id, ec2, zone, kind, status, provider string
	connected                             bool
	cpu, cpuUsed, memory, memoryUsed      int
	gpu, gpuUsed, ports, eni              int // ports in use, and how many awsvpc tasks there may be: 0, no limit
}

func instanceRowOf(ci ecs.ContainerInstance) instanceRow {
	r := instanceRow{id: string(ci.ID()), ec2: ci.EC2InstanceID, status: string(ci.Status),
		provider: ci.CapacityProviderName, connected: ci.AgentConnected}
	r.zone, _ = ci.Attribute("ecs.availability-zone")
	r.kind, _ = ci.Attribute("ecs.instance-type")
	for _, held := range ci.RegisteredResources {
		switch held.Name {
		case ecs.ResourceCPU:
			r.cpu, r.cpuUsed = held.IntegerValue, held.IntegerValue
		case ecs.ResourceMemory:
			r.memory, r.memoryUsed = held.IntegerValue, held.IntegerValue
		case ecs.ResourceGPU:
			r.gpu, r.gpuUsed = len(held.StringSetValue), len(held.StringSetValue)
		}
	}
	for _, left := range ci.RemainingResources {
		switch left.Name {
		case ecs.ResourceCPU:
			r.cpuUsed -= left.IntegerValue
		case ecs.ResourceMemory:
			r.memoryUsed -= left.IntegerValue
		case ecs.ResourceGPU:
			r.gpuUsed -= len(left.StringSetValue)
		case ecs.ResourcePorts, ecs.ResourcePortsUDP:
			r.ports += len(left.StringSetValue)
		}
	}
	for _, line := range placement.DefaultENITable() {
		if line.InstanceType == r.kind {
			r.eni = line.Slots
		}
	}
	return r
}

// values is the row as the page reads it: store.js has the same order.
func (r instanceRow) values(n *names) []any {
	return []any{r.id, r.ec2, n.of(r.zone), n.of(r.kind), n.of(r.status), n.of(r.provider), flag(r.connected), r.cpu,
		r.cpuUsed, r.memory, r.memoryUsed, r.gpu, r.gpuUsed, r.ports, r.eni}
}

// taskRow is a task on the map.
type taskRow struct {
	id, instance, group, family string
	revision                    int
	deployment                  string
	last, desired, health       string
	eni, fargate                bool
	zone                        string
}

func taskRowOf(t ecs.Task) taskRow {
	r := taskRow{id: string(t.ID()), group: t.Group, deployment: t.StartedBy, last: string(t.LastStatus),
		desired: string(t.DesiredStatus), health: string(t.HealthStatus),
		fargate: t.LaunchType == ecs.LaunchTypeFargate, zone: t.AvailabilityZone}
	if t.ContainerInstanceArn != "" {
		r.instance = nameOf(t.ContainerInstanceArn)
	}
	r.family, r.revision = familyOf(t.TaskDefinitionArn)
	for _, a := range t.Attachments {
		r.eni = r.eni || a.Type == "ElasticNetworkInterface"
	}
	return r
}

// values is the row as the page reads it: store.js has the same order.
func (r taskRow) values(n *names) []any {
	return []any{r.id, n.of(r.instance), n.of(r.group), n.of(r.family), r.revision, n.of(r.deployment), n.of(r.last),
		n.of(r.desired), n.of(r.health), flag(r.eni), flag(r.fargate), n.of(r.zone)}
}

// serviceRow is a service in the list, as JSON.
type serviceRow struct{ text string }

// MarshalJSON returns the text.
func (r serviceRow) MarshalJSON() ([]byte, error) { return []byte(r.text), nil }

// shownDeployment is a deployment of a service in the list.
type shownDeployment struct {
	ID         string                     `json:"id"`
	Status     ecs.DeploymentStatus       `json:"status"`
	Definition string                     `json:"definition"` // family:revision
	Desired    int                        `json:"desired"`
	Pending    int                        `json:"pending"`
	Running    int                        `json:"running"`
	Failed     int                        `json:"failed"`
	Rollout    ecs.DeploymentRolloutState `json:"rollout,omitzero"`
	Reason     string                     `json:"reason,omitzero"`
	CreatedAt  ecs.Instant                `json:"createdAt,omitzero"`
}

func serviceRowOf(s ecs.Service) serviceRow {
	out := struct {
		Name        string                 `json:"name"`
		Status      ecs.ServiceStatus      `json:"status"`
		Desired     int                    `json:"desired"`
		Pending     int                    `json:"pending"`
		Running     int                    `json:"running"`
		Definition  string                 `json:"definition"`
		Scheduling  ecs.SchedulingStrategy `json:"scheduling"`
		Launch      ecs.LaunchType         `json:"launch,omitzero"`
		Strategy    ecs.DeploymentStrategy `json:"strategy,omitzero"`
		Deployments []shownDeployment      `json:"deployments"`
		Last        string                 `json:"last,omitzero"` // event
	}{Name: s.ServiceName, Status: s.Status, Desired: s.DesiredCount, Pending: s.PendingCount,
		Running: s.RunningCount, Definition: nameOf(s.TaskDefinition), Scheduling: s.SchedulingStrategy,
		Launch: s.LaunchType, Strategy: s.DeploymentConfiguration.Strategy, Deployments: []shownDeployment{}}
	for _, d := range s.Deployments {
		out.Deployments = append(out.Deployments, shownDeployment{d.ID, d.Status, nameOf(d.TaskDefinition),
			d.DesiredCount, d.PendingCount, d.RunningCount, d.FailedTasks, d.RolloutState, d.RolloutStateReason,
			d.CreatedAt})
	}
	if len(s.Events) > 0 {
		out.Last = s.Events[0].Message
	}
	data, err := json.Marshal(out)
	if err != nil {
		return serviceRow{`{}`}
	}
	return serviceRow{string(data)}
}

// names are the texts of a frame that its rows name by number.
type names struct {
	list  []string
	index map[string]int
}

func (n *names) of(text string) int {
	if i, there := n.index[text]; there {
		return i
	}
	if n.index == nil {
		n.index = map[string]int{}
	}
	n.index[text] = len(n.list)
	n.list = append(n.list, text)
	return len(n.list) - 1
}

func flag(is bool) int {
	if is {
		return 1
	}
	return 0
}

// nameOf is what follows the last slash of an ARN.
func nameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// familyOf cuts the ARN of a task definition.
func familyOf(arn string) (family string, revision int) {
	family, number, _ := strings.Cut(nameOf(arn), ":")
	revision, err := strconv.Atoi(number)
	if err != nil {
		return nameOf(arn), 0
	}
	return family, revision
}
