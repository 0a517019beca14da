package cloudwatch

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// Datapoint is a metric's value over one period. Missing says that there is no data; NaN never stands for
// it.
type Datapoint struct {
	Value   float64 `json:"Value"`
	Missing bool    `json:"Missing,omitempty"`
}

// Series is a metric at a fixed period, oldest first: datapoint i covers the time from Start + i periods
// for one period. A decision reads only the datapoints whose period has ended by the time of the
// decision. So one recording serves every decision of a replay.
type Series struct {
	Start      ecs.Instant `json:"Start"`
	Period     int         `json:"Period"` // seconds; 0 is read as 60
	Datapoints []Datapoint `json:"Datapoints"`
}

// End returns when the last datapoint's period ends.
func (s Series) End() ecs.Instant {
	return s.Start.Add(time.Duration(len(s.Datapoints)) * s.Interval())
}

// Validate returns nil, or an InvalidParameterException for a negative period and for each
// value that is not a finite number.
func (s Series) Validate() error {
	var f check.Faults
	if s.Period < 0 {
		f.Refuse("Period", "Period must be positive, got %d.", s.Period)
	}
	for i, p := range s.Datapoints {
		if !p.Missing && !check.IsFinite(p.Value) {
			f.Refuse(fmt.Sprintf("Datapoints[%d].Value", i), "A datapoint must be a finite number or missing, got %v.",
				p.Value)
		}
	}
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

// Interval returns the length of a period: a minute where Period is 0.
func (s Series) Interval() time.Duration {
	if s.Period <= 0 {
		return time.Minute
	}
	return whole.Seconds(s.Period)
}

// Ended returns how many periods from Start have ended by now. That is more than the number of datapoints
// if the newest are missing.
func (s Series) Ended(now ecs.Instant) int {
	d := now.Sub(s.Start)
	if d < 0 {
		return 0
	}
	return int(d / s.Interval())
}

// At returns datapoint i. It is missing outside the recording, and if its value is not finite.
func (s Series) At(i int) Datapoint {
	if i < 0 || i >= len(s.Datapoints) || !check.IsFinite(s.Datapoints[i].Value) {
		return Datapoint{Missing: true}
	}
	return s.Datapoints[i]
}

// Every returns the series at another period. At a longer one, which should be a multiple of its own,
// periods begin at multiples of it since 1970. A period that the series covers only in part has a
// datapoint; a period without data is missing. At a shorter one that divides its own, each part of a
// period has the value of the whole, but a Sum or SampleCount is divided evenly among the parts.
// Otherwise Every returns the series as it is.
func (s Series) Every(period time.Duration, statistic Statistic) Series {
	switch own := s.Interval(); {
	case period > own:
		return s.longer(period, statistic)
	case period > 0 && period < own && own%period == 0 && period%time.Second == 0:
		return s.shorter(period, statistic)
	}
	return s
}

func (s Series) shorter(period time.Duration, statistic Statistic) Series {
	parts := int(s.Interval() / period)
	out := Series{Start: s.Start, Period: int(period / time.Second), Datapoints: make([]Datapoint, 0,
		parts*len(s.Datapoints))}
	for i := range s.Datapoints {
		p := s.At(i)
		if statistic == StatisticSum || statistic == StatisticSampleCount {
			p.Value /= float64(parts)
		}
		for range parts {
			out.Datapoints = append(out.Datapoints, p)
		}
	}
	return out
}

func (s Series) longer(period time.Duration, statistic Statistic) Series {
	start := s.Start - ecs.Instant(whole.Mod(int64(s.Start), int64(period)))
	out := Series{Start: start, Period: int(period / time.Second)}
	var r reading
	current := 0
	flush := func(next int) {
		for ; current < next; current++ {
			out.Datapoints = append(out.Datapoints, r.datapoint(statistic))
			r = reading{}
		}
	}
	for i := range s.Datapoints {
		flush(int(s.Start.Add(time.Duration(i)*s.Interval()).Sub(start) / period))
		if p := s.At(i); !p.Missing {
			r.add(p.Value)
		}
	}
	if len(s.Datapoints) > 0 {
		flush(current + 1)
	}
	return out
}
