package ecs

// extra holds, word for word, the members of a JSON object that the value has no field
// for: keys that are not known here, and known keys whose value is of another type. They
// are written back when the value is encoded. It is a string so that values stay comparable.
type extra struct{ members string }

// keep takes the members, separated by commas.
func (x *extra) keep(members string) { x.members = members }
