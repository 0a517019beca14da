package agentconfig_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs/agentconfig"
)

func ExampleParse() {
	config, err := agentconfig.Parse("#!/bin/bash\n" +
		"echo ECS_CLUSTER=prod >> /etc/ecs/ecs.config\n" +
		"echo ECS_RESERVED_MEMORY=256 >> /etc/ecs/ecs.config\n")
	in, _ := config.Registration(agentconfig.Machine{CPU: 2048, Memory: 7985})
	fmt.Println(in.Cluster, in.TotalResources[1].Name, in.TotalResources[1].IntegerValue, err)
	// Output: prod MEMORY 7729 <nil>
}

func ExampleCredentialsTable() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := agentconfig.NewCredentialsTable(agentconfig.CredentialsConfig{Cluster: "prod", Strict: true})
	_ = table.Issue("task-a", agentconfig.RoleTypeTaskApplication, "role-a", "0b2c6d3e")
	_ = table.Deliver("0b2c6d3e", agentconfig.Credentials{RoleArn: "role-a", Expiration: now.Add(6 * time.Hour)})

	uri, _ := table.RelativeURI("task-a")
	for _, caller := range []string{"task-a", "task-b"} {
		got, status, record, _ := table.Get(now, agentconfig.CredentialsRequest{URL: uri,
			SourceAddress: "172.17.0.2", Caller: caller})
		fmt.Printf("%d %q\n", status, got.RoleArn)
		fmt.Println(record)
	}
	// Output:
	// 200 "role-a"
	// 2026-03-01T12:00:00Z 200 172.17.0.2 "/v2/credentials" "-" task-a GetCredentials 2 prod -
	// 400 ""
	// 2026-03-01T12:00:00Z 400 172.17.0.2 "/v2/credentials" "-" - GetCredentialsInvalidRoleType 2 prod -
}
