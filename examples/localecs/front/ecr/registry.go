// Package ecr is the private registry of an account in a Region, as Amazon ECR's API shows it: the names, tags and
// manifests of images. It has no layers; what has them puts this in front (examples/docker/registry), and elsewhere
// nothing can be pushed or pulled.
//
// # Start here
//
// [Registry] is the state, a plain value with JSON. [Operations] has the table of what is served. [Registry.Refusal]
// says why the agent of an instance cannot pull an image, which is the reason that this package is there: the
// registry belongs to the world, as the agents do that pull from it, and not to the control plane, which only learns
// from the agent's report that a pull failed. [Registry.Push], [Registry.Pull] and what is beside them are for a server
// of the registry's own protocol.
//
// # Differences from Amazon ECR
//
//   - PutImage asks for the layers and the configuration that a manifest names only where there is a Registry.Has.
//     The images that an image index names must be there.
//   - In a simulated world the token of GetAuthorizationToken opens nothing.
//   - Life-cycle policies are kept and never expire an image; policies of repositories decide nothing.
//   - There are at most 1,000 repositories, 10,000 images and 8 MiB of manifests together.
//   - Until the first repository is made, the images of this registry can all be pulled: a user who never calls ECR
//     need not describe images to it. From then on an image must be there.
package ecr

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
)

// The errors of Amazon ECR. Source: Amazon ECR API Reference, the errors of each action.
const (
	invalidParameter        = ecs.InvalidParameterException
	invalidTagParameter     = ecs.Code("InvalidTagParameterException")
	tooManyTags             = ecs.Code("TooManyTagsException")
	limitExceeded           = ecs.LimitExceededException
	repositoryNotFound      = ecs.Code("RepositoryNotFoundException")
	repositoryAlreadyExists = ecs.Code("RepositoryAlreadyExistsException")
	repositoryNotEmpty      = ecs.Code("RepositoryNotEmptyException")
	imageNotFound           = ecs.Code("ImageNotFoundException")
	imageAlreadyExists      = ecs.Code("ImageAlreadyExistsException")
	imageTagAlreadyExists   = ecs.Code("ImageTagAlreadyExistsException")
	imageDigestDoesNotMatch = ecs.Code("ImageDigestDoesNotMatchException")
	layersNotFound          = ecs.Code("LayersNotFoundException")
	referencedImagesMissing = ecs.Code("ReferencedImagesNotFoundException")
	policyNotFound          = ecs.Code("RepositoryPolicyNotFoundException")
	lifecycleNotFound       = ecs.Code("LifecyclePolicyNotFoundException")
)

// The most that there is of everything, so that what is kept is bounded.
const (
	mostRepositories = 1_000
	mostImages       = 10_000
	mostManifests    = 8 << 20 // bytes of all manifests together
	mostTags         = 50      // of a repository
	mostImageTags    = 1_000   // of an image
)

// Registry is the private registry of an account in a Region. The zero Registry has no repositories.
type Registry struct {
	Used         bool                   `json:"used,omitzero"` // a repository was made once
	Images       int                    `json:"images,omitzero"`
	Bytes        int                    `json:"bytes,omitzero"`    // of all manifests
	Sequence     int                    `json:"sequence,omitzero"` // of the last image
	Repositories map[string]*repository `json:"repositories,omitzero"`

	Has func(digest string) bool `json:"-"` // whether a layer or a configuration was uploaded; nil: nobody asks
}

// Home is whose registry it is, and where.
type Home struct {
	Account, Region string
	Endpoint        string // where Docker finds it: "http://127.0.0.1:5000"; empty: the host that AWS has
}

// repository is a repository with its images.
type repository struct {
	Name       string                  `json:"name"`
	CreatedAt  ecs.Instant             `json:"createdAt"`
	Mutability string                  `json:"imageTagMutability"`
	Exclusions []exclusionFilter       `json:"imageTagMutabilityExclusionFilters,omitzero"`
	Scanning   scanningConfiguration   `json:"imageScanningConfiguration"`
	Encryption encryptionConfiguration `json:"encryptionConfiguration"`
	Policy     string                  `json:"policy,omitzero"`
	Lifecycle  string                  `json:"lifecycle,omitzero"`
	Tags       []tag                   `json:"tags,omitzero"`
	Images     []*storedImage          `json:"images,omitzero"` // in the order in which they were pushed
	byDigest   map[string]*storedImage
	byTag      map[string]*storedImage
}

