package ecr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
	"github.com/bayplan/bayplan/internal/check"
)

// exclusionFilter names tags whose mutability is not that of the repository.
type exclusionFilter struct {
	FilterType string `json:"filterType"`
	Filter     string `json:"filter"`
}

type scanningConfiguration struct {
	ScanOnPush bool `json:"scanOnPush"`
}

type encryptionConfiguration struct {
	EncryptionType string `json:"encryptionType"`
	KmsKey         string `json:"kmsKey,omitzero"`
}

// tag is a tag of a repository. Unlike the other members of this API its own begin with capital letters.
type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type createRepositoryInput struct {
	RegistryID                         string                   `json:"registryId"`
	RepositoryName                     string                   `json:"repositoryName"`
	Tags                               []tag                    `json:"tags"`
	ImageTagMutability                 string                   `json:"imageTagMutability"`
	ImageTagMutabilityExclusionFilters []exclusionFilter        `json:"imageTagMutabilityExclusionFilters"`
	ImageScanningConfiguration         *scanningConfiguration   `json:"imageScanningConfiguration" kept:""`
	EncryptionConfiguration            *encryptionConfiguration `json:"encryptionConfiguration" kept:""`
}

// shownRepository is a repository as answers have it.
type shownRepository struct {
	RepositoryArn                      string                  `json:"repositoryArn"`
	RegistryID                         string                  `json:"registryId"`
	RepositoryName                     string                  `json:"repositoryName"`
	RepositoryURI                      string                  `json:"repositoryUri"`
	CreatedAt                          ecs.Instant             `json:"createdAt"`
	ImageTagMutability                 string                  `json:"imageTagMutability"`
	ImageTagMutabilityExclusionFilters []exclusionFilter       `json:"imageTagMutabilityExclusionFilters,omitempty"`
	ImageScanningConfiguration         scanningConfiguration   `json:"imageScanningConfiguration"`
	EncryptionConfiguration            encryptionConfiguration `json:"encryptionConfiguration"`
}

type repositoryOutput struct {
	Repository shownRepository `json:"repository"`
}

func (r *repository) shown(home Home) shownRepository {
	return shownRepository{RepositoryArn: home.ARN(r.Name), RegistryID: home.Account, RepositoryName: r.Name,
		RepositoryURI: home.host() + "/" + r.Name, CreatedAt: r.CreatedAt, ImageTagMutability: r.Mutability,
		ImageTagMutabilityExclusionFilters: slices.Clone(r.Exclusions), ImageScanningConfiguration: r.Scanning,
		EncryptionConfiguration: r.Encryption}
}

// createRepository makes a repository. Source: Amazon ECR API Reference, CreateRepository.
func createRepository(r *Registry, home Home, now time.Time, in createRepositoryInput) (repositoryOutput, error) {
	made := &repository{Name: in.RepositoryName, CreatedAt: at(now), Mutability: cmp.Or(in.ImageTagMutability,
		"MUTABLE"),
		Exclusions: in.ImageTagMutabilityExclusionFilters, Tags: in.Tags,
		Encryption: encryptionConfiguration{EncryptionType: "AES256"}}
	if in.ImageScanningConfiguration != nil {
		made.Scanning = *in.ImageScanningConfiguration
	}
	if in.EncryptionConfiguration != nil {
		made.Encryption = *in.EncryptionConfiguration
	}
	var faults ecs.ErrorList
	for e := range ecs.Errors(image.ValidateRepositoryName(in.RepositoryName)) {
		faults = append(faults, e)
	}
	faults = append(faults, mutabilityFaults(made.Mutability, made.Exclusions)...)
	faults = append(faults, tagFaults(in.Tags)...)
	if !slices.Contains([]string{"AES256", "KMS", "KMS_DSSE"}, made.Encryption.EncryptionType) {
		faults = append(faults, oneOf("encryptionConfiguration.encryptionType", made.Encryption.EncryptionType,
			"AES256, KMS, KMS_DSSE"))
	}
	if in.RegistryID != "" && in.RegistryID != home.Account {
		faults = append(faults, fault(invalidParameter, "registryId",
			"Invalid parameter at 'registryId': repositories are made in the registry %s.", home.Account))
	}
	if err := faults.Err(); err != nil {
		return repositoryOutput{}, err
	}
	if _, there := r.Repositories[made.Name]; there {
		return repositoryOutput{}, fault(repositoryAlreadyExists, "repositoryName",
			"The repository with name '%s' already exists in the registry with id '%s'", made.Name, home.Account)
	}
	if len(r.Repositories) >= mostRepositories {
		return repositoryOutput{}, fault(limitExceeded, "", "A registry has at most %d repositories here.",
			mostRepositories)
	}
	if r.Repositories == nil {
		r.Repositories = map[string]*repository{}
	}
	r.Used, r.Repositories[made.Name] = true, made
	return repositoryOutput{made.shown(home)}, nil
}

// oneOf refuses a value that is not one of those listed.
func oneOf(path, value, of string) *ecs.Error {
	return fault(invalidParameter, path, "Invalid parameter at '%s': it is one of %s, and not '%s'.", path, of,
		check.Shortened(value))
}

