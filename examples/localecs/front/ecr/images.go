package ecr

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/bayplan/bayplan/internal/check"
)

// imageID names an image by its digest, by one of its tags, or by both.
type imageID struct {
	ImageDigest string `json:"imageDigest,omitempty"`
	ImageTag    string `json:"imageTag,omitempty"`
}

type putImageInput struct {
	RegistryID             string `json:"registryId"`
	RepositoryName         string `json:"repositoryName"`
	ImageManifest          string `json:"imageManifest"`
	ImageManifestMediaType string `json:"imageManifestMediaType"`
	ImageTag               string `json:"imageTag"`
	ImageDigest            string `json:"imageDigest"`
}

// shownImage is an image as PutImage and BatchGetImage show it.
type shownImage struct {
	RegistryID             string  `json:"registryId"`
	RepositoryName         string  `json:"repositoryName"`
	ImageID                imageID `json:"imageId"`
	ImageManifest          string  `json:"imageManifest"`
	ImageManifestMediaType string  `json:"imageManifestMediaType"`
}

type putImageOutput struct {
	Image shownImage `json:"image"`
}

// manifest is what is read of a manifest or an index.
type manifest struct {
	MediaType    string       `json:"mediaType"`
	ArtifactType string       `json:"artifactType"`
	Config       descriptor   `json:"config"`
	Layers       []descriptor `json:"layers"`
	Manifests    []descriptor `json:"manifests"`
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// size is that of all that a manifest names; negative sizes count as nothing.
func (m manifest) size() (sum int64) {
	const most = 1 << 50
	for _, d := range slices.Concat([]descriptor{m.Config}, m.Layers, m.Manifests) {
		sum = min(sum+min(max(d.Size, 0), most), most)
	}
	return sum
}

// digestOf is the digest of a manifest, byte for byte.
func digestOf(manifest string) string {
	sum := sha256.Sum256([]byte(manifest))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// read returns the image that a call puts.
func (in putImageInput) read() (*storedImage, manifest, error) {
	var m manifest
	const longest = 4 << 20
	if n := len(in.ImageManifest); n < 1 || n > longest {
		return nil, m, fault(invalidParameter, "imageManifest",
			"Invalid parameter at 'imageManifest': it has 1 to %d bytes; this has %d.", longest, n)
	}
	if err := json.Unmarshal([]byte(in.ImageManifest), &m); err != nil {
		return nil, m, fault(invalidParameter, "imageManifest",
			"Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
	}
	media := m.MediaType
	switch {
	case media == "" && in.ImageManifestMediaType == "":
		return nil, m, fault(invalidParameter, "imageManifestMediaType",
			"Invalid parameter at 'imageManifestMediaType': it is required for a manifest without mediaType.")
	case media != "" && in.ImageManifestMediaType != "" && media != in.ImageManifestMediaType:
		return nil, m, fault(invalidParameter, "imageManifestMediaType",
			"Invalid parameter at 'imageManifestMediaType': it is '%s', and the manifest says '%s'.",
			check.Shortened(in.ImageManifestMediaType), check.Shortened(media))
	case media == "":
		media = in.ImageManifestMediaType
	}
	artifact := m.ArtifactType
	if artifact == "" {
		artifact = m.Config.MediaType
	}
	i := &storedImage{Digest: digestOf(in.ImageManifest), Manifest: in.ImageManifest, MediaType: media,
		Artifact: artifact, Size: m.size()}
	if in.ImageDigest != "" && in.ImageDigest != i.Digest {
		return nil, m, fault(imageDigestDoesNotMatch, "imageDigest",
			"The digest '%s' does not match that of the manifest, '%s'.", check.Shortened(in.ImageDigest), i.Digest)
	}
	if in.ImageTag != "" && !isTag(in.ImageTag) {
		return nil, m, fault(invalidParameter, "imageTag", "Invalid parameter at 'imageTag': a tag has 1 to %d "+
			"letters, digits, and . _ -, and begins with a letter, a digit or _; this is '%s'.", longestTag,
			check.Shortened(in.ImageTag))
	}
	return i, m, nil
}

const longestTag = 300

func isTag(s string) bool {
	return len(s) <= longestTag && check.Only(s, "._-") && s[0] != '.' && s[0] != '-'
}

// putImage keeps a manifest, and sets a tag to it. Source: Amazon ECR API Reference, PutImage.
func putImage(r *Registry, home Home, now time.Time, in putImageInput) (out putImageOutput, err error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	put, m, err := in.read()
	if err != nil {
		return out, err
	}
	for _, d := range m.Manifests {
		if found.byDigest[d.Digest] == nil {
			return out, fault(referencedImagesMissing, "imageManifest",
				"Images with digests '[%s]' required for pushing image into repository with name '%s' in the "+
					"registry with id '%s' do not exist", check.Shortened(d.Digest), found.Name, home.Account)
		}
	}
	if digest := r.lacks(m); digest != "" {
		return out, fault(layersNotFound, "imageManifest", "Layers with digests '[%s]' required for pushing image "+
			"into repository with name '%s' in the registry with id '%s' do not exist", digest, found.Name,
			home.Account)
	}
	there, tagged := found.byDigest[put.Digest], found.byTag[in.ImageTag]
	switch {
	case there != nil && (in.ImageTag == "" || tagged == there):
		return out, fault(imageAlreadyExists, "imageTag", "Image with digest '%s' and tag '%s' already exists in the "+
			"repository with name '%s' in registry with id '%s'", put.Digest, in.ImageTag, found.Name, home.Account)
	case in.ImageTag != "" && tagged != nil && found.immutable(in.ImageTag):
		return out, fault(imageTagAlreadyExists, "imageTag",
			"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the "+
				"repository is immutable.", in.ImageTag, found.Name)
	case there != nil && len(there.Tags) >= mostImageTags:
		return out, fault(limitExceeded, "imageTag", "An image has at most %d tags.", mostImageTags)
	case there == nil && (r.Images >= mostImages || r.Bytes+len(in.ImageManifest) > mostManifests):
		return out, fault(limitExceeded, "", "A registry has at most %d images and %d bytes of manifests here.",
			mostImages, mostManifests)
	}
	if there == nil {
		there = r.add(found, put, now)
	}
	if in.ImageTag != "" {
		found.untag(in.ImageTag)
		there.Tags = append(there.Tags, in.ImageTag)
		found.byTag[in.ImageTag] = there
	}
	out.Image = there.shown(home, found.Name, imageID{there.Digest, in.ImageTag})
	return out, nil
}

// add keeps an image.
func (r *Registry) add(to *repository, i *storedImage, now time.Time) *storedImage {
	r.Sequence++
	r.Images, r.Bytes = r.Images+1, r.Bytes+len(i.Manifest)
	i.Sequence, i.PushedAt = r.Sequence, at(now)
	to.Images = append(to.Images, i)
	to.byDigest[i.Digest] = i
	return i
}

// untag takes a tag from the image that has it.
func (r *repository) untag(tag string) {
	if i := r.byTag[tag]; i != nil {
		i.Tags = slices.DeleteFunc(slices.Clone(i.Tags), func(t string) bool { return t == tag })
		delete(r.byTag, tag)
	}
}

// remove forgets an image with all its tags.
func (r *Registry) remove(from *repository, i *storedImage) {
	for _, t := range i.Tags {
		delete(from.byTag, t)
	}
	delete(from.byDigest, i.Digest)
	from.Images = slices.DeleteFunc(from.Images, func(o *storedImage) bool { return o == i })
	r.Images, r.Bytes = r.Images-1, r.Bytes-len(i.Manifest)
}

func (i *storedImage) shown(home Home, repository string, id imageID) shownImage {
	return shownImage{RegistryID: home.Account, RepositoryName: repository, ImageID: id, ImageManifest: i.Manifest,
		ImageManifestMediaType: i.MediaType}
}

// imageFailure says why a call did nothing about one of the images that it names.
type imageFailure struct {
	ImageID       imageID `json:"imageId"`
	FailureCode   string  `json:"failureCode"`
	FailureReason string  `json:"failureReason"`
}

// named returns the image that an ID names, or why there is none.
// Source: Amazon ECR API Reference, ImageFailure.
func (r *repository) named(id imageID) (*storedImage, *imageFailure) {
	fail := func(code, reason string) (*storedImage, *imageFailure) { return nil, &imageFailure{id, code, reason} }
	byDigest, byTag := r.byDigest[id.ImageDigest], r.byTag[id.ImageTag]
	switch {
	case id == imageID{}:
		return fail("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")
	case id.ImageDigest != "" && !isDigest(id.ImageDigest):
		return fail("InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex "+
			"'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
	case id.ImageTag != "" && !isTag(id.ImageTag):
		return fail("InvalidImageTag", "Invalid request parameters: image tag is not one that an image can have")
	case id.ImageDigest == "" && byTag == nil || id.ImageDigest != "" && byDigest == nil:
		return fail("ImageNotFound", "Requested image not found")
	case id.ImageDigest != "" && id.ImageTag != "" && byTag != byDigest:
		return fail("ImageTagDoesNotMatchDigest", "The image tag does not belong to the image with the digest")
	case byDigest != nil:
		return byDigest, nil
	}
	return byTag, nil
}

func isDigest(s string) bool {
	const prefix = "sha256:"
	return len(s) == len(prefix)+64 && s[:len(prefix)] == prefix && check.IsHex(s[len(prefix):], 64)
}

type batchInput struct {
	RegistryID     string    `json:"registryId"`
	RepositoryName string    `json:"repositoryName"`
	ImageIDs       []imageID `json:"imageIds"`
}

type batchGetImageInput struct {
	batchInput
	AcceptedMediaTypes []string `json:"acceptedMediaTypes" kept:""`
}

type batchGetImageOutput struct {
	Images   []shownImage   `json:"images"`
	Failures []imageFailure `json:"failures"`
}

// idFaults refuses a call without images, or with too many.
func idFaults(ids []imageID) error {
	if n := len(ids); n < 1 || n > mostNamed {
		return fault(invalidParameter, "imageIds", "Invalid parameter at 'imageIds': a call names 1 to %d images; "+
			"these are %d.", mostNamed, n)
	}
	return nil
}

// batchGetImage shows the manifests of images. One that is missing is a failure, and not an error. The media types
// that the caller accepts are not looked at: the manifest is shown as it was put.
// Source: Amazon ECR API Reference, BatchGetImage.
func batchGetImage(r *Registry, home Home, _ time.Time, in batchGetImageInput) (out batchGetImageOutput, err error) {
	out = batchGetImageOutput{[]shownImage{}, []imageFailure{}}
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if err := idFaults(in.ImageIDs); err != nil {
		return out, err
	}
	for _, id := range in.ImageIDs {
		i, failure := found.named(id)
		if failure != nil {
			out.Failures = append(out.Failures, *failure)
			continue
		}
		out.Images = append(out.Images, i.shown(home, found.Name, imageID{i.Digest, id.ImageTag}))
	}
	return out, nil
}

type batchDeleteImageOutput struct {
	ImageIDs []imageID      `json:"imageIds"`
	Failures []imageFailure `json:"failures"`
}

// batchDeleteImage takes tags away, and the image with its last one; by digest, the image with all its tags.
// Source: Amazon ECR API Reference, BatchDeleteImage.
func batchDeleteImage(r *Registry, home Home, _ time.Time, in batchInput) (out batchDeleteImageOutput, err error) {
	out = batchDeleteImageOutput{[]imageID{}, []imageFailure{}}
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if err := idFaults(in.ImageIDs); err != nil {
		return out, err
	}
	for _, id := range in.ImageIDs {
		i, failure := found.named(id)
		switch {
		case failure != nil:
			out.Failures = append(out.Failures, *failure)
			continue
		case found.listed(i):
			out.Failures = append(out.Failures, imageFailure{id, "ImageReferencedByManifestList",
				"Requested image referenced by manifest list: it cannot be deleted before the list is"})
			continue
		case id.ImageDigest == "":
			found.untag(id.ImageTag)
			out.ImageIDs = append(out.ImageIDs, imageID{i.Digest, id.ImageTag})
			if len(i.Tags) > 0 {
				continue
			}
		default:
			out.ImageIDs = append(out.ImageIDs, idsOf(i)...)
		}
		r.remove(found, i)
	}
	return out, nil
}

// idsOf are the names of an image: one a tag, or its digest alone.
func idsOf(i *storedImage) (ids []imageID) {
	for _, t := range i.Tags {
		ids = append(ids, imageID{i.Digest, t})
	}
	if ids == nil {
		ids = []imageID{{ImageDigest: i.Digest}}
	}
	return ids
}

// listed reports whether an index names an image.
func (r *repository) listed(i *storedImage) bool {
	return slices.ContainsFunc(r.Images, func(o *storedImage) bool {
		var m manifest
		if o == i || json.Unmarshal([]byte(o.Manifest), &m) != nil { // it was read when it was put
			return false
		}
		return slices.ContainsFunc(m.Manifests, func(d descriptor) bool { return d.Digest == i.Digest })
	})
}
