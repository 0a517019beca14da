package lifecycle

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// word returns the word of v in the table of an enumeration called typ.
func word(names []string, v uint8, typ string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return typ + "(" + strconv.Itoa(int(v)) + ")"
}

func marshal(names []string, v uint8, what string) ([]byte, error) {
	if int(v) < len(names) {
		return []byte(names[v]), nil
	}
	return nil, ecs.Fault(ecs.InvalidParameterException, "", what+" "+strconv.Itoa(int(v))+" is not known")
}

func unmarshal(names []string, v *uint8, text []byte, what string) error {
	for i, name := range names {
		if name == string(text) {
			*v = uint8(i)
			return nil
		}
	}
	return ecs.Fault(ecs.InvalidParameterException, "", what+" "+strconv.Quote(string(text))+" is not known")
}
