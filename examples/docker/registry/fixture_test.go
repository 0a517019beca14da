package registry_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/docker/registry"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// place is a registry behind HTTP, which can be started again.
type place struct {
	t        *testing.T
	config   registry.Config
	server   *httptest.Server
	registry atomic.Pointer[registry.Registry]
	now      time.Time
}

func newPlace(t *testing.T, config registry.Config) *place {
	p := &place{t: t, config: config, now: time.Now()}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.registry.Load().ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.config.Directory, p.config.Endpoint = t.TempDir(), p.server.URL
	p.config.Now = func() time.Time { return p.now }
	p.start()
	return p
}

// start opens the registry, as the next life of its process does.
func (p *place) start() {
	p.t.Helper()
	r, err := registry.New(p.config)
	require.NoError(p.t, err)
	p.registry.Store(r)
}

func (p *place) host() string { return strings.TrimPrefix(p.server.URL, "http://") }

// world is the world of Amazon ECR: the registry, for a caller.
type world struct {
	*registry.Registry
	*place
}

func (w world) Now() time.Time { return w.now }

func (w world) Password(until time.Time) (string, error) { return w.Registry.Password("AKID", until) }

// api carries out an action of Amazon ECR.
func (p *place) api(action, input string) error {
	_, answer, err := ecr.Operations()[action].Decode(nil, []byte(input))
	require.NoError(p.t, err)
	out, err := answer(world{p.registry.Load(), p})
	if err == nil {
		_, err = json.Marshal(out)
	}
	return err
}

// as returns who logs in with a password of an access key.
func (p *place) as(key string, good time.Duration) remote.Option {
	p.t.Helper()
	password, err := p.registry.Load().Password(key, p.now.Add(good))
	require.NoError(p.t, err)
	return remote.WithAuth(&authn.Basic{Username: "AWS", Password: password})
}

func (p *place) push(reference string, i v1.Image, options ...remote.Option) error {
	ref, err := name.ParseReference(p.host()+"/"+reference, name.Insecure)
	require.NoError(p.t, err)
	return remote.Write(ref, i, append(options, remote.WithRetryStatusCodes())...)
}

func (p *place) pull(reference string, options ...remote.Option) (v1.Image, error) {
	ref, err := name.ParseReference(p.host()+"/"+reference, name.Insecure)
	require.NoError(p.t, err)
	return remote.Image(ref, append(options, remote.WithRetryStatusCodes())...)
}

func image(t *testing.T) v1.Image {
	i, err := random.Image(2000, 2)
	require.NoError(t, err)
	return i
}

// content is all that a manifest says and all bytes of the layers.
func content(t *testing.T, i v1.Image) (all []string) {
	manifest, err := i.RawManifest()
	require.NoError(t, err)
	config, err := i.RawConfigFile()
	require.NoError(t, err)
	all = append(all, string(manifest), string(config))
	layers, err := i.Layers()
	require.NoError(t, err)
	for _, l := range layers {
		all = append(all, bytesOf(t, l))
	}
	return all
}
