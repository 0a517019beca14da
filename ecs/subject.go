package ecs

import (
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/query"
)

// NewContainerInstance returns an ACTIVE container instance with a connected agent that registered r. ref
// is its ID or its ARN. Its only attribute is "ecs.availability-zone", the zone; with the zone "" it has
// none.
func NewContainerInstance(ref, zone string, r Resources) ContainerInstance {
	ci := ContainerInstance{ContainerInstanceArn: ref, Status: ContainerInstanceStatusActive, AgentConnected: true,
		RegisteredResources: r.ToRegister()}
	if zone != "" {
		ci.Attributes = []Attribute{{Name: "ecs.availability-zone", Value: zone}}
	}
	return ci
}

// ToRegister returns the amounts as an agent registers them: CPU and MEMORY, at most MaxInt32, and GPU
// where there is one, with the IDs "GPU-0", "GPU-1" and so on. Agents do not register ENI.
// ContainerInstance.Registered reads them.
func (r Resources) ToRegister() []Resource {
	list := []Resource{
		{Name: ResourceCPU, Type: "INTEGER", IntegerValue: toRegister(r.CPU)},
		{Name: ResourceMemory, Type: "INTEGER", IntegerValue: toRegister(r.Memory)},
	}
	if r.GPU <= 0 {
		return list
	}
	devices := Resource{Name: ResourceGPU, Type: "STRINGSET"}
	for i := range min(r.GPU, maxDevices) {
		devices.StringSetValue = append(devices.StringSetValue, "GPU-"+strconv.FormatInt(i, 10))
	}
	return append(list, devices)
}

// maxDevices is more than any instance type has: a list of IDs does not grow by the size of a
// number.
const maxDevices = 1024

func toRegister(n int64) int { return int(max(0, min(n, 1<<31-1))) }

// Subject shows the instance to the cluster query language. taskGroups has the group of each task on it
// that is to run, in any order. runningTasksCount is RunningTasksCount or the number of groups, whichever
// is greater.
//
//	e, err := query.Parse("attribute:ecs.availability-zone == us-east-1a")
//	fits := e.Match(ci.Subject())
func (ci ContainerInstance) Subject(taskGroups ...string) query.Instance {
	return subject{&ci, taskGroups}
}

// subject answers for an instance and the groups of its tasks.
type subject struct {
	*ContainerInstance
	groups []string
}

// Lookup answers by the language's names; see query.Subject.
func (s subject) Lookup(name string) (string, bool) {
	switch name {
	case "agentConnected":
		return strconv.FormatBool(s.AgentConnected), true
	case "agentVersion":
		if s.VersionInfo == nil || s.VersionInfo.AgentVersion == "" {
			return "", false
		}
		return s.VersionInfo.AgentVersion, true
	case "ec2InstanceId":
		return s.EC2InstanceID, s.EC2InstanceID != ""
	}
	if attribute, ok := strings.CutPrefix(name, "attribute:"); ok {
		return s.Attribute(attribute)
	}
	return "", false
}

// TaskGroup returns the i-th group; see query.Instance.
func (s subject) TaskGroup(i int) (string, bool) {
	if i >= len(s.groups) {
		return "", false
	}
	return s.groups[i], true
}

// TasksRunning is the runningTasksCount; see query.Instance.
func (s subject) TasksRunning() int { return max(len(s.groups), s.RunningTasksCount) }

// Registered is when the instance joined; see query.Instance.
func (s subject) Registered() time.Time { return s.RegisteredAt.Time() }
