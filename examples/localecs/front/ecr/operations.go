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
	// Look calls f with the registry and where it is, one call at a time, and returns f's error.
	Look(f func(*Registry, Home) error) error
	// Change calls f as Look does. It returns nil when what f did is durable. If f fails, it has changed nothing.
	Change(f func(*Registry, Home) error) error
	// Password returns a password of the user AWS that is good until a time. It has no colon.
	Password(until time.Time) (string, error)
}

// looks returns an operation that only looks.
func looks[In, Out any](f func(*Registry, Home, time.Time, In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		var out Out
		err := w.Look(func(r *Registry, home Home) (err error) {
			out, err = f(r, home, w.Now(), in)
			return err
		})
		return out, err
	})
}

// changes returns an operation that changes the registry, unless it fails.
func changes[In, Out any](f func(*Registry, Home, time.Time, In) (Out, error)) operation.Operation[World] {
	return operation.With(func(w World, in In) (any, error) {
		var out Out
		err := w.Change(func(r *Registry, home Home) (err error) {
			out, err = f(r, home, w.Now(), in)
			return err
		})
		return out, err
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
		"GetAuthorizationToken":         operation.With(getAuthorizationToken),
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

// getAuthorizationToken gives out a password for the user AWS.
// Source: Amazon ECR API Reference, GetAuthorizationToken.
func getAuthorizationToken(w World, in getAuthorizationTokenInput) (any, error) {
	const most = 10
	if n := len(in.RegistryIDs); n > most {
		return nil, fault(invalidParameter, "registryIds", "Invalid parameter at 'registryIds': there are at most "+
			"%d; these are %d.", most, n)
	}
	until := w.Now().Add(tokenLife)
	password, err := w.Password(until)
	if err != nil {
		return nil, err
	}
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password)) // clients cut it at its only colon
	data := []authorizationData{}
	err = w.Look(func(_ *Registry, home Home) error {
		for _, id := range orOwn(in.RegistryIDs, home) {
			of := home
			of.Account = id
			data = append(data, authorizationData{AuthorizationToken: token, ExpiresAt: at(until),
				ProxyEndpoint: of.endpoint()})
		}
		return nil
	})
	return operation.Object{"authorizationData": data}, err
}

// orOwn are the registries that a call names, or that of the account.
func orOwn(ids []string, home Home) []string {
	if len(ids) == 0 {
		return []string{home.Account}
	}
	return ids
}

// RandomPassword returns a password that opens nothing, for a world whose registry nothing is pulled from.
func RandomPassword() (string, error) {
	password := make([]byte, 32)
	_, err := rand.Read(password)
	return hex.EncodeToString(password), err
}
