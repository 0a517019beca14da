package purity

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What the packages of neighbouring services export has a user in the plane, a world or a program.
//
// Seen to fail: an exported function of autoscale/groups that only its tests call.
func TestUsers(t *testing.T) {
	packages, err := module()
	require.NoError(t, err)
	show(t, Idle(packages, serving()))
}

func TestPlantedUsers(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	p, err := l.Check("loadbalance", `package loadbalance
type Colour string
const ( Red Colour = "RED"; Fault = "F" )
type Idler struct{}
func (Idler) Idle() {}
func (Idler) String() string { return "" }
`)
	require.NoError(t, err)
	var found []string
	for _, f := range Idle([]*Package{p}, []string{"loadbalance:planted.go"}) {
		found = append(found, f.Message)
	}
	const nobody = "no package of the module but its own names loadbalance."
	require.Equal(t, []string{nobody + "Colour", nobody + "Red", nobody + "Fault", nobody + "Idler",
		nobody + "Idler.Idle"}, found)
	require.Empty(t, Idle([]*Package{p}, []string{"loadbalance:other.go", "autoscale"}))
}
