package ask_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/ask"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/hpa"
	"github.com/bayplan/bayplan/examples/whatif/replay"
)

func imported(t testing.TB, name, text string, g document.Given) document.Result {
	r, err := formats.Read([]formats.File{{Name: name, Data: []byte(text)}}, g)
	require.NoError(t, err)
	return r
}

// TestFleet: a task takes half a CPU and a GiB, so that a medium holds three and a small one; three mediums are
// cheapest.
func TestFleet(t *testing.T) {
	d := ecs.TaskDefinition{Family: "a", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i",
		CPU: 512, Memory: 1024}}}
	prices := autoscale.PriceTable{InstanceHour: map[string]float64{"t3.small": 0.03, "t3.medium": 0.05,
		"m5.large": 0.1, "c5.xlarge": 0.2, "m5.xlarge": 0.2}}
	f, err := ask.FleetFor(d, 9, prices)
	require.NoError(t, err)
	require.InDelta(t, 0.15, f.Hour, 1e-9)
	require.Equal(t, []any{3, "t3.medium", 9}, []any{f.Count, f.Type, f.Tasks})
	f, err = ask.FleetFor(d, 3, autoscale.PriceTable{})
	require.NoError(t, err)
	require.Equal(t, 3, f.Count)
	_, err = ask.FleetFor(ecs.TaskDefinition{Family: "a", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c",
		Image: "i", Memory: 1 << 28}}}, 1, prices)
	require.Error(t, err)
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  STRATEGY
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: acme/api, resources: {requests: {cpu: 250m}, limits: {memory: 256Mi}}, ports: [{containerPort: 80, hostPort: 80}]}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {scaleTargetRef: {kind: Deployment, name: api}, minReplicas: 2, maxReplicas: 20, metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}]}
`

func TestServices(t *testing.T) {
	f, err := os.Open("../../whatif/replay/testdata/load.csv")
	require.NoError(t, err)
	load, err := replay.ParseLoad(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	r := imported(t, "k.yml", strings.Replace(deployment, "STRATEGY", "strategy: {}", 1),
		document.Given{Network: "bridge"})
	var b bytes.Buffer
	charts := 0
	q := ask.Question{Load: load, PerTask: 100,
		Prices: autoscale.PriceTable{InstanceHour: map[string]float64{"t3.small": 0.02}},
		Chart:  func(string, hpa.Comparison) error { charts++; return nil }}
	require.NoError(t, ask.Services(&b, &r, q))
	require.Contains(t, b.String(), "validate: api is valid")
	require.Contains(t, b.String(), "simulate: the service is steady after")
	require.Contains(t, b.String(), "fleet: 4 × t3.small hold 4 tasks, one more than desired, 0.0800 an hour")
	require.Contains(t, b.String(), "HorizontalPodAutoscaler          target tracking")
	require.Equal(t, 1, charts)
}

// TestStuck: three tasks with a host port on three instances, and percentages that let none go.
func TestStuck(t *testing.T) {
	r := imported(t, "k.yml", strings.Replace(deployment, "STRATEGY",
		"strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", 1), document.Given{Network: "bridge"})
	instances := `{"containerInstances": [` + strings.TrimSuffix(strings.Repeat(instance, 3), ",") + `]}`
	for i := range 3 {
		instances = strings.Replace(instances, "NUMBER", string(rune('a'+i)), 1)
	}
	var b bytes.Buffer
	require.NoError(t, ask.Services(&b, &r, ask.Question{Instances: []byte(instances)}))
	require.Contains(t, b.String(), "simulate: not steady", b.String())
	require.NoError(t, ask.Services(&b, &document.Result{}, ask.Question{}))
	require.Contains(t, b.String(), "there is no service to ask about")
}

const instance = `{"containerInstanceArn": "arn:aws:ecs:us-east-1:000000000000:container-instance/default/0000000000000000000000000000000NUMBER",
	"status": "ACTIVE", "agentConnected": true, "attributes": [{"name": "ecs.availability-zone", "value": "us-east-1a"}],
	"registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 2048}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 3800},
	 {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]}],
	"remainingResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 2048}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 3800},
	 {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]}]},`

// TestFormats: whatever converts can be asked about.
func TestFormats(t *testing.T) {
	for name, text := range map[string]string{
		"Dockerrun.aws.json": `{"AWSEBDockerrunVersion": "1", "Image": {"Name": "nginx"}, "Ports": [{"ContainerPort": 80}]}`,
		"manifest.yml": "name: web\ntype: Load Balanced Web Service\nimage: {location: a, port: 80}\nhttp: " +
			"{path: /}\ncount: {range: 1-4, cpu_percentage: 50}\n",
		"compose.yml": "services: {web: {image: nginx, ports: ['80:80'], deploy: {replicas: 2}}}",
	} {
		r := imported(t, name, text, document.Given{Name: "x"})
		var b bytes.Buffer
		require.NoError(t, ask.Services(&b, &r, ask.Question{Prices: autoscale.PriceTable{FargateVCPU: 0.04,
			FargateGB: 0.004}}))
		require.Contains(t, b.String(), "is valid", name)
		require.Contains(t, b.String(), "steady after", b.String())
		require.NotContains(t, b.String(), "no further answer", b.String())
		require.Contains(t, b.String(), "fleet: ", name)
	}
}

// TestArm: the worked example of a Deployment asks for instances with an Arm processor.
func TestArm(t *testing.T) {
	text, err := os.ReadFile("../kubernetes/testdata/worked.yml")
	require.NoError(t, err)
	r := imported(t, "worked.yml", string(text), document.Given{Network: "bridge"})
	var b bytes.Buffer
	require.NoError(t, ask.Services(&b, &r, ask.Question{}))
	require.Contains(t, b.String(), "steady after")
	require.Contains(t, b.String(), "× m6g.")
}
