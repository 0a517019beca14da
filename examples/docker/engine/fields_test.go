package engine

import (
	"bytes"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// leaves returns the paths of the fields of a type that have no fields of their own, in order, each with the paths
// above it.
func leaves(t reflect.Type, path string) (list [][]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
			path += "[]"
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.NumField() == 0 ||
		t.PkgPath() != reflect.TypeFor[ecs.TaskDefinition]().PkgPath() ||
		strings.HasPrefix(t.Name(), "Opt[") || t == reflect.TypeFor[ecs.Instant]() {
		return [][]string{{path}}
	}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" { // what is not modelled
			continue
		}
		below := name
		if path != "" {
			below = path + "." + name
		}
		for _, leaf := range leaves(f.Type, below) {
			list = append(list, append([]string{path}, leaf...))
		}
	}
	return list
}

// covers reports whether a row is of a field, or of one above it.
func covers(row string, leaf []string) bool {
	for _, path := range leaf {
		if row == path || row+"[]" == path {
			return true
		}
	}
	return false
}

// TestFields holds that every field of a task definition has its fate in the table, and the table has no other field.
//
// Seen to fail: a row left out; a field misspelt.
func TestFields(t *testing.T) {
	rows := Fields()
	used := map[string]bool{}
	all := leaves(reflect.TypeFor[ecs.TaskDefinition](), "")
	require.Greater(t, len(all), 100)
	for _, leaf := range all {
		n := 0
		for _, row := range rows {
			if covers(row.Path, leaf) {
				n++
				used[row.Path] = true
			}
		}
		require.Equal(t, 1, n, "rows of %s", leaf[len(leaf)-1])
	}
	for _, row := range rows {
		require.True(t, used[row.Path], "there is no field %s", row.Path)
		require.NotEmpty(t, row.How, row.Path)
	}
	var text bytes.Buffer
	require.NoError(t, WriteFields(&text))
	require.Equal(t, len(rows)+1, strings.Count(text.String(), "\n"))
	last := regexp.MustCompile(`(\d+) done, (\d+) approximated, (\d+) refused\n$`).FindStringSubmatch(text.String())
	sum := 0
	for _, n := range last[1:] {
		i, err := strconv.Atoi(n)
		require.NoError(t, err)
		sum += i
	}
	require.Equal(t, len(rows), sum)
}
