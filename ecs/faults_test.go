package ecs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
)

// TestPlantedFaults breaks one rule of registration after the other, each in a fixed
// definition, and expects the one fault, by code and field. The table below names the rows
// of the facts that the rules come from.
func TestPlantedFaults(t *testing.T) {
	row := map[string]string{}
	for _, group := range factRows() {
		for _, rule := range group.rules {
			require.Empty(t, row[rule], "%s has two rows", rule)
			row[rule] = group.row
		}
	}
	faults := ecstest.Faults()
	rules := map[string]bool{}
	for _, f := range faults {
		require.NotEmpty(t, row[f.Rule], "%s has no row", f.Rule)
		b := ecstest.BrokenBy(f).Example(1)
		require.Equal(t, []string{string(b.Code) + " " + b.Field}, named(b.TaskDefinition.Validate()),
			"%s (%s)", f.Rule, row[f.Rule])
		rules[ruleOf(b.TaskDefinition.Validate())] = true
	}
	require.GreaterOrEqual(t, len(rules), 150)
	require.Len(t, row, len(faults), "a row without its fault")
	t.Logf("%d planted faults of registration, each found alone; they break %d different rules",
		len(faults), len(rules))
}

// ruleOf returns what stays the same of a fault wherever a rule is broken: the field without
// positions, and the message without its values. Two ends of one range are one rule.
func ruleOf(err error) string {
	for e := range ecs.Errors(err) {
		s := e.Field + ": " + e.Message
		s = regexp.MustCompile(`"[^"]*"|'[^']*'|\d+|\[|\]`).ReplaceAllString(s, "")
		for _, end := range []string{"greater", "less", "minimum", "maximum"} {
			s = strings.ReplaceAll(s, end, "")
		}
		return s
	}
	return ""
}

