package sdk

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	deploying "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	images "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ecsapi "github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// member is a member of an input of AWS's model, with a document that holds it alone.
type member struct {
	path     string
	document any
}

// capitals are the structures whose members begin in upper case in services that have them in lower case.
var capitals = []reflect.Type{reflect.TypeFor[images.Tag](), reflect.TypeFor[deploying.Tag](),
	reflect.TypeFor[deploying.EC2TagFilter](), reflect.TypeFor[deploying.TagFilter]()}

// membersOf lists the members of a structure of the SDK. A key is the field's name, which begins
// in lower case where the service has it so.
func membersOf(t reflect.Type, lower bool, above ...reflect.Type) []member {
	var list []member
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		key := strings.TrimSuffix(f.Name, "_") // String_ is AWS's string
		if lower && !slices.Contains(capitals, t) {
			key = strings.ToLower(key[:1]) + key[1:]
		}
		inner, isList := f.Type, false
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			isList = isList || inner.Kind() == reflect.Slice
			inner = inner.Elem()
		}
		wrap := func(v any) any {
			if isList {
				v = []any{v}
			}
			return map[string]any{key: v}
		}
		list = append(list, member{key, wrap(sample(inner))})
		if inner.Kind() != reflect.Struct || inner == reflect.TypeFor[time.Time]() || slices.Contains(above, inner) {
			continue
		}
		at := key + "."
		if isList {
			at = key + "[]."
		}
		for _, m := range membersOf(inner, lower, append(above, inner)...) {
			list = append(list, member{at + m.path, wrap(m.document)})
		}
	}
	return list
}

// sample is a value of the JSON kind that a type has.
func sample(t reflect.Type) any {
	switch t.Kind() {
	case reflect.String:
		return "x"
	case reflect.Bool:
		return true
	case reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return 1
	case reflect.Map:
		return map[string]any{"k": "v"}
	}
	if t == reflect.TypeFor[time.Time]() {
		return 1
	}
	return map[string]any{}
}

// actionsOf returns the inputs of a client's operations.
func actionsOf(client reflect.Type) map[string]reflect.Type {
	actions := map[string]reflect.Type{}
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() < 3 || m.Type.In(2).Kind() != reflect.Pointer {
			continue
		}
		if in := m.Type.In(2).Elem(); in.Name() == m.Name+"Input" {
			actions[m.Name] = in
		}
	}
	return actions
}

// fates is what the server says of its members, by "service action path".
func fates() map[string]ecsapi.Fate {
	all := map[string]ecsapi.Fate{}
	for _, m := range front.Members() {
		all[m.Service+" "+m.Action+" "+m.Path] = m.Fate
	}
	return all
}

// fateOf returns the fate of a member: its own, or that of the kept one that holds it.
func fateOf(all map[string]ecsapi.Fate, action, path string) (ecsapi.Fate, bool) {
	if fate, ok := all[action+" "+path]; ok {
		return fate, true
	}
	for {
		i := strings.LastIndex(path, ".")
		if i < 0 {
			return "", false
		}
		path = strings.TrimSuffix(path[:i], "[]")
		if fate := all[action+" "+path]; fate == ecsapi.FateKept || fate == ecsapi.FateRefused {
			return fate, true
		}
	}
}