// storedImage is the manifest of an image, or an index of images.
type storedImage struct {
	Sequence  int         `json:"sequence"`
	Digest    string      `json:"digest"`
	Tags      []string    `json:"tags,omitzero"` // in the order in which they were set
	Manifest  string      `json:"manifest"`
	MediaType string      `json:"mediaType"`
	Artifact  string      `json:"artifactMediaType,omitzero"`
	Size      int64       `json:"size"` // of what the manifest names, in bytes
	PushedAt  ecs.Instant `json:"pushedAt"`
}

// index makes the maps of a repository that was read from JSON.
func (r *repository) index() {
	if r.byDigest != nil {
		return
	}
	r.byDigest, r.byTag = map[string]*storedImage{}, map[string]*storedImage{}
	for _, i := range r.Images {
		r.byDigest[i.Digest] = i
		for _, t := range i.Tags {
			r.byTag[t] = i
		}
	}
}

// find returns a repository by its name.
func (r *Registry) find(home Home, registryID, name string) (*repository, error) {
	found, ok := r.Repositories[name]
	switch {
	case name == "":
		return nil, fault(invalidParameter, "repositoryName", "repositoryName is required.")
	case !ok || registryID != "" && registryID != home.Account:
		return nil, fault(repositoryNotFound, "repositoryName",
			"The repository with name '%s' does not exist in the registry with id '%s'", name,
			cmp.Or(registryID, home.Account))
	}
	found.index()
	return found, nil
}

// ARN returns a repository's ARN. Source: Amazon ECR User Guide, "Amazon ECR private repositories".
func (h Home) ARN(repository string) string {
	return "arn:aws:ecr:" + h.Region + ":" + h.Account + ":repository/" + repository
}

// endpoint is where the registry is, with the scheme.
func (h Home) endpoint() string {
	return cmp.Or(h.Endpoint, "https://"+h.Account+".dkr.ecr."+h.Region+".amazonaws.com")
}

// host is the registry's host.
func (h Home) host() string {
	_, host, _ := strings.Cut(h.endpoint(), "://")
	return host
}

// Refusal returns why the registry does not hand out an image, in the words in which the agent reports it after
// "CannotPullContainerError: "; "" for an image that it has, and for one of another registry.
// Source: Amazon ECS Developer Guide, "CannotPullContainer task errors in Amazon ECS".
func (r *Registry) Refusal(home Home, reference string) string {
	if !r.Used {
		return ""
	}
	parsed, err := image.Parse(reference)
	if err != nil {
		return ""
	}
	place, ok := parsed.ECR()
	if !ok || place.Account != home.Account || place.Region != home.Region {
		return ""
	}
	found, err := r.find(home, "", place.Repository)
	if err != nil {
		return "Error response from daemon: name unknown: The repository with name '" + place.Repository +
			"' does not exist in the registry with id '" + home.Account + "'"
	}
	if found.has(parsed) {
		return ""
	}
	return "Error response from daemon: manifest for " + reference +
		" not found: manifest unknown: Requested image not found"
}

// has reports whether an image is there. A digest decides where there is a tag, too.
func (r *repository) has(i image.Image) bool {
	found := r.byTag[i.Tag]
	if i.Digest != "" {
		found = r.byDigest[i.Digest]
	}
	return found != nil
}

// immutable reports whether a tag cannot be set a second time.
// Source: Amazon ECR User Guide, "Preventing image tags from being overwritten in Amazon ECR".
func (r *repository) immutable(tag string) bool {
	excluded := slices.ContainsFunc(r.Exclusions, func(f exclusionFilter) bool { return matches(f.Filter, tag) })
	switch r.Mutability {
	case "IMMUTABLE":
		return true
	case "IMMUTABLE_WITH_EXCLUSION":
		return !excluded
	case "MUTABLE_WITH_EXCLUSION":
		return excluded
	}
	return false
}

// matches reports whether a tag is one of a filter, whose * is any text.
func matches(filter, tag string) bool {
	ok, err := path.Match(filter, tag) // a tag has no slash, and a filter no other sign of Match
	return err == nil && ok
}

// sorted returns the repositories in the order of their names.
func (r *Registry) sorted() []*repository {
	list := make([]*repository, 0, len(r.Repositories))
	for _, found := range r.Repositories { //order:any sorted below
		list = append(list, found)
	}
	slices.SortFunc(list, func(a, b *repository) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// at is a time of an answer.
func at(now time.Time) ecs.Instant { return ecs.At(now) }

// fault is an error of this service.
func fault(code ecs.Code, field, format string, args ...any) *ecs.Error {
	return ecs.Fault(code, field, fmt.Sprintf(format, args...))
}
