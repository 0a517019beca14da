package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// step gives the plane its n-th input: an instance, a task definition, tasks.
func step(t testing.TB, p *control.Plane, n int) {
	t.Helper()
	now := start.Add(time.Duration(n) * time.Second)
	var err error
	switch n % 4 {
	case 0:
		_, err = p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{
			{Name: "CPU", Type: "INTEGER", IntegerValue: 4096}, {Name: "MEMORY", Type: "INTEGER", IntegerValue: 8192},
			{Name: "PORTS", Type: "STRINGSET", StringSetValue: []string{"22", "2375", "2376", "51678", "51679"}}}})
	case 1:
		_, err = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: fmt.Sprint("web-", n),
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "c", Image: "i <&> é", Memory: 64}}})
	case 2:
		_, err = p.RunTask(now, api.RunTaskInput{TaskDefinition: fmt.Sprint("web-", n-1), Count: ecs.Some(2)})
	case 3:
		p.Tick(now) // may be nothing
		_, err = p.CreateCluster(now, api.CreateClusterInput{ClusterName: fmt.Sprint("c", n)})
	}
	require.NoError(t, err)
}

// keep appends what the plane has to say and returns it.
func keep(t testing.TB, p *control.Plane, j *Journal) []control.Record {
	t.Helper()
	ready := p.Ready()
	require.NoError(t, j.Append(context.Background(), ready.Records))
	p.Advance(ready)
	return ready.Records
}

func open(t testing.TB, dir string, c Config) (*control.Plane, *Journal) {
	t.Helper()
	p, j, err := Open(dir, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return p, j
}

// fill keeps n steps in a new directory and returns the directory, the states after each
// step, the first before any, and the size of the file at each.
func fill(t testing.TB, n int, c Config) (dir string, states []string, sizes []int) {
	t.Helper()
	dir = t.TempDir()
	p, j := open(t, dir, c)
	for i := range n + 1 {
		states = append(states, digest(t, p))
		info, err := os.Stat(j.path)
		require.NoError(t, err)
		sizes = append(sizes, int(info.Size()))
		if i < n {
			step(t, p, i)
			keep(t, p, j)
		}
	}
	require.NoError(t, j.Close())
	return dir, states, sizes
}

func digest(t testing.TB, p *control.Plane) string {
	t.Helper()
	data, err := json.Marshal(p.State())
	require.NoError(t, err)
	return string(data)
}

// only returns the one journal file of a directory.
func only(t testing.TB, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

// directory makes one with the given files.
func directory(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	return dir
}

// scan reads a whole file, all but what its state and its records mean.
func scan(path string, data []byte) (*file, error) {
	f, err := read(path, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if f.head.Format == formatChunks {
		for _, err := range f.chunks {
			if err != nil {
				return nil, err
			}
		}
	}
	for _, err := range f.records() {
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return bytes.Clone(data)
}
