package ecr_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

type m = map[string]any

// world is a registry of its own.
type world struct {
	t        *testing.T
	registry *ecr.Registry
	now      time.Time
	kept     int
	home     *ecr.Home
}

func newWorld(t *testing.T) *world {
	return &world{t: t, registry: &ecr.Registry{}, home: &home, now: time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)}
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Look(f func(*ecr.Registry, ecr.Home) error) error { return f(w.registry, *w.home) }

func (w *world) Change(f func(*ecr.Registry, ecr.Home) error) error {
	err := f(w.registry, *w.home)
	if err == nil {
		w.kept++
	}
	return err
}

func (w *world) Password(time.Time) (string, error) { return ecr.RandomPassword() }

var home = ecr.Home{Account: "123456789012", Region: "eu-west-1"}

// call returns the answer to a call as its JSON says, or its error.
func (w *world) call(action string, in any) (m, error) {
	w.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(w.t, err)
	_, answer, err := ecr.Operations()[action].Decode(nil, body)
	if err != nil {
		return nil, err
	}
	out, err := answer(w)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(out)
	require.NoError(w.t, err)
	shown := m{}
	require.NoError(w.t, json.Unmarshal(data, &shown))
	return shown, nil
}

func (w *world) does(action string, in any) m {
	w.t.Helper()
	out, err := w.call(action, in)
	require.NoError(w.t, err)
	return out
}

func (w *world) fails(action, code string, in any) string {
	w.t.Helper()
	before, err := json.Marshal(w.registry)
	require.NoError(w.t, err)
	_, err = w.call(action, in)
	require.ErrorIs(w.t, err, ecs.Code(code))
	after, err2 := json.Marshal(w.registry)
	require.NoError(w.t, err2)
	require.JSONEq(w.t, string(before), string(after), "a refused call changes nothing")
	return err.Error()
}

// manifest is the manifest of an image with a layer of some bytes.
func manifest(size int) string {
	data, err := json.Marshal(m{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": m{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:c", "size": 10},
		"layers": []m{{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:l",
			"size": size}}})
	if err != nil {
		panic(err)
	}
	return string(data)
}
