package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// Metrics is what has been measured: points of many metrics, in bounded room. Its JSON holds all of it.
// Use NewMetrics to make one.
type Metrics struct {
	recorded map[string]*recording // by key
	points   int                   // of all
}

// recording is one metric's points, in order of time and unit.
type recording struct {
	Metric
	Points []Point `json:"Points"`
}

// How much is kept. CloudWatch keeps data of seconds for 3 hours, and then minutes for 15 days.
const (
	secondsKept = 3 * time.Hour
	minutesKept = 25 * time.Hour
	hoursKept   = 15 * 24 * time.Hour
	mostKept    = 2000    // metrics
	mostPoints  = 4000    // of one metric
	mostInAll   = 200_000 // points
	lookedOver  = 256     // so many points a metric gets before they are looked over
)

// NewMetrics returns a Metrics in which nothing was measured.
func NewMetrics() *Metrics { return &Metrics{recorded: map[string]*recording{}} }

// Put adds what was reported to the metrics, all or nothing. Datapoints of one metric, unit and time are
// added up. Errors are those of Validate, and a LimitExceededFault for more metrics than can be kept.
// It takes O(log n) for each datum that is not older than others of its metric, on the average.
func (m *Metrics) Put(now time.Time, in PutMetricDataInput) error {
	if err := in.Validate(now); err != nil {
		return err
	}
	fresh := map[string]bool{}
	for _, d := range in.MetricData {
		if key := in.metric(d).key(); m.recorded[key] == nil {
			fresh[key] = true
		}
	}
	if len(m.recorded)+len(fresh) > mostKept {
		m.forget(ecs.At(now))
	}
	if n := len(m.recorded) + len(fresh); n > mostKept {
		return refusal(LimitExceeded, "MetricData", "At most %d metrics are kept; these would be %d.", mostKept, n)
	}
	for _, d := range in.MetricData {
		r := m.of(in.metric(d))
		p := d.point(now)
		if i, found := slices.BinarySearchFunc(r.Points, p, Point.compare); found {
			r.Points[i] = r.Points[i].plus(p)
		} else {
			m.insert(r, i, p, ecs.At(now))
		}
	}
	return nil
}

func (in PutMetricDataInput) metric(d MetricDatum) Metric {
	return Metric{Namespace: in.Namespace, MetricName: d.MetricName, Dimensions: d.Dimensions}
}

// Record notes one value of a metric that AWS itself measures, in place of an earlier one of that second.
// It reports whether that is news: false too for a value that is not a measurement, or too old. If there
// is no room for the metric, the one that has had no data for longest is forgotten.
func (m *Metrics) Record(now ecs.Instant, metric Metric, at ecs.Instant, unit Unit, value float64) bool {
	p := Point{At: floor(at, time.Second), Unit: unit,
		StatisticSet: StatisticSet{SampleCount: 1, Sum: value, Minimum: value, Maximum: value}}
	if !measurable(value) || p.At < now.Add(-oldestDatum) {
		return false
	}
	if m.recorded[metric.key()] == nil && len(m.recorded) >= mostKept {
		m.forgetStalest()
	}
	r := m.of(metric)
	i, found := slices.BinarySearchFunc(r.Points, p, Point.compare)
	switch {
	case !found:
		m.insert(r, i, p, now)
	case r.Points[i].StatisticSet == p.StatisticSet:
		return false
	default:
		r.Points[i] = p
	}
	return true
}

// of returns the recording of a metric, an empty one for a metric that is new.
func (m *Metrics) of(metric Metric) *recording {
	key := metric.key()
	r := m.recorded[key]
	if r == nil {
		r = &recording{Metric: metric.sortedDimensions()}
		m.recorded[key] = r
	}
	return r
}

func (m *Metrics) insert(r *recording, i int, p Point, now ecs.Instant) {
	r.Points = slices.Insert(r.Points, i, p)
	before := len(r.Points) - 1
	if len(r.Points)%lookedOver == 0 {
		r.condense(now)
	}
	if over := len(r.Points) - mostPoints; over > 0 {
		r.Points = slices.Delete(r.Points, 0, over)
	}
	if m.points+len(r.Points)-before > mostInAll && len(r.Points) > 1 {
		r.Points = slices.Delete(r.Points, 0, 1)
	}
	m.points += len(r.Points) - before
}

// condense adds old points up, and drops those that are too old.
func (r *recording) condense(now ecs.Instant) {
	kept := make([]Point, 0, len(r.Points))
	for _, p := range r.Points {
		if p.At < now.Add(-hoursKept) {
			continue
		}
		switch {
		case p.At < now.Add(-minutesKept):
			p.At = floor(p.At, time.Hour)
		case p.At < now.Add(-secondsKept):
			p.At = floor(p.At, time.Minute)
		}
		if i, found := slices.BinarySearchFunc(kept, p, Point.compare); found {
			kept[i] = kept[i].plus(p)
		} else {
			kept = slices.Insert(kept, i, p)
		}
	}
	r.Points = kept
}

