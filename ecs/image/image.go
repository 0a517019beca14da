package image

import (
	"strings"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Image is a reference to a container image in its normal form, without the short forms of Docker Hub.
// Images are comparable.
type Image struct {
	Domain string // registry, with a port if any: docker.io
	Path   string // repository: library/nginx
	Tag    string // latest when neither tag nor digest is given; "" with a digest alone
	Digest string // sha256:…; it decides where a tag is given too
}

// Parse reads a reference by Docker's grammar, also in the short form of Docker Hub: "nginx" is
// docker.io/library/nginx:latest. The part before the first slash is a registry only if it is localhost,
// or has a dot, a colon or an upper-case letter.
//
// It fails with InvalidParameterException and Docker's words: "invalid reference format", "unsupported
// digest algorithm", "repository name must be lowercase", "repository name must have at least one
// component", "repository name must not be more than 255 characters".
//
// Source: the reference grammar of the distribution project; Amazon ECS API Reference,
// ContainerDefinition, image.
func Parse(s string) (Image, error) {
	refuse := func(message string) (Image, error) {
		return Image{}, ecs.Fault(ecs.InvalidParameterException, "image", message+": "+check.Shortened(s))
	}
	const format = "invalid reference format"
	if s == "" {
		return refuse("repository name must have at least one component")
	}
	if check.IsHex(s, 64) {
		return refuse(format + ", a name cannot be 64 hexadecimal digits")
	}
	name, digest, pinned := strings.Cut(s, "@")
	if pinned {
		if fault := digestFault(digest); fault != "" {
			return refuse(fault)
		}
	}
	ref := Image{Digest: digest}
	rest := name
	if i := strings.IndexByte(name, '/'); i >= 0 && isHost(name[:i]) {
		ref.Domain, rest = name[:i], name[i+1:]
		if !isDomain(ref.Domain) {
			return refuse(format)
		}
	} else {
		ref.Domain = dockerHub
	}
	rest, tag, tagged := cutTag(rest)
	if tagged && !isTag(tag) {
		return refuse(format)
	}
	if ref.Domain == "index.docker.io" {
		ref.Domain = dockerHub
	}
	ref.Path, ref.Tag = rest, tag
	if ref.Domain == dockerHub && !strings.Contains(rest, "/") {
		ref.Path = "library/" + rest
	}
	switch {
	case !isPath(rest) && isPath(strings.ToLower(rest)):
		return refuse("repository name must be lowercase")
	case !isPath(rest):
		return refuse(format)
	case len(ref.Path) > 255:
		return refuse("repository name must not be more than 255 characters")
	}
	if !tagged && !pinned {
		ref.Tag = "latest"
	}
	return ref, nil
}

const dockerHub = "docker.io"

// isHost reports whether the text before the first slash is a registry.
func isHost(s string) bool {
	return s == "localhost" || strings.ContainsAny(s, ".:") || strings.ToLower(s) != s
}

// cutTag splits path:tag; the path has no colon of its own.
func cutTag(s string) (path, tag string, ok bool) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.Contains(s[i:], "/") {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isDomain checks host[:port].
func isDomain(s string) bool {
	host := s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host = s[:i]
		if s[i+1:] == "" || strings.Trim(s[i+1:], "0123456789") != "" {
			return false
		}
	}
	if strings.HasPrefix(host, "[") {
		inside, ok := strings.CutSuffix(host[1:], "]")
		return ok && inside != "" && strings.Trim(inside, "0123456789abcdefABCDEF:") == ""
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || !check.Only(label, "-") || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// isPath checks component("/"component)*.
func isPath(s string) bool {
	for component := range strings.SplitSeq(s, "/") {
		if !isComponent(component) {
			return false
		}
	}
	return true
}

// isComponent checks [a-z0-9]+ ((. | _ | __ | -+) [a-z0-9]+)*.
func isComponent(s string) bool {
	alnum := func(b byte) bool { return 'a' <= b && b <= 'z' || check.IsDigit(b) }
	if s == "" || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && !alnum(s[j]) {
			j++
		}
		switch separator := s[i:j]; {
		case separator == "", separator == ".", separator == "_", separator == "__", strings.Trim(separator, "-") == "":
		default:
			return false
		}
		i = j + 1
	}
	return true
}

// isTag checks [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}.
func isTag(s string) bool {
	return 0 < len(s) && len(s) <= 128 && check.Only(s, "_.-") && s[0] != '.' && s[0] != '-'
}

// digestFault returns the words for a digest that registries do not know, "" for any other.
// sha256 has 64 digits, sha384 96, sha512 128, in lower case; an algorithm that the grammar allows
// and no registry knows is refused by its name.
// Source: OCI Image Format Specification, "Descriptors", registered algorithms.
func digestFault(s string) string {
	algorithm, hex, _ := strings.Cut(s, ":")
	digits, known := map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}[algorithm]
	switch {
	case known && check.IsHex(hex, digits):
		return ""
	case !known && len(hex) >= 32 && strings.Trim(hex, "0123456789abcdefABCDEF") == "" && isAlgorithm(algorithm):
		return "unsupported digest algorithm"
	}
	return "invalid reference format"
}

// isAlgorithm checks letter alnum* ((- | _ | + | .) letter alnum*)*.
func isAlgorithm(s string) bool {
	start := true
	for i := range len(s) {
		b := s[i]
		switch {
		case b|0x20 >= 'a' && b|0x20 <= 'z':
			start = false
		case start:
			return false
		case check.IsDigit(b):
		case strings.IndexByte("-_+.", b) >= 0:
			start = true
		default:
			return false
		}
	}
	return !start
}

// String returns the canonical form: registry/repository[:tag][@digest].
func (i Image) String() string { return i.Domain + "/" + i.Path + i.suffix() }

// Familiar returns the shortest form that Parse reads as the same image. It keeps the tag latest:
// nginx:latest.
func (i Image) Familiar() string {
	if i.Domain != dockerHub {
		return i.String()
	}
	path, ok := strings.CutPrefix(i.Path, "library/")
	if !ok || strings.Contains(path, "/") {
		path = i.Path
		if first, _, nested := strings.Cut(path, "/"); nested && isHost(first) {
			path = dockerHub + "/" + path
		}
	}
	return path + i.suffix()
}

func (i Image) suffix() string {
	s := ""
	if i.Tag != "" {
		s += ":" + i.Tag
	}
	if i.Digest != "" {
		s += "@" + i.Digest
	}
	return s
}

// ECR is the place of an image in Amazon ECR.
type ECR struct {
	Account    string // 12 digits; "" in the public gallery
	Region     string // "" in the public gallery
	Alias      string // of the public gallery: docker in public.ecr.aws/docker/library/nginx
	Repository string // project-a/nginx-web-app
	FIPS       bool
}

// ECR returns the place of the image in Amazon ECR, and whether it has one: in a private registry, whose
// host ecs.ParseECRHost reads, or in public.ecr.aws.
//
// Source: Amazon ECR User Guide, "Amazon ECR private registry" and "Amazon ECR Public registries".
func (i Image) ECR() (ECR, bool) {
	if i.Domain == "public.ecr.aws" {
		alias, repository, ok := strings.Cut(i.Path, "/")
		return ECR{Alias: alias, Repository: repository}, ok
	}
	h, ok := ecs.ParseECRHost(i.Domain)
	return ECR{Account: h.Account, Region: h.Region, Repository: i.Path, FIPS: h.FIPS}, ok
}

// ValidateRepositoryName refuses a name that an Amazon ECR repository cannot have. A name has 2 to 256
// characters: words of lower-case letters and digits, with . _ __ or hyphens between two, and namespaces
// with slashes between two.
//
// Source: Amazon ECR API Reference, CreateRepository.
func ValidateRepositoryName(name string) error {
	if n := utf8.RuneCountInString(name); n < 2 || n > 256 || !isPath(name) {
		return ecs.Fault(ecs.InvalidParameterException, "repositoryName",
			"Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression "+
				"'(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''")
	}
	return nil
}
