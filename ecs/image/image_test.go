package image_test

import (
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Facts 6.3, the table of Docker Hub's shorthand, and more of the grammar of 6.2.
func TestParseImage(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for given, canonical := range map[string]string{ //order:any each alone
		"ubuntu":                               "docker.io/library/ubuntu:latest",
		"ubuntu:22.04":                         "docker.io/library/ubuntu:22.04",
		"amazon/amazon-ecs-agent":              "docker.io/amazon/amazon-ecs-agent:latest",
		"localhost/app":                        "localhost/app:latest",
		"myhost/app":                           "docker.io/myhost/app:latest",
		"myhost:5000/app":                      "myhost:5000/app:latest",
		"reg.example.com/team/ubuntu":          "reg.example.com/team/ubuntu:latest",
		"Foo/app":                              "Foo/app:latest",
		"example.com:80":                       "docker.io/library/example.com:80",
		"index.docker.io/ubuntu":               "docker.io/library/ubuntu:latest",
		"ubuntu@" + digest:                     "docker.io/library/ubuntu@" + digest,
		"ubuntu:1@" + digest:                   "docker.io/library/ubuntu:1@" + digest,
		"a/b_c/d__e/f---g/h.i":                 "docker.io/a/b_c/d__e/f---g/h.i:latest",
		"[2001:db8::1]:5000/app":               "[2001:db8::1]:5000/app:latest",
		"a@sha512:" + strings.Repeat("ab", 64): "docker.io/library/a@sha512:" + strings.Repeat("ab", 64),
		"127.0.0.1:51670/a:V_1.-":              "127.0.0.1:51670/a:V_1.-",
	} {
		ref, err := image.Parse(given)
		require.NoError(t, err, given)
		require.Equal(t, canonical, ref.String(), given)
		again, err := image.Parse(ref.Familiar())
		require.NoError(t, err)
		require.Equal(t, ref, again, "familiar %s", ref.Familiar())
	}
	for given, message := range map[string]string{ //order:any each alone
		"":                                    "repository name must have at least one component",
		"foo/App":                             "repository name must be lowercase",
		"Ubuntu":                              "repository name must be lowercase",
		strings.Repeat("ab", 32):              "invalid reference format",
		"ubuntu:":                             "invalid reference format",
		"ubuntu:" + strings.Repeat("a", 129):  "invalid reference format",
		"ubuntu@sha256:123":                   "invalid reference format",
		"a..b":                                "invalid reference format",
		"a@sha384:12":                         "invalid reference format",
		"a@1x:" + strings.Repeat("ab", 16):    "invalid reference format",
		"a@x-:" + strings.Repeat("ab", 16):    "invalid reference format",
		"a@x!:" + strings.Repeat("ab", 16):    "invalid reference format",
		"web@md5:" + strings.Repeat("d4", 16): "unsupported digest algorithm",
		"web@whatever:" + strings.Repeat("AB", 16): "unsupported digest algorithm",
		"a@md5+x:" + strings.Repeat("AB", 16):      "unsupported digest algorithm",
		"a@sha256:" + strings.Repeat("AB", 32):     "invalid reference format",
		"a@sha1:" + strings.Repeat("AB", 15):       "invalid reference format",
		"a___b":                                    "invalid reference format",
		"-a":                                       "invalid reference format",
		"a//b":                                     "invalid reference format",
		"host.com:x/a":                             "invalid reference format",
		"{{image}}":                                "invalid reference format",
		"x/" + strings.Repeat("a", 256):            "repository name must not be more than 255 characters",
	} {
		_, err := image.Parse(given)
		require.ErrorContains(t, err, message, given)
	}
}

// Facts 6.4 and 6.5.
func TestECR(t *testing.T) {
	for given, want := range map[string]image.ECR{ //order:any each alone
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web:v1": {Account: "123456789012", Region: "us-east-1",
			Repository: "team/web"},
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web": {Account: "123456789012", Region: "us-gov-west-1",
			Repository: "web", FIPS: true},
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web": {Account: "123456789012",
			Region: "cn-north-1", Repository: "web"},
		"123456789012.dkr-ecr.eu-west-1.on.aws/web": {Account: "123456789012", Region: "eu-west-1", Repository: "web"},
		"public.ecr.aws/docker/library/nginx:1":     {Alias: "docker", Repository: "library/nginx"},
	} {
		ref, err := image.Parse(given)
		require.NoError(t, err)
		got, ok := ref.ECR()
		require.True(t, ok, given)
		require.Equal(t, want, got)
		require.Equal(t, want.Account != "", ecs.IsPrivateECR(given), given)
	}
	for _, given := range []string{"nginx", "12345.dkr.ecr.us-east-1.amazonaws.com/web",
		"123456789012.dkr.ecr.amazonaws.com/web", "123456789012.dkr.ecr.us-east-1.example.com/web"} {
		require.False(t, ecs.IsPrivateECR(given), given)
	}
	for name, ok := range map[string]bool{ //order:any each alone
		"web": true, "project-a/nginx-web-app": true, "9a": true, "a": false, "Web": false, "a/": false, "a--b": true,
		"a..b": false, strings.Repeat("a", 257): false,
	} {
		require.Equal(t, ok, image.ValidateRepositoryName(name) == nil, name)
	}
}

func TestImageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(
			`([a-zA-Z0-9.-]{1,8}(:[0-9]{1,3})?/)?[a-z0-9]{1,4}([._-]{1,2}[a-z0-9]{1,3})?(/[a-z0-9]{1,4})?(:[A-Za-z0-9_.-]{1,5})?`).Draw(t, "image")
		ref, err := image.Parse(s)
		if err != nil {
			return
		}
		for _, text := range []string{ref.String(), ref.Familiar()} {
			again, err := image.Parse(text)
			require.NoError(t, err)
			require.Equal(t, ref, again, "%s by %s", s, text)
		}
	})
}
