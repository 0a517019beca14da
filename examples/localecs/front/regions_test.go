package front_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// in calls an operation as a client of a Region, whose signature nobody checks.
func in(h http.Handler, region, action, body string) (int, m) {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", ecsTarget+action)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20300101/"+region+
		"/ecs/aws4_request, SignedHeaders=host, Signature=0")
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	var out m
	if err := json.Unmarshal(recorder.Body.Bytes(), &out); err != nil {
		out = m{"not JSON": err.Error()}
	}
	return recorder.Code, out
}

func locally(t *testing.T, h http.Handler, method, path string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost/_local/"+path, nil)
	r.Header.Set(front.LocalHeader, "test")
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder.Code, recorder.Body.String()
}

// Each Region is a world of its own: its ARNs are of the Region, what is made in one is not in another,
// and a client that names no Region is in the first one. A name that is not a Region gets no world.
//
// Seen to fail: every call sent to the world of Config.Region.
func TestRegions(t *testing.T) {
	server, err := front.New(front.Config{Seed: 1, Instances: 2, Manual: true})
	require.NoError(t, err)
	for _, region := range []string{"us-east-1", "us-east-2", "eu-central-1"} {
		status, out := in(server, region, "CreateCluster", `{"clusterName":"c"}`)
		require.Equal(t, 200, status)
		require.Equal(t, "arn:aws:ecs:"+region+":123456789012:cluster/c", out["cluster"].(m)["clusterArn"])
		_, out = in(server, region, "ListClusters", `{}`)
		require.Len(t, out["clusterArns"], 2)
		_, out = in(server, region, "ListContainerInstances", `{}`)
		arns := out["containerInstanceArns"].([]any)
		require.Len(t, arns, 2)
		_, out = in(server, region, "DescribeContainerInstances", fmt.Sprintf(`{"containerInstances":[%q]}`, arns[0]))
		require.Contains(t, fmt.Sprint(out), "ecs.availability-zone value:"+region)
	}
	in(server, "us-east-2", "DeleteCluster", `{"cluster":"c"}`)
	_, out := in(server, "us-east-1", "ListClusters", `{}`)
	require.Len(t, out["clusterArns"], 2)
	status, data := send(server, ecsTarget+"DescribeClusters", []byte(`{"clusters":["c"]}`))
	require.Equal(t, 200, status)
	require.Contains(t, string(data), "arn:aws:ecs:us-east-1:")

	for n := range 1000 {
		status, out := in(server, fmt.Sprintf("mars-%d", n), "ListClusters", `{}`)
		require.Equal(t, 400, status)
		require.Equal(t, "InvalidSignatureException", out["__type"])
	}
	status, _ = locally(t, server, "GET", "timeline?region=mars")
	require.Equal(t, 400, status)

	status, moved := locally(t, server, "POST", "advance?by=1h")
	require.Equal(t, 200, status)
	_, other := locally(t, server, "POST", "advance?by=0s&region=us-east-2")
	require.Equal(t, moved, other, "time is the same for all")
	_, late := locally(t, server, "POST", "advance?by=0s&region=us-west-2")
	require.Equal(t, moved, late, "and for a world that is made later")
	status, _ = locally(t, server, "POST", "reset?region=us-east-1")
	require.Equal(t, 200, status)
	_, out = in(server, "us-east-1", "ListClusters", `{}`)
	require.Len(t, out["clusterArns"], 1)
	_, out = in(server, "eu-central-1", "ListClusters", `{}`)
	require.Len(t, out["clusterArns"], 2)
	locally(t, server, "POST", "reset")
	_, out = in(server, "eu-central-1", "ListClusters", `{}`)
	require.Len(t, out["clusterArns"], 1)
}

// Each Region has a journal, and a reset removes those, and nothing that others put there.
func TestRegionsAreKept(t *testing.T) {
	dir := t.TempDir()
	open := func() *front.Server {
		server, err := front.New(front.Config{Seed: 1, Manual: true, Journal: dir})
		require.NoError(t, err)
		return server
	}
	regions := []string{"us-east-1", "us-east-2"}
	server := open()
	for _, region := range regions {
		in(server, region, "CreateCluster", fmt.Sprintf(`{"clusterName":"in-%s"}`, region))
	}
	require.NoError(t, server.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "us-east-2", "notes.txt"), nil, 0o600))
	server = open()
	for _, region := range regions {
		_, out := in(server, region, "DescribeClusters", fmt.Sprintf(`{"clusters":["in-%s"]}`, region))
		require.Len(t, out["clusters"], 1, region)
	}
	require.NoError(t, server.Close())

	server = open() // the world of us-east-2 is not made before its journal goes
	status, text := locally(t, server, "POST", "reset")
	require.Equal(t, 200, status, text)
	for _, region := range regions {
		_, out := in(server, region, "ListClusters", `{}`)
		require.Len(t, out["clusterArns"], 0, region)
	}
	require.FileExists(t, filepath.Join(dir, "us-east-2", "notes.txt"))
	require.NoError(t, server.Close())
}

// A server that cannot keep its journal does nothing and says so, until it can again.
//
// Seen to fail: the world begun again without a journal, as before.
func TestJournalCannotBeKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	server, err := front.New(front.Config{Seed: 1, Instances: 1, Manual: true, Journal: dir})
	require.NoError(t, err)
	in(server, "us-east-1", "CreateCluster", `{"clusterName":"before"}`)
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.WriteFile(dir, []byte("no directory"), 0o600))
	status, text := locally(t, server, "POST", "reset")
	require.Equal(t, 500, status, text)
	for range 3 {
		status, out := in(server, "us-east-1", "CreateCluster", `{"clusterName":"lost"}`)
		require.Equal(t, 500, status, "%v", out)
		require.Contains(t, out["message"], "The journal cannot be kept")
		status, _ = locally(t, server, "POST", "advance?by=1h")
		require.Equal(t, 500, status)
		status, _ = locally(t, server, "POST", "reset")
		require.Equal(t, 500, status)
	}
	require.NoError(t, os.Remove(dir))
	require.NoError(t, os.MkdirAll(dir, 0o700))
	status, out := in(server, "us-east-1", "CreateCluster", `{"clusterName":"after"}`)
	require.Equal(t, 200, status, "%v", out)
	_, out = in(server, "us-east-1", "ListClusters", `{}`)
	require.Len(t, out["clusterArns"], 2)
	require.NoError(t, server.Close())

	server, err = front.New(front.Config{Seed: 1, Instances: 1, Manual: true, Journal: dir})
	require.NoError(t, err, "what was done since is kept")
	_, out = in(server, "us-east-1", "DescribeClusters", `{"clusters":["after"]}`)
	require.Len(t, out["clusters"], 1)
	require.NoError(t, server.Close())
}

// A program that drives time itself does it between the calls, and makes things happen in the world of Config.Region.
//
// Seen to fail: a World that returns no error of its function; a world of another Region.
func TestWorldForPrograms(t *testing.T) {
	server, err := front.New(front.Config{Instances: 1, Manual: true, Region: "eu-west-1"})
	require.NoError(t, err)
	var before, after time.Time
	require.NoError(t, server.World(func(w *sim.World) error {
		before = w.Now()
		w.Advance(time.Minute)
		return nil
	}))
	require.NoError(t, server.World(func(w *sim.World) error {
		after = w.Now()
		require.Equal(t, "eu-west-1", w.Plane().Config().Region)
		return nil
	}))
	require.Equal(t, time.Minute, after.Sub(before))
	broken := errors.New("broken")
	require.ErrorIs(t, server.World(func(*sim.World) error { return broken }), broken)
}
