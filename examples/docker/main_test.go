package main

import (
	"context"
	"flag"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/docker/registry"
)

// TestMain lets the test's own program play the roles.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles()[os.Args[1]] != nil {
		main()
		return
	}
	os.Exit(m.Run())
}

// Seen to fail: an address of the registry that other machines reach.
func TestFlags(t *testing.T) {
	for args, want := range map[string]string{"x": `"x" is not a flag`, "-instances 4": "-instances 4 is not from 1 to",
		"-addr 0.0.0.0:8092": "not an address of loopback", "-registry 10.0.0.1:5000": "not an address of loopback",
		"-subnet x": "invalid value", "-policy none.json": "-policy: open none.json"} {
		assert.ErrorContains(t, run(t.Context(), strings.Fields(args), io.Discard), want, args)
	}
}

// The processes of the crew get the flags of the program.
//
// Seen to fail: arguments without the subnet; without the policies.
func TestArguments(t *testing.T) {
	given := options{registry: "127.0.0.1:1", host: "unix:///x", instances: 2, memory: 3, cpu: 4,
		subnet: netip.MustParsePrefix("10.9.0.0/24"), policies: []string{"a.json", "KEY=b.json"}}
	var got options
	flags := flag.NewFlagSet("part", flag.ContinueOnError)
	got.declare(flags)
	require.NoError(t, flags.Parse(given.arguments()))
	require.Equal(t, given, got)
}

// The account's images come from the registry here, with a password; others from where they are, without one.
//
// Seen to fail: a login at every registry.
func TestImagesOfTheAccount(t *testing.T) {
	images, err := registry.New(registry.Config{Directory: t.TempDir(), Endpoint: "http://127.0.0.1:5000"})
	require.NoError(t, err)
	m := machine{options: options{registry: "127.0.0.1:5000"}, images: images}
	for image, want := range map[string]string{
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web:1": "127.0.0.1:5000/team/web:1",
		"127.0.0.1:5000/web:1": "127.0.0.1:5000/web:1", "nginx": "nginx",
		"210987654321.dkr.ecr.us-east-1.amazonaws.com/web": "210987654321.dkr.ecr.us-east-1.amazonaws.com/web"} {
		pulled := m.pulled(image)
		assert.Equal(t, want, pulled)
		login, err := m.login(context.Background(), message.StartTask{Instance: "i"}, pulled)
		require.NoError(t, err)
		own := strings.HasPrefix(want, "127.0.0.1:5000/")
		assert.Equal(t, own, login.Username == "AWS", image)
		assert.Equal(t, own, login.Password != "", image)
	}
}
