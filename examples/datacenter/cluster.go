package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// size is how large the run is.
type size struct{ instances, definitions, placements int }

// datacenter is a cluster with what is to be placed on it.
type datacenter struct {
	size     size
	index    *placement.Index
	shapes   []placement.Shape
	choose   *rand.PCG
	digest   uint64
	placed   int
	capacity map[ecs.InstanceID]ecs.Resources
}

type instanceType struct {
	name           string
	cpu, mem, gpus int64 // units, MiB as the agent reports them
}

func instanceTypes() []instanceType {
	return []instanceType{
		{"c5.large", 2048, 3784, 0}, {"c5.2xlarge", 8192, 15668, 0}, {"m5.xlarge", 4096, 15668, 0},
		{"m5.2xlarge", 8192, 31644, 0},
		{"m5.4xlarge", 16384, 63600, 0}, {"r5.large", 2048, 15668, 0}, {"r5.2xlarge", 8192, 63600, 0},
		{"g5.xlarge", 4096, 15668, 1},
	}
}

// build registers the instances and the task definitions.
func build(s size) (*datacenter, error) {
	d := rand.New(rand.NewPCG(1, 2))
	dc := &datacenter{size: s, choose: rand.NewPCG(3, 4), digest: 14695981039346656037,
		capacity: map[ecs.InstanceID]ecs.Resources{}}
	snapshot, err := placement.NewSnapshot(func(yield func(ecs.ContainerInstance) bool) {
		for i := range s.instances {
			ci := containerInstance(d, i)
			dc.capacity[ci.ID()] = ci.Registered()
			if !yield(ci) {
				return
			}
		}
	}, nil)
	if err != nil {
		return nil, err
	}
	dc.index = placement.NewIndex(snapshot)
	for i := range s.definitions {
		r, err := placement.NewRequest(taskDefinition(d, i), fmt.Sprintf("service:s%03d", i))
		if err != nil {
			return nil, err
		}
		r.Strategy = []ecs.PlacementStrategy{
			{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
			{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"},
		}
		if d.IntN(50) == 0 {
			r.Constraints = append(r.Constraints,
				ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeDistinctInstance})
		}
		shape, err := dc.index.Prepare(r)
		if err != nil {
			return nil, err
		}
		dc.shapes = append(dc.shapes, shape)
	}
	return dc, nil
}

func containerInstance(d *rand.Rand, i int) ecs.ContainerInstance {
	kind := instanceTypes()[d.IntN(8)]
	ref := fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:container-instance/datacenter/%016x%016x", d.Uint64(), i)
	zone := []string{"us-east-1a", "us-east-1b", "us-east-1c"}[d.IntN(3)]
	ci := ecs.NewContainerInstance(ref, zone, ecs.Resources{CPU: kind.cpu, Memory: kind.mem, GPU: kind.gpus})
	ci.RegisteredResources = append(ci.RegisteredResources,
		ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: []string{"22", "2375",
			"2376", "51678", "51679"}})
	ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: "ecs.instance-type", Value: kind.name},
		ecs.Attribute{Name: "ecs.awsvpc-trunk-id", Value: "eni-0123"})
	if d.IntN(20) > 0 {
		ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: "stack", Value: "prod"})
	}
	return ci
}

// taskDefinition makes one of the kinds of task that a large cluster sees.
func taskDefinition(d *rand.Rand, i int) ecs.TaskDefinition {
	memory := 256 << d.IntN(4)
	c := ecs.ContainerDefinition{Name: "app", Image: "app", CPU: 32 + (memory/8+d.IntN(memory/4))/32*32,
		Memory: memory + d.IntN(memory/64)*32}
	def := ecs.TaskDefinition{Family: fmt.Sprintf("s%03d", i), NetworkMode: ecs.NetworkModeBridge}
	if d.IntN(4) == 0 {
		def.NetworkMode = ecs.NetworkModeAwsvpc
	}
	memberOf := func(expression string) {
		def.PlacementConstraints = append(def.PlacementConstraints,
			ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf, Expression: expression})
	}
	switch p := d.IntN(100); {
	case p < 20:
		memberOf([]string{
			"attribute:ecs.instance-type != m5.4xlarge", "attribute:ecs.instance-type =~ [mr]5.*",
			"attribute:ecs.instance-type in [c5.2xlarge, m5.2xlarge, r5.2xlarge]",
		}[d.IntN(3)])
	case p < 25:
		memberOf("attribute:stack == prod")
	case p < 27:
		memberOf("runningTasksCount < 30")
	case p < 29:
		memberOf(fmt.Sprintf("not(task:group == service:s%03d)", d.IntN(i+1)))
	case p < 31:
		c.PortMappings = []ecs.PortMapping{{ContainerPort: 8080, HostPort: ecs.Some(8080 + d.IntN(8))}}
	case p < 33:
		c.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "1"}}
	}
	def.ContainerDefinitions = []ecs.ContainerDefinition{c}
	return def
}

// place places one task of a definition drawn, and mixes the decision into the digest.
func (dc *datacenter) place(i int) {
	k := int(dc.choose.Uint64() >> 11 % uint64(len(dc.shapes)))
	p, ok := dc.index.Place(dc.shapes[k], uint64(i))
	if ok {
		dc.placed++
	}
	for j := range len(p.Instance) {
		dc.digest = (dc.digest ^ uint64(p.Instance[j])) * 1099511628211
	}
	dc.digest = (dc.digest ^ uint64(k)) * 1099511628211
}

// describe returns what is the same on every run.
func (dc *datacenter) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "instances       %d of %d types in 3 zones\n", dc.size.instances, len(instanceTypes()))
	fmt.Fprintf(&b, "definitions     %d\n", dc.size.definitions)
	fmt.Fprintf(&b, "placed          %d of %d tasks\n", dc.placed, dc.size.placements)
	var fill [10]int
	sum := fnv.New64a()
	for id := range dc.index.Snapshot().Instances() {
		free, _ := dc.index.Remaining(id)
		total := dc.capacity[id].Memory
		fill[min(10*(total-free.Memory)/total, 9)]++
		fmt.Fprintln(sum, id, free)
	}
	fmt.Fprintf(&b, "digest          %016x decisions, %016x end\n\ninstances by the share of memory in use\n",
		dc.digest, sum.Sum64())
	for i, n := range fill {
		bar := strings.Repeat("#", (50*n+dc.size.instances-1)/dc.size.instances)
		b.WriteString(strings.TrimRight(fmt.Sprintf("%3d-%3d %%  %7d  %s", 10*i, 10*i+10, n, bar), " ") + "\n")
	}
	return b.String()
}
