package ecs

import "github.com/bayplan/bayplan/ecs/internal/codec"

// document is how a task definition is read: the tags of its structures, and what tags cannot say.
var document = codec.NewSchema[TaskDefinition](codec.Hooks{Optional: readOptional, Keep: keepMembers, Hint: hint})

// extra holds, word for word, the members of a JSON object that the value has no field
// for: keys that are not known here, and known keys whose value is of another type. They
// are written back when the value is encoded. It is a string so that values stay comparable.
type extra struct{ members string }

// keep takes the members, separated by commas.
func (x *extra) keep(members string) { x.members = members }

func keepMembers(dst any, members string) {
	if k, ok := dst.(interface{ keep(members string) }); ok {
		k.keep(members)
	}
}

// readOptional reads what an Opt of a task definition holds.
func readOptional(d *codec.Decoder, dst any) {
	switch v := dst.(type) {
	case *Opt[int]:
		if n, ok := d.WholeNumber(); ok {
			*v = Some(n)
		}
	case *Opt[bool]:
		if b, ok := d.Truth(); ok {
			*v = Some(b)
		}
	}
}

// hint returns what to say of a key that belongs elsewhere.
func hint(key string) string {
	switch key {
	case "placementStrategy":
		return "A task definition has no placement strategy: it belongs to CreateService, UpdateService or RunTask."
	case "taskDefinition":
		return `Unknown parameter in input: "taskDefinition"; DescribeTaskDefinition prints it, ` +
			"and RegisterTaskDefinition takes the object inside."
	}
	return ""
}
