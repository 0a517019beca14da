package cloudwatch

import (
	"slices"
	"strings"
)

// Unit is the unit of a datapoint. Datapoints of different units are never added. The zero value is none
// in a datum, and any in a question.
type Unit string

// UnitNone is the unit of data that were given without one.
const UnitNone Unit = "None"

// units are the values of Unit, in the API's order.
const units = "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits " +
	"Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second " +
	"Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None"

// Valid reports whether the value is one of CloudWatch's units. Source: Amazon CloudWatch API Reference,
// MetricDatum.
func (u Unit) Valid() bool { return slices.Contains(strings.Fields(units), string(u)) }
