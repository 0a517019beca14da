package placement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// ReadSnapshot makes a snapshot of what "aws ecs describe-container-instances" and "aws ecs
// describe-tasks" print: objects with the lists containerInstances and tasks. Either text may
// be empty, or several such objects one after the other: each call describes a hundred at
// most. Tasks that have stopped are passed over. The error is an ecs.ErrorList:
// SerializationException for text that is not such an object, otherwise NewSnapshot's.
func ReadSnapshot(containerInstances, tasks []byte) (*Snapshot, error) {
	var all described
	for _, text := range []struct {
		field string
		data  []byte
	}{{"containerInstances", containerInstances}, {"tasks", tasks}} {
		if err := all.read(text.data); err != nil {
			return nil, ecs.ErrorList{{Code: ecs.SerializationException, Field: text.field,
				Message: err.Error(), Err: err}}
		}
	}
	return NewSnapshot(slices.Values(all.ContainerInstances), func(yield func(Running) bool) {
		for _, t := range all.Tasks {
			if !t.LastStatus.Over() && !yield(RunningOf(t)) {
				return
			}
		}
	})
}

// described is what the two calls print.
type described struct {
	ContainerInstances []ecs.ContainerInstance `json:"containerInstances"`
	Tasks              []ecs.Task              `json:"tasks"`
}

// read adds the objects of a text.
func (d *described) read(text []byte) error {
	objects := json.NewDecoder(bytes.NewReader(text))
	for len(bytes.TrimSpace(text[objects.InputOffset():])) > 0 {
		var page described
		if err := objects.Decode(&page); err != nil {
			return err
		}
		d.ContainerInstances = append(d.ContainerInstances, page.ContainerInstances...)
		d.Tasks = append(d.Tasks, page.Tasks...)
	}
	return nil
}

// RunningOf returns what placement needs to know of a task as DescribeTasks prints it: its
// size, or the sum of its containers' where it has none; an interface where one is attached;
// else its host ports, for a task with an interface of its own takes none of the instance's.
func RunningOf(t ecs.Task) Running {
	r := Running{
		ID: t.ID(), Instance: ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID(), Group: t.Group,
		DesiredStatus: t.DesiredStatus, LaunchType: t.LaunchType, CapacityProvider: t.CapacityProviderName,
		Zone: t.AvailabilityZone, Health: t.HealthStatus, Deployment: t.StartedBy,
	}
	for _, a := range t.Attachments {
		if a.Type == "ElasticNetworkInterface" {
			r.Resources.ENI = 1
		}
	}
	for _, c := range t.Containers {
		cpu, _ := ecs.ParseCPU(c.CPU)
		memory, reserved := ecs.ParseMemory(c.MemoryReservation)
		if !reserved {
			memory, _ = ecs.ParseMemory(c.Memory)
		}
		r.Resources = r.Resources.Plus(ecs.Resources{CPU: cpu, Memory: memory, GPU: int64(len(c.GPUIDs))})
		for _, b := range c.NetworkBindings {
			if r.Resources.ENI > 0 || b.HostPort <= 0 || b.HostPort > 1<<16-1 {
				continue
			}
			protocol := ecs.TransportProtocolTcp
			if b.Protocol == ecs.TransportProtocolUdp {
				protocol = ecs.TransportProtocolUdp
			}
			r.HostPorts = append(r.HostPorts, ecs.HostPort{Port: uint16(b.HostPort), Protocol: protocol})
		}
	}
	if units, ok := ecs.ParseCPU(t.CPU); ok {
		r.Resources.CPU = units
	}
	if mib, ok := ecs.ParseMemory(t.Memory); ok {
		r.Resources.Memory = mib
	}
	return r
}

// Trial is where a task would go.
type Trial struct {
	Request  int            // index into the requests given
	Instance ecs.InstanceID // "" where it fits nowhere
}

// Try places the requests one after the other, each upon those before, and takes everything
// back: would this batch fit, and where? The error is an ecs.ErrorList with the faults of all
// wrong requests, by "requests[i]"; then nothing is tried.
func (x *Index) Try(requests []Request) ([]Trial, error) {
	shapes, err := x.prepareAll(requests)
	if err != nil {
		return nil, err
	}
	defer x.forgetAll(shapes)
	mark := x.Mark()
	defer x.Rollback(mark)
	return x.try(shapes, requests), nil
}

func (x *Index) try(shapes []Shape, requests []Request) []Trial {
	trials := make([]Trial, len(requests))
	for i, sh := range shapes {
		p, _ := x.Place(sh, requests[i].Seed)
		trials[i] = Trial{i, p.Instance}
	}
	return trials
}

