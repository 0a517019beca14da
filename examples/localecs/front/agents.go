package front

import (
	"net/http"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// agentOperations are what agents call. The agents of this world report without HTTP; an
// instance that is registered over HTTP has an agent of its own, and what happens on it is
// what that one submits.
func agentOperations() table {
	return table{
		"RegisterContainerInstance":    with(registerContainerInstance),
		"DiscoverPollEndpoint":         from(discoverPollEndpoint),
		"SubmitTaskStateChange":        submit(submitTask),
		"SubmitContainerStateChange":   submit(submitContainer),
		"SubmitAttachmentStateChanges": submit(submitAttachments),
	}
}

// pollEndpointInput is the input of DiscoverPollEndpoint. The endpoint is the same for all.
type pollEndpointInput struct {
	ContainerInstance string `json:"containerInstance"`
	Cluster           string `json:"cluster"`
}

// discoverPollEndpoint sends agents where they called. What they poll is not served: an agent
// learns of its work from ListTasks and DescribeTasks.
func discoverPollEndpoint(r *http.Request, _ pollEndpointInput) call {
	url := "http://" + r.Host + "/"
	return func(*region) (any, error) {
		return object{"endpoint": url, "telemetryEndpoint": url, "serviceConnectEndpoint": url}, nil
	}
}

func registerContainerInstance(s *region, in api.RegisterContainerInstanceInput) (any, error) {
	var ci ecs.ContainerInstance
	err := s.world.Do(func(p *control.Plane, now time.Time) (err error) {
		ci, err = p.RegisterContainerInstance(now, in)
		return err
	})
	if err == nil && !s.config.SimulateAgents && in.ContainerInstanceArn == "" {
		err = s.leave(in.Cluster, ci.ID())
	}
	return object{"containerInstance": ci}, err
}

// submit is change for what an agent reports.
func submit[In any](f func(p *control.Plane, now time.Time, in In) error) operation {
	return change(func(p *control.Plane, now time.Time, in In) (any, error) {
		return object{"acknowledgment": "ACCEPT"}, f(p, now, in)
	})
}

// submittedContainer is what an agent reports about a container. Times come with the task, and an
// image's digest does, too.
type submittedContainer struct {
	ContainerName   string               `json:"containerName"`
	Status          ecs.ContainerStatus  `json:"status"`
	ExitCode        ecs.Opt[int]         `json:"exitCode"`
	Reason          string               `json:"reason"`
	RuntimeID       string               `json:"runtimeId"`
	NetworkBindings []ecs.NetworkBinding `json:"networkBindings"`
}

func (c submittedContainer) change() message.ContainerStateChange {
	return message.ContainerStateChange{Name: c.ContainerName, Status: c.Status, ExitCode: c.ExitCode, Reason: c.Reason,
		RuntimeID: c.RuntimeID, NetworkBindings: c.NetworkBindings}
}

// submittedWithTask is what an agent reports about a container in a report about its task.
type submittedWithTask struct {
	submittedContainer
	ImageDigest string `json:"imageDigest"`
}

func (c submittedWithTask) change() message.ContainerStateChange {
	change := c.submittedContainer.change()
	change.ImageDigest = c.ImageDigest
	return change
}

// submittedAttachment is what an agent reports about an attachment of a task or of its instance.
type submittedAttachment struct {
	AttachmentArn string `json:"attachmentArn"`
	Status        string `json:"status"`
}

// submittedAttachments is the input of SubmitAttachmentStateChanges.
type submittedAttachments struct {
	Cluster     string                `json:"cluster"`
	Attachments []submittedAttachment `json:"attachments"`
}

// submitAttachments takes what agents report of attachments. Network interfaces and volumes are
// attached by the world here, which reports them itself: the report says nothing new.
func submitAttachments(*control.Plane, time.Time, submittedAttachments) error { return nil }

// submittedManagedAgent is what an agent reports about an agent that it runs in a container.
type submittedManagedAgent struct {
	ContainerName    string `json:"containerName"`
	ManagedAgentName string `json:"managedAgentName"`
	Reason           string `json:"reason"`
	Status           string `json:"status"`
}

// submittedTask is the input of SubmitTaskStateChange. Attachments are taken as those of
// SubmitAttachmentStateChanges are; managed agents, which run ECS Exec, are not shown.
type submittedTask struct {
	Cluster            string              `json:"cluster"`
	Task               string              `json:"task"`
	Status             ecs.TaskStatus      `json:"status"`
	Reason             string              `json:"reason"`
	Containers         []submittedWithTask `json:"containers"`
	PullStartedAt      ecs.Instant         `json:"pullStartedAt"`
	PullStoppedAt      ecs.Instant         `json:"pullStoppedAt"`
	ExecutionStoppedAt ecs.Instant         `json:"executionStoppedAt"`

	Attachments   []submittedAttachment   `json:"attachments"`
	ManagedAgents []submittedManagedAgent `json:"managedAgents"`
}

func submitTask(p *control.Plane, now time.Time, in submittedTask) error {
	e, err := report(p, in.Cluster, in.Task)
	if err != nil {
		return err
	}
	e.Status, e.Reason = in.Status, in.Reason
	e.PullStartedAt, e.PullStoppedAt, e.ExecutionStoppedAt = in.PullStartedAt, in.PullStoppedAt, in.ExecutionStoppedAt
	for _, c := range in.Containers {
		e.Containers = append(e.Containers, c.change())
	}
	p.Observe(now, e)
	return nil
}

type submittedOne struct {
	submittedContainer
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
}

func submitContainer(p *control.Plane, now time.Time, in submittedOne) error {
	e, err := report(p, in.Cluster, in.Task)
	if err != nil {
		return err
	}
	e.Containers = []message.ContainerStateChange{in.change()}
	p.Observe(now, e)
	return nil
}

// report is the beginning of what the agent of a task's instance reports. Reports over HTTP come
// in order, so each is the newest: its number is above that of what the plane has been told.
func report(p *control.Plane, cluster, task string) (message.TaskStateChange, error) {
	if task == "" {
		return message.TaskStateChange{}, ecs.Fault(ecs.InvalidParameterException, "task",
			"task should not be null or empty.")
	}
	out, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: cluster, Tasks: []string{task}})
	if err != nil {
		return message.TaskStateChange{}, err
	}
	if len(out.Tasks) == 0 {
		return message.TaskStateChange{}, ecs.Fault(ecs.InvalidParameterException, "task",
			"The referenced task was not found.")
	}
	t := out.Tasks[0]
	e := message.TaskStateChange{Cluster: cluster, Task: t.ID(),
		Instance: ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID()}
	for h := range p.Held() {
		if h.Start.Task == e.Task {
			e.Sequence = h.Told.Sequence + 1
			break
		}
	}
	return e, nil
}
