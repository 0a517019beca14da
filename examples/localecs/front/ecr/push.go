package ecr

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/internal/check"
)

// Pushed is a manifest that a client of the registry's own protocol pushes.
type Pushed struct {
	Repository string
	Reference  string // a tag, or the manifest's digest
	Manifest   string // byte for byte
	MediaType  string
}

// Push keeps a manifest and sets a tag to it, as PutImage does, and returns its digest. To push what is there already
// changes nothing, and is no error. Its errors are those of PutImage.
// Source: OCI Distribution Specification, "Pushing Manifests".
func (r *Registry) Push(home Home, now time.Time, p Pushed) (digest string, err error) {
	in := putImageInput{RepositoryName: p.Repository, ImageManifest: p.Manifest, ImageManifestMediaType: p.MediaType}
	if isDigest(p.Reference) {
		in.ImageDigest = p.Reference
	} else {
		in.ImageTag = p.Reference
	}
	_, err = putImage(r, home, now, in)
	if errors.Is(err, imageAlreadyExists) {
		err = nil
	}
	if err != nil {
		return "", err
	}
	return digestOf(p.Manifest), nil
}

// Pulled is a manifest that a client of the registry's own protocol pulls.
type Pulled struct {
	Digest, Manifest, MediaType string
}

// Pull returns the manifest that a tag or a digest names. Its errors have the codes RepositoryNotFoundException and
// ImageNotFoundException. Source: OCI Distribution Specification, "Pulling manifests".
func (r *Registry) Pull(home Home, repository, reference string) (Pulled, error) {
	found, err := r.find(home, "", repository)
	if err != nil {
		return Pulled{}, err
	}
	i := found.byTag[reference]
	if isDigest(reference) {
		i = found.byDigest[reference]
	}
	if i == nil {
		return Pulled{}, fault(imageNotFound, "imageIds", "Requested image not found")
	}
	return Pulled{i.Digest, i.Manifest, i.MediaType}, nil
}

// Tags returns the tags of a repository in order. Its error has the code RepositoryNotFoundException.
func (r *Registry) Tags(home Home, repository string) ([]string, error) {
	found, err := r.find(home, "", repository)
	if err != nil {
		return nil, err
	}
	tags := []string{}
	for tag := range found.byTag { //order:any sorted below
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags, nil
}

// Names reports whether a manifest of a repository names a layer or a configuration. The time grows with the bytes of
// the repository's manifests.
func (r *Registry) Names(repository, digest string) bool {
	found := r.Repositories[repository]
	return found != nil && isDigest(digest) && slices.ContainsFunc(found.Images, func(i *storedImage) bool {
		return strings.Contains(i.Manifest, `"`+digest+`"`)
	})
}

// Named returns the layers and configurations that manifests name. The time grows with the bytes of all manifests.
func (r *Registry) Named() map[string]bool {
	all := map[string]bool{}
	for _, found := range r.Repositories { //order:any a set
		for _, i := range found.Images {
			var m manifest
			if json.Unmarshal([]byte(i.Manifest), &m) != nil {
				continue // it was read when it was put
			}
			for _, d := range append([]descriptor{m.Config}, m.Layers...) {
				if isDigest(d.Digest) {
					all[d.Digest] = true
				}
			}
		}
	}
	return all
}

// lacks returns a layer or a configuration that a manifest names and that was not uploaded, shortened if it is no
// digest; "" if there is none.
// Layers that are elsewhere by their media type are not asked for.
func (r *Registry) lacks(m manifest) string {
	if r.Has == nil {
		return ""
	}
	for _, d := range append([]descriptor{m.Config}, m.Layers...) {
		if d.Digest != "" && !strings.Contains(d.MediaType, "foreign") && !r.Has(d.Digest) {
			if !isDigest(d.Digest) {
				return check.Shortened(d.Digest)
			}
			return d.Digest
		}
	}
	return ""
}
