// Package steps counts what code does instead of timing it, so that "takes linear time" is a test
// that a busy machine cannot fail.
//
// # Model
//
// A program that was built with
//
//	go build -cover -covermode=atomic -coverpkg=PACKAGES
//
// counts how often each block of statements of these packages runs. [Count] returns the sum for one
// call of a function. [Documents] and [Expressions] are inputs that grow; the program in
// internal/steps/count prints the steps that each of them takes at two lengths, and the test here
// builds it, runs it and compares: the same numbers each time, on every machine.
package steps

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/coverage"
)

// Count returns how many blocks of the instrumented packages run in a call of f, or an error in a
// program that was not built to count. Nothing else of them may run meanwhile.
func Count(f func()) (uint64, error) {
	if err := coverage.ClearCounters(); err != nil {
		return 0, fmt.Errorf("steps: %w", err)
	}
	f()
	var counters bytes.Buffer
	if err := coverage.WriteCounters(&counters); err != nil {
		return 0, fmt.Errorf("steps: %w", err)
	}
	return sum(counters.Bytes())
}

// The layout of counter data, of which internal/coverage of the Go distribution says more.
const (
	header    = 32 // magic, version, hash, flavour, byte order
	flavour   = 24 // where the flavour of the counters is
	raw, leb  = 1, 2
	countsLen = 16 // the number of functions, and the lengths of two tables
)

// sum adds up all counters.
func sum(data []byte) (total uint64, err error) {
	if len(data) < header+countsLen || string(data[:4]) != "\x00cwm" {
		return 0, errors.New("steps: not counter data")
	}
	at := header
	functions := binary.LittleEndian.Uint64(data[at:])
	at += countsLen + int(binary.LittleEndian.Uint32(data[at+8:])) + int(binary.LittleEndian.Uint32(data[at+12:]))
	at = (at + 3) / 4 * 4
	next := func() uint64 {
		if data[flavour] == raw && at+4 <= len(data) {
			at += 4
			return uint64(binary.LittleEndian.Uint32(data[at-4:]))
		}
		v, n := binary.Uvarint(data[min(at, len(data)):])
		if n <= 0 || data[flavour] != leb {
			err = errors.New("steps: counter data ends early")
		}
		at += n
		return v
	}
	for range functions {
		counters, _, _ := next(), next(), next() // then the package and the function
		for range counters {
			if total += next(); err != nil {
				return 0, err
			}
		}
	}
	return total, err
}
