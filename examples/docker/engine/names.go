package engine

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
)

// Labels of containers and volumes: those of the Amazon ECS container agent, and this package's own.
const (
	labelArn       = "com.amazonaws.ecs.task-arn"
	labelContainer = "com.amazonaws.ecs.container-name"
	labelFamily    = "com.amazonaws.ecs.task-definition-family"
	labelVersion   = "com.amazonaws.ecs.task-definition-version"
	labelCluster   = "com.amazonaws.ecs.cluster"

	labelInstance = "bayplan.instance"
	labelTask     = "bayplan.task"
	labelRole     = "bayplan.role" // one of those below
	labelEpoch    = "bayplan.epoch"

	roleApp   = "app"
	rolePause = "pause"
)

// labels returns the labels of what belongs to a task.
func (r *Runtime) labels(t *message.StartTask, role string) map[string]string {
	return map[string]string{labelArn: t.TaskArn, labelFamily: t.TaskDefinition.Family,
		labelVersion: strconv.Itoa(t.TaskDefinition.Revision), labelCluster: r.config.Cluster,
		labelInstance: string(r.config.Instance), labelTask: string(t.Task), labelRole: role,
		labelEpoch: strconv.FormatUint(t.ID.Epoch, 10)}
}

// containerName is the name of a container on the engine: the same one each time, so that no two are made.
func containerName(t *message.StartTask, index int) string {
	return fmt.Sprintf("%s-%d-%s", taskName(t), index, clipped(t.TaskDefinition.ContainerDefinitions[index].Name))
}

func pauseName(t *message.StartTask) string { return taskName(t) + "-internalecspause" }

// volumeName is the name of a volume that ends with its task.
func volumeName(t *message.StartTask, index int) string {
	return fmt.Sprintf("%s-%d-%s", taskName(t), index, clipped(t.TaskDefinition.Volumes[index].Name))
}

func taskName(t *message.StartTask) string {
	return fmt.Sprintf("ecs-%s-%d-%s", clipped(t.TaskDefinition.Family), t.TaskDefinition.Revision, t.Task)
}

// clipped is as much of a name as fits into a name of the engine.
func clipped(name string) string {
	name = strings.Map(func(c rune) rune {
		if c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return -1
	}, name)
	return name[:min(len(name), 60)]
}

// named is what is safe as the name of a directory, and as a part of a name of the engine.
var named = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$`)

// name returns an error if a text is not safe as a name.
func name(text string) error {
	if !named.MatchString(text) {
		return fmt.Errorf("%q cannot be the name of a directory", text)
	}
	return nil
}

// directory is where the runtime keeps what it must know of a task.
func (r *Runtime) directory(t *message.StartTask) (string, error) {
	if err := name(string(t.Task)); err != nil {
		return "", err
	}
	return filepath.Join(r.config.Directory, string(t.Task)), nil
}

func nameOf(c agent.Container) string { return containerName(c.Task, c.Index) }
