package copilot_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/copilot"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/source"
)

const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"

var mart = document.Given{App: "mart", Env: "test", Region: "eu-west-1", Account: "123456789012", Plain: true,
	Images:  map[string]string{"web": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mart/web:42"},
	Subnets: []string{"subnet-0a1b2c3d4e5f60718"}, SecurityGroups: []string{"sg-0a1b2c3d4e5f60718"},
	TargetGroups: map[string]string{"web": targetGroup}}

func convert(t testing.TB, text string, g document.Given) (document.Result, error) {
	list, err := source.Parse("manifest.yml", []byte(text))
	require.NoError(t, err)
	return copilot.Read(list[0], g)
}

func read(t testing.TB, text string, g document.Given) document.Result {
	r, err := convert(t, text, g)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

// short writes scaling in the short form of the worked example.
func short(s document.Scaling) string {
	text := fmt.Sprintf("%d-%d", s.Target.MinCapacity.Or(-1), s.Target.MaxCapacity.Or(-1))
	for _, p := range s.Policies {
		c := p.TargetTrackingScalingPolicyConfiguration
		metric := ""
		if c.PredefinedMetricSpecification != nil {
			metric = c.PredefinedMetricSpecification.PredefinedMetricType
		} else {
			m := c.CustomizedMetricSpecification
			metric = fmt.Sprint(m.Namespace, " ", m.MetricName, " ", m.Statistic)
		}
		text += fmt.Sprintf("; %s: %s at %g, in %d, out %d", p.PolicyName, metric, c.TargetValue.Or(0),
			c.ScaleInCooldown.Or(-1), c.ScaleOutCooldown.Or(-1))
	}
	return text
}

func TestWorkedExample(t *testing.T) {
	r := read(t, `name: web
type: Load Balanced Web Service
image: {build: Dockerfile, port: 3000}
http: {path: /, healthcheck: /healthz, deregistration_delay: 15s}
cpu: 512
memory: 1024
count: {range: {min: 2, max: 8, spot_from: 4}, cooldown: {in: 90s}, cpu_percentage: 60, response_time: 400ms}
environments: {test: {memory: 2048}}
`, mart)
	want, err := ecs.ParseTaskDefinition([]byte(`{"family": "mart-test-web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
		"cpu": "512", "memory": "2048", "executionRoleArn": "arn:aws:iam::123456789012:role/needs-execution-role",
		"containerDefinitions": [{"name": "web", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mart/web:42",
		 "portMappings": [{"containerPort": 3000, "protocol": "tcp"}],
		 "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/copilot/mart-test-web", "awslogs-region": "eu-west-1",
		  "awslogs-stream-prefix": "copilot"}}}]}`))
	require.NoError(t, err)
	require.Equal(t, []ecs.TaskDefinition{want}, r.TaskDefinitions)
	service, err := api.ParseInput[api.CreateServiceInput]([]byte(`{"serviceName": "web", "taskDefinition": "mart-test-web", "desiredCount": 2,
		"healthCheckGracePeriodSeconds": 60, "propagateTags": "SERVICE",
		"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}, {"capacityProvider": "FARGATE", "weight": 0, "base": 3}],
		"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200, "deploymentCircuitBreaker": {"enable": true, "rollback": true}},
		"loadBalancers": [{"targetGroupArn": "` + targetGroup + `", "containerName": "web", "containerPort": 3000}],
		"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d4e5f60718"], "securityGroups": ["sg-0a1b2c3d4e5f60718"],
		 "assignPublicIp": "ENABLED"}}}`))
	require.NoError(t, err)
	require.Equal(t, []api.CreateServiceInput{service}, r.Services)
	require.Equal(t, "2-8; web-ECSServiceAverageCPUUtilization-ScalingPolicy: ECSServiceAverageCPUUtilization at "+
		"60, in 90, out 60; "+
		"web-ALBAverageResponseTime-ScalingPolicy: AWS/ApplicationELB TargetResponseTime Average at 0.4, in 90, out 60",
		short(r.Scaling[0]))
	require.Equal(t, []document.TargetGroup{{Name: "web-3000", Protocol: "HTTP", Port: 3000, TargetType: "ip",
		Path: "/healthz", Drain: 15, Rules: []string{"path /"}}}, r.TargetGroups)
	for _, f := range r.Fields() {
		require.NotEqual(t, source.Lost, f.Fate, f.Path)
	}
}

func TestCount(t *testing.T) {
	const head = "name: w\ntype: Backend Service\nimage: {location: a, port: 80}\ncount: "
	for count, want := range map[string]string{
		"3":         "3 FARGATE []",
		"{spot: 5}": "5  [{FARGATE_SPOT 1 0}]",
		"{range: 1-10, cpu_percentage: 70}": "1 FARGATE [] 1-10; w-ECSServiceAverageCPUUtilization-ScalingPolicy: " +
			"ECSServiceAverageCPUUtilization at 70, in 120, out 60",
		"{range: {min: 5, max: 9, spot_from: 2}, memory_percentage: {value: 50, cooldown: {out: " +
			"5s}}}": "5  [{FARGATE_SPOT 1 0}] 5-9; w-ECSServiceAverageMemoryUtilization-ScalingPolicy: " +
			"ECSServiceAverageMemoryUtilization at 50, in 120, out 5",
		"{range: {min: 0, max: 4}, requests: 1000}": "0 FARGATE " +
			"[] 0-4; w-ALBSumRequestCountPerTarget-ScalingPolicy: AWS/ApplicationELB RequestCountPerTarget Sum at " +
			"1000, in 120, out 60",
		"{range: 1-2, queue_delay: {acceptable_latency: 10m, msg_processing_time: 250ms}}": "1 FARGATE " +
			"[] 1-2; w-BacklogPerTask-ScalingPolicy: app-test-w BacklogPerTask Average at 2400, in 120, out 60",
	} {
		r := read(t, head+count+"\n", document.Given{})
		s := r.Services[0]
		got := fmt.Sprint(s.DesiredCount.Or(-1), " ", s.LaunchType, " ", s.CapacityProviderStrategy)
		if len(r.Scaling) > 0 {
			got += " " + short(r.Scaling[0])
		}
		require.Equal(t, want, got, count)
	}
	r := read(t, head+"{range: 1-10, cpu_percentage: 70}\nenvironments: {test: {count: {spot: 2}}}\n",
		document.Given{Env: "test"})
	require.Empty(t, r.Scaling, "the forms of count displace each other")
	require.Equal(t, 2, r.Services[0].DesiredCount.Or(0))
	for _, bad := range []string{"{range: 5-1, cpu_percentage: 1}", "{range: x, cpu_percentage: 1}", "{range: 1-5}",
		"{cpu_percentage: 50}", "-1", "{range: 1-5, cpu_percentage: 0}"} {
		_, err := convert(t, head+bad+"\n", document.Given{})
		require.ErrorContains(t, err, "manifest.yml:4: count", bad)
	}
}

func TestSchedule(t *testing.T) {
	for s, want := range map[string]string{
		"rate(5 minutes)": "rate(5 minutes)", "cron(0 1 * * ? *)": "cron(0 1 * * ? *)",
		"@every 1h30m": "rate(90 minutes)", "@every 1m": "rate(1 minute)",
		"@daily": "cron(0 0 * * ? *)", "0 9 * * 1-5": "cron(0 9 ? * 2-6 *)", "0 9 1 * *": "cron(0 9 1 * ? *)",
		"0 0 * * 7":   "cron(0 0 ? * 1 *)",
		"0 0 * * MON": "cron(0 0 ? * MON *)", "none": "",
	} {
		r := read(t, "name: j\ntype: Scheduled Job\nimage: {location: a}\non: {schedule: \""+s+"\"}\nretries: "+
			"3\ntimeout: 1h\n", document.Given{})
		require.Equal(t, want, r.RunTasks[0].Schedule, s)
		require.Equal(t, 3, r.RunTasks[0].Retries)
		require.Equal(t, 3600, r.RunTasks[0].Timeout)
	}
	for _, s := range []string{"0 9 1 * 1", "* * * *", "@every 1s", "0 9 * * 9"} {
		_, err := convert(t, "name: j\ntype: Scheduled Job\nimage: {location: a}\non: {schedule: \""+s+"\"}\n",
			document.Given{})
		require.ErrorContains(t, err, "manifest.yml:4: on.schedule:", s)
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"name: a\ntype: Request-Driven Web Service\n": "manifest.yml:2: type: a " +
			"Request-Driven Web Service is AWS App Runner, not ECS: make it a Load Balanced Web Service first",
		"name: a\ntype: Load Balanced Web Service\nimage:\n  build: x\n": "manifest.yml:3: image: " +
			"image.port is required in a Load Balanced Web Service",
		"name: a\ntype: Backend Service\nimage: {location: x}\ncpu: 99999\n": "manifest.yml:4: cpu: Fargate " +
			"has no task of 99999 CPU units and 512 MiB",
		"name: a\ntype: Backend Service\nimage: {location: x}\nplatform: plan9/x\n": "manifest.yml:4: platform: " +
			"\"plan9\" is not an operating system of Copilot\nmanifest.yml:4: platform: \"x\" is not an " +
			"architecture of Copilot",
	} {
		_, err := convert(t, text, document.Given{})
		require.EqualError(t, err, want)
	}
}

// TestEverything: a manifest with all that Copilot knows converts with nothing unread.
func TestEverything(t *testing.T) {
	r := read(t, `name: web
type: Load Balanced Web Service
image:
  location: acme/web:1
  port: 80
  credentials: arn:aws:secretsmanager:us-east-1:000000000000:secret:x
  labels: {a: b}
  depends_on: {side: start}
  healthcheck: {command: ["true"], interval: 20s}
http:
  path: api
  target_container: side
  additional_rules: [{path: other, target_port: 81}]
  stickiness: true
nlb: {port: 443/tls, target_port: 8443}
platform: linux/arm64
exec: true
variables: {A: 1, B: {from_cfn: stack-B}}
env_file: web.env
secrets: {S: /param, T: {secretsmanager: sec}, U: {from_cfn: stack-U}}
storage:
  ephemeral: 100
  readonly_fs: true
  volumes:
    data: {path: /data, efs: {id: fs-1, auth: {iam: true, access_point_id: fsap-1}}}
    more: {path: /more, read_only: false}
sidecars:
  side: {port: 8080/tcp, image: acme/side, essential: false, mount_points: [{source_volume: data, path: /d}], variables: {X: y}}
logging: {destination: {Name: cloudwatch}, retention: 7}
network:
  connect: true
  vpc: {placement: private, security_groups: [sg-1]}
publish: {topics: [{name: t}]}
observability: {tracing: awsxray}
deployment: {rolling: recreate, rollback_alarms: [alarm]}
taskdef_overrides: [{path: "ContainerDefinitions[0].Ulimits[-]", value: {Name: nofile, SoftLimit: 1024, HardLimit: 2048}}]
environments: {prod: {cpu: 1024}}
`, document.Given{})
	d := r.TaskDefinitions[0]
	require.Len(t, d.ContainerDefinitions, 4)
	require.Equal(t, []ecs.Ulimit{{Name: "nofile", SoftLimit: 1024, HardLimit: 2048}},
		d.ContainerDefinitions[0].Ulimits)
	require.Equal(t, ecs.CPUArchitectureArm64, d.RuntimePlatform.CPUArchitecture)
	require.Len(t, r.Services[0].LoadBalancers, 3)
	for _, f := range r.Fields() {
		require.NotEqual(t, source.Lost, f.Fate, f.Path)
	}
	_, err := json.Marshal(r)
	require.NoError(t, err)
}

// TestCommand: a command is a list, or a text that a shell would split. Seen to fail without entrypoint.
func TestCommand(t *testing.T) {
	r := read(t, "name: a\ntype: Backend Service\nimage: {location: b}\n"+
		"entrypoint: sh -c 'x y'\ncommand: [serve, all day]\n",
		document.Given{})
	c := r.TaskDefinitions[0].ContainerDefinitions[0]
	require.Equal(t, []string{"sh", "-c", "x y"}, c.EntryPoint)
	require.Equal(t, []string{"serve", "all day"}, c.Command)
}

func FuzzRead(f *testing.F) {
	f.Add("name: a\ntype: Backend Service\nimage: {build: x, port: 1}\ncount: {range: 1-2, cpu_percentage: 1}\n")
	f.Add("name: a\ntype: Scheduled Job\non: {schedule: '@daily'}\ntaskdef_overrides: [{path: " +
		"'ContainerDefinitions[9].X[-]', value: 1}]\n")
	f.Add("name: a\ntype: Worker Service\nsidecars: {b: {port: 1/udp}}\nstorage: {volumes: {v: {path: /, efs: " +
		"true}}}\nlogging: {image: x}\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := source.Parse("f.yml", []byte(text))
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := copilot.Read(list[0], document.Given{})
		documenttest.Holds(t, "f.yml", r, err)
	})
}
