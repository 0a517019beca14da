package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// Recording is what a cluster printed, in the order of time.
type Recording struct {
	Start, End time.Time
	Notes      []string // what a scenario leaves out

	items       []item
	definitions map[string]ecs.TaskDefinition // by ARN, and by FAMILY:REVISION
}

// item is one value of a recording.
type item struct {
	at  time.Time // zero: at the beginning
	out output
}

// output is what the describe calls print; an event has one member of it.
type output struct {
	TaskDefinition     *ecs.TaskDefinition     `json:"taskDefinition"`
	Services           []ecs.Service           `json:"services"`
	ContainerInstances []ecs.ContainerInstance `json:"containerInstances"`
	Tasks              []ecs.Task              `json:"tasks"`
}

// envelope is a value of a recording: an event, a dated output, or an output.
type envelope struct {
	Time       time.Time       `json:"time"`
	Output     json.RawMessage `json:"output"`
	DetailType string          `json:"detail-type"`
	Detail     json.RawMessage `json:"detail"`
}

// The limits of a recording.
const (
	MostBytes = 256 << 20 // of a file
	mostItems = 1_000_000
	mostTime  = 400 * 24 * time.Hour
)

// Read reads the values in files. The error is that of the first value that cannot be read, with file and line.
func Read(files map[string][]byte) (*Recording, error) {
	r := &Recording{definitions: map[string]ecs.TaskDefinition{}}
	notes := map[string]int{}
	for _, name := range sortedKeys(files) {
		if len(files[name]) > MostBytes {
			return nil, fmt.Errorf("%s:1: the file has more than %d bytes", name, MostBytes)
		}
		if err := r.read(name, files[name], notes); err != nil {
			return nil, err
		}
	}
	for _, text := range sortedKeys(notes) {
		r.note("%s: %d", text, notes[text])
	}
	slices.SortStableFunc(r.items, func(a, b item) int { return a.at.Compare(b.at) })
	for _, x := range r.items {
		if !x.at.IsZero() && r.Start.IsZero() {
			r.Start = x.at
		}
		if x.at.After(r.End) {
			r.End = x.at
		}
	}
	if r.End.Sub(r.Start) > mostTime {
		return nil, fmt.Errorf("the recording goes from %s to %s: at most %d days are replayed",
			r.Start.Format(time.RFC3339),
			r.End.Format(time.RFC3339), int(mostTime.Hours()/24))
	}
	if len(r.items) == 0 {
		return nil, errors.New("the recording holds nothing: it needs what aws ecs describe-services and " +
			"describe-container-instances print")
	}
	return r, nil
}

func (r *Recording) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m { //order:any sorted below
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (r *Recording) read(name string, data []byte, notes map[string]int) error {
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		line := func() int { return 1 + bytes.Count(data[:min(int(d.InputOffset()), len(data))], []byte("\n")) }
		var e envelope
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = json.Unmarshal(raw, &e)
		}
		if err == nil && len(r.items) >= mostItems {
			err = fmt.Errorf("a recording has at most %d values", mostItems)
		}
		if err == nil {
			err = r.add(raw, e, notes)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%s:%d: %w", name, 1+bytes.Count(data, []byte("\n")), err)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, line(), err)
		}
	}
}

// add keeps a value.
func (r *Recording) add(raw json.RawMessage, e envelope, notes map[string]int) error {
	x := item{at: e.Time.UTC()}
	var err error
	switch {
	case e.DetailType == "ECS Task State Change":
		x.out.Tasks, err = one[ecs.Task](e.Detail)
	case e.DetailType == "ECS Container Instance State Change":
		x.out.ContainerInstances, err = one[ecs.ContainerInstance](e.Detail)
	case e.DetailType != "":
		notes[fmt.Sprintf("events of type %q say what ECS did, and are not replayed", short(e.DetailType))]++
		return nil
	case len(e.Output) > 0:
		err = json.Unmarshal(e.Output, &x.out)
	default:
		x.at = time.Time{}
		err = json.Unmarshal(raw, &x.out)
	}
	if err != nil {
		return err
	}
	if d := x.out.TaskDefinition; d != nil {
		r.definitions[d.TaskDefinitionArn] = *d
		r.definitions[fmt.Sprintf("%s:%d", d.Family, d.Revision)] = *d
	}
	if x.out.TaskDefinition == nil && len(x.out.Services)+len(x.out.ContainerInstances)+len(x.out.Tasks) == 0 {
		notes["values that describe neither task definitions, services, container instances nor tasks"]++
		return nil
	}
	r.items = append(r.items, x)
	return nil
}

func one[T any](data json.RawMessage) ([]T, error) {
	var v T
	err := json.Unmarshal(data, &v)
	return []T{v}, err
}

func short(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// definition returns the task definition of an ARN, or of what stands for it.
func (r *Recording) definition(name string) (ecs.TaskDefinition, bool) {
	if d, ok := r.definitions[name]; ok {
		return d, true
	}
	d, ok := r.definitions[name[strings.LastIndexByte(name, '/')+1:]]
	return d, ok
}

// request is the request that would make a described service, without what a scenario leaves out.
func request(s ecs.Service, family string) api.CreateServiceInput {
	in := api.CreateServiceInput{ServiceName: s.ServiceName, TaskDefinition: family, LaunchType: s.LaunchType,
		SchedulingStrategy: s.SchedulingStrategy, NetworkConfiguration: s.NetworkConfiguration,
		PlacementConstraints: s.PlacementConstraints, PlacementStrategy: s.PlacementStrategy,
		DesiredCount: ecs.Some(s.DesiredCount)}
	dc := s.DeploymentConfiguration
	dc.Alarms, dc.LifecycleHooks = nil, nil
	if dc.Strategy != "" && dc.Strategy != ecs.DeploymentStrategyRolling {
		dc = ecs.DeploymentConfiguration{MinimumHealthyPercent: dc.MinimumHealthyPercent,
			MaximumPercent: dc.MaximumPercent}
	}
	in.DeploymentConfiguration = &dc
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		in.DesiredCount, in.PlacementStrategy = ecs.Opt[int]{}, nil
	}
	if ecs.OnFargate(s.LaunchType, s.CapacityProviderStrategy) {
		in.LaunchType, in.PlacementStrategy, in.PlacementConstraints = ecs.LaunchTypeFargate, nil, nil
	}
	return in
}

// clusterOf returns the name in an ARN of a cluster.
func clusterOf(arn string) string { return cmp.Or(arn[strings.LastIndexByte(arn, '/')+1:], "default") }
