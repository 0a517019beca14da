package ecr_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/image"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

func digest(manifest string) string {
	sum := sha256.Sum256([]byte(manifest))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// The life of a repository, and what is refused.
//
// Seen to fail: a repository with images that is deleted without force.
func TestRepositories(t *testing.T) {
	w := newWorld(t)
	out := w.does("CreateRepository", m{"repositoryName": "team/web", "tags": []m{{"Key": "a", "Value": "1"}}})
	made := out["repository"].(m)
	require.Equal(t, "arn:aws:ecr:eu-west-1:123456789012:repository/team/web", made["repositoryArn"])
	require.Equal(t, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web", made["repositoryUri"])
	require.Equal(t, "MUTABLE", made["imageTagMutability"])
	require.Equal(t, m{"encryptionType": "AES256"}, made["encryptionConfiguration"])
	require.Equal(t, float64(w.now.Unix()), made["createdAt"])
	require.Contains(t, w.fails("CreateRepository", "RepositoryAlreadyExistsException",
		m{"repositoryName": "team/web"}),
		"The repository with name 'team/web' already exists in the registry with id '123456789012'")
	for _, bad := range []m{{}, {"repositoryName": "Web"}, {"repositoryName": "w"},
		{"repositoryName": "web", "imageTagMutability": "NEVER"},
		{"repositoryName": "web", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"},
		{"repositoryName": "web", "encryptionConfiguration": m{"encryptionType": "ROT13"}},
		{"repositoryName": "web", "registryId": "210987654321"},
		{"repositoryName": "web", "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
			"imageTagMutabilityExclusionFilters": []m{{"filterType": "REGEX", "filter": "v[0-9]"}}}} {
		w.fails("CreateRepository", "InvalidParameterException", bad)
	}
	w.does("CreateRepository", m{"repositoryName": "app"})
	all := w.does("DescribeRepositories", m{"maxResults": 1})
	require.Equal(t, "app", all["repositories"].([]any)[0].(m)["repositoryName"])
	rest := w.does("DescribeRepositories", m{"maxResults": 1, "nextToken": all["nextToken"]})
	require.Equal(t, "team/web", rest["repositories"].([]any)[0].(m)["repositoryName"])
	require.NotContains(t, rest, "nextToken")
	w.fails("DescribeRepositories", "InvalidParameterException", m{"nextToken": "%"})
	w.fails("DescribeRepositories", "InvalidParameterException", m{"maxResults": 1001})
	require.Contains(t, w.fails("DescribeRepositories", "RepositoryNotFoundException",
		m{"repositoryNames": []string{"no"}}),
		"The repository with name 'no' does not exist in the registry with id '123456789012'")

	w.does("PutImage", m{"repositoryName": "app", "imageManifest": manifest(1)})
	w.fails("DeleteRepository", "RepositoryNotEmptyException", m{"repositoryName": "app"})
	w.does("DeleteRepository", m{"repositoryName": "app", "force": true})
	require.Zero(t, w.registry.Images)
	require.Zero(t, w.registry.Bytes)
	w.fails("ListImages", "RepositoryNotFoundException", m{"repositoryName": "app"})
}

// Tags and policies are kept as they were given. The length of a tag is in characters.
//
// Seen to fail: the length of a tag in bytes.
func TestTagsAndPolicies(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web"})
	arn := home.ARN("web")
	w.does("TagResource", m{"resourceArn": arn, "tags": []m{{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}}})
	w.does("TagResource", m{"resourceArn": arn, "tags": []m{{"Key": "a", "Value": "3"}}})
	w.does("UntagResource", m{"resourceArn": arn, "tagKeys": []string{"b"}})
	require.Equal(t, []any{m{"Key": "a", "Value": "3"}},
		w.does("ListTagsForResource", m{"resourceArn": arn})["tags"])
	w.fails("TagResource", "InvalidTagParameterException",
		m{"resourceArn": arn, "tags": []m{{"Key": "aws:x", "Value": "1"}}})
	long := func(n int) m {
		return m{"resourceArn": arn, "tags": []m{{"Key": "a", "Value": strings.Repeat("é", n)}}}
	}
	w.does("TagResource", long(256))
	w.fails("TagResource", "InvalidTagParameterException", long(257))
	w.fails("TagResource", "InvalidParameterException", m{"resourceArn": "arn:aws:s3:::b", "tags": []m{}})
	many := []m{}
	for i := range 51 {
		many = append(many, m{"Key": fmt.Sprint(i), "Value": ""})
	}
	w.fails("TagResource", "TooManyTagsException", m{"resourceArn": arn, "tags": many})

	name := m{"repositoryName": "web"}
	w.fails("GetRepositoryPolicy", "RepositoryPolicyNotFoundException", name)
	w.fails("GetLifecyclePolicy", "LifecyclePolicyNotFoundException", name)
	w.fails("SetRepositoryPolicy", "InvalidParameterException", m{"repositoryName": "web", "policyText": "{"})
	w.does("SetRepositoryPolicy", m{"repositoryName": "web", "policyText": `{"Statement":[]}`})
	require.Equal(t, `{"Statement":[]}`, w.does("GetRepositoryPolicy", name)["policyText"])
	w.does("DeleteRepositoryPolicy", name)
	w.fails("DeleteRepositoryPolicy", "RepositoryPolicyNotFoundException", name)
	text := `{"rules":[]` + strings.Repeat(" ", 100) + "}"
	w.does("PutLifecyclePolicy", m{"repositoryName": "web", "lifecyclePolicyText": text})
	require.Equal(t, text, w.does("DeleteLifecyclePolicy", name)["lifecyclePolicyText"])
	w.fails("DeleteLifecyclePolicy", "LifecyclePolicyNotFoundException", name)
	w.does("PutImageScanningConfiguration",
		m{"repositoryName": "web", "imageScanningConfiguration": m{"scanOnPush": true}})
	shown := w.does("DescribeRepositories", m{"repositoryNames": []string{"web"}})["repositories"].([]any)[0].(m)
	require.Equal(t, m{"scanOnPush": true}, shown["imageScanningConfiguration"])
}

// A tag names the image that was put last under it; the repository may forbid that.
//
// Seen to fail: immutable that does not look at the filters.
func TestMutability(t *testing.T) {
	w := newWorld(t)
	put := func(repository, tag string, size int) m {
		return m{"repositoryName": repository, "imageTag": tag, "imageManifest": manifest(size)}
	}
	for _, k := range []struct {
		mutability string
		filter     string
		release    bool // release-1 may be set a second time
		latest     bool
	}{{"MUTABLE", "", true, true}, {"IMMUTABLE", "", false, false},
		{"IMMUTABLE_WITH_EXCLUSION", "late*", false, true}, {"MUTABLE_WITH_EXCLUSION", "release-*", false, true}} {
		name := strings.ToLower(k.mutability)
		in := m{"repositoryName": name, "imageTagMutability": k.mutability}
		if k.filter != "" {
			in["imageTagMutabilityExclusionFilters"] = []m{{"filterType": "WILDCARD", "filter": k.filter}}
		}
		w.does("CreateRepository", in)
		for tag, may := range map[string]bool{"release-1": k.release, "latest": k.latest} {
			w.does("PutImage", put(name, tag, len(tag)))
			if may {
				w.does("PutImage", put(name, tag, 100))
				continue
			}
			require.Contains(t, w.fails("PutImage", "ImageTagAlreadyExistsException", put(name, tag, 100)),
				"The image tag '"+tag+"' already exists in the '"+name+"' repository and cannot be overwritten "+
					"because the repository is immutable.")
		}
	}
	w.does("PutImageTagMutability", m{"repositoryName": "mutable", "imageTagMutability": "IMMUTABLE"})
	w.fails("PutImage", "ImageTagAlreadyExistsException", put("mutable", "latest", 7))
}

// Images by tag and by digest.
//
// Seen to fail: a tag that stays on the image that had it before.
func TestImages(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web"})
	one, two := manifest(1), manifest(2)
	first := w.does("PutImage", m{"repositoryName": "web", "imageManifest": one, "imageTag": "1"})["image"].(m)
	require.Equal(t, m{"imageDigest": digest(one), "imageTag": "1"}, first["imageId"])
	w.fails("PutImage", "ImageAlreadyExistsException", m{"repositoryName": "web", "imageManifest": one,
		"imageTag": "1"})
	w.fails("PutImage", "ImageAlreadyExistsException", m{"repositoryName": "web", "imageManifest": one})
	w.fails("PutImage", "ImageDigestDoesNotMatchException",
		m{"repositoryName": "web", "imageManifest": two, "imageDigest": digest(one)})
	w.fails("PutImage", "InvalidParameterException", m{"repositoryName": "web", "imageManifest": "{}"})
	w.fails("PutImage", "InvalidParameterException", m{"repositoryName": "web", "imageManifest": "no"})
	w.fails("PutImage", "InvalidParameterException", m{"repositoryName": "web", "imageManifest": two, "imageTag": "-"})
	w.fails("PutImage", "RepositoryNotFoundException", m{"repositoryName": "none", "imageManifest": two})
	w.does("PutImage", m{"repositoryName": "web", "imageManifest": one, "imageTag": "stable"})
	w.does("PutImage", m{"repositoryName": "web", "imageManifest": two, "imageTag": "1"})

	details := w.does("DescribeImages", m{"repositoryName": "web"})["imageDetails"].([]any)
	require.Len(t, details, 2)
	require.Equal(t, []any{"stable"}, details[0].(m)["imageTags"])
	require.Equal(t, float64(11), details[0].(m)["imageSizeInBytes"])
	require.Equal(t, []any{"1"}, details[1].(m)["imageTags"])
	byTag := w.does("DescribeImages", m{"repositoryName": "web", "imageIds": []m{{"imageTag": "1"}}})
	require.Equal(t, digest(two), byTag["imageDetails"].([]any)[0].(m)["imageDigest"])
	require.Contains(t, w.fails("DescribeImages", "ImageNotFoundException",
		m{"repositoryName": "web", "imageIds": []m{{"imageTag": "9"}}}), "{imageDigest:'null', imageTag:'9'}")
	require.Equal(t, []any{m{"imageDigest": digest(one), "imageTag": "stable"},
		m{"imageDigest": digest(two), "imageTag": "1"}}, w.does("ListImages", m{"repositoryName": "web"})["imageIds"])

	got := w.does("BatchGetImage", m{"repositoryName": "web", "imageIds": []m{{"imageTag": "1"}, {"imageTag": "no"},
		{"imageDigest": digest(one), "imageTag": "1"}, {"imageDigest": "sha256:x"}, {}}})
	require.Equal(t, two, got["images"].([]any)[0].(m)["imageManifest"])
	codes := []any{}
	for _, f := range got["failures"].([]any) {
		codes = append(codes, f.(m)["failureCode"])
	}
	require.Equal(t, []any{"ImageNotFound", "ImageTagDoesNotMatchDigest", "InvalidImageDigest", "MissingDigestAndTag"},
		codes)

	gone := w.does("BatchDeleteImage", m{"repositoryName": "web", "imageIds": []m{{"imageTag": "stable"}}})
	require.Len(t, gone["imageIds"], 1)
	require.Len(t, w.does("ListImages", m{"repositoryName": "web"})["imageIds"], 1)
	w.does("BatchDeleteImage", m{"repositoryName": "web", "imageIds": []m{{"imageDigest": digest(two)}}})
	require.Empty(t, w.does("ListImages", m{"repositoryName": "web"})["imageIds"])
	require.Zero(t, w.registry.Bytes)
}

// An index needs its images, and they cannot go before it.
//
// Seen to fail: an index whose images are not looked for.
func TestIndex(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web"})
	one := manifest(1)
	data, err := json.Marshal(m{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
		"manifests": []m{{"digest": digest(one), "size": len(one)}}})
	require.NoError(t, err)
	index := m{"repositoryName": "web", "imageManifest": string(data), "imageTag": "1"}
	w.fails("PutImage", "ReferencedImagesNotFoundException", index)
	w.does("PutImage", m{"repositoryName": "web", "imageManifest": one})
	w.does("PutImage", index)
	remove := m{"repositoryName": "web", "imageIds": []m{{"imageDigest": digest(one)}}}
	failures := w.does("BatchDeleteImage", remove)["failures"].([]any)
	require.Equal(t, "ImageReferencedByManifestList", failures[0].(m)["failureCode"])
	require.Len(t, w.does("ListImages", m{"repositoryName": "web", "filter": m{"tagStatus": "UNTAGGED"}})["imageIds"],
		1)
	w.does("BatchDeleteImage", m{"repositoryName": "web", "imageIds": []m{{"imageTag": "1"}}})
	require.Empty(t, w.does("BatchDeleteImage", remove)["failures"])
}

// The password of a token has no colon, and no two are alike.
func TestAuthorizationToken(t *testing.T) {
	w := newWorld(t)
	token := func() string {
		data := w.does("GetAuthorizationToken", m{})["authorizationData"].([]any)[0].(m)
		require.Equal(t, "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com", data["proxyEndpoint"])
		require.Equal(t, float64(w.now.Unix()+12*3600), data["expiresAt"])
		plain, err := base64.StdEncoding.DecodeString(data["authorizationToken"].(string))
		require.NoError(t, err)
		user, password, _ := strings.Cut(string(plain), ":")
		require.Equal(t, "AWS", user)
		require.NotContains(t, password, ":")
		require.GreaterOrEqual(t, len(password), 64)
		return password
	}
	require.NotEqual(t, token(), token())
}

// Refusal is about images of this registry alone, and about none before there is a repository.
//
// Seen to fail: each condition of it left out.
func TestRefusal(t *testing.T) {
	w := newWorld(t)
	const here = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/"
	require.Empty(t, w.registry.Refusal(home, here+"web:1"), "nobody has told it anything yet")
	w.does("CreateRepository", m{"repositoryName": "web"})
	w.does("PutImage", m{"repositoryName": "web", "imageManifest": manifest(1), "imageTag": "1"})
	for reference, why := range map[string]string{
		here + "web:1": "", here + "web@" + digest(manifest(1)): "", here + "web:other@" + digest(manifest(1)): "",
		here + "web": "manifest for " + here +
			"web not found: manifest unknown: Requested image not found",
		here + "web:2": "manifest for " + here +
			"web:2 not found: manifest unknown: Requested image not found",
		here + "web:1@" + digest(manifest(2)): "Requested image not found",
		here + "app:1": "The repository with name 'app' does not exist in the registry with " +
			"id '123456789012'",
		"nginx":                                             "",
		"public.ecr.aws/docker/library/nginx":               "",
		"not an image":                                      "",
		strings.Replace(here, "1", "2", 1):                  "",
		"210987654321" + here[12:] + "web:9":                "",
		strings.ReplaceAll(here, "west", "north") + "web:9": "",
	} {
		got := w.registry.Refusal(home, reference)
		if why == "" {
			require.Empty(t, got, reference)
		} else {
			require.Contains(t, got, why, reference)
		}
	}
	_, err := image.Parse("not an image")
	require.Error(t, err)
}

// A registry goes through JSON without a loss: what is kept on the disk answers as before.
func TestKept(t *testing.T) {
	w := newWorld(t)
	w.does("CreateRepository", m{"repositoryName": "web"})
	w.does("PutImage", m{"repositoryName": "web", "imageManifest": manifest(1), "imageTag": "1"})
	require.Equal(t, 2, w.kept)
	before := w.does("DescribeImages", m{"repositoryName": "web"})
	require.Equal(t, 2, w.kept, "a call that looks changes nothing")
	data, err := json.Marshal(w.registry)
	require.NoError(t, err)
	w.registry = &ecr.Registry{}
	require.NoError(t, json.Unmarshal(data, w.registry))
	require.Equal(t, before, w.does("DescribeImages", m{"repositoryName": "web"}))
	require.Empty(t, w.registry.Refusal(home, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1"))
	w.fails("PutImage", "ImageAlreadyExistsException",
		m{"repositoryName": "web", "imageManifest": manifest(1), "imageTag": "1"})
}
