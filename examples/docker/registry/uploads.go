package registry

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// upload takes the parts of a layer into a file; with the last one go-containerregistry verifies and keeps it.
// Source: OCI Distribution Specification, "Pushing a blob in chunks".
func (r *Registry) upload(w http.ResponseWriter, request *http.Request, a ask) {
	left, err := r.space.left(r.config.Now(), a.method == http.MethodPost)
	if err != nil && a.method != http.MethodGet && a.method != http.MethodDelete {
		refuse(w, http.StatusInsufficientStorage, "DENIED", err.Error())
		return
	}
	digest := request.URL.Query().Get("digest")
	switch {
	case a.method == http.MethodPost && a.reference == "" && digest != "":
		r.finish(w, request, a, digest, request.Body, left)
	case a.method == http.MethodPost && a.reference == "":
		id := rand.Text()
		f, err := os.OpenFile(r.space.upload(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			fail(w, err)
			return
		}
		r.progress(w, a.repository, id, 0, http.StatusAccepted)
	case !isID(a.reference):
		refuse(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "There is no such upload.")
	default:
		if !r.space.take(a.reference) {
			refuse(w, http.StatusConflict, "BLOB_UPLOAD_INVALID", "Another request is about this upload.")
			return
		}
		defer r.space.give(a.reference)
		r.goOn(w, request, a, digest, left)
	}
}

// goOn carries on with an upload that has begun.
func (r *Registry) goOn(w http.ResponseWriter, request *http.Request, a ask, digest string, left int64) {
	path := r.space.upload(a.reference)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, os.ErrNotExist) {
		refuse(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "There is no such upload.")
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		fail(w, err)
		return
	}
	switch a.method {
	case http.MethodGet:
		r.progress(w, a.repository, a.reference, size, http.StatusNoContent)
	case http.MethodDelete:
		if err := os.Remove(path); err != nil {
			fail(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch:
		if !continues(request.Header.Get("Content-Range"), size) {
			refuse(w, http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", "The part does not follow.")
			return
		}
		n, err := io.Copy(f, http.MaxBytesReader(w, request.Body, left))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "BLOB_UPLOAD_INVALID", err.Error())
			return
		}
		r.progress(w, a.repository, a.reference, size+n, http.StatusAccepted)
	case http.MethodPut:
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			fail(w, err)
			return
		}
		r.finish(w, request, a, digest, io.MultiReader(f, request.Body), size+left)
		_ = os.Remove(path) // else it is swept
	default:
		refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", a.method+" is not served here.")
	}
}

// continues reports whether a part follows what there is: one without a range does.
func continues(header string, size int64) bool {
	var first, last int64
	if header == "" {
		return true
	}
	_, err := fmt.Sscanf(header, "%d-%d", &first, &last)
	return err == nil && first == size && last >= first
}

// finish has go-containerregistry keep a layer, at most so many bytes, if its digest is right.
func (r *Registry) finish(
	w http.ResponseWriter, request *http.Request, a ask, digest string, body io.Reader, most int64,
) {
	whole := request.Clone(request.Context())
	whole.Method, whole.ContentLength = http.MethodPost, -1
	whole.URL = &url.URL{Path: "/v2/" + a.repository + "/blobs/uploads/",
		RawQuery: url.Values{"digest": {digest}}.Encode()}
	if digest == "" {
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID", "The digest is missing.")
		return
	}
	whole.Body = http.MaxBytesReader(w, io.NopCloser(body), most)
	w.Header().Set("Location", "/v2/"+a.repository+"/blobs/"+digest)
	said := &status{ResponseWriter: w}
	r.layers.ServeHTTP(said, whole)
	if said.code == http.StatusCreated {
		r.space.note(a.repository, digest, r.config.Now())
	}
}

// status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

// WriteHeader writes the status.
func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// progress says how much there is of an upload.
func (r *Registry) progress(w http.ResponseWriter, repository, id string, size int64, status int) {
	w.Header().Set("Location", "/v2/"+repository+"/blobs/uploads/"+id)
	w.Header().Set("Docker-Upload-Uuid", id)
	w.Header().Set("Range", fmt.Sprintf("0-%d", max(0, size-1)))
	w.WriteHeader(status)
}

// isID reports whether an upload can have the ID, so that it is no other path.
func isID(id string) bool {
	return len(id) == len(rand.Text()) && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// upload is the file of an upload.
func (s *space) upload(id string) string { return filepath.Join(s.directory, uploadsDir, id) }
