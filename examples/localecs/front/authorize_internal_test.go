package front

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names are the members of AWS's models that name something.
var names = regexp.MustCompile(
	`(^|\.)([a-zA-Z]*(Arns?|ARN|Role|[lL]istenerRule|Parameter)|role|cluster(s|Name)?|services?|serviceName|tasks?|` +
		`taskDefinitions?|family|familyPrefix|containerInstances?|capacityProviders?|capacityProviderName|taskSets?|primaryTaskSet|` +
		`ResourceIds?|targetId|valueFrom|subnets|securityGroups|namespace|loadBalancerName|alarmNames|fileSystemId|accessPointId|` +
		`environmentFiles\.value)$`)

// unnamed are members that look as if they named something, and do not: answers have them,
// or they are the kernel's.
var unnamed = regexp.MustCompile(
	`^RegisterTaskDefinition (taskDefinitionArn|requiresAttributes\.targetId|containerDefinitions\.systemControls\.namespace)$`)

// leaves adds the paths of the texts in a type.
func leaves(t reflect.Type, path string, within []reflect.Type, list map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.String:
		list[path] = true
	case t.Kind() != reflect.Struct || slices.Contains(within, t):
	case strings.HasPrefix(t.Name(), "Opt["):
		leaves(t.Field(0).Type, path, within, list)
	default:
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				leaves(f.Type, path, append(within, t), list)
			case f.IsExported() && name != "-":
				leaves(f.Type, strings.TrimPrefix(path+"."+name, "."), append(within, t), list)
			}
		}
	}
}

// at is a document with a value at a path of a type.
func at(t reflect.Type, path []string, value string) any {
	for t.Kind() == reflect.Pointer || strings.HasPrefix(t.Name(), "Opt[") {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			t = t.Field(0).Type
		}
	}
	if t.Kind() == reflect.Slice {
		return []any{at(t.Elem(), path, value), at(t.Elem(), path, value+"-2")}
	}
	if len(path) == 0 {
		return value
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if v := at(f.Type, path, value); v != nil {
				return v
			}
		}
		if name == path[0] {
			return map[string]any{name: at(f.Type, path[1:], value)}
		}
	}
	return nil
}

// asked keeps what it was asked, and refuses it.
type asked struct{ call Call }

func (a *asked) Authorize(c Call) error { a.call = c; return errors.New("no") }

// TestAuthorizerTable walks all operations: each has its row, each member of its decoded input that
// names something is in that row, or not and for a reason, and the Authorizer is shown the name, both
// elements of a list, whatever else the call says.
//
// Seen to fail: a row without its second member; a row of another operation.
func TestAuthorizerTable(t *testing.T) {
	prefixes := map[string]string{"ecs": "AmazonEC2ContainerServiceV20141113.",
		"application-autoscaling": "AnyScaleFrontendService.",
		"cloudwatch":              "GraniteServiceVersion20100801."}
	authorizer := &asked{}
	server, err := New(Config{Manual: true, Authorizer: authorizer})
	require.NoError(t, err)
	shown := 0
	for _, service := range slices.Sorted(maps.Keys(prefixes)) {
		rows := named()[service]
		for _, action := range slices.Sorted(maps.Keys(server.operations[service])) {
			in := server.operations[service][action].Input
			row, listed := rows[action]
			if in == nil {
				require.False(t, listed, "%s is not served", action)
				continue
			}
			require.True(t, listed, "%s has no row in the table of what calls name", action)
			all := map[string]bool{}
			leaves(in, "", nil, all)
			types := map[string]string{}
			for column := range strings.FieldsSeq(row) {
				typ, path, _ := strings.Cut(column, "=")
				require.True(t, all[path], "%s has no member %s", action, path)
				types[path] = typ
			}
			for path := range all { //order:any each alone
				if types[path] == "" {
					require.False(t, names.MatchString(path) && !unnamed.MatchString(action+" "+path),
						"%s: the table does not say what %s names", action, path)
					continue
				}
				body, err := json.Marshal(at(in, strings.Split(path, "."), "victim"))
				require.NoError(t, err)
				authorizer.call = Call{}
				r := httptest.NewRequest("POST", "http://localhost/", strings.NewReader(string(body)))
				r.Header.Set("X-Amz-Target", prefixes[service]+action)
				server.ServeHTTP(httptest.NewRecorder(), r)
				require.Equal(t, action, authorizer.call.Action, "%s", body)
				require.Contains(t, authorizer.call.Resources, Resource{types[path], "victim"}, "%s: %s", action, body)
				if strings.Contains(string(body), "victim-2") {
					require.Contains(t, authorizer.call.Resources, Resource{types[path], "victim-2"}, "%s: %s", action,
						body)
				}
				shown++
			}
		}
		for action := range rows { //order:any each alone
			require.Contains(t, server.operations[service], action)
		}
	}
	t.Logf("%d names of members shown", shown)
}
