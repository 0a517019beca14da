package document

import (
	"cmp"
	"fmt"
	"strings"
)

// Given is what the files do not say. Everything may be absent.
type Given struct {
	Name           string            // of what a file without a name describes: the family
	App, Env       string            // of a Copilot manifest
	Region         string            // us-east-1 if absent
	Account        string            // twelve digits
	Cluster        string            // default if absent
	Images         map[string]string // by container: the image that its build pushed
	Subnets        []string
	SecurityGroups []string
	TargetGroups   map[string]string // ARN by service, or by service:container:port
	ExecutionRole  string
	TaskRole       string
	Launch         string            // EC2 or FARGATE; "": what is usual for the format
	Network        string            // awsvpc or bridge, of Kubernetes on EC2; "": awsvpc
	Compose        string            // services or task; "": services
	Memory         int               // MiB of a container that says none; 0: 512
	Instances      int               // of the fleet that a daemon runs on; 0: 1
	Variables      map[string]string // what templates and Compose files ask the environment for
	Plain          bool              // leave out what Copilot adds to every container's environment
	File           func(name string) ([]byte, error)
}

// unknownAccount stands for an account that nobody gave: AWS gives none of that number.
const unknownAccount = "000000000000"

// RegionOr returns the Region, us-east-1 if none is given.
func (g Given) RegionOr() string { return cmp.Or(g.Region, "us-east-1") }

// ARN returns the placeholder for the ARN of a resource that nobody gave, such as role/needs-execution-role.
func (g Given) ARN(service, resource string) string {
	region := g.RegionOr()
	if service == "iam" {
		region = ""
	}
	if service == "s3" {
		return "arn:aws:s3:::" + resource
	}
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, cmp.Or(g.Account, unknownAccount), resource)
}

// Role returns the execution role, and whether it is a placeholder.
func (g Given) Role() (arn string, missing bool) {
	if g.ExecutionRole != "" {
		return g.ExecutionRole, false
	}
	return g.ARN("iam", "role/needs-execution-role"), true
}

// TargetGroup returns the ARN of the target group for a container's port of a service, and whether it is a
// placeholder.
func (g Given) TargetGroup(service, container string, port int) (arn string, missing bool) {
	for _, key := range []string{fmt.Sprintf("%s:%s:%d", service, container, port), service} {
		if arn := g.TargetGroups[key]; arn != "" {
			return arn, false
		}
	}
	name := Name(fmt.Sprintf("needs-%s-%d", service, port))
	return g.ARN("elasticloadbalancing", "targetgroup/"+TargetGroupName(name)+"/0000000000000000"), true
}

// Secret returns the placeholder for a secret of Secrets Manager.
func (g Given) Secret(name string) string {
	return g.ARN("secretsmanager", "secret:needs-"+Name(name))
}

// MemoryOr returns the memory of a container that says none, in MiB.
func (g Given) MemoryOr() int { return cmp.Or(g.Memory, 512) }

// Name returns a name that ECS takes: at most 255 letters, digits, hyphens and underscores. Other characters
// become hyphens, and nothing becomes "unnamed".
func Name(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, s)
	if len(s) > 255 {
		s = s[:255]
	}
	return cmp.Or(s, "unnamed")
}

// TargetGroupName returns a name that Elastic Load Balancing takes: at most 32 letters, digits and hyphens.
func TargetGroupName(s string) string {
	s = strings.Trim(strings.ReplaceAll(Name(s), "_", "-"), "-")
	if len(s) > 32 {
		s = strings.Trim(s[:32], "-")
	}
	return cmp.Or(s, "unnamed")
}
