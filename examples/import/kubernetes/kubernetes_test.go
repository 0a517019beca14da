package kubernetes_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/source"
)

func convert(t require.TestingT, text string, g document.Given) (document.Result, error) {
	list, err := source.Parse("k.yml", []byte(text))
	require.NoError(t, err)
	return kubernetes.Read(list, g)
}

func read(t require.TestingT, text string, g document.Given) document.Result {
	r, err := convert(t, text, g)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

// said returns the fate and the remarks of each field, by its path.
func said(r document.Result) map[string]source.Field {
	m := map[string]source.Field{}
	for _, f := range r.Fields() {
		m[f.Path] = f
	}
	return m
}

func TestWorkedExample(t *testing.T) {
	text, err := os.ReadFile("testdata/worked.yml")
	require.NoError(t, err)
	r := read(t, string(text), document.Given{Network: "bridge"})
	want, err := ecs.ParseTaskDefinition([]byte(`{"family": "api", "requiresCompatibilities": ["EC2"], "networkMode": "bridge",
		"placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.cpu-architecture == arm64"}],
		"containerDefinitions": [{"name": "api", "image": "ghcr.io/acme/api:3", "essential": true, "cpu": 256, "memoryReservation": 96, "memory": 123,
		 "stopTimeout": 45, "portMappings": [{"containerPort": 8080, "hostPort": 0, "protocol": "tcp"}],
		 "healthCheck": {"command": ["CMD", "/bin/ok"], "interval": 10, "timeout": 2, "retries": 3}}]}`))
	require.NoError(t, err)
	require.Equal(t, []ecs.TaskDefinition{want}, r.TaskDefinitions)
	service, err := api.ParseInput[api.CreateServiceInput]([]byte(`{"serviceName": "api", "taskDefinition": "api", "desiredCount": 3,
		"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 134, "deploymentCircuitBreaker": {"enable": true, "rollback": false}},
		"placementConstraints": [{"type": "distinctInstance"}], "placementStrategy": [{"type": "spread", "field": "attribute:ecs.availability-zone"}]}`))
	require.NoError(t, err)
	require.Equal(t, []api.CreateServiceInput{service}, r.Services)
	s := r.Scaling[0]
	c := s.Policies[0].TargetTrackingScalingPolicyConfiguration
	require.Equal(t, []int{3, 12, 300, 0}, []int{s.Target.MinCapacity.Or(-1), s.Target.MaxCapacity.Or(-1),
		c.ScaleInCooldown.Or(-1), c.ScaleOutCooldown.Or(-1)})
	require.Equal(t, "ECSServiceAverageCPUUtilization 70", c.PredefinedMetricSpecification.PredefinedMetricType+" 70")
	require.InDelta(t, 70, c.TargetValue.Or(0), 0)

	const container = "spec.template.spec.containers[0]."
	f := said(r)
	for path, want := range map[string]source.Fate{container + "resources.limits.cpu": source.Lost, container +
		"livenessProbe.timeoutSeconds": source.Approximated,
		"spec.template.spec.topologySpreadConstraints[0]": source.Approximated, "spec": source.Approximated} {
		require.Equal(t, want, f[path].Fate, path)
	}
	require.Contains(t, f["spec"].Text, "progressDeadlineSeconds")
	require.Contains(t, f["spec"].Text, "an autoscaler moves the number")
}

// TestPercents asks the definition of ECS: at most floor(n × maximum ÷ 100) tasks, at least ceil(n × minimum ÷ 100).
// Seen to fail with percentages rounded the other way.
func TestPercents(t *testing.T) {
	for n := 1; n <= 100; n++ {
		for surge := 0; surge <= n; surge++ {
			for gone := 0; gone <= n; gone++ {
				lo, hi := kubernetes.Percents(n, surge, gone)
				if n*hi/100 != n+surge || (n*lo+99)/100 != n-gone {
					t.Fatalf("n %d surge %d unavailable %d: %d/%d", n, surge, gone, lo, hi)
				}
			}
		}
	}
	for _, x := range []struct{ n, surge, gone, hi, lo int }{{1, 1, 0, 200, 100}, {3, 1, 0, 134, 100}, {4, 1, 1, 125,
		75}, {10, 3, 2, 130, 80}, {10, 1, 0, 110, 100}, {1, 3, 0, 400, 100}} {
		lo, hi := kubernetes.Percents(x.n, x.surge, x.gone)
		require.Equal(t, []int{x.lo, x.hi}, []int{lo, hi}, x)
	}
	for _, x := range []struct {
		text string
		n    int
		up   bool
		want int
	}{{"25%", 3, true, 1}, {"25%", 3, false, 0}, {"25%", 10, true, 3}, {"25%", 10, false, 2}, {"2", 7, true, 2},
		{"100%", 7, false, 7}} {
		got, err := kubernetes.Whole(x.text, x.n, x.up)
		require.NoError(t, err)
		require.Equal(t, x.want, got, x)
	}
}

func deployment(more, container string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {matchLabels: {app: " +
		"d}}\n  template:\n    metadata: {labels: {app: d}}\n" +
		"    spec:\n" + more + "      containers:\n      - name: c\n        image: i\n" + container
}

func TestQuantities(t *testing.T) {
	for _, x := range []struct {
		cpu, memory string
		units, mib  int
	}{{"250m", "128M", 256, 123}, {"1", "128Mi", 1024, 128}, {"0.1", "1Gi", 103, 1024}, {"1e0", "1e8", 1024, 96},
		{"1m", "1G", 2, 954}} {
		r := read(t, deployment("", "        resources: {requests: {cpu: "+x.cpu+", memory: "+x.memory+"}}\n"),
			document.Given{})
		c := r.TaskDefinitions[0].ContainerDefinitions[0]
		require.Equal(t, []int{x.units, x.mib}, []int{c.CPU, c.MemoryReservation}, x)
	}
	for _, bad := range []string{"cpu: -1", "memory: 1X", "cpu: 1e99", "memory: {}"} {
		_, err := convert(t, deployment("", "        resources:\n          requests: {"+bad+"}\n"), document.Given{})
		require.ErrorContains(t, err, "k.yml:13: spec.template.spec.containers[0].resources.requests", bad)
	}
}

// TestFit: both launch types, and both network modes, of one manifest with much in it.
func TestFit(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.yml")
	require.NoError(t, err)
	for _, g := range []document.Given{{}, {Network: "bridge"}, {Launch: "FARGATE"}} {
		r, err := convert(t, string(text), g)
		if g.Launch == "FARGATE" {
			require.EqualError(t, err, "k.yml:65: spec: Fargate has no daemons: make it a container of each task")
			continue
		}
		require.NoError(t, err)
		require.NoError(t, r.Check())
		require.Len(t, r.Services, 3)
		require.Len(t, r.RunTasks, 1)
		require.Equal(t, "cron(30 2 * * ? *)", r.RunTasks[0].Schedule)
		for _, f := range r.Fields() {
			require.NotContains(t, f.Text, "does not know this field", f.Path)
		}
		web := r.Services[0]
		require.Len(t, web.LoadBalancers, 1)
		require.Equal(t, "/healthz", r.TargetGroups[0].Path)
		require.Equal(t, []string{"host shop.example.com, path /"}, r.TargetGroups[0].Rules)
		d := r.TaskDefinitions[0]
		require.Equal(t, "SUCCESS", string(d.ContainerDefinitions[1].DependsOn[0].Condition))
		require.Contains(t, d.ContainerDefinitions[1].Environment, ecs.KeyValuePair{Name: "MODE", Value: "fast"})
		require.Contains(t, d.ContainerDefinitions[1].Environment, ecs.KeyValuePair{Name: "GREETING",
			Value: "hello fast"})
		require.Equal(t, "arn:aws:iam::123456789012:role/shop", d.TaskRoleArn)
	}
}

// TestTyped: what the API's own types refuse is a fault with file and line, as for kubectl.
func TestTyped(t *testing.T) {
	_, err := convert(t, deployment("      hostNetwork: maybe\n", ""), document.Given{})
	require.ErrorContains(t, err, "k.yml:9: spec.template.spec.hostNetwork: it must be bool, not string")
	r, err := convert(t, deployment("      hostNetwrk: true\n", ""), document.Given{})
	require.NoError(t, err)
	require.Contains(t, said(r)["spec.template.spec.hostNetwrk"].Text, "Kubernetes does not know this field either")
}

// TestNothingIsDropped: each field of the pod that is added to a manifest is in the report, whatever it is.
func TestNothingIsDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[a-z][A-Za-z]{3,12}`).Draw(t, "key")
		if strings.Contains(deployment("", ""), key) {
			t.Skip("there already")
		}
		r, err := convert(t, deployment("      "+key+": x\n", ""), document.Given{})
		if err != nil {
			return
		}
		f, ok := said(r)["spec.template.spec."+key]
		require.True(t, ok)
		require.NotEqual(t, source.Unread, f.Fate)
		require.Positive(t, f.Line)
	})
}
