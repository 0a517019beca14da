package autoscale

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// PriceTable is what things cost, in any one currency; Amazon ECS itself costs nothing. The
// library holds no prices.
// Source: AWS, "AWS Fargate Pricing", "Amazon EC2 On-Demand Pricing", "Amazon EBS pricing".
type PriceTable struct {
	InstanceHour  map[string]float64 `json:"instanceHour,omitzero"` // by instance type
	FargateVCPU   float64            `json:"fargateVcpuHour,omitzero"`
	FargateGB     float64            `json:"fargateGbHour,omitzero"`
	SpotVCPU      float64            `json:"fargateSpotVcpuHour,omitzero"`
	SpotGB        float64            `json:"fargateSpotGbHour,omitzero"`
	EphemeralGB   float64            `json:"ephemeralGbHour,omitzero"` // above the 20 GB that are free
	VolumeGBMonth float64            `json:"volumeGbMonth,omitzero"`   // a month is 30 days
}

// InstanceUsage is a number of instances of one type, each for a time.
type InstanceUsage struct {
	InstanceType string        `json:"instanceType"`
	Count        int           `json:"count"`
	Duration     time.Duration `json:"duration"`
}

// FargateUsage is a number of tasks of one size on Fargate, each for a time.
type FargateUsage struct {
	CPU         int64         `json:"cpu"`    // units
	Memory      int64         `json:"memory"` // MiB
	EphemeralGB int64         `json:"ephemeralStorage,omitzero"`
	Spot        bool          `json:"spot,omitzero"`
	Count       int           `json:"count"`
	Duration    time.Duration `json:"duration"`
}

// VolumeUsage is a number of volumes of one size, each for a time.
type VolumeUsage struct {
	GB       int64         `json:"sizeInGiB"`
	Count    int           `json:"count"`
	Duration time.Duration `json:"duration"`
}

// Usage is everything that is paid for.
type Usage struct {
	Instances []InstanceUsage `json:"instances,omitzero"`
	Fargate   []FargateUsage  `json:"fargate,omitzero"`
	Volumes   []VolumeUsage   `json:"volumes,omitzero"`
}

// Bill is amounts and their cost.
type Bill struct {
	InstanceHours  float64 `json:"instanceHours"`
	VCPUHours      float64 `json:"vcpuHours"`
	GBHours        float64 `json:"gbHours"`
	EphemeralHours float64 `json:"ephemeralGbHours"`
	GBMonths       float64 `json:"gbMonths"`
	Instances      float64 `json:"instances"` // cost
	Fargate        float64 `json:"fargate"`   // cost
	Volumes        float64 `json:"volumes"`   // cost
	Total          float64 `json:"total"`     // cost
}

// freeEphemeralGB is the ephemeral storage that every task on Fargate has for nothing.
const freeEphemeralGB = 20

// Cost returns what the usage costs. Instances and tasks are billed by the second, each for a
// minute at least; volumes by the second of a month of 30 days. Sums are taken in the order of
// the lists. An instance type without a price, a negative count, size or duration, and a price that
// is negative or no finite number are InvalidParameterExceptions; other prices that are absent are 0.
func (t PriceTable) Cost(u Usage) (Bill, error) {
	f := faults{code: ecs.InvalidParameterException}
	t.validate(&f)
	var b Bill
	for i, x := range u.Instances {
		price, ok := t.InstanceHour[x.InstanceType]
		if !ok {
			f.add(index("instances", i)+".instanceType", "There is no price for %q.", x.InstanceType)
		}
		hours := f.hours(index("instances", i), x.Count, x.Duration, time.Minute)
		b.InstanceHours += hours
		b.Instances += float64(hours * price)
	}
	for i, x := range u.Fargate {
		hours := f.hours(index("fargate", i), x.Count, x.Duration, time.Minute)
		if x.CPU < 0 || x.Memory < 0 || x.EphemeralGB < 0 {
			f.add(index("fargate", i), "Sizes must not be negative.")
		}
		vcpu, gb := float64(hours*float64(x.CPU)/1024), float64(hours*float64(x.Memory)/1024)
		extra := float64(hours * float64(max(0, x.EphemeralGB-freeEphemeralGB)))
		perVCPU, perGB := t.FargateVCPU, t.FargateGB
		if x.Spot {
			perVCPU, perGB = t.SpotVCPU, t.SpotGB
		}
		b.VCPUHours += vcpu
		b.GBHours += gb
		b.EphemeralHours += extra
		b.Fargate += float64(vcpu*perVCPU) + float64(gb*perGB) + float64(extra*t.EphemeralGB)
	}
	for i, x := range u.Volumes {
		if x.GB < 0 {
			f.add(index("volumes", i)+".sizeInGiB", "A size must not be negative, got %d.", x.GB)
		}
		months := float64(f.hours(index("volumes", i), x.Count, x.Duration, 0)*float64(x.GB)) / (30 * 24)
		b.GBMonths += months
		b.Volumes += float64(months * t.VolumeGBMonth)
	}
	b.Total = b.Instances + b.Fargate + b.Volumes
	if err := f.err(); err != nil {
		return Bill{}, err
	}
	return b, nil
}

// validate checks that every price is a number and not negative.
func (t PriceTable) validate(f *faults) {
	check := func(field string, price float64) {
		if price < 0 || !finite(price) {
			f.add("prices."+field, "A price must be a finite number and not negative, got %v.", price)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.InstanceHour)) {
		check(fmt.Sprintf("instanceHour[%q]", name), t.InstanceHour[name])
	}
	check("fargateVcpuHour", t.FargateVCPU)
	check("fargateGbHour", t.FargateGB)
	check("fargateSpotVcpuHour", t.SpotVCPU)
	check("fargateSpotGbHour", t.SpotGB)
	check("ephemeralGbHour", t.EphemeralGB)
	check("volumeGbMonth", t.VolumeGBMonth)
}

// hours returns the hours billed: whole seconds, rounded up, of at least so much each.
func (f *faults) hours(path string, count int, d, least time.Duration) float64 {
	if count < 0 {
		f.add(path+".count", "A count must not be negative, got %d.", count)
	}
	if d < 0 {
		f.add(path+".duration", "A duration must not be negative, got %v.", d)
	}
	seconds := (max(d, least) + time.Second - 1) / time.Second
	return float64(int64(seconds)*int64(count)) / 3600
}