func factRows() []struct {
	row   string
	rules []string
} {
	return []struct {
		row   string
		rules []string
	}{
		{`facts 1.2 family, 3.2 "bad family"`, []string{
			"no family",
			"family with a blank",
			"family of 256 characters",
		}},
		{`facts 3.2 "no containers"`, []string{
			"no containers",
		}},
		{`facts 3.2 "> 10 containers"`, []string{
			"eleven containers",
		}},
		{`facts 3.2 "none essential"`, []string{
			"no essential container",
		}},
		{`facts 1.6`, []string{
			"unknown network mode",
			"external with awsvpc",
		}},
		{`facts 1.9`, []string{
			"unknown pid mode",
			"unknown ipc mode",
		}},
		{`facts 1.2 requiresCompatibilities`, []string{
			"unknown compatibility",
		}},
		{`facts 1.5, 3.2 "unusable task cpu"`, []string{
			"task cpu that is not an amount",
			"task cpu below 128",
			"task cpu above 192 vCPU",
			"task memory that is not an amount",
		}},
		{`facts 3.2 "ARN parse"`, []string{
			"task role that is no ARN of a role",
			"execution role that is no ARN of a role",
		}},
		{`facts 3.2 "retired field"`, []string{
			"inference accelerators",
		}},
		{`facts 3.2 "ephemeral on EC2"`, []string{
			"ephemeral storage on EC2",
		}},
		{`facts 3.2 "ephemeral small / large"`, []string{
			"ephemeral storage of 20 GiB",
			"ephemeral storage of 201 GiB",
		}},
		{`facts 1.7`, []string{
			"unknown CPU architecture",
			"unknown operating system",
			"ARM64 with Windows",
			"Fargate on Windows Server 2016",
		}},
		{`facts 1.9 placementConstraints; 1.4`, []string{
			"distinctInstance in a task definition",
			"constraint without a type",
			"unknown constraint",
			"memberOf without an expression",
			"expression that does not parse",
			"expression of 2001 characters",
			"eleven constraints",
		}},
		{`facts 1.4 tags`, []string{
			"empty list of tags",
			"51 tags",
			"tag without a key",
			"tag key of 129 characters",
			"tag value of 257 characters",
			"tag key with a character that no tag has",
			"tag key of AWS",
			"tag value of AWS",
			"tag key twice",
		}},
		{`facts 3.2 "no name"`, []string{
			"no name",
		}},
		{`facts 1.10 name`, []string{
			"name with a dot",
		}},
		{`facts 3.2 "duplicate names"`, []string{
			"two containers of one name",
		}},
		{`facts 3.2 "no image"`, []string{
			"no image",
		}},
		{`facts 6.1`, []string{
			"image of 256 characters",
			"digest too short",
		}},
		{`facts 1.10 versionConsistency`, []string{
			"unknown version consistency",
		}},
		{`facts 6.6`, []string{
			"repository credentials without a parameter",
		}},
		{`facts 1.10 cpu`, []string{
			"negative cpu",
		}},
		{`facts 3.2 "memory < reservation"`, []string{
			"memory below its reservation",
		}},
		{`facts 1.12`, []string{
			"negative reservation",
		}},
		{`facts 3.2 "no memory anywhere"`, []string{
			"neither memory nor reservation",
		}},
		{`facts 3.2 "container memory > task memory"`, []string{
			"container memory above the task's",
		}},
		{`facts 3.2 "Σ reservation > task memory"`, []string{
			"reservations above the task's memory",
		}},
		{`facts 3.2 "Σ cpu > task cpu"`, []string{
			"container cpu above the task's",
		}},
		{`facts 3.2 "env files"`, []string{
			"eleven environment files",
		}},
		{`facts 1.10 environmentFiles`, []string{
			"environment file of no S3 object",
			"environment file that does not end in .env",
			"unknown type of environment file",
		}},
		{`facts 1.10 secrets`, []string{
			"secret without a name",
			"secret without a source",
			"secret that is a variable too",
			"log secret without a name",
		}},
		{`facts 3.2 "secrets, no role"`, []string{
			"secrets without an execution role",
			"secret options without an execution role",
		}},
		{`facts 3.2 "private registry, no role"`, []string{
			"private registry without an execution role",
		}},
		{`facts 1.14 command`, []string{
			"health check without a command",
		}},
		{`facts 1.14; 3.2 "health ranges"`, []string{
			"health check every 4 s",
			"health check every 301 s",
			"health check timeout of 1 s",
			"health check timeout of 61 s",
			"no retries",
			"eleven retries",
			"start period of 301 s",
			"restart period of 59 s",
			"restart period of 1801 s",
		}},
		{`facts 3.2 "dependsOn unknown"`, []string{
			"dependency on nothing",
		}},
		{`facts 1.15`, []string{
			"dependency without a condition",
			"unknown condition",
		}},
		{`facts 3.2 "dependsOn essential"`, []string{
			"SUCCESS of an essential container",
			"COMPLETE of an essential container",
		}},
		{`facts 3.2 "dependsOn no check"`, []string{
			"HEALTHY without a health check",
		}},
		{`facts 3.2 "dependsOn cycle"`, []string{
			"container that waits for itself",
			"containers that wait for each other",
		}},
		{`facts 1.15 timeouts`, []string{
			"negative start timeout",
			"negative stop timeout",
			"Fargate start timeout of 121 s",
			"Fargate stop timeout of 121 s",
			"Fargate stop timeout of 1 s",
			"managed instances start timeout of 601 s",
			"managed instances stop timeout of 86401 s",
		}},
		{`facts 1.4, 1.16`, []string{
			"51 ignored exit codes",
		}},
		{`facts 1.10 credentialSpecs`, []string{
			"two credential specs",
			"credential spec of no kind",
		}},
		{`facts 1.10 user`, []string{
			"user of a negative number",
		}},
		{`facts 3.2 "awsvpc / host ports differ"`, []string{
			"awsvpc host port that differs",
			"host port that differs under host",
		}},
		{`facts 1.13 none`, []string{
			"ports under none",
		}},
		{`facts 3.2 "port out of range"`, []string{
			"no container port",
			"container port 65536",
			"host port 65536",
		}},
		{`facts 3.2 "awsvpc, same port"`, []string{
			"container port twice under awsvpc",
		}},
		{`facts 3.2 "bridge, same static port"`, []string{
			"host port twice under bridge",
		}},
		{`facts 1.13 host`, []string{
			"port twice under host",
		}},
		{`facts 1.13 appProtocol`, []string{
			"unknown application protocol",
		}},
		{`facts 1.13 name`, []string{
			"port name in capitals",
			"port name of 65 characters",
			"port name that starts with a hyphen",
		}},
		{`facts 3.2 "awsvpc, same name"`, []string{
			"port name twice under awsvpc",
		}},
		{`facts 3.2 "range and single"`, []string{
			"range and single port",
		}},
		{`facts 3.2 "bad range"`, []string{
			"range that goes down",
			"range beyond 65535",
		}},
		{`facts 1.13 containerPortRange`, []string{
			"range under host",
			"ranges that overlap",
			"port inside a range",
			"ranges of two containers that overlap under awsvpc",
			"101 ranges",
		}},
		{`facts 3.2 "awsvpc + links"`, []string{
			"links under awsvpc",
		}},
		{`facts 1.10 links`, []string{
			"links under host",
			"link to nothing",
		}},
		{`facts 3.2 "links cycle"`, []string{
			"links in a circle",
		}},
		{`facts 3.2 "awsvpc + hostname"`, []string{
			"hostname under awsvpc",
		}},
		{`facts 3.2 "awsvpc + extraHosts"`, []string{
			"extra hosts under awsvpc",
		}},
		{`facts 3.2 "awsvpc + dnsServers"; 1.6`, []string{
			"DNS servers under awsvpc",
			"DNS search domains under awsvpc",
		}},
		{`facts 3.2 "awsvpc + disableNetworking"`, []string{
			"disabled networking under awsvpc",
		}},
		{`facts 1.10 dnsSearchDomains`, []string{
			"search domain with a slash",
		}},
		{`facts 1.10 extraHosts`, []string{
			"extra host without an address",
		}},
		{`facts 1.18 systemControls`, []string{
			"system control of no namespace",
			"system control without a value",
			"net system control under host",
			"ipc system control with ipcMode host",
		}},
		{`facts 1.9; 3.2 "App Mesh mode / container / port"`, []string{
			"proxy outside awsvpc",
			"proxy in no container",
			"proxy of unknown type",
			"proxy without a user to ignore",
			"proxy without an ingress port",
			"proxy without an egress port",
			"proxy without ports of the application",
			"proxy with an unknown property",
		}},
		{`facts 1.8 name`, []string{
			"volume without a name",
			"volume name with a slash",
			"two volumes of one name",
			"volume of two kinds",
		}},
		{`facts 3.2 "EBS volume unused"`, []string{
			"volume at launch that nothing mounts",
		}},
		{`facts 1.8 configuredAtLaunch`, []string{
			"two volumes at launch",
			"volume at launch of a kind",
		}},
		{`facts 1.8`, []string{
			"unknown scope of a Docker volume",
			"Docker volume of a task that is not to be made",
			"EFS without a file system",
			"unknown transit encryption",
			"EFS port 65536",
			"unknown EFS authorization",
			"EFS access point without encryption",
			"FSx without a file system",
			"FSx without a root",
			"FSx without authorization",
			"FSx without credentials",
			"FSx without a domain",
			"S3 files without a file system",
		}},
		{`facts 3.2 "EFS port"`, []string{
			"EFS port without encryption",
		}},
		{`facts 3.2 "EFS iam"`, []string{
			"EFS authorization without encryption",
		}},
		{`facts 3.2 "EFS access point + root"`, []string{
			"EFS access point with a root",
		}},
		{`facts 3.2 "unknown volume"`, []string{
			"mount of no volume",
		}},
		{`facts 3.2 "unknown volumesFrom"`, []string{
			"volumes from no container",
		}},
		{`facts 1.17`, []string{
			"no log driver",
			"unknown log driver",
			"managed instances with syslog",
		}},
		{`facts 3.2 "awslogs group"; 1.17`, []string{
			"awslogs without a group",
			"awslogs without a region",
			"awslogs with another driver's option",
			"awslogs that is not to make its group",
		}},
		{`facts 3.2 "FireLens missing"`, []string{
			"awsfirelens without a router",
		}},
		{`facts 1.17 awsfirelens`, []string{
			"router of unknown type",
			"router without a type",
			"router with a configuration of no kind",
			"router with a configuration of no place",
			"two routers",
		}},
		{`facts 3.2 "ulimit"`, []string{
			"soft limit above the hard one",
			"soft limit without end, hard one with",
		}},
		{`facts 1.18`, []string{
			"unknown ulimit",
			"device without a path",
			"unknown device permission",
			"negative swap",
			"swappiness of 101",
			"negative shared memory",
			"tmpfs without a path",
			"tmpfs without a size",
		}},
		{`facts 1.19`, []string{
			"resource without a type",
			"unknown resource",
			"inference accelerator",
			"no number of GPUs",
			"a third of a GPU",
			"GPU by value and by sharing",
			"GPUs asked for in two ways",
			"101 percent of a GPU",
			"one Neuron device",
			"Neuron devices in two containers",
		}},
		{`facts 3.2 "Fargate, mode"`, []string{
			"Fargate without a network mode",
			"Fargate with host",
		}},
		{`facts 3.2 "Fargate, no cpu"`, []string{
			"Fargate without cpu",
		}},
		{`facts 3.2 "Fargate, no memory"`, []string{
			"Fargate without memory",
		}},
		{`facts 2.1`, []string{
			"Fargate with a cpu that it does not have",
		}},
		{`facts 3.2 "Fargate, bad pair"; 2.1`, []string{
			"Fargate with a memory that its cpu does not have",
			"Fargate with 8 vCPU off the steps",
			"Fargate Windows of half a vCPU",
		}},
		{`facts 3.2 "Fargate, field"; 2.3`, []string{
			"Fargate with constraints",
			"Fargate with ipcMode",
			"Fargate with a Docker volume",
			"Fargate with a host path",
			"Fargate with FSx",
			"Fargate with security options",
			"Fargate with devices",
			"Fargate with shared memory",
			"Fargate with swap",
			"Fargate with swappiness",
			"Fargate with tmpfs",
		}},
		{`facts 3.2 "Fargate, pidMode host"`, []string{
			"Fargate with pidMode host",
		}},
		{`facts 3.2 "Fargate, privileged"`, []string{
			"Fargate with a privileged container",
		}},
		{`facts 3.2 "Fargate, GPU"`, []string{
			"Fargate with a GPU",
		}},
		{`facts 3.2 "Fargate, capability"`, []string{
			"Fargate with a capability",
		}},
		{`facts 3.2 "Fargate, driver"`, []string{
			"Fargate with json-file",
		}},
		{`facts 3.2 "Fargate, awslogs prefix"`, []string{
			"Fargate awslogs without a prefix",
		}},
		{`facts 3.2 "Fargate, FireLens s3"`, []string{
			"Fargate router configured from S3",
		}},
		{`facts 3.2 "Fargate, awslogs role"`, []string{
			"Fargate awslogs without an execution role",
		}},
		{`facts 3.2 "Fargate, ECR role"`, []string{
			"Fargate private image without an execution role",
		}},
		{`facts 2.5`, []string{
			"Fargate Windows with EFS",
			"Fargate Windows with a router",
			"Fargate Windows with environment files",
			"Fargate Windows with a reservation",
			"Fargate Windows with restarts",
			"Fargate Windows with gMSA",
			"Fargate Windows with port 3150",
		}},
		{`facts 1.7 last line`, []string{
			"Windows with pidMode",
			"Windows with ipcMode",
			"Windows with host",
			"Windows with a volume driver",
			"Windows with disabled networking",
			"Windows with DNS servers",
			"Windows with DNS search domains",
			"Windows with extra hosts",
			"Windows with links",
			"Windows with Linux parameters",
			"Windows with a privileged container",
			"Windows with a read-only root",
			"Windows with a user",
			"Windows with ulimits",
			"Windows with system controls",
			"Windows with a GPU",
		}},
		{`facts 1.21 EXTERNAL`, []string{
			"external with EFS",
			"external with FSx",
			"external with Neuron devices",
		}},
		{`facts 1.23`, []string{
			"managed instances with none",
			"managed instances with Windows",
			"managed instances with a proxy",
			"managed instances with a Docker volume",
			"managed instances with security options",
			"managed instances hostname under host",
		}},
		{`facts 7.6`, []string{
			"managed instances private image without an execution role",
		}},
	}
}