func (x *Index) prepareAll(requests []Request) ([]Shape, error) {
	shapes := make([]Shape, len(requests))
	var faults ecs.ErrorList
	for i, r := range requests {
		sh, err := x.Prepare(r)
		for e := range ecs.Errors(err) {
			faults = append(faults, &ecs.Error{Code: e.Code, Field: request.At("requests", i, e.Field),
				Message: e.Message, Err: e.Err})
		}
		shapes[i] = sh
	}
	if err := faults.Err(); err != nil {
		x.forgetAll(shapes)
		return nil, err
	}
	return shapes, nil
}

// forgetAll forgets the shapes of a trial, but for those that were refused.
func (x *Index) forgetAll(shapes []Shape) {
	for _, sh := range shapes {
		if sh != (Shape{}) {
			x.Forget(sh)
		}
	}
}

// TryDrain answers where the tasks of an instance would go if it were set to DRAINING: the
// requests are its tasks' (standalone tasks stay where they are, so leave them out), started
// one after the other while those on the instance still run and count. Everything is taken back.
// The error is an ecs.ErrorList: a wrong request, or an instance that is not there.
// Source: Amazon ECS Developer Guide, "Draining Amazon ECS container instances".
func (x *Index) TryDrain(id ecs.InstanceID, requests []Request) ([]Trial, error) {
	shapes, err := x.prepareAll(requests)
	if err != nil {
		return nil, err
	}
	defer x.forgetAll(shapes)
	slot, ok := x.slotOf(id)
	if !ok {
		return nil, ecs.ErrorList{ecs.Fault(ecs.InvalidParameterException, "containerInstance",
			fmt.Sprintf("instance %s is not there.", id))}
	}
	mark := x.Mark()
	defer x.Rollback(mark)
	x.setOpen(slot, ecs.ContainerInstanceStatusDraining, x.cold[slot].connected)
	return x.try(shapes, requests), nil
}

// Headroom is how many more tasks of one kind a cluster takes.
type Headroom struct {
	Tasks   int        // in total
	Zones   []ZoneRoom // in order of zone; those with instances that ECS looks at
	Binding []Binding  // why no more: the commonest first, then by code
}

// ZoneRoom is the part of one Availability Zone; "" is the instances without one.
type ZoneRoom struct {
	Zone  string
	Tasks int
}

// Binding is a need that the full instances do not meet any more.
type Binding struct {
	Code      ReasonCode
	Instances int
}

// Headroom places tasks of the request until none fits, or until most have been placed, takes
// them back, and returns how many there were and which limit ended it. It takes time for every
// task placed and for every instance. The error is an ecs.ErrorList for a wrong request.
func (x *Index) Headroom(r Request, most int) (Headroom, error) {
	sh, err := x.Prepare(r)
	if err != nil {
		return Headroom{}, err
	}
	defer x.Forget(sh)
	mark := x.Mark()
	defer x.Rollback(mark)
	placed := x.PlaceN(nil, sh, most, r.Seed)
	h := Headroom{Tasks: len(placed)}
	for _, slot := range x.byID {
		in, p := x.instance(slot), x.known(sh).p
		v := Verdict{Reasons: p.unmet(&in)}
		if !v.looked() {
			continue
		}
		zone, _ := in.attribute(request.AttributeZone)
		h.zone(zone)
		for i, reason := range v.Reasons {
			if !slices.ContainsFunc(v.Reasons[:i], func(e Reason) bool { return e.Code == reason.Code }) {
				h.bind(reason.Code)
			}
		}
	}
	for _, p := range placed {
		zone, _ := x.cold[p.slot].attribute(request.AttributeZone)
		h.zone(zone).Tasks++
	}
	slices.SortFunc(h.Binding, func(a, b Binding) int {
		if a.Instances != b.Instances {
			return b.Instances - a.Instances
		}
		return strings.Compare(string(a.Code), string(b.Code))
	})
	return h, nil
}

// zone returns the entry of a zone, in its place.
func (h *Headroom) zone(zone string) *ZoneRoom {
	i, found := slices.BinarySearchFunc(h.Zones, zone, func(z ZoneRoom, zone string) int {
		return strings.Compare(z.Zone, zone)
	})
	if !found {
		h.Zones = slices.Insert(h.Zones, i, ZoneRoom{Zone: zone})
	}
	return &h.Zones[i]
}

func (h *Headroom) bind(code ReasonCode) {
	i := slices.IndexFunc(h.Binding, func(b Binding) bool { return b.Code == code })
	if i < 0 {
		h.Binding = append(h.Binding, Binding{Code: code, Instances: 1})
		return
	}
	h.Binding[i].Instances++
}
