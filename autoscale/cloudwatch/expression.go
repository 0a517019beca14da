package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Expression is a metric-math expression, compiled: immutable, safe to share. The subset of
// CloudWatch's language is, loosest first:
//
//	a < b  a <= b  a > b  a >= b  a == b  a != b      1 where true, else 0
//	a + b  a - b
//	a * b  a / b
//	a ^ b  -a  (a)
//	12.5  m1                                          a number, the Id of a query
//	ABS(a) CEIL(a) FLOOR(a)
//	IF(condition, a, b)                               a where the condition is not 0
//	FILL(a, 0) FILL(a, REPEAT)                        for where a is missing
//	SUM([a, b]) AVG([a, b]) MIN([a, b]) MAX([a, b])   over what is not missing
//
// Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
type Expression struct {
	root node
	ids  []string
}

// IDs returns the Ids that the expression names, each once, in the order in which they first occur.
func (e *Expression) IDs() []string { return slices.Clone(e.ids) }

// String returns the expression with every parenthesis; ParseExpression reads it back.
func (e *Expression) String() string { return e.root.text(e.ids) }

// ParseExpression compiles an expression of at most 1024 bytes. The error names the offset. It takes time
// linear in the length.
func ParseExpression(src string) (*Expression, error) {
	p := expressionParser{src: src}
	if len(src) > 1024 {
		return nil, fmt.Errorf("an expression has at most 1024 bytes, got %d", len(src))
	}
	root, err := p.comparison()
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(src) {
		return nil, p.fail("an operator")
	}
	if len(p.ids) == 0 {
		return nil, fmt.Errorf("an expression must name a metric")
	}
	return &Expression{root: root, ids: p.ids}, nil
}

// node is an operation over nodes, or a leaf: a number, an Id's position.
type node struct {
	op    string // "number", "id", an operator, "neg" or a function's name
	value float64
	id    int
	args  []node
	slot  int // of a FILL with REPEAT
}

// memoFill is the last value of each FILL with REPEAT.
type memoFill []Datapoint

func (n node) eval(values []Datapoint, last *memoFill) Datapoint {
	switch n.op {
	case "number":
		return Datapoint{Value: n.value}
	case "id":
		return values[n.id]
	case "FILL", "REPEAT":
		return n.fill(values, last)
	case "SUM", "AVG", "MIN", "MAX":
		return n.fold(values, last)
	}
	args := make([]float64, len(n.args))
	for i, a := range n.args {
		p := a.eval(values, last)
		if p.Missing {
			return p
		}
		args[i] = p.Value
	}
	v, ok := apply(n.op, args)
	return Datapoint{Value: v, Missing: !ok}
}

func (n node) fill(values []Datapoint, last *memoFill) Datapoint {
	p := n.args[0].eval(values, last)
	if n.op == "FILL" {
		if p.Missing {
			return n.args[1].eval(values, last)
		}
		return p
	}
	for len(*last) <= n.slot {
		*last = append(*last, Datapoint{Missing: true})
	}
	if p.Missing {
		return (*last)[n.slot]
	}
	(*last)[n.slot] = p
	return p
}

func (n node) fold(values []Datapoint, last *memoFill) Datapoint {
	var r reading
	for _, a := range n.args {
		if p := a.eval(values, last); !p.Missing {
			r.add(p.Value)
		}
	}
	switch n.op {
	case "SUM":
		return r.datapoint(StatisticSum)
	case "MIN":
		return r.datapoint(StatisticMinimum)
	case "MAX":
		return r.datapoint(StatisticMaximum)
	}
	return r.datapoint(StatisticAverage)
}

func apply(op string, a []float64) (float64, bool) {
	switch op {
	case "+":
		return a[0] + a[1], true
	case "-":
		return a[0] - a[1], true
	case "*":
		return float64(a[0] * a[1]), true
	case "/":
		return a[0] / a[1], a[1] != 0
	case "^":
		return math.Pow(a[0], a[1]), true
	case "neg":
		return -a[0], true
	case "ABS":
		return math.Abs(a[0]), true
	case "CEIL":
		return math.Ceil(a[0]), true
	case "FLOOR":
		return math.Floor(a[0]), true
	case "IF":
		if a[0] != 0 {
			return a[1], true
		}
		return a[2], true
	}
	return compare(op, a[0], a[1]), true
}

func compare(op string, x, y float64) float64 {
	var holds bool
	switch op {
	case "<":
		holds = x < y
	case "<=":
		holds = x <= y
	case ">":
		holds = x > y
	case ">=":
		holds = x >= y
	case "==":
		holds = x == y
	case "!=":
		holds = x != y
	}
	if holds {
		return 1
	}
	return 0
}

func (n node) text(ids []string) string {
	parts := make([]string, len(n.args))
	for i, a := range n.args {
		parts[i] = a.text(ids)
	}
	switch n.op {
	case "number":
		return strconv.FormatFloat(n.value, 'f', -1, 64)
	case "id":
		return ids[n.id]
	case "neg":
		return "(-" + parts[0] + ")"
	case "SUM", "AVG", "MIN", "MAX":
		return n.op + "([" + strings.Join(parts, ", ") + "])"
	case "REPEAT":
		return "FILL(" + parts[0] + ", REPEAT)"
	case "FILL", "IF", "ABS", "CEIL", "FLOOR":
		return n.op + "(" + strings.Join(parts, ", ") + ")"
	}
	return "(" + parts[0] + " " + n.op + " " + parts[1] + ")"
}
