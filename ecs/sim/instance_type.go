package sim

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
)

// InstanceType is an EC2 instance type as its agent registers it.
type InstanceType struct {
	Name         string
	VCPU         int
	MemoryMiB    int // what the operating system reports, less than the advertised size
	GPU          int
	Architecture string // x86_64 or arm64
	Windows      bool
}

// InstanceTypes returns the types of the simulated world, in a new slice: general ones from small to
// large, those with devices, Windows, and then more of the families that task definitions ask for by
// name.
func InstanceTypes() []InstanceType {
	return []InstanceType{
		{"t3.small", 2, 1_913, 0, "x86_64", false},
		{"t3.medium", 2, 3_835, 0, "x86_64", false},
		{"m5.large", 2, 7_680, 0, "x86_64", false},
		{"c5.xlarge", 4, 7_680, 0, "x86_64", false},
		{"m5.xlarge", 4, 15_569, 0, "x86_64", false},
		{"m5.2xlarge", 8, 31_347, 0, "x86_64", false},
		{"m5.4xlarge", 16, 62_902, 0, "x86_64", false},
		{"r5.4xlarge", 16, 126_012, 0, "x86_64", false},
		{"m5.16xlarge", 64, 252_233, 0, "x86_64", false},
		{"r5.24xlarge", 96, 756_896, 0, "x86_64", false},
		{"m6g.large", 2, 7_680, 0, "arm64", false},
		{"m6g.2xlarge", 8, 31_347, 0, "arm64", false},
		{"m6g.16xlarge", 64, 252_233, 0, "arm64", false},
		{"g5.xlarge", 4, 15_569, 1, "x86_64", false},
		{"p3.8xlarge", 32, 245_000, 4, "x86_64", false},
		{"p4d.24xlarge", 96, 1_120_000, 8, "x86_64", false},
		{"g4dn.xlarge", 4, 15_569, 1, "x86_64", false},
		{"p2.xlarge", 4, 61_000, 1, "x86_64", false},
		{"inf1.xlarge", 4, 7_680, 0, "x86_64", false},
		{"inf1.2xlarge", 8, 15_569, 0, "x86_64", false},
		{"inf1.6xlarge", 24, 47_000, 0, "x86_64", false},
		{"trn1.2xlarge", 8, 31_347, 0, "x86_64", false},
		{"trn1.32xlarge", 128, 504_000, 0, "x86_64", false},
		{"vt1.3xlarge", 12, 23_500, 0, "x86_64", false},
		{"vt1.6xlarge", 24, 47_000, 0, "x86_64", false},
		{"vt1.24xlarge", 96, 188_000, 0, "x86_64", false},
		{"m5.xlarge", 4, 15_900, 0, "x86_64", true},
		{"m5.4xlarge", 16, 64_000, 0, "x86_64", true},
		{"t2.micro", 1, 960, 0, "x86_64", false},
		{"t2.small", 1, 1_920, 0, "x86_64", false},
		{"t2.medium", 2, 3_840, 0, "x86_64", false},
		{"t2.large", 2, 7_680, 0, "x86_64", false},
		{"t3.micro", 2, 960, 0, "x86_64", false},
		{"t3.large", 2, 7_680, 0, "x86_64", false},
		{"t3.xlarge", 4, 15_360, 0, "x86_64", false},
		{"t3a.medium", 2, 3_840, 0, "x86_64", false},
		{"m4.large", 2, 7_680, 0, "x86_64", false},
		{"m4.xlarge", 4, 15_360, 0, "x86_64", false},
		{"m6i.large", 2, 7_680, 0, "x86_64", false},
		{"m6i.xlarge", 4, 15_360, 0, "x86_64", false},
		{"m6i.4xlarge", 16, 61_440, 0, "x86_64", false},
		{"m7i.large", 2, 7_680, 0, "x86_64", false},
		{"m7i.4xlarge", 16, 61_440, 0, "x86_64", false},
		{"c4.large", 2, 3_520, 0, "x86_64", false},
		{"c4.xlarge", 4, 7_040, 0, "x86_64", false},
		{"c5.large", 2, 3_840, 0, "x86_64", false},
		{"c5.4xlarge", 16, 30_720, 0, "x86_64", false},
		{"c6i.large", 2, 3_840, 0, "x86_64", false},
		{"c6i.4xlarge", 16, 30_720, 0, "x86_64", false},
		{"r5.large", 2, 15_360, 0, "x86_64", false},
		{"r5.xlarge", 4, 30_720, 0, "x86_64", false},
		{"r6i.large", 2, 15_360, 0, "x86_64", false},
		{"i3.large", 2, 14_640, 0, "x86_64", false},
		{"g3s.xlarge", 4, 29_280, 1, "x86_64", false},
		{"g3.8xlarge", 32, 234_240, 2, "x86_64", false},
		{"g4dn.12xlarge", 48, 184_320, 4, "x86_64", false},
		{"g5.12xlarge", 48, 184_320, 4, "x86_64", false},
		{"g6.xlarge", 4, 15_360, 1, "x86_64", false},
		{"p2.8xlarge", 32, 468_480, 8, "x86_64", false},
		{"p3.2xlarge", 8, 58_560, 1, "x86_64", false},
		{"p5.48xlarge", 192, 1_966_080, 8, "x86_64", false},
		{"t4g.small", 2, 1_920, 0, "arm64", false},
		{"t4g.medium", 2, 3_840, 0, "arm64", false},
		{"c6g.large", 2, 3_840, 0, "arm64", false},
		{"c7g.xlarge", 4, 7_680, 0, "arm64", false},
		{"m7g.large", 2, 7_680, 0, "arm64", false},
		{"m7g.4xlarge", 16, 61_440, 0, "arm64", false},
		{"r6g.large", 2, 15_360, 0, "arm64", false},
		{"g5g.xlarge", 4, 7_680, 1, "arm64", false},
	}
}

// ContainerInstance returns an instance of the type in a zone, with the attributes that an
// agent of today advertises.
func (t InstanceType) ContainerInstance(zone string) ecs.ContainerInstance {
	system, family := "linux", "LINUX"
	if t.Windows {
		system, family = "windows", "WINDOWS_SERVER_2022_FULL"
	}
	ci := ecs.NewContainerInstance("", zone, ecs.Resources{CPU: int64(t.VCPU) * 1024,
		Memory: int64(t.MemoryMiB), GPU: int64(t.GPU)})
	ci.VersionInfo = &ecs.VersionInfo{AgentVersion: "1.99.0", DockerVersion: "DockerVersion: 25.0.8"}
	ci.Attributes = append(ci.Attributes, []ecs.Attribute{
		{Name: "ecs.instance-type", Value: t.Name},
		{Name: "ecs.os-type", Value: system},
		{Name: "ecs.os-family", Value: family},
		{Name: "ecs.cpu-architecture", Value: t.Architecture},
		{Name: "ecs.ami-id", Value: "ami-0123456789abcdef0"},
		{Name: "ecs.vpc-id", Value: "vpc-0123456789abcdef0"},
		{Name: "ecs.subnet-id", Value: "subnet-" + zone},
	}...)
	return with(ci, AgentAttributes())
}

// String returns the type with its size.
func (t InstanceType) String() string {
	s := fmt.Sprintf("%s (%d vCPU, %d MiB", t.Name, t.VCPU, t.MemoryMiB)
	if t.GPU > 0 {
		s += fmt.Sprintf(", %d GPU", t.GPU)
	}
	if t.Windows {
		s += ", Windows"
	}
	return s + ", " + t.Architecture + ")"
}
