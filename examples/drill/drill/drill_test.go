package drill_test

import (
	"context"
	"io"
	"testing"

	"github.com/bayplan/bayplan/examples/drill/drill"
	"github.com/bayplan/bayplan/examples/drill/stub/tool"
)

// A program that deploys rightly passes the drill of its tests.
//
// Seen to fail: the honest tool replaced by the naive one fails where ECS rolls back.
func TestRun(t *testing.T) {
	honest, _ := tool.Named("honest")
	drill.Run(t, func(endpoint string) error {
		return honest(context.Background(), tool.Orders{Endpoint: endpoint, Cluster: drill.Cluster,
			Service: drill.Service, Family: drill.Family, Container: drill.Container, Image: drill.Image,
			AppSpec: drill.AppSpec(), Application: drill.Application, Group: drill.Group, Polls: 40, Out: io.Discard})
	})
}
