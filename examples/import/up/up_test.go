package up_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/up"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

func server(t testing.TB) string {
	s, err := front.New(front.Config{Seed: 1, Instances: 3, Manual: true, AdvanceOnPoll: true})
	require.NoError(t, err)
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		require.NoError(t, s.Close())
	})
	return h.URL
}

func imported(t testing.TB, name, text string, g document.Given) *document.Result {
	r, err := formats.Read([]formats.File{{Name: name, Data: []byte(text)}}, g)
	require.NoError(t, err)
	return &r
}

func TestApply(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"Dockerrun.aws.json",
			`{"AWSEBDockerrunVersion": "1", "Image": {"Name": "nginx"}, "Ports": [{"ContainerPort": 80}]}`,
			"x: 3 desired, 3 running, 0 pending"},
		{"compose.yml", "services: {web: {image: nginx, ports: ['80:80'], deploy: {replicas: 2, x-aws-autoscaling: " +
			"{min: 1, max: 4, cpu: 70}}}, once: {image: a, restart: 'no'}}",
			"web: 2 desired, 2 running, 0 pending"},
		{"manifest.yml", "name: w\ntype: Backend Service\nimage: {location: a, port: 80}\ncount: 2\n",
			"w: 2 desired, 2 running, 0 pending"},
	} {
		endpoint := server(t)
		var b bytes.Buffer
		r := imported(t, x.name, x.text, document.Given{Name: "x", Subnets: []string{"subnet-1"}})
		require.NoError(t, up.Apply(context.Background(), &b, endpoint, r), x.name)
		text, err := up.Describe(context.Background(), endpoint, r)
		require.NoError(t, err)
		require.Contains(t, text, x.want, x.name)
	}
}

func TestRefused(t *testing.T) {
	r := imported(t, "compose.yml", "services: {web: {image: nginx}}", document.Given{Name: "x"})
	r.TaskDefinitions[0].CPU = "7"
	var b bytes.Buffer
	err := up.Apply(context.Background(), &b, server(t), r)
	require.ErrorContains(t, err, "RegisterTaskDefinition x-web: ")
	require.ErrorContains(t, err, "CreateService web: ")
	require.Contains(t, b.String(), "RegisterTaskDefinition x-web: ")
}

func ExampleApply() {
	s, err := front.New(front.Config{Seed: 1, Instances: 1, Manual: true, AdvanceOnPoll: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := httptest.NewServer(s)
	defer h.Close()
	r, err := formats.Read([]formats.File{{Name: "compose.yml", Data: []byte("services: {web: {image: nginx}}")}},
		document.Given{Name: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(up.Apply(context.Background(), io.Discard, h.URL, &r))
	text, err := up.Describe(context.Background(), h.URL, &r)
	fmt.Println(text[:len("web: 1 desired, 1 running")], err)
	// Output:
	// <nil>
	// web: 1 desired, 1 running <nil>
}
