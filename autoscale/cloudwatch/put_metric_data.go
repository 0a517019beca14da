package cloudwatch

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// PutMetricDataInput reports datapoints, in the form of PutMetricData.
// Source: Amazon CloudWatch API Reference, PutMetricData.
type PutMetricDataInput struct {
	Namespace  string        `json:"Namespace"`
	MetricData []MetricDatum `json:"MetricData,omitzero"`
	_          struct{}      `unmodelled:"EntityMetricData,StrictEntityValidation"`
}

// MetricDatum is a datapoint: a value, statistics of several, or several with their counts.
type MetricDatum struct {
	MetricName        string            `json:"MetricName"`
	Dimensions        []MetricDimension `json:"Dimensions,omitzero"`
	Timestamp         ecs.Instant       `json:"Timestamp,omitzero"` // absent: now
	Value             ecs.Opt[float64]  `json:"Value,omitzero"`
	StatisticValues   *StatisticSet     `json:"StatisticValues,omitzero"`
	Values            []float64         `json:"Values,omitzero"`
	Counts            []float64         `json:"Counts,omitzero"`            // absent: each value once
	Unit              Unit              `json:"Unit,omitzero"`              // absent: None
	StorageResolution ecs.Opt[int]      `json:"StorageResolution,omitzero"` // 1 or 60 seconds; absent: 60
}

// StatisticSet is the statistics of several values of one time.
type StatisticSet struct {
	SampleCount float64 `json:"SampleCount"`
	Sum         float64 `json:"Sum"`
	Minimum     float64 `json:"Minimum"`
	Maximum     float64 `json:"Maximum"`
}

// What PutMetricData takes. Source: Amazon CloudWatch API Reference, PutMetricData and MetricDatum.
const (
	mostData       = 1000
	mostValues     = 150
	mostDimensions = 30
	longestName    = 255
	longestValue   = 1024
	largestValue   = 1 << 360 // exact as a float64
	oldestDatum    = 14 * 24 * time.Hour
	furthestDatum  = 2 * time.Hour
)

// Validate returns nil, or for each fault an InvalidParameterValueException, a
// MissingRequiredParameterException or, where two members exclude each other, an
// InvalidParameterCombinationException. A timestamp may be two weeks old and two hours ahead of now.
func (in PutMetricDataInput) Validate(now time.Time) error {
	var f faults
	switch {
	case in.Namespace == "":
		f.missing("Namespace")
	case strings.HasPrefix(in.Namespace, "AWS/"):
		f.invalid("Namespace", "The value AWS/ for parameter Namespace is invalid.")
	case strings.HasPrefix(in.Namespace, ":") || utf8.RuneCountInString(in.Namespace) > longestName:
		f.invalid("Namespace", "A namespace has at most %d characters and does not begin with a colon; it is %q.",
			longestName, in.Namespace)
	}
	if n := len(in.MetricData); n > mostData {
		f.tooMany("MetricData", n, mostData)
		return f.err()
	}
	for i, d := range in.MetricData {
		d.validate(&f, check.Index("MetricData", i), ecs.At(now))
	}
	return f.err()
}

func (d MetricDatum) validate(f *faults, at string, now ecs.Instant) {
	if d.MetricName == "" {
		f.missing(at + ".MetricName")
	} else if n := utf8.RuneCountInString(d.MetricName); n > longestName {
		f.invalid(at+".MetricName", "A name has at most %d characters; it has %d.", longestName, n)
	}
	validateDimensions(f, at+".Dimensions", d.Dimensions)
	if d.Unit != "" && !d.Unit.Valid() {
		f.invalid(at+".Unit", "%q is not a unit.", string(d.Unit))
	}
	if n := d.StorageResolution.Or(60); n != 1 && n != 60 {
		f.invalid(at+".StorageResolution", "StorageResolution is 1 or 60; it is %d.", n)
	}
	if t := d.Timestamp; t != 0 && (t < now.Add(-oldestDatum) || t > now.Add(furthestDatum)) {
		f.invalid(at+".Timestamp", "The timestamp must be at most two weeks old and two hours ahead; it is %v.", t)
	}
	d.validateValues(f, at)
}

