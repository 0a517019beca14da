package ecr

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// imageFilter picks images by whether they have a tag.
type imageFilter struct {
	TagStatus string   `json:"tagStatus"`
	_         struct{} `unmodelled:"imageStatus"`
}

// takes reports whether the filter lets an image through.
func (f imageFilter) takes(i *storedImage) bool {
	switch f.TagStatus {
	case "TAGGED":
		return len(i.Tags) > 0
	case "UNTAGGED":
		return len(i.Tags) == 0
	}
	return true
}

func (f imageFilter) fault() error {
	switch f.TagStatus {
	case "", "ANY", "TAGGED", "UNTAGGED":
		return nil
	}
	return oneOf("filter.tagStatus", f.TagStatus, "TAGGED, UNTAGGED, ANY")
}

type describeImagesInput struct {
	RegistryID     string       `json:"registryId"`
	RepositoryName string       `json:"repositoryName"`
	ImageIDs       []imageID    `json:"imageIds"`
	NextToken      string       `json:"nextToken"`
	MaxResults     ecs.Opt[int] `json:"maxResults"`
	Filter         imageFilter  `json:"filter"`
}

// imageDetail is an image as DescribeImages shows it.
type imageDetail struct {
	RegistryID             string      `json:"registryId"`
	RepositoryName         string      `json:"repositoryName"`
	ImageDigest            string      `json:"imageDigest"`
	ImageTags              []string    `json:"imageTags,omitempty"`
	ImageSizeInBytes       int64       `json:"imageSizeInBytes"`
	ImagePushedAt          ecs.Instant `json:"imagePushedAt"`
	ImageManifestMediaType string      `json:"imageManifestMediaType"`
	ArtifactMediaType      string      `json:"artifactMediaType,omitempty"`
}

type describeImagesOutput struct {
	ImageDetails []imageDetail `json:"imageDetails"`
	NextToken    string        `json:"nextToken,omitempty"`
}

// describeImages shows images, one entry a digest: those that are named, or all in the order in which they were
// pushed. Source: Amazon ECR API Reference, DescribeImages.
func describeImages(r *Registry, home Home, _ time.Time, in describeImagesInput) (out describeImagesOutput, err error) {
	out.ImageDetails = []imageDetail{}
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if err := in.Filter.fault(); err != nil {
		return out, err
	}
	list := found.filtered(in.Filter)
	if len(in.ImageIDs) > 0 {
		if list, err = found.asked(home, in); err != nil {
			return out, err
		}
	} else if list, out.NextToken, err = page(list, place, in.NextToken, in.MaxResults); err != nil {
		return out, err
	}
	for _, i := range list {
		out.ImageDetails = append(out.ImageDetails, imageDetail{RegistryID: home.Account, RepositoryName: found.Name,
			ImageDigest: i.Digest, ImageTags: append([]string(nil), i.Tags...), ImageSizeInBytes: i.Size,
			ImagePushedAt: i.PushedAt, ImageManifestMediaType: i.MediaType, ArtifactMediaType: i.Artifact})
	}
	return out, nil
}

// asked returns the images that a call names, each once.
func (r *repository) asked(home Home, in describeImagesInput) (list []*storedImage, err error) {
	if n := len(in.ImageIDs); n > mostNamed {
		return nil, tooMany("imageIds", n)
	}
	if in.NextToken != "" || !in.MaxResults.IsZero() {
		return nil, fault(invalidParameter, "maxResults", "Invalid parameter at 'maxResults': maxResults and "+
			"nextToken cannot be used with imageIds.")
	}
	met := map[string]bool{}
	for _, id := range in.ImageIDs {
		i, failure := r.named(id)
		if failure != nil {
			return nil, fault(imageNotFound, "imageIds", "The image with imageId {imageDigest:'%s', imageTag:'%s'} "+
				"does not exist within the repository with name '%s' in the registry with id '%s'",
				orNull(id.ImageDigest), orNull(id.ImageTag), r.Name, home.Account)
		}
		if !met[i.Digest] && in.Filter.takes(i) {
			list = append(list, i)
		}
		met[i.Digest] = true
	}
	return list, nil
}

// orNull is how AWS prints a part of an image ID that is not there.
func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// filtered returns the images that a filter lets through, in the order in which they were pushed.
func (r *repository) filtered(f imageFilter) (list []*storedImage) {
	for _, i := range r.Images {
		if f.takes(i) {
			list = append(list, i)
		}
	}
	return list
}

// place is the key of an image in the order in which they were pushed.
func place(i *storedImage) string { return fmt.Sprintf("%016d", i.Sequence) }

type listImagesInput struct {
	RegistryID     string       `json:"registryId"`
	RepositoryName string       `json:"repositoryName"`
	NextToken      string       `json:"nextToken"`
	MaxResults     ecs.Opt[int] `json:"maxResults"`
	Filter         imageFilter  `json:"filter"`
}

type listImagesOutput struct {
	ImageIDs  []imageID `json:"imageIds"`
	NextToken string    `json:"nextToken,omitempty"`
}

// listImages lists the images of a repository, one entry a tag; those without a tag by their digest only.
// Source: Amazon ECR API Reference, ListImages.
func listImages(r *Registry, home Home, _ time.Time, in listImagesInput) (out listImagesOutput, err error) {
	out.ImageIDs = []imageID{}
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if err := in.Filter.fault(); err != nil {
		return out, err
	}
	type entry struct {
		id  imageID
		key string
	}
	var list []entry
	for _, i := range found.filtered(in.Filter) {
		for n, id := range idsOf(i) {
			list = append(list, entry{id, fmt.Sprintf("%s/%04d", place(i), n)})
		}
	}
	list, out.NextToken, err = page(list, func(e entry) string { return e.key }, in.NextToken, in.MaxResults)
	for _, e := range list {
		out.ImageIDs = append(out.ImageIDs, e.id)
	}
	return out, err
}
