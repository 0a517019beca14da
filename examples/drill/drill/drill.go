// Package drill is the drill for tests of a program that deploys to Amazon ECS: it plays scenarios in which a
// deployment goes right or wrong, and fails the test where the program does not notice.
//
// # Start here
//
//	func TestDeploy(t *testing.T) {
//		drill.Run(t, func(endpoint string) error {
//			client := ecs.NewFromConfig(cfg, func(o *ecs.Options) { o.BaseEndpoint = &endpoint }) // of aws-sdk-go-v2
//			return deploy.To(client, drill.Cluster, drill.Service, drill.Image)
//		})
//	}
//
// The function deploys [Image] to [Service] in [Cluster], waits, and returns nil if the new revision serves, and an
// error if it does not. Any credentials do. It is called once for each scenario, with the URL of a fresh world; in one
// scenario it is called twice at the same time, with two URLs of the same world.
package drill

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/bayplan/bayplan/examples/drill/play"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// What the function is to deploy, and where. The service runs revision 1 of Family in the Region us-east-1.
const (
	Cluster   = "default"
	Service   = "web"
	Family    = "web"
	Container = "app"
	Image     = "app:2"

	// Application and Group are CodeDeploy's, of the scenarios in which the service belongs to it.
	Application = "AppECS-default-web"
	Group       = "DgpECS-default-web"
)

// AppSpec returns the document for CodeDeploy's CreateDeployment, with <TASK_DEFINITION> in the place of the new
// revision's ARN.
func AppSpec() string { return scenario.Default().Document() }

// Timeout is how long the function may take in a scenario. One that takes longer is left alone with its endpoint
// gone; where the deployment never ends, it may.
const Timeout = 30 * time.Second

// Run plays all scenarios at the pace leap, each as a subtest. A scenario that the function fails, and one in which it
// cannot be judged, fail the test.
func Run(t *testing.T, deploy func(endpoint string) error) {
	t.Helper()
	all, err := scenario.Own()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			play.All(t.Context(), play.Config{Scenarios: []scenario.Scenario{s}, Paces: []stage.Pace{stage.Leap},
				Names: scenario.Default(), Timeout: Timeout}, function(deploy), func(r verdict.Result) { tell(t, r) })
		})
	}
}

// tell fails a test by a result.
func tell(t testing.TB, r verdict.Result) {
	t.Helper()
	if r.Passed {
		return
	}
	text := fmt.Sprintf("%s: %s", r.Verdict, r.Scenario.Title)
	for _, why := range r.Why {
		text += "\n" + why
	}
	text += "\n" + r.Scenario.Advice
	for _, run := range r.Runs {
		text += "\n" + run.Ending.Output
	}
	t.Error(text)
}

// function is a play.Tool of this process.
type function func(endpoint string) error

// Deploy is play.Tool's. A panic is an error.
func (f function) Deploy(ctx context.Context, endpoint string, _ scenario.Names) verdict.Ending {
	done := make(chan verdict.Ending, 1)
	go func() {
		var e verdict.Ending
		defer func() {
			if r := recover(); r != nil {
				e = verdict.Ending{Code: 2, Output: fmt.Sprintf("panic: %v\n%s", r, debug.Stack())}
			}
			done <- e
		}()
		if err := f(endpoint); err != nil {
			e = verdict.Ending{Code: 1, Output: err.Error()}
		}
	}()
	select {
	case e := <-done:
		return e
	case <-ctx.Done():
		return verdict.Ending{Hung: true}
	}
}
