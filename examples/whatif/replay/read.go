// Package replay asks what scaling policies would have done to a service under a recorded load: what
// would have run, what it would have cost, and where tasks would have been missing. It reads two
// files, and writes the answer as text, as CSV and as a chart.
package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// Question is what a file of policies asks: what would they have done?
type Question struct {
	Name string // in the answer; "": the names of the policies
	autoscale.Bounds
	Desired     int
	StartupTime int                               // seconds from a decision to RUNNING
	PerTask     float64                           // the load that one task can carry
	Policies    []autoscale.PutScalingPolicyInput // target tracking and step scaling
	Alarms      []cloudwatch.MetricAlarm          // those of the step scaling policies, in their order
	Prices      autoscale.PriceTable              // of Fargate
	Task        struct{ CPU, Memory int64 }       // units and MiB
}

// maxQuestions is how many answers stand beside each other.
const maxQuestions = 8

// ParseQuestions reads a file of policies: one question, or several, one after the other, to be compared. A member
// that it does not know is an error.
func ParseQuestions(data []byte) (list []Question, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	for {
		var q Question
		if err := d.Decode(&q); errors.Is(err, io.EOF) && len(list) > 0 {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("policies: %w", err)
		}
		if list = append(list, q); len(list) > maxQuestions {
			return nil, fmt.Errorf("policies: at most %d can be compared", maxQuestions)
		}
	}
}

// Answers replays a recorded load under what files of policies ask, one answer a question. It is what the program
// does with the content of its files.
func Answers(policies [][]byte, load []byte) ([]Answer, error) {
	var questions []Question
	for _, data := range policies {
		q, err := ParseQuestions(data)
		if err != nil {
			return nil, err
		}
		questions = append(questions, q...)
	}
	if len(questions) > maxQuestions {
		return nil, fmt.Errorf("policies: at most %d can be compared, not %d", maxQuestions, len(questions))
	}
	if len(load) == 0 {
		return nil, errors.New("-load is missing")
	}
	series, err := ParseLoad(bytes.NewReader(load))
	if err != nil {
		return nil, err
	}
	return AskAll(questions, series)
}

// maxPeriods is how many periods a load has at most: two years of minutes.
const maxPeriods = 1 << 20

// byteOrderMark is what some programs write before the first line.
const byteOrderMark = "\ufeff"

// ParseLoad reads CSV of two columns, time and load, oldest first, with a heading or without. The first
// two times are one period apart. If a later time is missing, the load of that period is missing. Errors
// name the line.
func ParseLoad(r io.Reader) (s cloudwatch.Series, err error) {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = b.Discard(len(byteOrderMark)) // it was peeked at
	}
	c := csv.NewReader(b)
	c.FieldsPerRecord = 2
	for line := 1; ; line++ {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return s, fmt.Errorf("load: %w", err)
		}
		at, err := parseTime(row[0])
		if err != nil && line == 1 {
			continue // the heading
		} else if err != nil {
			return s, fmt.Errorf("load: line %d: %w", line, err)
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(row[1]), 64)
		if err != nil {
			return s, fmt.Errorf("load: line %d: %w", line, err)
		}
		if err := put(&s, at, value); err != nil {
			return s, fmt.Errorf("load: line %d: %w", line, err)
		}
	}
	if len(s.Datapoints) < 2 {
		return s, errors.New("load: it needs two lines at least")
	}
	return s, nil
}

// put adds a datapoint, and missing ones before it.
func put(s *cloudwatch.Series, at time.Time, value float64) error {
	after := at.Sub(s.Start.Time())
	switch n := len(s.Datapoints); {
	case n == 0:
		s.Start = ecs.At(at)
	case n == 1:
		if after < time.Second || after > 24*time.Hour || after%time.Second != 0 {
			return fmt.Errorf(
				"the second line is %v after the first, which is not a period of whole seconds up to a day", after)
		}
		s.Period = int(after / time.Second)
	default:
		k := int64(after / time.Second / time.Duration(s.Period))
		if k < int64(n) || k > maxPeriods || after%(time.Duration(s.Period)*time.Second) != 0 {
			return fmt.Errorf("the line is %v after the first, which is not the next step of %d s", after, s.Period)
		}
		for int64(len(s.Datapoints)) < k {
			s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Missing: true})
		}
	}
	s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: value})
	return nil
}

func parseTime(s string) (at time.Time, err error) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err = time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return at, nil
		}
	}
	return at, fmt.Errorf("%q is not a time such as 2006-01-02T15:04:05Z", s)
}
