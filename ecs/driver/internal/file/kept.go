package file

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// Kept is a document that a file keeps; with the path "" nothing does. It is not safe for concurrent use.
type Kept struct {
	Path   string
	behind bool
}

// Read returns the file's content; nil if there is none yet.
func (k *Kept) Read() ([]byte, error) {
	if k.Path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(k.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Write replaces the content by the document in JSON.
func (k *Kept) Write(document any) error {
	if k.Path == "" {
		return nil
	}
	data, err := json.Marshal(document)
	if err == nil {
		err = Replace(k.Path, data)
	}
	k.behind = err != nil
	return err
}

// Behind reports whether the last Write failed: the file lacks what was to be kept.
func (k *Kept) Behind() bool { return k.behind }
