package ecr

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// World is what this service asks of the world of a Region.
type World interface {
	Now() time.Time
	// Images returns the registry, and where it is.
	Images() (*Registry, Home)
	// KeepImages makes durable what a call has changed.
	KeepImages() error
}

// looks returns an operation that only looks.
func looks[In, Out any](f func(*Registry, Home, time.Time, In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		r, home := w.Images()
		return f(r, home, w.Now(), in)
	})
}

// changes returns an operation that changes the registry, unless it fails.
func changes[In, Out any](f func(*Registry, Home, time.Time, In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		r, home := w.Images()
		out, err := f(r, home, w.Now(), in)
		if err != nil {
			return nil, err
		}
		return out, w.KeepImages()
	})
}

// Operations returns what is served of Amazon ECR, and what is refused by name.
func Operations() operation.Table[World] {
	return operation.Joined(unmodelled(), operation.Table[World]{
		"CreateRepository":              changes(createRepository),
		"DescribeRepositories":          looks(describeRepositories),
		"DeleteRepository":              changes(deleteRepository),
		"PutImageTagMutability":         changes(putImageTagMutability),
		"PutImageScanningConfiguration": changes(putImageScanningConfiguration),
		"PutImage":                      changes(putImage),
		"BatchGetImage":                 looks(batchGetImage),
		"BatchDeleteImage":              changes(batchDeleteImage),
		"DescribeImages":                looks(describeImages),
		"ListImages":                    looks(listImages),
		"SetRepositoryPolicy":           changes(setRepositoryPolicy),
		"GetRepositoryPolicy":           looks(getRepositoryPolicy),
		"DeleteRepositoryPolicy":        changes(deleteRepositoryPolicy),
		"PutLifecyclePolicy":            changes(putLifecyclePolicy),
		"GetLifecyclePolicy":            looks(getLifecyclePolicy),
		"DeleteLifecyclePolicy":         changes(deleteLifecyclePolicy),
		"TagResource":                   changes(tagResource),
		"UntagResource":                 changes(untagResource),
		"ListTagsForResource":           looks(listTagsForResource),
		"DescribeRegistry":              looks(describeRegistry),
		"GetAuthorizationToken":         looks(getAuthorizationToken),
	})
}

// unmodelled are the actions of Amazon ECR that are not modelled: those about layers, scans, signatures, caches and
// copies in other registries.
func unmodelled() operation.Table[World] {
	return operation.Unmodelled[World](ecs.UnsupportedFeatureException,
		"BatchCheckLayerAvailability", "BatchGetRepositoryScanningConfiguration", "CompleteLayerUpload",
		"CreatePullThroughCacheRule", "CreateRepositoryCreationTemplate", "DeletePullThroughCacheRule",
		"DeleteRegistryPolicy", "DeleteRepositoryCreationTemplate", "DeleteSigningConfiguration",
		"DeregisterPullTimeUpdateExclusion", "DescribeImageReplicationStatus", "DescribeImageScanFindings",
		"DescribeImageSigningStatus", "DescribePullThroughCacheRules", "DescribeReplicationBackfillResults",
		"DescribeRepositoryCreationTemplates", "GetAccountSetting", "GetDownloadUrlForLayer",
		"GetLifecyclePolicyPreview", "GetRegistryPolicy", "GetRegistryScanningConfiguration",
		"GetSigningConfiguration", "InitiateLayerUpload", "ListImageReferrers", "ListPullTimeUpdateExclusions",
		"ListReplicationBackfills", "PutAccountSetting", "PutRegistryPolicy", "PutRegistryScanningConfiguration",
		"PutReplicationConfiguration", "PutSigningConfiguration", "RegisterPullTimeUpdateExclusion",
		"StartImageScan", "StartLifecyclePolicyPreview", "StartReplicationBackfill", "StopReplicationBackfill",
		"UpdateImageStorageClass", "UpdatePullThroughCacheRule", "UpdateRepositoryCreationTemplate",
		"UploadLayerPart", "ValidatePullThroughCacheRule")
}

// Named says what the members of an input name, for policies: see front.
func Named() map[string]string {
	const (
		repository = "repository=repositoryName"
		resource   = "repository=resourceArn"
	)
	return map[string]string{
		"CreateRepository": repository, "DescribeRepositories": "repository=repositoryNames",
		"DeleteRepository": repository, "PutImageTagMutability": repository,
		"PutImageScanningConfiguration": repository, "PutImage": repository, "BatchGetImage": repository,
		"BatchDeleteImage": repository, "DescribeImages": repository, "ListImages": repository,
		"SetRepositoryPolicy": repository, "GetRepositoryPolicy": repository, "DeleteRepositoryPolicy": repository,
		"PutLifecyclePolicy": repository, "GetLifecyclePolicy": repository, "DeleteLifecyclePolicy": repository,
		"TagResource": resource, "UntagResource": resource, "ListTagsForResource": resource,
		"DescribeRegistry": "", "GetAuthorizationToken": "",
	}
}

type describeRegistryInput struct{}

// describeRegistry shows whose registry it is. Source: Amazon ECR API Reference, DescribeRegistry.
func describeRegistry(_ *Registry, home Home, _ time.Time, _ describeRegistryInput) (any, error) {
	return operation.Object{"registryId": home.Account,
		"replicationConfiguration": operation.Object{"rules": []string{}}}, nil
}

type getAuthorizationTokenInput struct {
	RegistryIDs []string `json:"registryIds"`
}

type authorizationData struct {
	AuthorizationToken string      `json:"authorizationToken"`
	ExpiresAt          ecs.Instant `json:"expiresAt"`
	ProxyEndpoint      string      `json:"proxyEndpoint"`
}

// tokenLife is how long a token is good. Source: Amazon ECR User Guide, "Private registry authentication".
const tokenLife = 12 * time.Hour

// getAuthorizationToken gives out a password that nobody can guess, for the user AWS. It opens nothing here.
// Source: Amazon ECR API Reference, GetAuthorizationToken.
func getAuthorizationToken(_ *Registry, home Home, now time.Time, in getAuthorizationTokenInput) (any, error) {
	const most = 10
	if n := len(in.RegistryIDs); n > most {
		return nil, fault(invalidParameter, "registryIds", "Invalid parameter at 'registryIds': there are at most "+
			"%d; these are %d.", most, n)
	}
	registries := in.RegistryIDs
	if len(registries) == 0 {
		registries = []string{home.Account}
	}
	password := make([]byte, 32)
	if _, err := rand.Read(password); err != nil {
		return nil, err
	}
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + hex.EncodeToString(password))) // no second colon
	data := []authorizationData{}
	for _, id := range registries {
		data = append(data, authorizationData{AuthorizationToken: token, ExpiresAt: at(now.Add(tokenLife)),
			ProxyEndpoint: "https://" + Home{id, home.Region}.host()})
	}
	return operation.Object{"authorizationData": data}, nil
}
