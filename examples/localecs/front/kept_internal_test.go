package front

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// What a server knows beside its plane does not grow: services and instances that are gone are
// forgotten, and there is a limit to what is kept of images and principals.
//
// Seen to fail: keep without prune; behave without its limit.
func TestKeptIsBounded(t *testing.T) {
	server, err := New(Config{Seed: 1, Manual: true})
	require.NoError(t, err)
	do := func(path, target, body string) (int, map[string]any) {
		r := httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body))
		r.Header.Set(LocalHeader, "test")
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+target)
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, r)
		var out map[string]any
		_ = json.Unmarshal(recorder.Body.Bytes(), &out)
		return recorder.Code, out
	}
	s := server.regions["us-east-1"]
	do("/", "RegisterTaskDefinition",
		`{"family":"web","containerDefinitions":[{"name":"web","image":"web:1","memory":64}]}`)
	for n := range 30 {
		_, out := do("/", "RegisterContainerInstance",
			`{"totalResources":[{"name":"CPU","type":"INTEGER","integerValue":1024}]}`)
		arn := out["containerInstance"].(map[string]any)["containerInstanceArn"]
		status, out := do("/", "CreateService",
			fmt.Sprintf(`{"serviceName":"s%d","taskDefinition":"web","desiredCount":0}`, n))
		require.Equal(t, 200, status, "%v", out)
		status, out = do("/_local/load", "", fmt.Sprintf(`{"service":"s%d","requestsPerMinute":10}`, n))
		require.Equal(t, 200, status, "%v", out)
		do("/", "DeleteService", fmt.Sprintf(`{"service":"s%d","force":true}`, n))
		do("/", "DeregisterContainerInstance", fmt.Sprintf(`{"containerInstance":%q,"force":true}`, arn))
	}
	require.LessOrEqual(t, len(s.kept.Own), 1)
	require.LessOrEqual(t, len(s.kept.Loads), 1)

	for n := range mostKept + 1 {
		status, out := do("/_local/behaviour", "", fmt.Sprintf(`{"image":"web:%d","exitCode":1}`, n))
		if n < mostKept {
			require.Equal(t, 200, status, "%v", out)
		} else {
			require.Equal(t, string(ecs.LimitExceededException), out["__type"])
		}
	}
	status, _ := do("/_local/behaviour", "", `{"image":"web:7","exitCode":2}`)
	require.Equal(t, 200, status, "what is kept can change")
	for n := range mostKept + 1 {
		status, out := do("/", "PutAccountSetting",
			fmt.Sprintf(
				`{"name":"awsvpcTrunking","value":"enabled","principalArn":"arn:aws:iam::123456789012:user/u%d"}`, n))
		if n < mostKept {
			require.Equal(t, 200, status, "%v", out)
		} else {
			require.Equal(t, string(ecs.LimitExceededException), out["__type"])
		}
	}
}
