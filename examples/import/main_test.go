package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
)

func write(t *testing.T, dir, name, text string) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "shop/Dockerrun.aws.json",
		`{"AWSEBDockerrunVersion": "1", "Image": {"Name": "nginx"}, "Colour": 1}`)
	var out bytes.Buffer
	require.NoError(t, run([]string{"-o", filepath.Join(dir, "out"), file}, nil, &out))
	require.Contains(t, out.String(),
		"Dockerrun.aws.json:1: without counterpart: Colour: the import does not know this field and leaves it out\n")
	for _, name := range []string{"task-definition-shop.json", "service-shop.json"} {
		info, err := os.Stat(filepath.Join(dir, "out", name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	out.Reset()
	require.NoError(t, run([]string{"-name", "x", "-"}, strings.NewReader("services: {web: {image: nginx}}"), &out))
	require.Contains(t, out.String(), `"family": "x-web"`)

	out.Reset()
	require.ErrorContains(t, run([]string{write(t, dir, "x.yml", "a: b\n")}, nil, &out),
		"x.yml:1: this is a map of a: it is not")
	require.Empty(t, out.String(), "documents of nothing")
	require.ErrorContains(t, run([]string{filepath.Join(dir, "gone")}, nil, &out), "gone")
	require.ErrorContains(t, run(nil, nil, &out), "no file is given")
	out.Reset()
	require.NoError(t, run([]string{"-survey", dir}, nil, &out))
	require.Contains(t, out.String(), "skipped: none of the")
}

// TestBeside: a file that another one names is read from its folder and below only.
// Seen to fail with os.Open in place of a root.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "a/compose.yml",
		"services: {web: {image: nginx, env_file: [web.env, sub/x.env, ../secret.env, link.env]}}")
	write(t, dir, "a/web.env", "A=1\n")
	write(t, dir, "a/sub/x.env", "B=2\n")
	write(t, dir, "secret.env", "C=secret\n")
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret.env"), filepath.Join(dir, "a", "link.env")))
	var out bytes.Buffer
	require.NoError(t, run([]string{file}, nil, &out))
	require.NotContains(t, out.String(), "secret\"")
	require.Contains(t, out.String(), `"name": "B"`)
	require.Equal(t, 2, strings.Count(out.String(), "the file cannot be read"))
}

func TestActions(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "compose.yml",
		"services: {web: {image: nginx, deploy: {replicas: 2, x-aws-autoscaling: {min: 1, max: 4, cpu: 70}}}}")
	prices := write(t, dir, "prices.json", `{"fargateVcpuHour": 0.04, "fargateGbHour": 0.004}`)
	var out bytes.Buffer
	require.NoError(t, run([]string{"-whatif", "-prices", prices, "-load", "../whatif/replay/testdata/load.csv",
		"-chart", filepath.Join(dir, "charts"), file}, nil, &out))
	require.Contains(t, out.String(), "0.0240 an hour")
	for _, name := range []string{"web.svg", "web.csv"} {
		_, err := os.Stat(filepath.Join(dir, "charts", name))
		require.NoError(t, err)
	}
	require.EqualError(t, run([]string{"-up", "docker", file}, nil, &out),
		"-up docker: examples/docker does not exist yet; -up localecs runs the documents in a simulated ECS")

	out.Reset()
	definition := write(t, dir, "task.json",
		`{"family": "web", "containerDefinitions": [{"name": "c", "image": "nginx", "memory": 64}]}`)
	require.NoError(t, run([]string{"-back", definition}, nil, &out))
	require.Contains(t, out.String(), "kind: Deployment")
	require.ErrorContains(t, run([]string{"-back", file}, nil, &out),
		"compose.yml:1: -back takes task definitions and services of ECS")
}

// until is a buffer that does something when a text is written to it.
type until struct {
	bytes.Buffer
	text string
	do   func()
}

func (u *until) Write(p []byte) (int, error) {
	defer func() {
		if strings.Contains(u.String(), u.text) {
			u.do()
		}
	}()
	return u.Buffer.Write(p)
}

// TestServe: a service is created on a server that ends with its context.
func TestServe(t *testing.T) {
	r, err := formats.Read([]formats.File{{Name: "compose.yml", Data: []byte("services: {web: {image: nginx}}")}},
		document.Given{Name: "x"})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &until{text: "Amazon ECS at", do: stop}
	a := actions{up: "localecs", address: "127.0.0.1:0"}
	require.NoError(t, a.serve(ctx, &r, out))
	require.Contains(t, out.String(), "CreateService web: done\n")
	require.Contains(t, out.String(), "Amazon ECS at http://127.0.0.1:")
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "week.jsonl", `{"taskDefinition": {"family": "web", "revision": 1, "containerDefinitions": [{"name": "c", "image": "n", "memory": 64}]}}
{"containerInstances": [{"containerInstanceArn": "a", "status": "ACTIVE", "agentConnected": true}, {"containerInstanceArn": "b", "status": "ACTIVE", "agentConnected": true}]}
{"services": [{"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2, "placementStrategy": [{"type": "spread", "field": "instanceId"}]}]}
{"time": "2026-01-01T00:00:00Z", "output": {"services": []}}
{"time": "2026-01-01T02:00:00Z", "output": {"services": [{"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2}]}}
`)
	var out bytes.Buffer
	require.NoError(t, run([]string{"-record", "-strategy", "binpack:memory", "-script", filepath.Join(dir, "week.txt"),
		file}, nil, &out))
	require.Contains(t, out.String(), "as recorded       binpack:memory")
	data, err := os.ReadFile(filepath.Join(dir, "week.txt"))
	require.NoError(t, err)
	require.Contains(t, string(data), "CreateService")
	require.ErrorContains(t, run([]string{"-record", "-strategy", "best", file}, nil, &out), `"best" is not random`)
}