// newest is the time of a metric's last point.
func (r *recording) newest() ecs.Instant {
	if len(r.Points) == 0 {
		return 0
	}
	return r.Points[len(r.Points)-1].At
}

// forget forgets the metrics that have had no data for longer than data are kept.
func (m *Metrics) forget(now ecs.Instant) {
	for key, r := range m.recorded { //order:any each alone
		if r.newest() < now.Add(-hoursKept) {
			m.drop(key)
		}
	}
}

// forgetStalest forgets the metric that has had no data for longest, the first by its key of several.
func (m *Metrics) forgetStalest() {
	stalest := ""
	for _, key := range slices.Sorted(maps.Keys(m.recorded)) {
		if stalest == "" || m.recorded[key].newest() < m.recorded[stalest].newest() {
			stalest = key
		}
	}
	m.drop(stalest)
}

func (m *Metrics) drop(key string) {
	if r := m.recorded[key]; r != nil {
		m.points -= len(r.Points)
		delete(m.recorded, key)
	}
}

// Empty reports whether nothing was measured.
func (m *Metrics) Empty() bool { return len(m.recorded) == 0 }

// Has reports whether the metric has data.
func (m *Metrics) Has(metric Metric) bool { return m.recorded[metric.key()] != nil }

// Series returns a statistic of a metric, or a percentile such as "p99", in n periods of so many seconds
// from start. A unit other than "" leaves out data of others. It takes time linear in n and in the points
// of that time.
func (m *Metrics) Series(metric Metric, statistic string, unit Unit, start ecs.Instant, period, n int) Series {
	s := Series{Start: start, Period: period, Datapoints: make([]Datapoint, n)}
	for i := range s.Datapoints {
		s.Datapoints[i].Missing = true
	}
	how, _ := parseStat(statistic)
	m.sums(metric, unit, start, s.End(), period, func(slot int, p Point) { s.Datapoints[slot] = how.of(p) })
	return s
}

// sums calls f with the sum of a metric's points in each period that has any, in order, from start
// (included) to end (excluded).
func (m *Metrics) sums(metric Metric, unit Unit, start, end ecs.Instant, period int, f func(slot int, p Point)) {
	r := m.recorded[metric.key()]
	if r == nil {
		return
	}
	i, _ := slices.BinarySearchFunc(r.Points, Point{At: start}, Point.compare)
	var sum Point
	slot := -1
	for _, p := range r.Points[i:] {
		if p.At >= end {
			break
		}
		if unit != "" && p.Unit != unit {
			continue
		}
		at := int(p.At.Sub(start) / whole.Seconds(period))
		if at == slot {
			sum = sum.plus(p)
			continue
		}
		if slot >= 0 {
			f(slot, sum)
		}
		slot, sum = at, p
	}
	if slot >= 0 {
		f(slot, sum)
	}
}

// MarshalJSON writes all metrics in the order of their names.
func (m *Metrics) MarshalJSON() ([]byte, error) {
	list := []*recording{}
	for _, key := range slices.Sorted(maps.Keys(m.recorded)) {
		list = append(list, m.recorded[key])
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON wrote. The error names the first metric that cannot have been
// measured so.
func (m *Metrics) UnmarshalJSON(data []byte) error {
	var list []*recording
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) > mostKept {
		return fmt.Errorf("cloudwatch: at most %d metrics are kept, there are %d", mostKept, len(list))
	}
	*m = Metrics{recorded: map[string]*recording{}}
	for i, r := range list {
		if err := r.wrong(); err != nil {
			return fmt.Errorf("cloudwatch: %s: %w", check.Index("metrics", i), err)
		}
		if key := r.key(); m.recorded[key] == nil {
			m.recorded[key] = r
			m.points += len(r.Points)
		} else {
			return fmt.Errorf("cloudwatch: %s is there twice", check.Index("metrics", i))
		}
	}
	return nil
}

// wrong returns why a recording that was read from a document cannot be one.
func (r *recording) wrong() error {
	switch {
	case r == nil || r.Namespace == "" || r.MetricName == "":
		return errors.New("it has no name")
	case len(r.Points) > mostPoints:
		return fmt.Errorf("at most %d points are kept, there are %d", mostPoints, len(r.Points))
	}
	for i, p := range r.Points {
		if !p.valid() || i > 0 && r.Points[i-1].compare(p) >= 0 {
			return fmt.Errorf("%s cannot have been measured", check.Index("Points", i))
		}
	}
	return nil
}
