package sdk

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/iam"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// policy reads a policy of the clients.
func policy(t *testing.T, name string) []*iam.Policy {
	document, err := os.ReadFile(filepath.Join("../clients", name))
	require.NoError(t, err)
	p, err := iam.ParsePolicy(name, document)
	require.NoError(t, err)
	return []*iam.Policy{p}
}

// The AWS CLI, boto3 and the SDK for JavaScript, where they are installed.
func TestClients(t *testing.T) {
	if testing.Short() {
		t.Skip("starts other clients")
	}
	for _, k := range []struct {
		name, program string
		arguments     []string
		poll          bool
	}{
		{"cli", "bash", []string{"../clients/cli.sh"}, true},
		{"boto3", "python3", []string{"../clients/placement.py"}, false},
		{"boto3 and the neighbours", "python3", []string{"../clients/neighbours.py"}, false},
		{"cli and EC2 Auto Scaling", "bash", []string{"../clients/autoscaling.sh"}, false},
		{"boto3 and EC2 Auto Scaling", "python3", []string{"../clients/autoscaling.py"}, false},
		{"boto3 and Amazon ECR", "python3", []string{"../clients/ecr.py"}, false},
		{"boto3 and Elastic Load Balancing", "python3", []string{"../clients/balancers.py"}, false},
		{"cli and Elastic Load Balancing", "bash", []string{"../clients/balancers.sh"}, false},
		{"boto3 and AWS CodeDeploy", "python3", []string{"../clients/codedeploy.py"}, false},
		{"cli and AWS CodeDeploy", "bash", []string{"../clients/codedeploy.sh"}, false},
		{"cli and policies", "bash", []string{"../clients/policy.sh"}, false},
		{"boto3 and policies", "python3", []string{"../clients/policy.py"}, false},
		{"boto3 and AWS Cloud Map", "python3", []string{"../clients/discovery.py"}, false},
		{"javascript", "node", []string{"../clients/service.mjs"}, true},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(k.program); err != nil {
				t.Skipf("%s is not installed", k.program)
			}
			instances := 3
			if strings.Contains(k.name, "cli and EC2") { // its cluster has what the group brings
				instances = 0
			}
			config := front.Config{Seed: 1, Instances: instances, Manual: true, AdvanceOnPoll: k.poll}
			if strings.Contains(k.name, "policies") {
				config.Authorizer = front.Policies{"AKIDEXAMPLE": policy(t, "everything.json"),
					"AKIDROLE": policy(t, "one-cluster.json")}
			}
			server, err := front.New(config)
			require.NoError(t, err)
			s := httptest.NewServer(server)
			t.Cleanup(s.Close)
			output, err := exec.Command(k.program, append(k.arguments, s.URL)...).CombinedOutput()
			require.NoError(t, err, "%s", output)
			if strings.Contains(string(output), "skipped:") {
				t.Skip(strings.TrimSpace(string(output)))
			}
			require.Contains(t, string(output), "ok: ")
		})
	}
}
