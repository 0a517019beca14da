package ecr_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// What is pushed by the registry's own protocol is what the API shows, and is pulled byte for byte.
//
// Seen to fail: a Push that sets a tag of an immutable repository again; one that fails for what is there.
func TestPush(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web", "imageTagMutability": "IMMUTABLE"})
	push := func(repository, reference, manifest string) (string, error) {
		return w.registry.Push(home, w.now, ecr.Pushed{Repository: repository, Reference: reference, Manifest: manifest,
			MediaType: "application/vnd.oci.image.manifest.v1+json"})
	}
	for range 2 {
		got, err := push("web", "1", manifest(1))
		require.NoError(t, err)
		require.Equal(t, digest(manifest(1)), got)
	}
	_, err := push("web", digest(manifest(2)), manifest(2))
	require.NoError(t, err)
	require.Len(t, w.does("DescribeImages", m{"repositoryName": "web"})["imageDetails"], 2)
	for _, reference := range []string{"1", digest(manifest(1))} {
		got, err := w.registry.Pull(home, "web", reference)
		require.NoError(t, err)
		require.Equal(t, ecr.Pulled{Digest: digest(manifest(1)), Manifest: manifest(1),
			MediaType: "application/vnd.oci.image.manifest.v1+json"}, got)
	}
	tags, err := w.registry.Tags(home, "web")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, tags)

	for _, k := range []struct {
		repository, reference string
		code                  ecs.Code
	}{{"web", "1", "ImageTagAlreadyExistsException"}, {"no", "1", "RepositoryNotFoundException"},
		{"web", digest("x"), "ImageDigestDoesNotMatchException"}} {
		_, err := push(k.repository, k.reference, manifest(3))
		require.ErrorIs(t, err, k.code)
	}
	_, err = w.registry.Pull(home, "web", "2")
	require.ErrorIs(t, err, ecs.Code("ImageNotFoundException"))
	_, err = w.registry.Tags(home, "no")
	require.ErrorIs(t, err, ecs.Code("RepositoryNotFoundException"))
}

// Where layers are uploaded, an image whose layers are missing is refused, however it is put.
//
// Seen to fail: lacks that asks for the configuration only.
func TestLayersAreThere(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web"})
	config, layer := "sha256:"+strings.Repeat("c", 64), "sha256:"+strings.Repeat("1", 64)
	text := strings.NewReplacer("sha256:c", config, "sha256:l", layer).Replace(manifest(1))
	there := map[string]bool{config: true}
	w.registry.Has = func(digest string) bool { return there[digest] }
	put := m{"repositoryName": "web", "imageTag": "1", "imageManifest": text}
	require.Contains(t, w.fails("PutImage", "LayersNotFoundException", put), layer)
	there[layer] = true
	w.does("PutImage", put)
	require.True(t, w.registry.Names("web", layer))
	require.False(t, w.registry.Names("web", digest("x")))
	require.False(t, w.registry.Names("no", layer))
	require.Equal(t, map[string]bool{config: true, layer: true}, w.registry.Named())
}

// A registry that Docker reaches has its repositories and its login there.
//
// Seen to fail: an URI with the scheme.
func TestEndpoint(t *testing.T) {
	own := home
	own.Endpoint = "http://127.0.0.1:5000"
	w := newWorld(t)
	w.home = &own
	made := w.does("CreateRepository", m{"repositoryName": "team/web"})["repository"].(m)
	require.Equal(t, "127.0.0.1:5000/team/web", made["repositoryUri"])
	data := w.does("GetAuthorizationToken", m{})["authorizationData"].([]any)[0].(m)
	require.Equal(t, "http://127.0.0.1:5000", data["proxyEndpoint"])
}
