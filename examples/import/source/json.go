package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// jsonReader makes Values of JSON, with lines.
type jsonReader struct {
	d     *json.Decoder
	data  []byte
	page  *page
	count int
	at    int // what lines are counted up to
	line  int
}

func parseJSON(file string, data []byte) (*Value, error) {
	r := &jsonReader{d: json.NewDecoder(bytes.NewReader(data)), data: data, page: &page{file: file}, line: 1}
	r.d.UseNumber()
	v, err := r.value("", 0)
	if err == nil {
		if _, more := r.d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the end of the document")
		}
	}
	if err == nil {
		return v, nil
	}
	var limit *limitError
	if errors.As(err, &limit) {
		return nil, err
	}
	at := int(r.d.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = int(syntax.Offset)
	}
	if errors.Is(err, io.EOF) {
		at, err = len(r.data), io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("%s:%d: this cannot be read as JSON: %w", file, r.lineOf(at), err)
}

// limitError is a limit of the package that a document goes beyond; its text has file and line.
type limitError struct{ text string }

func (e *limitError) Error() string { return e.text }

// lineOf returns the line of an offset. Offsets come in rising order but for the last.
func (r *jsonReader) lineOf(offset int) int {
	offset = min(offset, len(r.data))
	if offset < r.at {
		r.at, r.line = 0, 1
	}
	r.line += bytes.Count(r.data[r.at:offset], []byte("\n"))
	r.at = offset
	return r.line
}

func (r *jsonReader) value(path string, depth int) (*Value, error) {
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	v := &Value{Line: r.lineOf(int(r.d.InputOffset())), path: path, page: r.page}
	if r.count++; r.count > MostValues {
		return nil, &limitError{fmt.Sprintf("%s:%d: the file has more than %d values", r.page.file, v.Line, MostValues)}
	}
	if depth > MostDepth {
		return nil, &limitError{fmt.Sprintf("%s:%d: values are nested deeper than %d levels", r.page.file, v.Line,
			MostDepth)}
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return v, r.object(v, depth)
		}
		return v, r.array(v, depth)
	case string:
		v.Kind, v.text = Text, t
	case json.Number:
		v.Kind, v.text = Number, t.String()
	case bool:
		v.Kind, v.text = Bool, strconv.FormatBool(t)
	}
	return v, nil
}

func (r *jsonReader) object(v *Value, depth int) error {
	v.Kind, v.members = Map, map[string]*Value{}
	for r.d.More() {
		t, err := r.d.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return errors.New("a key must be text")
		}
		if v.members[key] != nil {
			return fmt.Errorf("the key %q is there twice", shortened(key))
		}
		m, err := r.value(join(v.path, key), depth+1)
		if err != nil {
			return err
		}
		v.put(key, m)
	}
	_, err := r.d.Token()
	return err
}

func (r *jsonReader) array(v *Value, depth int) error {
	v.Kind = List
	for r.d.More() {
		m, err := r.value(v.path+"["+strconv.Itoa(len(v.items))+"]", depth+1)
		if err != nil {
			return err
		}
		v.items = append(v.items, m)
	}
	_, err := r.d.Token()
	return err
}
