package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// What encoding/json would pass over is named, each with its path. Seen to fail: members that
// takes every key of a list's items.
func TestParseInput(t *testing.T) {
	for _, c := range []struct {
		name, document string
		want           []string // "code field: end of the message"
	}{
		{"nothing", `{}`, nil},
		{"null", `{"cluster":null,"tags":null,"overrides":null}`, nil},
		{"unknown", `{"clusters":"c"}`,
			[]string{`InvalidParameterException clusters: Unknown parameter in input: "clusters".`}},
		{"case", `{"Cluster":"c","COUNT":1}`, []string{
			`InvalidParameterException COUNT: it is "count".`, `InvalidParameterException Cluster: it is "cluster".`}},
		{"in a list", `{"tags":[{"key":"a"},{"key":"a","Value":"b"}]}`,
			[]string{`InvalidParameterException tags[1].Value: it is "value".`}},
		{"in what may be absent", `{"networkConfiguration":{"awsvpcConfiguration":{"subnet":[]}}}`,
			[]string{
				`InvalidParameterException networkConfiguration.awsvpcConfiguration.subnet: Unknown parameter in input: "subnet".`}},
		{"twice", `{"cluster":"a","cluster":"b"}`,
			[]string{`InvalidParameterException cluster: Duplicate key "cluster"; the last value counts.`}},
		{"broken", `{"cluster":`, []string{`SerializationException : the document ends too early`}},
		{"not an object", `[]`, []string{`SerializationException : A list stands where an object belongs.`}},
		{"wrong type", `{"cluster":7,"x":1}`, []string{
			`SerializationException : cluster is a number where string belongs.`,
			`InvalidParameterException x: Unknown parameter in input: "x".`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := api.ParseInput[api.RunTaskInput]([]byte(c.document))
			var got []string
			for e := range ecs.Errors(err) {
				got = append(got, string(e.Code)+" "+e.Field+": "+e.Message)
			}
			require.Len(t, got, len(c.want), "%v", got)
			for i, want := range c.want {
				head, tail, _ := strings.Cut(want, ": ")
				require.True(t, strings.HasPrefix(got[i], head+": ") && strings.HasSuffix(got[i], tail),
					"%s against %s", got[i], want)
			}
		})
	}
	_, err := api.ParseInput[api.ListTasksInput]([]byte(`{"daemonName":"d","dæmon":1}`))
	require.Equal(t, []string{`InvalidParameterException ["dæmon"]`, "UnsupportedFeatureException daemonName"},
		named(err))
	_, err = api.ParseInput[api.ListTasksInput]([]byte(`{"DaemonName":"d"}`))
	require.ErrorContains(t, err, `it is "daemonName"`)
	d, err := api.ParseInput[ecs.TaskDefinition]([]byte(`{"family":"web","Cpu":"256"}`))
	require.Equal(t, "web", d.Family)
	require.Equal(t, []string{"InvalidParameterException Cpu"}, named(err))
}

// Whatever an input is encoded as, it is read back, whole.
func TestParseInputReadsWhatIsWritten(t *testing.T) {
	in := api.CreateServiceInput{ServiceName: "web", DesiredCount: ecs.Some(0), Tags: []ecs.Tag{{Key: "a", Value: "b"}},
		PlacementStrategy: []ecs.PlacementStrategy{{Type: "random"}},
		Monitoring: &api.MonitoringConfiguration{MetricConfigurations: []api.MetricConfiguration{
			{MetricNames: []string{"CPUUtilization"}, ResolutionSeconds: 20}}},
		DeploymentConfiguration: &ecs.DeploymentConfiguration{MaximumPercent: ecs.Some(150),
			DeploymentCircuitBreaker: &ecs.DeploymentCircuitBreaker{Enable: true}}}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	again, err := api.ParseInput[api.CreateServiceInput](data)
	require.NoError(t, err)
	require.Equal(t, in, again)
	update := api.UpdateServiceInput{Service: "web",
		PlacementConstraints: ecs.Some([]ecs.PlacementConstraint{{Type: "distinctInstance"}})}
	data, err = json.Marshal(update)
	require.NoError(t, err)
	back, err := api.ParseInput[api.UpdateServiceInput](data)
	require.NoError(t, err)
	require.Equal(t, update, back)
}

func TestInputMembers(t *testing.T) {
	list := api.InputMembers(reflect.TypeFor[api.UpdateServiceInput]())
	for _, want := range []api.InputMember{
		{Path: "gatewayConnectors", Fate: api.FateRefused},
		{Path: "service", Fate: api.FateModelled},
		{Path: "placementConstraints[].expression", Fate: api.FateModelled},
		{Path: "monitoring.metricConfigurations[].metricNames", Fate: api.FateKept},
		{Path: "serviceConnectConfiguration.services[].tls", Fate: api.FateKept},
	} {
		require.Contains(t, list, want)
	}
}

// named returns code and field of each fault.
func named(err error) []string {
	var list []string
	for e := range ecs.Errors(err) {
		list = append(list, string(e.Code)+" "+e.Field)
	}
	return list
}
