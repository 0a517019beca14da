package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/image"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// ask is what a request is about: /v2/REPOSITORY/KIND/REFERENCE.
type ask struct {
	method     string
	repository string
	kind       string // manifests, blobs, uploads or tags
	reference  string // a tag, a digest, or the ID of an upload
}

// parse reads the path of a request. Source: OCI Distribution Specification, "Endpoints".
func parse(r *http.Request) (a ask, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v2/")
	parts := strings.Split(rest, "/")
	n := len(parts)
	switch {
	case !ok || n < 3:
		return a, false
	case n > 3 && parts[n-3] == "blobs" && parts[n-2] == "uploads":
		a = ask{kind: "uploads", repository: strings.Join(parts[:n-3], "/")}
	case parts[n-2] == "manifests" || parts[n-2] == "blobs":
		a = ask{kind: parts[n-2], repository: strings.Join(parts[:n-2], "/")}
	case parts[n-2] == "tags" && parts[n-1] == "list":
		a = ask{kind: "tags", repository: strings.Join(parts[:n-2], "/")}
	default:
		return a, false
	}
	a.method, a.reference = r.Method, parts[n-1]
	if a.kind == "blobs" && a.reference == "uploads" { // POST may come without the last slash
		a.kind, a.reference = "uploads", ""
	}
	return a, image.ValidateRepositoryName(a.repository) == nil
}

// ServeHTTP answers a client of the registry's own protocol.
// Source: OCI Distribution Specification; Amazon ECR User Guide, "Private registry authentication".
func (r *Registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	user, password, _ := request.BasicAuth()
	caller, err := r.caller(password)
	switch {
	case errors.Is(err, errExpired) && user == "AWS":
		refuse(w, http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
		return
	case err != nil || user != "AWS":
		w.Header().Set("Www-Authenticate", `Basic realm="`+r.config.Endpoint+`/",service="ecr.amazonaws.com"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "Not Authorized")
		return
	case request.URL.Path == "/v2/" || request.URL.Path == "/v2":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
		return
	}
	a, ok := parse(request)
	if !ok {
		refuse(w, http.StatusNotFound, "UNSUPPORTED", request.Method+" "+request.URL.Path+" is not served.")
		return
	}
	if err := r.allowed(caller, a, request.RemoteAddr); err != nil {
		refuse(w, http.StatusForbidden, "DENIED", err.Error())
		return
	}
	if err := r.Look(func(images *ecr.Registry, home ecr.Home) error {
		_, err := images.Tags(home, a.repository)
		return err
	}); err != nil {
		fail(w, err)
		return
	}
	r.serve(w, request, a)
}

// serve answers a request that is allowed, about a repository that exists.
func (r *Registry) serve(w http.ResponseWriter, request *http.Request, a ask) {
	reads := a.method == http.MethodGet || a.method == http.MethodHead
	switch {
	case a.kind == "manifests" && reads:
		r.pull(w, a)
	case a.kind == "manifests" && a.method == http.MethodPut:
		r.push(w, request, a)
	case a.kind == "tags" && a.method == http.MethodGet:
		r.tags(w, request, a)
	case a.kind == "blobs" && reads:
		named := false
		_ = r.Look(func(images *ecr.Registry, _ ecr.Home) error { // f does not fail
			named = images.Names(a.repository, a.reference)
			return nil
		})
		if !named && !r.space.fresh(a.repository, a.reference, r.config.Now()) {
			refuse(w, http.StatusNotFound, "BLOB_UNKNOWN", "The repository has no manifest that names the layer.")
			return
		}
		r.layers.ServeHTTP(w, request)
	case a.kind == "uploads":
		r.upload(w, request, a)
	default:
		refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", a.method+" is not served here.")
	}
}

// pull hands out a manifest.
func (r *Registry) pull(w http.ResponseWriter, a ask) {
	var found ecr.Pulled
	if err := r.Look(func(images *ecr.Registry, home ecr.Home) (err error) {
		found, err = images.Pull(home, a.repository, a.reference)
		return err
	}); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", found.MediaType)
	w.Header().Set("Docker-Content-Digest", found.Digest)
	w.Header().Set("Content-Length", strconv.Itoa(len(found.Manifest)))
	if a.method == http.MethodGet {
		_, _ = io.WriteString(w, found.Manifest) // the client may have gone
	}
}

// push takes a manifest.
func (r *Registry) push(w http.ResponseWriter, request *http.Request, a ask) {
	const longest = 4 << 20
	text, err := io.ReadAll(http.MaxBytesReader(w, request.Body, longest))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "SIZE_INVALID", err.Error())
		return
	}
	digest := ""
	if err := r.Change(func(images *ecr.Registry, home ecr.Home) (err error) {
		digest, err = images.Push(home, r.config.Now(), ecr.Pushed{Repository: a.repository, Reference: a.reference,
			Manifest: string(text), MediaType: request.Header.Get("Content-Type")})
		return err
	}); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Location", "/v2/"+a.repository+"/manifests/"+digest)
	w.Header().Set("Docker-Content-Digest", digest)
	w.WriteHeader(http.StatusCreated)
}

// tags lists the tags of a repository, or a page of them.
func (r *Registry) tags(w http.ResponseWriter, request *http.Request, a ask) {
	var tags []string
	if err := r.Look(func(images *ecr.Registry, home ecr.Home) (err error) {
		tags, err = images.Tags(home, a.repository)
		return err
	}); err != nil {
		fail(w, err)
		return
	}
	query := request.URL.Query()
	if last := query.Get("last"); last != "" {
		after, found := slices.BinarySearch(tags, last)
		if found {
			after++
		}
		tags = tags[after:]
	}
	if n, err := strconv.Atoi(query.Get("n")); err == nil && n > 0 && n < len(tags) {
		tags = tags[:n]
		w.Header().Set("Link", fmt.Sprintf(`</v2/%s/tags/list?n=%d&last=%s>; rel="next"`, a.repository, n, tags[n-1]))
	}
	answer(w, http.StatusOK, map[string]any{"name": a.repository, "tags": tags})
}

// fail writes an error of package ecr in the words of the registry's protocol.
// Source: OCI Distribution Specification, "Error Codes".
func fail(w http.ResponseWriter, err error) {
	status, code := http.StatusInternalServerError, "UNKNOWN"
	for e := range ecs.Errors(err) {
		switch e.Code {
		case "RepositoryNotFoundException":
			status, code = http.StatusNotFound, "NAME_UNKNOWN"
		case "ImageNotFoundException":
			status, code = http.StatusNotFound, "MANIFEST_UNKNOWN"
		case "LayersNotFoundException", "ReferencedImagesNotFoundException":
			status, code = http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"
		case "ImageTagAlreadyExistsException":
			status, code = http.StatusBadRequest, "TAG_INVALID"
		case "ImageDigestDoesNotMatchException":
			status, code = http.StatusBadRequest, "DIGEST_INVALID"
		case ecs.InvalidParameterException:
			status, code = http.StatusBadRequest, "MANIFEST_INVALID"
		case ecs.LimitExceededException:
			status, code = http.StatusForbidden, "DENIED"
		}
		refuse(w, status, code, e.Message)
		return
	}
	refuse(w, status, code, err.Error())
}

// refuse writes an error.
func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}
