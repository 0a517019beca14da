package drivertest

import (
	"context"
	"slices"
	"testing"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

// Metrics is the driver.Metrics under test, with a function that gives it datapoints to read.
type Metrics struct {
	driver.Metrics
	// Measure makes a datapoint of ECSServiceAverageCPUUtilization of a service of the cluster
	// "default".
	Measure func(service string, d cloudwatch.Sample)
}

// TestMetrics checks a driver.Metrics, which reads metrics.
func TestMetrics(t *testing.T, fresh func(t *testing.T) Metrics) {
	suite(t, metricsChecks(), func(t *testing.T, _ *probe) Metrics { return fresh(t) })
}

func metricsChecks() []check[Metrics] {
	ctx := context.Background()
	minutes := func(service string, v Metrics) {
		for i := range ecs.Instant(5) {
			v.Measure(service, cloudwatch.Sample{At: i * minute, Value: float64(10 * i)})
		}
	}
	return []check[Metrics]{
		{"nothing", func(p *probe, v Metrics) { p.reads(ctx, v, "a", 0, 5*minute) }},
		{"all", func(p *probe, v Metrics) {
			minutes("a", v)
			p.reads(ctx, v, "a", 0, 5*minute, 0, 10, 20, 30, 40)
		}},
		{"from and to", func(p *probe, v Metrics) {
			minutes("a", v)
			p.reads(ctx, v, "a", minute, 3*minute, 10, 20)
			p.reads(ctx, v, "a", minute+1, 3*minute+1, 20, 30)
		}},
		{"twice", func(p *probe, v Metrics) {
			minutes("a", v)
			p.reads(ctx, v, "a", 3*minute, 5*minute, 30, 40)
			p.reads(ctx, v, "a", 3*minute, 5*minute, 30, 40)
		}},
		{"another service", func(p *probe, v Metrics) {
			minutes("a", v)
			v.Measure("b", cloudwatch.Sample{At: minute, Value: 99})
			p.reads(ctx, v, "b", 0, 5*minute, 99)
		}},
		{"cancelled", func(p *probe, v Metrics) {
			minutes("a", v)
			_, _ = v.GetMetric(cancelled(), metricOf("a", 0, 5*minute))
			p.reads(ctx, v, "a", 4*minute, 5*minute, 40)
		}},
		{"side by side", func(p *probe, v Metrics) {
			sides(8, func(id string) { v.Measure(id, cloudwatch.Sample{At: minute, Value: float64(len(id))}) })
			sides(8, func(id string) { p.reads(ctx, v, id, 0, 2*minute, float64(len(id))) })
		}},
	}
}

const minute = ecs.Instant(60_000_000_000)

func metricOf(service string, from, to ecs.Instant) message.GetMetric {
	return message.GetMetric{ID: key("GetMetric", "service/default/"+service, uint64(to)),
		Cluster: "default", Service: service,
		Metric: autoscale.ECSServiceAverageCPUUtilization, Period: 60, From: from, To: to,
		Predefined: &autoscale.PredefinedMetricSpecification{
			PredefinedMetricType: autoscale.ECSServiceAverageCPUUtilization}}
}

// reads asks for a time and expects values, in order of time.
func (p *probe) reads(ctx context.Context, v Metrics, service string, from, to ecs.Instant, want ...float64) {
	got, err := v.GetMetric(ctx, metricOf(service, from, to))
	if !p.works(err, "reading a metric") {
		return
	}
	got = slices.Clone(got)
	slices.SortFunc(got, func(a, b cloudwatch.Sample) int { return int((a.At - b.At) / minute) })
	values := []float64{}
	for _, d := range got {
		values = append(values, d.Value)
	}
	if !slices.Equal(values, want) {
		p.errorf("the datapoints of %s from %v to %v are %v, not %v", service, from/minute, to/minute, values, want)
	}
}
