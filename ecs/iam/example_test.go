package iam_test

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs/iam"
)

const oneCluster = `{"Version": "2012-10-17", "Statement": [
	{"Sid": "Look", "Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"},
	{"Sid": "RollOut", "Effect": "Allow", "Action": ["ecs:UpdateService", "ecs:RunTask"],
	 "Resource": ["arn:aws:ecs:*:*:service/prod/*", "arn:aws:ecs:*:*:task-definition/web:*"],
	 "Condition": {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/prod"}}}]}`

func ExampleEvaluate() {
	policy, err := iam.ParsePolicy("release.json", []byte(oneCluster))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cluster := range []string{"prod", "dev"} {
		result, err := iam.Evaluate([]*iam.Policy{policy}, iam.Request{
			Action:    "ecs:UpdateService",
			Resources: []iam.Resource{{ARN: "arn:aws:ecs:us-east-1:123456789012:service/" + cluster + "/web"}},
			Context:   iam.Context{"ecs:cluster": {"arn:aws:ecs:us-east-1:123456789012:cluster/" + cluster}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(cluster, result.Decision, result.Resources[0].Matched)
		fmt.Println(result.Message("arn:aws:iam::123456789012:role/release", "ecs:UpdateService"))
	}
	// Output:
	// prod allowed [Statement[1] (RollOut) of release.json]
	//
	// dev implicitDeny []
	// User: arn:aws:iam::123456789012:role/release is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:us-east-1:123456789012:service/dev/web because no identity-based policy allows the ecs:UpdateService action
}

func ExampleExplain() {
	policy, err := iam.ParsePolicy("release.json", []byte(oneCluster))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := iam.Explain([]*iam.Policy{policy}, iam.Request{
		Action:    "ecs:RunTask",
		Resources: []iam.Resource{{ARN: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:7"}},
		Context:   iam.Context{"ecs:cluster": {"arn:aws:ecs:us-east-1:123456789012:cluster/dev"}},
	})
	fmt.Print(text)
	fmt.Println(err)
	// Output:
	// ecs:RunTask on arn:aws:ecs:us-east-1:123456789012:task-definition/web:7: implicitDeny
	//   Statement[1] (RollOut) of release.json allows the action here, but its condition is false: ArnEquals ecs:cluster "arn:aws:ecs:us-east-1:123456789012:cluster/prod"; the request has "arn:aws:ecs:us-east-1:123456789012:cluster/dev"
	// <nil>
}

func ExampleLintPolicy() {
	policy, err := iam.ParsePolicy("instances.json", []byte(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["ecs:Poll", "s3:*"], "Resource": "*"},
		{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
		{"Effect": "Allow", "Action": "ecs:DescribeTaskDefinition",
			"Resource": "arn:aws:ecs:*:*:task-definition/web:*"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range iam.LintPolicy(policy, iam.InstanceProfile) {
		fmt.Println(f)
	}
	// Output:
	// Statement[0].Action: s3:* is not among what the agent needs, and every container of the instance can use it. Move it to a task role. (instance-profile)
	// Statement[1].Resource: iam:PassRole on * lets the caller give any role of the account to a task. Name the roles. (pass-role)
	// Statement[1].Action: iam:PassRole is not among what the agent needs, and every container of the instance can use it. Move it to a task role. (instance-profile)
	// Statement[2].Action: ecs:DescribeTaskDefinition is not among what the agent needs, and every container of the instance can use it. Move it to a task role. (instance-profile)
	// Statement[2].Resource: ecs:DescribeTaskDefinition is checked against "*", which none of these resources covers. (resource)
}
