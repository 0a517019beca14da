// Package registry is a registry that Docker pushes to and pulls from, with Amazon ECR in front of it: its API, its
// tokens, its rights, and tags that cannot be overwritten.
//
// # Start here
//
// [New] opens the registry of a directory. A [Registry] is an http.Handler for Docker, at Config.Endpoint, and the
// Images of front.Config, through which callers of Amazon ECR reach it:
//
//	aws ecr get-login-password | docker login -u AWS --password-stdin 127.0.0.1:5000
//	docker push 127.0.0.1:5000/web:1
//
// # Model
//
// The repositories, tags and manifests are those of package ecr, one document in a file: what the API says of an image
// is what Docker pulls. Layers are files below the directory, which go-containerregistry writes, verifies and hands
// out. What a client has uploaded of a layer is in a file, too, so that no layer is in memory.
//
// A password names an access key and the time when it ends, signed with a secret of the directory: nothing is kept of
// it, and it is good after a restart. Each request needs the right to an action of Amazon ECR on its repository.
//
// # Guarantees
//
//  1. What was pushed is pulled again, byte for byte, also after a restart (TestPushAndPull).
//  2. Nobody gets in without a password that this registry made and that has not ended (TestPasswords).
//  3. A caller does what its policies allow, and nothing else (TestRights). A repository hands out the layers that its
//     own manifests name, or that have come into it within an hour (TestLayersBelongToRepositories, TestParts).
//  4. A tag of an immutable repository stays (TestImmutableTag). An image whose layers are missing is refused.
//  5. What is kept is bounded: layers and uploads by Config.MostBytes, the rest by package ecr. Layers that no manifest
//     names, and uploads, are removed an hour after they were written (TestSweep).
//
// # Differences from Amazon ECR
//
//   - It speaks HTTP. Docker lets it at an address of 127.0.0.0/8, and elsewhere asks for TLS.
//   - Layers are handed out by the registry itself, and not by Amazon S3. They are not mounted from other
//     repositories: they are uploaded again.
//   - Repositories are made by CreateRepository only. Manifests are deleted by BatchDeleteImage only.
//   - Policies of repositories decide nothing; those of the caller do. A password does not end when its key does.
//
// # Example
//
// See the example of [New].
package registry

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/bayplan/bayplan/ecs/iam"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// Config is where a registry is, and who may use it.
type Config struct {
	Directory string // which it makes; no other registry uses it
	Endpoint  string // where Docker finds it, "http://127.0.0.1:5000"
	Account   string // empty: 123456789012
	Region    string // empty: us-east-1

	// Policies are those of the callers by access key ID, and under "" those of every caller, as front.Policies has
	// them. Nil: every caller with a password may do everything.
	Policies map[string][]*iam.Policy

	MostBytes int64            // of layers and uploads; 0: 10 GiB. Uploads that run at once may exceed it
	Now       func() time.Time // nil: time.Now
}

const (
	document   = "registry.json" // repositories, tags and manifests
	secretFile = "token.secret"
	layersDir  = "layers"
	uploadsDir = "uploads"
)

// Registry is a registry. It is safe for concurrent use.
type Registry struct {
	config Config
	secret []byte
	layers http.Handler // of go-containerregistry
	space  *space

	mu     sync.Mutex
	images *ecr.Registry
}

// New opens the registry of a directory: that which it kept, or a new one. It fails if the directory cannot be read
// or written.
func New(config Config) (*Registry, error) {
	config.Account = cmp.Or(config.Account, "123456789012")
	config.Region = cmp.Or(config.Region, "us-east-1")
	if config.Now == nil {
		config.Now = time.Now
	}
	if !strings.HasPrefix(config.Endpoint, "http://") {
		return nil, fmt.Errorf("registry: Endpoint %q is not an address such as http://127.0.0.1:5000", config.Endpoint)
	}
	for _, sub := range []string{layersDir, uploadsDir} {
		if err := os.MkdirAll(filepath.Join(config.Directory, sub), 0o700); err != nil {
			return nil, fmt.Errorf("registry: %w", err)
		}
	}
	secret, err := secretOf(filepath.Join(config.Directory, secretFile))
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	layers := filepath.Join(config.Directory, layersDir)
	r := &Registry{config: config, secret: secret,
		space: &space{directory: config.Directory, most: cmp.Or(config.MostBytes, 10<<30), busy: map[string]bool{},
			came: map[string]time.Time{}},
		layers: registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(layers)),
			registry.Logger(log.New(io.Discard, "", 0)))}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r, r.space.sweep(config.Now(), r.images.Named())
}

// secretOf returns what the file has. The first time it is drawn.
func secretOf(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		data = []byte(rand.Text())
		err = replace(file, data)
	}
	if err == nil && len(data) < len(rand.Text()) {
		err = fmt.Errorf("%s is too short for a secret", file)
	}
	return data, err
}

// read takes the document as the file has it.
func (r *Registry) read() error {
	images := &ecr.Registry{}
	data, err := os.ReadFile(filepath.Join(r.config.Directory, document))
	if err == nil {
		err = json.Unmarshal(data, images)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("registry: %w", err)
	}
	images.Has, r.images = r.space.has, images
	return nil
}

func (r *Registry) home() ecr.Home {
	return ecr.Home{Account: r.config.Account, Region: r.config.Region, Endpoint: r.config.Endpoint}
}

// Look calls f with the repositories and returns its error. Others wait meanwhile; f must not keep what it is given.
func (r *Registry) Look(f func(*ecr.Registry, ecr.Home) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f(r.images, r.home())
}

// Change calls f as Look does, and returns nil when what f did is durable. If it cannot be, the repositories are as
// they were before.
func (r *Registry) Change(f func(*ecr.Registry, ecr.Home) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.images.Images
	if err := f(r.images, r.home()); err != nil {
		return err
	}
	data, err := json.Marshal(r.images)
	if err == nil {
		err = replace(filepath.Join(r.config.Directory, document), data)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("registry: %w", err), r.read())
	}
	if r.images.Images < before {
		return r.space.sweep(r.config.Now(), r.images.Named())
	}
	return nil
}

// replace makes data the content of a file, which only its owner may read. After a crash the file has its old content
// or the new one.
func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
