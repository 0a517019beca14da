package journal_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/journal"
)

// A plane that outlives its process. A driver.Loop makes the same calls.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	for _, cluster := range []string{"blue", "green"} {
		plane, kept, err := journal.Open(dir, journal.Config{Plane: control.Config{Seed: 1}})
		if err != nil {
			fmt.Println(err)
			return
		}
		clusters, _ := plane.ListClusters(api.ListClustersInput{})
		fmt.Println("found", clusters.Arns)

		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		_, _ = plane.CreateCluster(now, api.CreateClusterInput{ClusterName: cluster})
		ready := plane.Ready()
		if err := kept.Append(context.Background(), ready.Records); err != nil {
			fmt.Println(err)
		}
		plane.Advance(ready)
		if kept.SnapshotDue() {
			_ = kept.Snapshot(context.Background(), plane.Save().Snapshot())
		}
		_ = kept.Close()
	}
	// Output:
	// found []
	// found [arn:aws:ecs:us-east-1:123456789012:cluster/blue]
}
