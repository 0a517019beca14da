package front_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// A call in which the plane panics is answered by nobody, and no call after it until a reset: the
// plane was left half changed.
//
// Seen to fail: ready that does not ask whether the plane Failed.
func TestPanicEndsTheRegion(t *testing.T) {
	server, err := front.New(front.Config{Seed: 1, Manual: true})
	require.NoError(t, err)
	server.WithoutZones()
	post := func(target, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", target)
		server.ServeHTTP(w, r)
		return w
	}
	ask := func(action, body string) *httptest.ResponseRecorder {
		return post("AmazonEC2ContainerServiceV20141113."+action, body)
	}
	const target = `"ServiceNamespace":"ecs","ResourceId":"service/default/web","ScalableDimension":"ecs:service:DesiredCount"`
	require.Equal(t, 200, ask("RegisterTaskDefinition",
		`{"family":"web","containerDefinitions":[{"name":"c","image":"c","memory":100}]}`).Code)
	require.Equal(t, 200, ask("CreateService", `{"serviceName":"web","taskDefinition":"web","desiredCount":0}`).Code)
	require.Equal(t, 200, post("AnyScaleFrontendService.RegisterScalableTarget",
		`{`+target+`,"MinCapacity":0,"MaxCapacity":2}`).Code)
	require.Panics(t, func() {
		post("AnyScaleFrontendService.PutScheduledAction",
			`{`+target+
				`,"ScheduledActionName":"a","Schedule":"cron(0 8 * * ? *)","Timezone":"Europe/Berlin","ScalableTargetAction":{"MinCapacity":1}}`)
	})
	for action, body := range map[string]string{"CreateCluster": `{"clusterName":"c"}`, "ListClusters": `{}`,
		"RunTask": `{"taskDefinition":"web"}`} {
		w := ask(action, body)
		require.Equal(t, 500, w.Code, "%s: %s", action, w.Body)
		require.Contains(t, w.Body.String(), "The control plane has ended")
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost/moto-api/reset", nil))
	require.Equal(t, 200, w.Code, "%s", w.Body)
	require.Equal(t, 200, ask("CreateCluster", `{"clusterName":"c"}`).Code)
}
