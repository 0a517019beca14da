package autoscale

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// PriceTable has prices, all in one currency. Amazon ECS itself costs nothing. The library holds no
// prices.
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

// Bill holds amounts and their costs.
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

// Cost returns what the usage costs. Instances and tasks are billed by the second, each for at least a
// minute; volumes by the second, with months of 30 days. Costs are added in the order of the lists. An
// instance type without a price, a negative count, size or duration, and a price that is negative or not
// a finite number are InvalidParameterExceptions; other prices that are absent are 0.
func (t PriceTable) Cost(u Usage) (Bill, error) {
	var f check.Faults
	t.validate(&f)
	var b Bill
	for i, x := range u.Instances {
		price, ok := t.InstanceHour[x.InstanceType]
		if !ok {
			f.Refuse(check.Index("instances", i)+".instanceType", "The price table has no price for %q.",
				x.InstanceType)
		}
		billed := hours(&f, check.Index("instances", i), x.Count, x.Duration, time.Minute)
		b.InstanceHours += billed
		b.Instances += float64(billed * price)
	}
	for i, x := range u.Fargate {
		billed := hours(&f, check.Index("fargate", i), x.Count, x.Duration, time.Minute)
		if x.CPU < 0 || x.Memory < 0 || x.EphemeralGB < 0 {
			f.Refuse(check.Index("fargate", i), "Sizes must not be negative.")
		}
		vcpu, gb := float64(billed*float64(x.CPU)/1024), float64(billed*float64(x.Memory)/1024)
		extra := float64(billed * float64(max(0, x.EphemeralGB-freeEphemeralGB)))
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
			f.Refuse(check.Index("volumes", i)+".sizeInGiB", "A size must not be negative, got %d.", x.GB)
		}
		months := float64(hours(&f, check.Index("volumes", i), x.Count, x.Duration, 0)*float64(x.GB)) / (30 * 24)
		b.GBMonths += months
		b.Volumes += float64(months * t.VolumeGBMonth)
	}
	b.Total = b.Instances + b.Fargate + b.Volumes
	if err := ecs.Faults(ecs.InvalidParameterException, f.Pairs()); err != nil {
		return Bill{}, err
	}
	return b, nil
}

// validate checks that every price is a number and not negative.
func (t PriceTable) validate(f *check.Faults) {
	price := func(field string, p float64) {
		if p < 0 || !check.IsFinite(p) {
			f.Refuse("prices."+field, "A price must be a finite number and not negative, got %v.", p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.InstanceHour)) {
		price(fmt.Sprintf("instanceHour[%q]", name), t.InstanceHour[name])
	}
	price("fargateVcpuHour", t.FargateVCPU)
	price("fargateGbHour", t.FargateGB)
	price("fargateSpotVcpuHour", t.SpotVCPU)
	price("fargateSpotGbHour", t.SpotGB)
	price("ephemeralGbHour", t.EphemeralGB)
	price("volumeGbMonth", t.VolumeGBMonth)
}

// hours returns the hours billed: whole seconds, rounded up, of at least so much each.
func hours(f *check.Faults, path string, count int, d, least time.Duration) float64 {
	if count < 0 {
		f.Refuse(path+".count", "A count must not be negative, got %d.", count)
	}
	if d < 0 {
		f.Refuse(path+".duration", "A duration must not be negative, got %v.", d)
	}
	seconds := (max(d, least) + time.Second - 1) / time.Second
	return float64(int64(seconds)*int64(count)) / 3600
}
