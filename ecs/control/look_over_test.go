package control

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
)

// inspect is the specification of lookOver: it looks at every value of whatever type.
func inspect(v reflect.Value, path string, bad complaint) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			inspect(v.Elem(), path, bad)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch at := path; {
			case !f.IsExported():
			case f.Anonymous:
				inspect(v.Field(i), at, bad)
			default:
				if name == "" {
					name = f.Name
				}
				inspect(v.Field(i), strings.TrimPrefix(at+"."+name, "."), bad)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			at := fmt.Sprintf("%s[%d]", path, i)
			if e := v.Index(i); e.Kind() == reflect.Pointer && e.IsNil() {
				bad(at, "it is null.")
			} else {
				inspect(e, at, bad)
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); { //order:any the faults are sorted
			inspect(it.Value(), fmt.Sprintf("%s[%q]", path, it.Key()), bad)
		}
	case reflect.Int64:
		if d, ok := v.Interface().(time.Duration); ok && d < 0 {
			bad(path, "%v is negative.", d)
		}
	case reflect.String:
		word, ok := v.Interface().(interface{ Valid() bool })
		if ok && v.Len() > 0 && !word.Valid() || ecs.Unlisted(v.Interface(), v.String()) {
			bad(path, "%q is not a %s.", v, v.Type().Name())
		}
	}
}

// tree has a value of every kind that a state has, and itself.
type tree struct {
	ecs.Attribute
	Plain   string
	Task    ecs.TaskID         `json:"task,omitzero"`
	Launch  ecs.LaunchType     `json:"launchType"`
	Wait    time.Duration      `json:"wait"`
	Numbers []int64            `json:"numbers"`
	Below   []*tree            `json:"below"`
	Beside  *tree              `json:"beside"`
	Named   map[string]*tree   `json:"named"`
	Words   [2]ecs.NetworkMode `json:"words"`
	Any     any                `json:"any"`
	Hidden  *time.Duration     `json:"hidden"`
	private time.Duration
}

// What lookOver finds in a value is what a look at every value of whatever type finds, and where.
//
// Seen to fail: of without members that are embedded; a list whose nulls are passed over; a word that is known
// for every enumeration; duration that takes -1; complain that leaves out the key of a map.
func TestLookOverFindsAll(t *testing.T) {
	d := time.Duration(-3)
	wrong := tree{Attribute: ecs.Attribute{TargetType: "RUNNING"}, Task: "x", Launch: "EC3", Wait: -1,
		Words: [2]ecs.NetworkMode{"bridge", "EC2"}, Hidden: &d, private: -1}
	fine := tree{Plain: "EC3", Task: "0123456789abcdef0123456789abcdef", Launch: "EC2", Wait: 1,
		Words: [2]ecs.NetworkMode{"host"}, Numbers: []int64{-1}}
	both := fine
	both.Below = []*tree{&fine, nil, &wrong, {Beside: &wrong, Any: wrong}}
	both.Named = map[string]*tree{"a b": &wrong, "c": &fine, "d": {Launch: "bridge", Any: &wrong}}
	for n, v := range []any{&tree{}, &fine, &wrong, &both, &tree{Any: both}, &tree{Beside: &both}, wrong} {
		require.Equal(t, found(func(bad complaint) { inspect(reflect.Indirect(reflect.ValueOf(v)), "", bad) }),
			found(func(bad complaint) {
				l := lookOver{bad: bad}
				l.at(reflect.Indirect(reflect.ValueOf(v)))
			}), n)
	}
	require.Len(t, found(func(bad complaint) {
		l := lookOver{bad: bad}
		l.under("top", reflect.ValueOf(&both).Elem())
	}), 32)
}

// The same holds of every task definition that breaks a rule.
//
// Seen to fail: a structure that passes over its first member; list of arrays alone.
func TestLookOverTakesDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		broken := ecstest.BrokenTaskDefinitions().Draw(t, "definition").TaskDefinition
		require.Equal(t, found(func(bad complaint) { inspect(reflect.ValueOf(broken), "d", bad) }),
			found(func(bad complaint) {
				l := lookOver{bad: bad}
				l.under("d", reflect.ValueOf(broken))
			}))
	})
}

// found lists complaints in order.
func found(look func(complaint)) []string {
	list := []string{}
	look(func(path, format string, args ...any) { list = append(list, path+": "+fmt.Sprintf(format, args...)) })
	slices.Sort(list)
	return list
}
