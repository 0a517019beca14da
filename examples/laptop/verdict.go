package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/crew"
)

// verdict is what the show says at its end.
type verdict struct {
	short   bool
	allowed int // failures of requests that HTTP does not allow to send again, where a task was killed
	faults  []string
	all     crew.Counts
	took    time.Duration
	codes   map[int]int64 // that the proxy itself answered
	errors  []error
}

// enough is how many requests the show makes at least.
func (v *verdict) enough() int {
	if v.short {
		return 4000
	}
	return 20000
}

// add judges an act: it fails no request, but for those that HTTP does not allow to send again where a task is killed.
func (v *verdict) add(a act, before, after crew.Counts, err error) {
	if err != nil {
		v.faults = append(v.faults, fmt.Sprintf("%s: %v", a.name, err))
	}
	if n := after.Failed - before.Failed; n > 0 {
		v.faults = append(v.faults, fmt.Sprintf("%s: %d requests failed", a.name, n))
	}
	switch n := after.Unsafe - before.Unsafe; {
	case n > 0 && a.unsafe:
		v.allowed += n
	case n > 0:
		v.faults = append(v.faults, fmt.Sprintf("%s: %d POST requests failed", a.name, n))
	}
}

// judge returns everything that is not as it should be.
func (v *verdict) judge() []string {
	faults := slices.Clone(v.faults)
	if err := errors.Join(v.errors...); err != nil {
		faults = append(faults, err.Error())
	}
	if v.all.Requests < v.enough() {
		faults = append(faults, fmt.Sprintf("%d requests are less than %d", v.all.Requests, v.enough()))
	}
	if failed := v.all.Failed + v.all.Unsafe - v.allowed; failed > 0 && len(v.faults) == 0 {
		faults = append(faults, fmt.Sprintf("%d requests failed between the acts", failed))
	}
	return faults
}

func (v *verdict) good() bool { return len(v.judge()) == 0 }

// String returns the verdict on one line.
func (v verdict) String() string {
	counted := fmt.Sprintf("%d requests in %.0f s, %d failed; of %d more, HTTP did not allow to send them again when "+
		"their task was killed", v.all.Requests, v.took.Seconds(), v.all.Failed+v.all.Unsafe-v.allowed, v.allowed)
	if faults := v.judge(); len(faults) > 0 {
		return "FAIL: " + counted + ". " + strings.Join(faults, "; ")
	}
	return "PASS: " + counted
}