// mutabilityFaults are what is wrong with a mutability and its filters.
// Source: Amazon ECR API Reference, ImageTagMutabilityExclusionFilter.
func mutabilityFaults(mutability string, filters []exclusionFilter) (faults ecs.ErrorList) {
	excludes := strings.HasSuffix(mutability, "_WITH_EXCLUSION")
	if !slices.Contains([]string{"MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"},
		mutability) {
		faults = append(faults, oneOf("imageTagMutability", mutability,
			"MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION"))
	}
	const field = "imageTagMutabilityExclusionFilters"
	if excludes != (len(filters) > 0) || len(filters) > 5 {
		faults = append(faults, fault(invalidParameter, field,
			"Invalid parameter at '%s': from 1 to 5 filters belong to a mutability with exclusions, and none to "+
				"another one; there are %d.", field, len(filters)))
	}
	for i, f := range filters {
		at := fmt.Sprintf("%s[%d].", field, i)
		if f.FilterType != "WILDCARD" {
			faults = append(faults, oneOf(at+"filterType", f.FilterType, "WILDCARD"))
		}
		if n := len(f.Filter); n < 1 || n > 128 || !check.Only(f.Filter, "._*-") {
			faults = append(faults, fault(invalidParameter, at+"filter",
				"Invalid parameter at '%sfilter': a filter has 1 to 128 letters, digits, and . _ * -; this is '%s'.",
				at, check.Shortened(f.Filter)))
		}
	}
	return faults
}

type describeRepositoriesInput struct {
	RegistryID      string       `json:"registryId"`
	RepositoryNames []string     `json:"repositoryNames"`
	NextToken       string       `json:"nextToken"`
	MaxResults      ecs.Opt[int] `json:"maxResults"`
}

type describeRepositoriesOutput struct {
	Repositories []shownRepository `json:"repositories"`
	NextToken    string            `json:"nextToken,omitempty"`
}

// describeRepositories lists the repositories that are named, in that order, or all in the order of their names.
// Source: Amazon ECR API Reference, DescribeRepositories.
func describeRepositories(
	r *Registry, home Home, _ time.Time, in describeRepositoriesInput,
) (out describeRepositoriesOutput, err error) {
	out.Repositories = []shownRepository{}
	if len(in.RepositoryNames) > 0 {
		if in.NextToken != "" || !in.MaxResults.IsZero() {
			return out, fault(invalidParameter, "maxResults",
				"Invalid parameter at 'maxResults': maxResults and nextToken cannot be used with repositoryNames.")
		}
		if n := len(in.RepositoryNames); n > mostNamed {
			return out, tooMany("repositoryNames", n)
		}
		for _, name := range in.RepositoryNames {
			found, err := r.find(home, in.RegistryID, name)
			if err != nil {
				return out, err
			}
			out.Repositories = append(out.Repositories, found.shown(home))
		}
		return out, nil
	}
	if in.RegistryID != "" && in.RegistryID != home.Account {
		return out, nil
	}
	list, next, err := page(r.sorted(), func(found *repository) string { return found.Name }, in.NextToken,
		in.MaxResults)
	for _, found := range list {
		out.Repositories = append(out.Repositories, found.shown(home))
	}
	out.NextToken = next
	return out, err
}

type deleteRepositoryInput struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
	Force          bool   `json:"force"`
}

// deleteRepository deletes a repository; one with images by force only.
// Source: Amazon ECR API Reference, DeleteRepository.
func deleteRepository(r *Registry, home Home, _ time.Time, in deleteRepositoryInput) (out repositoryOutput, err error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if len(found.Images) > 0 && !in.Force {
		return out, fault(repositoryNotEmpty, "repositoryName",
			"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains "+
				"images", found.Name, home.Account)
	}
	for _, i := range found.Images {
		r.Images, r.Bytes = r.Images-1, r.Bytes-len(i.Manifest)
	}
	delete(r.Repositories, found.Name)
	return repositoryOutput{found.shown(home)}, nil
}

type putImageTagMutabilityInput struct {
	RegistryID                         string            `json:"registryId"`
	RepositoryName                     string            `json:"repositoryName"`
	ImageTagMutability                 string            `json:"imageTagMutability"`
	ImageTagMutabilityExclusionFilters []exclusionFilter `json:"imageTagMutabilityExclusionFilters"`
}

// putImageTagMutability changes whether tags can be set a second time; those that there are stay.
// Source: Amazon ECR API Reference, PutImageTagMutability.
func putImageTagMutability(r *Registry, home Home, _ time.Time, in putImageTagMutabilityInput) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if err := mutabilityFaults(in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters).Err(); err != nil {
		return nil, err
	}
	found.Mutability, found.Exclusions = in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters
	out := map[string]any{"registryId": home.Account, "repositoryName": found.Name,
		"imageTagMutability": found.Mutability}
	if len(found.Exclusions) > 0 {
		out["imageTagMutabilityExclusionFilters"] = slices.Clone(found.Exclusions)
	}
	return out, nil
}

type putImageScanningConfigurationInput struct {
	RegistryID                 string                 `json:"registryId"`
	RepositoryName             string                 `json:"repositoryName"`
	ImageScanningConfiguration *scanningConfiguration `json:"imageScanningConfiguration" kept:""`
}

// putImageScanningConfiguration keeps whether images are scanned; nothing scans them.
// Source: Amazon ECR API Reference, PutImageScanningConfiguration.
func putImageScanningConfiguration(
	r *Registry, home Home, _ time.Time, in putImageScanningConfigurationInput,
) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.ImageScanningConfiguration == nil {
		return nil, fault(invalidParameter, "imageScanningConfiguration",
			"Invalid parameter at 'imageScanningConfiguration': it is required.")
	}
	found.Scanning = *in.ImageScanningConfiguration
	return map[string]any{"registryId": home.Account, "repositoryName": found.Name,
		"imageScanningConfiguration": found.Scanning}, nil
}
