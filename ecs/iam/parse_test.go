package iam

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

var update = flag.Bool("update", false, "rewrite testdata")

// TestFaults lists what is wrong with a document, all at once.
//
// Seen to fail: the first fault alone; a member that is there twice taken by its last value.
func TestFaults(t *testing.T) {
	document, err := os.ReadFile(filepath.Join("testdata", "faults.json"))
	require.NoError(t, err)
	_, err = ParsePolicy("faults.json", document)
	var b strings.Builder
	for e := range ecs.Errors(err) {
		require.Equal(t, MalformedPolicyDocument, e.Code)
		b.WriteString(e.Field + "\n  " + e.Message + "\n")
	}
	golden := filepath.Join("testdata", "faults.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// TestWholeFaults refuses documents that cannot be read in parts.
func TestWholeFaults(t *testing.T) {
	for document, want := range map[string]string{
		``: "Syntax errors in policy: unexpected end of JSON input at byte 0.",
		`{"Statement":[}`: "Syntax errors in policy: invalid character '}' looking for beginning of value at " +
			"byte 15.",
		`[]`:                "Syntax errors in policy: this is an object.",
		`{}`:                "Syntax errors in policy: there is no statement.",
		`{"Statement":[]}`:  "Syntax errors in policy: there is no statement.",
		`{"Statement":[1]}`: "Syntax errors in policy: this is an object.",
		`"` + strings.Repeat("x", maxCharacters) + `"`: "A policy document has at most 10240 characters besides " +
			"white space; this one has 10242.",
		strings.Repeat(" ", maxBytes+1): "A policy document has at most 1048576 bytes; this one has " +
			"1048577.",
	} {
		_, err := ParsePolicy("p", []byte(document))
		var all ecs.ErrorList
		for e := range ecs.Errors(err) {
			all = append(all, e)
		}
		require.Len(t, all, 1, document)
		require.Equal(t, want, all[0].Message)
	}
	pretty := `{"Statement":{"Effect":"Allow","Action":"*",` + strings.Repeat("\n ", maxCharacters) +
		`"Resource":"*"}}`
	_, err := ParsePolicy("p", []byte(pretty))
	require.NoError(t, err, "white space does not count")
}

// TestLint finds, by rule, what is not meant, and nothing in what is.
//
// Seen to fail: a pattern of roles taken for one role; a condition key that only differs in its letters.
func TestLint(t *testing.T) {
	find := func(use Use, statements ...string) (rules []string) {
		for _, f := range LintPolicy(parsed(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements,
			",")+`]}`)[0], use) {
			rules = append(rules, f.Field+" "+f.Rule)
		}
		return rules
	}
	const (
		to     = `"Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}`
		allow  = `{"Effect":"Allow","Resource":"*",`
		pass   = `{"Effect":"Allow","Action":"iam:PassRole",`
		stopIf = `{"Effect":"Allow","Action":"ecs:StopTask","Resource":"arn:aws:ecs:*:*:task/prod/*","Condition":`
	)
	require.Equal(t, []string{"Statement[0].Action everything", "Statement[0].Resource pass-role"}, find(Principal,
		allow+`"Action":"*"}`))
	require.Equal(t, []string{"Statement[0].NotAction not-action", "Statement[0].Resource pass-role"}, find(Principal,
		allow+`"NotAction":"s3:*"}`))
	require.Equal(t, []string{"Statement[1].Resource pass-role", "Statement[2].Condition pass-role"}, find(Principal,
		pass+`"Resource":"arn:aws:iam::*:role/web",`+to+`}`,
		pass+`"Resource":"arn:aws:iam::123456789012:role/*",`+to+`}`,
		pass+`"Resource":"arn:aws:iam::123456789012:role/web"}`))
	require.Equal(t, []string{"Statement[0].Action instance-profile"}, find(InstanceProfile,
		allow+`"Action":["ecs:Submit*","ecs:RunTask"]}`))
	require.Empty(t, find(Principal, allow+`"Action":["ecs:Submit*","ecs:RunTask"]}`))
	require.Equal(t, []string{"Statement[0].Action unknown-action"}, find(Principal,
		allow+`"Action":["ecs:RunTasks","ecs:stoptask"]}`))
	require.Equal(t, []string{"Statement[0].Resource resource", "Statement[1].Resource resource",
		"Statement[2].Resource resource"}, find(Principal,
		`{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"arn:aws:ecs:*:*:cluster/*"}`,
		`{"Effect":"Deny","Action":"ecs:StopTask","Resource":"arn:aws:ecs:*:*:service/prod/*"}`,
		`{"Effect":"Allow","Action":"ecs:StopTask","Resource":"arn:aws:s3:::task/*"}`))
	require.Empty(t, find(Principal,
		`{"Effect":"Allow","Action":["ecs:StopTask","ecs:DescribeTasks"],"Resource":["arn:aws:ecs:*:*:ta*/prod/*"]}`))
	require.Equal(t, []string{"Statement[0].Condition absent-key"}, find(Principal,
		stopIf+`{"StringEquals":{"ecs:task-definition":"x"}}}`))
	require.Empty(t, find(Principal,
		stopIf+`{"StringEquals":{"AWS:resourceTag/x":"x","ecs:Cluster":"x","aws:username":"x"}}}`))
	require.Equal(t, []string{"Statement[0].Condition for-all-values"}, find(Principal, allow+
		`"Action":"ecs:TagResource","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}}`))
	require.Empty(t, find(Principal, allow+
		`"Action":"ecs:TagResource","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"aws:TagKeys":"false"}}}`))
}

// TestLintTaskDefinition finds keys in plain sight.
//
// Seen to fail: entry points not looked at.
func TestLintTaskDefinition(t *testing.T) {
	const key = "AKIAIOSFODNN7EXAMPLE"
	d := ecs.TaskDefinition{TaskRoleArn: "arn:aws:iam::123456789012:role/one",
		ExecutionRoleArn: "arn:aws:iam::123456789012:role/one",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "clean",
			Environment: []ecs.KeyValuePair{{Name: "AWS_REGION", Value: "us-east-1"}, {Name: "AWS_SECRET_ACCESS_KEY"}},
			Command:     []string{"AKIA", "ASIA-123456789ABCDEFG"}}, {Name: "web", EntryPoint: []string{"sh", "--key=" +
			key}, Command: []string{key},
			Environment: []ecs.KeyValuePair{{Name: "AWS_SECRET_ACCESS_KEY", Value: "x"}, {Name: "OTHER", Value: "a " +
				key + " b"}}}}}
	var found []string
	for _, f := range LintTaskDefinition(d) {
		found = append(found, f.Field+" "+f.Rule)
	}
	require.Equal(t, []string{"taskRoleArn shared-role", "containerDefinitions[1].environment[0] access-key",
		"containerDefinitions[1].environment[1] access-key", "containerDefinitions[1].entryPoint[1] access-key",
		"containerDefinitions[1].command[0] access-key"}, found)
	d.ExecutionRoleArn = "arn:aws:iam::123456789012:role/other"
	require.Len(t, LintTaskDefinition(d), 4)
}

// TestActions holds the table to itself: each action once, known resource types, keys in lower case.
//
// Seen to fail: an action in two rows.
func TestActions(t *testing.T) {
	seen := map[string]bool{}
	types := " " + anyType + " service-deployment service-revision "
	for _, a := range Actions() {
		require.False(t, seen[a.Name], a.Name)
		seen[a.Name] = true
		for _, typ := range a.Resources {
			require.Contains(t, types, " "+typ+" ")
		}
		for _, key := range a.Keys {
			require.Equal(t, strings.ToLower(key), key)
			require.True(t, a.HasKey(strings.ToUpper(key)+map[bool]string{true: "Team"}[strings.HasSuffix(key, "/")]))
			require.True(t, isKey(key+"x"))
		}
		require.True(t, a.HasKey("aws:PrincipalTag/x"))
		require.False(t, a.HasKey("ecs:no-such-key"))
	}
	require.GreaterOrEqual(t, len(seen), 63)
}