// validateValues finds values that are missing, given twice, or beyond what CloudWatch takes.
func (d MetricDatum) validateValues(f *faults, at string) {
	value, given := d.Value.Get()
	kinds := 0
	for _, has := range []bool{given, d.StatisticValues != nil, len(d.Values) > 0} {
		if has {
			kinds++
		}
	}
	switch {
	case kinds == 0:
		f.missing(at + ".Value")
		return
	case kinds > 1:
		f.add(InvalidParameterCombination, at+".Value",
			"Only one of Value, StatisticValues and Values can be specified.")
		return
	case len(d.Values) > mostValues:
		f.tooMany(at+".Values", len(d.Values), mostValues)
		return
	case len(d.Counts) > 0 && len(d.Counts) != len(d.Values):
		f.invalid(at+".Counts", "Counts must have as many items as Values: %d and %d.", len(d.Counts), len(d.Values))
	}
	for i, n := range d.Counts {
		if !(n > 0 && n <= largestValue) {
			f.invalid(check.Index(at+".Counts", i), "A count must be greater than 0, and at most 2^360.")
		}
	}
	if given && !measurable(value) {
		f.invalid(at+".Value", "A value must be between -2^360 and 2^360.")
	}
	for i, v := range d.Values {
		if !measurable(v) {
			f.invalid(check.Index(at+".Values", i), "A value must be between -2^360 and 2^360.")
		}
	}
	if s := d.StatisticValues; s != nil {
		if !(s.SampleCount > 0 && s.SampleCount <= largestValue) {
			f.invalid(at+".StatisticValues.SampleCount", "SampleCount must be greater than 0.")
		}
		if !measurable(s.Sum) || !measurable(s.Minimum) || !measurable(s.Maximum) || s.Minimum > s.Maximum {
			f.invalid(
				at+".StatisticValues",
				"The values must be between -2^360 and 2^360, and Minimum not above Maximum.",
			)
		}
	}
}

func measurable(v float64) bool { return v >= -largestValue && v <= largestValue }

func validateDimensions(f *faults, at string, dimensions []MetricDimension) {
	if len(dimensions) > mostDimensions {
		f.tooMany(at, len(dimensions), mostDimensions)
		return
	}
	for i, d := range dimensions {
		path := check.Index(at, i)
		if d.Name == "" {
			f.missing(path + ".Name")
		}
		if d.Value == "" {
			f.missing(path + ".Value")
		}
		if len(d.Name) > longestName || len(d.Value) > longestValue {
			f.invalid(path, "A dimension's name has at most %d characters and its value %d; they have %d and %d.",
				longestName, longestValue, len(d.Name), len(d.Value))
		}
		if slices.ContainsFunc(dimensions[:i], func(o MetricDimension) bool { return o.Name == d.Name }) {
			f.invalid(path+".Name", "Two dimensions are named %q.", d.Name)
		}
	}
}

// point returns the datum as a point of its metric, at now if it has no time. Its time is cut to the
// minute, or to the second with a StorageResolution of 1. The datum must be one that Validate takes.
func (d MetricDatum) point(now time.Time) Point {
	at := d.Timestamp
	if at == 0 {
		at = ecs.At(now)
	}
	length := time.Minute
	if d.StorageResolution.Or(60) == 1 {
		length = time.Second
	}
	p := Point{At: floor(at, length), Unit: d.Unit}
	if p.Unit == "" {
		p.Unit = UnitNone
	}
	if v, ok := d.Value.Get(); ok {
		p.StatisticSet = StatisticSet{SampleCount: 1, Sum: v, Minimum: v, Maximum: v}
		return p
	}
	if s := d.StatisticValues; s != nil {
		p.StatisticSet = *s
		return p
	}
	for i, v := range d.Values {
		n := 1.0
		if len(d.Counts) > 0 {
			n = d.Counts[i]
		}
		one := Point{StatisticSet: StatisticSet{SampleCount: n, Sum: float64(v * n), Minimum: v, Maximum: v}}
		if i == 0 {
			p.StatisticSet = one.StatisticSet
		} else {
			p = p.plus(one)
		}
	}
	return p
}

// floor returns the last multiple of the length since 1970 that is not after an instant.
func floor(at ecs.Instant, length time.Duration) ecs.Instant {
	rest := at % ecs.Instant(length)
	if rest < 0 {
		rest += ecs.Instant(length)
	}
	return at - rest
}
