package query_test

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs/query"
)

// instance answers from a map of subjects.
type instance map[string]string

func (in instance) Lookup(subject string) (string, bool) {
	value, ok := in[subject]
	return value, ok
}

func Example() {
	e, err := query.Parse("attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d")
	if err != nil {
		fmt.Println(err)
		return
	}
	fleet := []instance{
		{"ec2InstanceId": "i-1", "attribute:ecs.instance-type": "t2.small",
			"attribute:ecs.availability-zone": "us-east-1a"},
		{"ec2InstanceId": "i-2", "attribute:ecs.instance-type": "g2.2xlarge",
			"attribute:ecs.availability-zone": "us-east-1d"},
		{"ec2InstanceId": "i-3", "attribute:ecs.instance-type": "g2.8xlarge",
			"attribute:ecs.availability-zone": "us-east-1a"},
	}
	for _, in := range fleet {
		fmt.Println(in["ec2InstanceId"], e.Match(in))
	}
	// Output:
	// i-1 false
	// i-2 false
	// i-3 true
}

func ExampleParse() {
	e, _ := query.Parse("!task:group equals 'database'&&agentVersion>=1.50.0")
	fmt.Println(e)

	_, err := query.Parse("attribute:ecs.os-type == linux and runningTaskCount < 5")
	fmt.Println(err.(*query.SyntaxError).Offset, err.(*query.SyntaxError).Hint)

	_, err = query.Parse("attribute:zone in [a, b")
	fmt.Println(err)
	// Output:
	// not(task:group == database) and agentVersion >= 1.50.0
	// 35 runningTasksCount
	// character 24: unexpected end of expression; expected "," or "]"
	// 	attribute:zone in [a, b
	// 	                       ^
}

// An instance without the attribute has no other stack either.
func ExampleExpr_Match() {
	bare := instance{"ec2InstanceId": "i-1", "agentVersion": "1.9.0"}
	for _, src := range []string{
		"attribute:stack != prod",
		"not(attribute:stack == prod)",
		"attribute:stack != prod or attribute:stack !exists",
		"agentVersion < 1.14.5",
	} {
		e, _ := query.Parse(src)
		fmt.Println(src, "→", e.Match(bare))
	}
	// Output:
	// attribute:stack != prod → false
	// not(attribute:stack == prod) → true
	// attribute:stack != prod or attribute:stack !exists → true
	// agentVersion < 1.14.5 → true
}

// A scheduler answers the simple parts of a constraint from what it counts
// anyway, and matches the rest once for each class of instances.
func ExampleExpr_Conjuncts() {
	e, _ := query.Parse("attribute:stack == prod and not(task:group == web) and runningTasksCount < 5")
	for _, c := range e.Conjuncts() {
		operand, negated := c.Negation()
		if !negated {
			operand = c
		}
		subject, op, values, _ := operand.Comparison()
		fmt.Println(negated, subject, op, values, "dynamic:", c.Dynamic())
	}
	fmt.Println(slices.Collect(e.Subjects()))
	// Output:
	// false attribute:stack == [prod] dynamic: false
	// true task:group == [web] dynamic: true
	// false runningTasksCount < [5] dynamic: true
	// [attribute:stack runningTasksCount task:group]
}
