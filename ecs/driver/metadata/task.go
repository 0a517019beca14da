package metadata

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// The answers of the task metadata endpoint.
// Source: Amazon ECS Developer Guide, "Amazon ECS task metadata endpoint version 4 JSON response".

type taskAnswer struct {
	Cluster               string
	TaskARN               string
	Family                string
	Revision              string
	DesiredStatus         ecs.TaskStatus
	KnownStatus           ecs.TaskStatus
	Limits                *limits    `json:",omitempty"`
	PullStartedAt         *time.Time `json:",omitempty"`
	PullStoppedAt         *time.Time `json:",omitempty"`
	AvailabilityZone      string     `json:",omitempty"`
	LaunchType            string     `json:",omitempty"`
	Containers            []containerAnswer
	ServiceName           string `json:",omitempty"`
	FaultInjectionEnabled bool
}

type containerAnswer struct {
	DockerID      string `json:"DockerId"`
	Name          string
	DockerName    string
	Image         string
	ImageID       string
	Ports         []portAnswer `json:",omitempty"`
	Labels        map[string]string
	DesiredStatus ecs.TaskStatus
	KnownStatus   ecs.ContainerStatus
	ExitCode      *int `json:",omitempty"`
	Limits        limits
	CreatedAt     *time.Time `json:",omitempty"`
	StartedAt     *time.Time `json:",omitempty"`
	Type          string
	Health        *healthAnswer `json:",omitempty"`
	ContainerARN  string
	Networks      []networkAnswer `json:",omitempty"`
}

type portAnswer struct {
	ContainerPort int
	Protocol      ecs.TransportProtocol
	HostPort      int    `json:",omitempty"`
	HostIP        string `json:"HostIp,omitempty"`
}

type healthAnswer struct {
	Status ecs.HealthStatus `json:"status"`
}

type networkAnswer struct {
	NetworkMode   string
	IPv4Addresses []string `json:",omitempty"`
}

type limits struct {
	CPU    float64 `json:",omitempty"`
	Memory int     `json:",omitempty"`
}

// task answers a container that asks for /v4/ID, /v4/ID/task or /v4/ID/taskWithTags, and the same of version 3.
func (s *Server) task(w http.ResponseWriter, path string) {
	_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	id, what, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	ref, ok := s.known[id]
	var value any
	if ok {
		t := s.tasks[ref.task]
		switch what {
		case "":
			value = s.container(t, ref.index)
		case "task", "taskWithTags":
			value = s.describe(t)
		default:
			ok = false
		}
	}
	s.mu.Unlock()
	if !ok {
		answer(w, http.StatusNotFound,
			fmt.Sprintf("V4 metadata handler: unable to serve %q for the ID of the request", what))
		return
	}
	answer(w, http.StatusOK, value)
}

func (s *Server) describe(t *task) taskAnswer {
	c := t.Command
	a := taskAnswer{Cluster: s.config.Cluster, TaskARN: c.TaskArn, Family: c.TaskDefinition.Family,
		Revision: strconv.Itoa(c.TaskDefinition.Revision), DesiredStatus: t.desired(), KnownStatus: t.Change.Status,
		PullStartedAt: moment(t.Change.PullStartedAt), PullStoppedAt: moment(t.Change.PullStoppedAt),
		AvailabilityZone: c.AvailabilityZone, LaunchType: string(c.LaunchType),
		FaultInjectionEnabled: c.TaskDefinition.EnableFaultInjection}
	if a.KnownStatus == "" {
		a.KnownStatus = ecs.TaskStatusPending
	}
	if service, ok := strings.CutPrefix(c.Group, "service:"); ok {
		a.ServiceName = service
	}
	size := limits{Memory: whole(c.TaskDefinition.Memory), CPU: float64(whole(c.TaskDefinition.CPU)) / 1024}
	if size != (limits{}) {
		a.Limits = &size
	}
	for i := range c.TaskDefinition.ContainerDefinitions {
		a.Containers = append(a.Containers, s.container(t, i))
	}
	return a
}

func (s *Server) container(t *task, index int) containerAnswer {
	c, d := t.Command, t.Command.TaskDefinition.ContainerDefinitions[index]
	a := containerAnswer{Name: d.Name, Image: d.Image, DesiredStatus: t.desired(), Type: "NORMAL",
		DockerName:   fmt.Sprintf("ecs-%s-%d-%s", c.TaskDefinition.Family, c.TaskDefinition.Revision, d.Name),
		Limits:       limits{CPU: float64(d.CPU), Memory: d.Memory},
		ContainerARN: strings.Replace(c.TaskArn, ":task/", ":container/", 1) + "/" + d.Name,
		CreatedAt:    moment(t.Created), StartedAt: moment(t.Started[d.Name]),
		KnownStatus: ecs.ContainerStatusPending,
		Labels: map[string]string{
			"com.amazonaws.ecs.cluster":                 s.config.Cluster,
			"com.amazonaws.ecs.container-name":          d.Name,
			"com.amazonaws.ecs.task-arn":                c.TaskArn,
			"com.amazonaws.ecs.task-definition-family":  c.TaskDefinition.Family,
			"com.amazonaws.ecs.task-definition-version": strconv.Itoa(c.TaskDefinition.Revision),
		}}
	for _, o := range t.Change.Containers {
		if o.Name == d.Name {
			a.seen(o)
		}
	}
	for _, b := range c.NetworkBindings[d.Name] {
		a.Ports = append(a.Ports, portAnswer{b.ContainerPort, b.Protocol, b.HostPort, b.BindIP})
	}
	mode := c.TaskDefinition.NetworkMode
	if mode == "" {
		mode = ecs.NetworkModeBridge
	}
	a.Networks = []networkAnswer{{NetworkMode: string(mode)}}
	if c.PrivateIPv4 != "" {
		a.Networks[0].IPv4Addresses = []string{c.PrivateIPv4}
	}
	return a
}

// seen adds what the agent has reported.
func (a *containerAnswer) seen(o message.ContainerStateChange) {
	if o.Status != "" {
		a.KnownStatus = o.Status
	}
	a.DockerID, a.ImageID = o.RuntimeID, o.ImageDigest
	if code, ok := o.ExitCode.Get(); ok {
		a.ExitCode = &code
	}
	if o.Health != "" {
		a.Health = &healthAnswer{o.Health}
	}
}

func (t *task) desired() ecs.TaskStatus {
	if t.Stops {
		return ecs.TaskStatusStopped
	}
	return ecs.TaskStatusRunning
}

// moment is a time that may not have come.
func moment(at ecs.Instant) *time.Time {
	if at == 0 {
		return nil
	}
	t := at.Time().UTC()
	return &t
}

// whole reads the size of a task as a number; 0 if it is none.
func whole(size string) int {
	n, err := strconv.Atoi(size)
	if err != nil {
		return 0
	}
	return n
}
