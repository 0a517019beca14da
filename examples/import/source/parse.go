package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The limits of a file.
const (
	MostBytes  = 4 << 20 // of text
	MostValues = 100_000 // values, an aliased one counted as often as it is used
	MostDepth  = 64      // levels
)

// Parse reads the documents of a file, which is JSON if it begins with a brace or a bracket and can be read as
// JSON, else YAML. Documents that hold nothing are left out. Errors begin with FILE:LINE.
func Parse(file string, data []byte) ([]*Value, error) {
	if len(data) > MostBytes {
		return nil, fmt.Errorf("%s:1: the file has more than %d bytes", file, MostBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	first := bytes.TrimLeft(data, " \t\r\n")
	if len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		v, err := parseJSON(file, data)
		if err == nil {
			return []*Value{v}, nil
		}
		if list, yamlErr := parseYAML(file, data); yamlErr == nil && strings.Contains(file, ".y") {
			return list, nil
		}
		return nil, err
	}
	return parseYAML(file, data)
}

func parseYAML(file string, data []byte) (list []*Value, err error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	b := &builder{file: file, anchored: map[*yaml.Node]bool{}}
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, placed(file, err)
		}
		b.page = &page{file: file}
		v, err := b.build(&n, "", 0)
		if err != nil {
			return nil, err
		}
		if v.Has() {
			list = append(list, v)
		}
	}
}

// line finds the line in an error of the YAML library.
var line = regexp.MustCompile(`line:? (\d+)(?:, column:? \d+)?:?`)

// placed writes an error of the YAML library as FILE:LINE: text.
func placed(file string, err error) error {
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	at := "1"
	if m := line.FindStringSubmatch(text); m != nil {
		at = m[1]
		text = strings.TrimSpace(strings.Replace(text, m[0], "", 1))
	}
	return fmt.Errorf("%s:%s: this cannot be read as YAML: %s", file, at, strings.Trim(text, ": "))
}

// builder makes Values of the YAML library's nodes.
type builder struct {
	file     string
	page     *page
	count    int
	anchored map[*yaml.Node]bool // aliases under way, so that none contains itself
	outer    int                 // the line of the outermost of them
}

func (b *builder) build(n *yaml.Node, path string, depth int) (*Value, error) {
	if b.count++; b.count > MostValues {
		line := n.Line
		if len(b.anchored) > 0 {
			line = b.outer
		}
		return nil, fmt.Errorf("%s:%d: the file comes to more than %d values with its aliases written out", b.file,
			line, MostValues)
	}
	if depth > MostDepth {
		return nil, fmt.Errorf("%s:%d: values are nested deeper than %d levels", b.file, n.Line, MostDepth)
	}
	v := &Value{Line: n.Line, path: path, page: b.page}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") && n.Tag != "!" {
		v.Tag = n.Tag
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return v, nil
		}
		return b.build(n.Content[0], path, depth)
	case yaml.AliasNode:
		if b.anchored[n.Alias] {
			return nil, fmt.Errorf("%s:%d: the alias %s contains itself", b.file, n.Line, n.Value)
		}
		if len(b.anchored) == 0 {
			b.outer = n.Line
		}
		b.anchored[n.Alias] = true
		defer delete(b.anchored, n.Alias)
		return b.build(n.Alias, path, depth+1)
	case yaml.MappingNode:
		return v, b.mapping(v, n, depth)
	case yaml.SequenceNode:
		v.Kind = List
		for i, x := range n.Content {
			item, err := b.build(x, path+"["+strconv.Itoa(i)+"]", depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
	case yaml.ScalarNode:
		v.text = n.Value
		v.Kind = scalar(n)
		if v.Kind == Null {
			v.text = ""
		}
	}
	return v, nil
}

func scalar(n *yaml.Node) Kind {
	switch n.ShortTag() {
	case "!!null":
		return Null
	case "!!int", "!!float":
		return Number
	case "!!bool":
		return Bool
	}
	return Text
}

// mapping reads the members of a map. Those of a merge key (<<) come where the map has none of its own.
func (b *builder) mapping(v *Value, n *yaml.Node, depth int) error {
	v.Kind, v.members = Map, map[string]*Value{}
	var merged []*Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0 {
			m, err := b.build(n.Content[i+1], v.path, depth+1)
			if err != nil {
				return err
			}
			merged = append(merged, m.Each()...)
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s:%d: a key must be text; a template must be rendered first", b.file, key.Line)
		}
		if err := b.member(v, key, n.Content[i+1], depth); err != nil {
			return err
		}
	}
	for _, m := range merged {
		for _, k := range m.keys {
			if v.members[k] == nil {
				v.put(k, m.members[k])
			}
		}
	}
	return nil
}

func (b *builder) member(v *Value, key, value *yaml.Node, depth int) error {
	if v.members[key.Value] != nil {
		return fmt.Errorf("%s:%d: the key %q is there twice", b.file, key.Line, shortened(key.Value))
	}
	m, err := b.build(value, join(v.path, key.Value), depth+1)
	if err != nil {
		return err
	}
	if m.Kind == Null || m.Kind == Map || m.Kind == List || value.Kind == yaml.AliasNode {
		m.Line = key.Line
	}
	v.put(key.Value, m)
	return nil
}

func (v *Value) put(key string, m *Value) {
	v.keys = append(v.keys, key)
	v.members[key] = m
}

// join adds a key to a path; one with a dot is quoted.
func join(path, key string) string {
	if strings.ContainsAny(key, ".[] ") || key == "" {
		return path + "[" + strconv.Quote(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
