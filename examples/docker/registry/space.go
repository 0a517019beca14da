package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// unused is how long a layer that no manifest names, or an upload, is kept: between a layer and its manifest a client
// sends the other layers.
const unused = time.Hour

// mostUploads is how many uploads there are at once.
const mostUploads = 1000

// space is the files of layers and uploads.
type space struct {
	directory string
	most      int64

	mu   sync.Mutex
	busy map[string]bool      // uploads that a request is about
	came map[string]time.Time // layers of an hour, by "REPOSITORY@DIGEST"
}

// note remembers that a layer has come into a repository.
func (s *space) note(repository, digest string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const most = 10_000
	for key, at := range s.came { //order:any each by itself
		if len(s.came) >= most || now.Sub(at) > unused {
			delete(s.came, key)
		}
	}
	s.came[repository+"@"+digest] = now
}

// fresh reports whether a layer has come into a repository within an hour: its manifest follows.
func (s *space) fresh(repository, digest string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.came[repository+"@"+digest]
	return ok && now.Sub(at) <= unused
}

// has reports whether there is a layer.
func (s *space) has(digest string) bool {
	hex, ok := strings.CutPrefix(digest, "sha256:")
	if !ok || strings.ContainsAny(hex, "/.\\") {
		return false
	}
	_, err := os.Stat(filepath.Join(s.directory, layersDir, "sha256", hex))
	return err == nil
}

// take reserves an upload for one request.
func (s *space) take(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] {
		return false
	}
	s.busy[id] = true
	return true
}

func (s *space) give(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, id)
}

// left returns how many bytes there is room for; an error if there is none, or none for one more upload.
func (s *space) left(now time.Time, more bool) (int64, error) {
	uploads := 0
	sum := int64(0)
	err := s.each(func(path string, info fs.FileInfo) error {
		sum += info.Size()
		if filepath.Base(filepath.Dir(path)) == uploadsDir {
			if now.Sub(info.ModTime()) > unused {
				return gone(os.Remove(path))
			}
			uploads++
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case sum >= s.most:
		return 0, fmt.Errorf("the registry is full: its layers have %d bytes, of at most %d", sum, s.most)
	case more && uploads >= mostUploads:
		return 0, fmt.Errorf("there are %d uploads at once, which is the most", uploads)
	}
	return s.most - sum, nil
}

// sweep removes layers that no manifest names, and uploads, that are older than an hour.
func (s *space) sweep(now time.Time, named map[string]bool) error {
	return s.each(func(path string, info fs.FileInfo) error {
		layer := filepath.Base(filepath.Dir(path)) == "sha256"
		if now.Sub(info.ModTime()) <= unused || layer && named["sha256:"+info.Name()] {
			return nil
		}
		return gone(os.Remove(path))
	})
}

// each calls f with each file of a layer or an upload.
func (s *space) each(f func(path string, info fs.FileInfo) error) error {
	for _, sub := range []string{layersDir, uploadsDir} {
		err := filepath.WalkDir(filepath.Join(s.directory, sub), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return gone(err)
			}
			info, err := e.Info()
			if err != nil {
				return gone(err)
			}
			return f(path, info)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gone is no error for a file that another request has taken away.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
