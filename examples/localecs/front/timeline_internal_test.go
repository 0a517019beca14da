package front

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTimelineIsBounded: a world shows the newest changes only, however long it has served.
//
// Seen to fail: a world with the simulation's own window, which is five times as long.
func TestTimelineIsBounded(t *testing.T) {
	server, err := New(Config{Seed: 1, Manual: true, Instances: 10})
	require.NoError(t, err)
	do := func(target, body string) (out map[string][]any) {
		r := httptest.NewRequest("POST", "http://localhost/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+target)
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, r)
		require.Equal(t, 200, recorder.Code, recorder.Body)
		require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &out))
		return out
	}
	instances, err := json.Marshal(do("ListContainerInstances", "{}")["containerInstanceArns"])
	require.NoError(t, err)
	for n := range 1 + timelineWindow/10 { // ten changes a call
		do("UpdateContainerInstancesState", fmt.Sprintf(`{"containerInstances":%s,"status":%q}`, instances, []string{"DRAINING", "ACTIVE"}[n%2]))
	}
	require.Len(t, slices.Collect(server.regions["us-east-1"].world.Changes()), timelineWindow)
}