// Each member of each input of AWS's model, sent alone, is taken or refused by name, and the
// server's own table says which. Seen to fail, each: a member that is taken off its structure; one
// that is taken off the tag unmodelled; a key that is spelled as AWS does not spell it.
func TestEveryMember(t *testing.T) {
	server, err := front.New(front.Config{Seed: 1, Instances: 1, Manual: true})
	require.NoError(t, err)
	api := httptest.NewServer(server)
	t.Cleanup(api.Close)
	send := func(target string, document any, refused bool) (string, string) {
		body, err := json.Marshal(document)
		require.NoError(t, err)
		request, err := http.NewRequest(http.MethodPost, api.URL, bytes.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("X-Amz-Target", target)
		if version, action, form := strings.Cut(target, " "); form {
			fields := url.Values{"Version": {version}, "Action": {action}}
			addFields(fields, "", document, refused)
			request, err = http.NewRequest(http.MethodPost, api.URL, strings.NewReader(fields.Encode()))
			require.NoError(t, err)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Amz-Sdk-Invocation-Id", "1")
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		var out struct {
			Code    string `json:"__type" xml:"Error>Code"`
			Message string `json:"message" xml:"Error>Message"`
		}
		if bytes.HasPrefix(data, []byte("<")) {
			require.NoError(t, xml.Unmarshal(data, &out), "%s", data)
		} else {
			require.NoError(t, json.Unmarshal(data, &out), "%s", data)
		}
		return out.Code, out.Message
	}
	known, met, count := fates(), map[string]bool{}, map[ecsapi.Fate]int{}
	for _, service := range []struct {
		name, prefix, refusal string
		client                reflect.Type
		lower                 bool
	}{
		{"ecs", "AmazonEC2ContainerServiceV20141113.", "UnsupportedFeatureException", reflect.TypeFor[*ecs.Client](),
			true},
		{"application-autoscaling", "AnyScaleFrontendService.", "ValidationException",
			reflect.TypeFor[*scaling.Client](), false},
		{"cloudwatch", "GraniteServiceVersion20100801.", "InvalidParameterValueException",
			reflect.TypeFor[*cloudwatch.Client](), false},
		{"elasticloadbalancing", "2015-12-01 ", "ValidationError", reflect.TypeFor[*elb.Client](), false},
		{"elb", "2012-06-01 ", "ValidationError", reflect.TypeFor[*classic.Client](), false},
		{"autoscaling", "2011-01-01 ", "ValidationError", reflect.TypeFor[*autoscaling.Client](), false},
		{"ecr", "AmazonEC2ContainerRegistry_V20150921.", "InvalidParameterException",
			reflect.TypeFor[*ecr.Client](), true},
		{"codedeploy", "CodeDeploy_20141006.", "ValidationException", reflect.TypeFor[*codedeploy.Client](), true},
		{"servicediscovery", "Route53AutoNaming_v20170314.", "InvalidInput",
			reflect.TypeFor[*servicediscovery.Client](), false},
		{"sts", "2011-06-15 ", "ValidationError", reflect.TypeFor[*sts.Client](), false},
	} {
		for action, input := range actionsOf(service.client) {
			name := service.name + " " + action
			code, message := send(service.prefix+action, map[string]any{}, false)
			if known[name+" "] == ecsapi.FateRefused {
				met[name+" "] = true
				require.Equal(t, service.refusal, code, name)
				require.Equal(t, action+" is not modelled here.", message)
				continue
			}
			require.NotEqual(t, "UnknownOperationException", code, name)
			for _, m := range membersOf(input, service.lower) {
				fate, ok := fateOf(known, name, m.path)
				if !assert.True(t, ok, "%s: %s is neither modelled nor kept nor refused by name", name, m.path) {
					continue
				}
				met[name+" "+m.path] = true
				count[fate]++
				code, message := send(service.prefix+action, m.document, fate == ecsapi.FateRefused)
				require.NotContains(t, message, "Unknown parameter", "%s: %s", name, m.path)
				if fate == ecsapi.FateRefused {
					require.Equal(t, service.refusal, code, "%s: %s", name, m.path)
					first, _, _ := strings.Cut(m.path, ".")
					require.Contains(t, message, strings.TrimSuffix(first, "[]"), "%s: %s", name, m.path)
				} else {
					require.NotContains(t, message, "is not modelled here", "%s: %s", name, m.path)
				}
				t.Logf("%s %s %s", name, m.path, fate)
			}
		}
	}
	require.ElementsMatch(t, own(), missing(known, met), "members that AWS does not have")
	t.Logf("%d modelled, %d kept and shown, %d refused by name", count[ecsapi.FateModelled], count[ecsapi.FateKept],
		count[ecsapi.FateRefused])
}

// addFields adds a document's members to a form as AWS query writes them. An empty structure writes nothing there; one
// that is to be refused has a value instead.
func addFields(form url.Values, key string, v any, refused bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			addFields(form, strings.TrimPrefix(key+"."+name, "."), member, refused)
		}
		if len(v) == 0 && key != "" && refused {
			form.Set(key, "x")
		}
	case []any:
		for i, item := range v {
			addFields(form, fmt.Sprintf("%s.member.%d", key, i+1), item, refused)
		}
	default:
		form.Set(key, fmt.Sprint(v))
	}
}

// own are the members that this server has and that the walk over AWS's does not meet: an
// instance's capacity provider; a provider's group, which UpdateCapacityProvider refuses by name,
// as RegisterTaskDefinition refuses what DescribeTaskDefinition prints; and those of a union, which
// the SDK has as an interface.
func own() []string {
	names := []string{"ecs RegisterContainerInstance capacityProviderName",
		"ecs UpdateCapacityProvider autoScalingGroupProvider.autoScalingGroupArn"}
	for _, list := range []string{"RegisterTaskDefinition containerDefinitions[]",
		"RunTask overrides.containerOverrides[]", "StartTask overrides.containerOverrides[]"} {
		for _, key := range []string{"", ".memory", ".maxComputePercent"} {
			names = append(names, "ecs "+list+".resourceRequirements[].sharingStrategy.nvidiaMps"+key)
		}
	}
	for _, key := range []string{"taskDefinitionArn", "revision", "status", "registeredAt", "registeredBy",
		"deregisteredAt", "deleteRequestedAt", "compatibilities",
		"requiresAttributes", "requiresAttributes[].name", "requiresAttributes[].value",
		"requiresAttributes[].targetType", "requiresAttributes[].targetId"} {
		names = append(names, "ecs RegisterTaskDefinition "+key)
	}
	return names
}

func missing(known map[string]ecsapi.Fate, met map[string]bool) []string {
	var names []string
	for name := range known {
		if !met[name] {
			names = append(names, name)
		}
	}
	return names
}
