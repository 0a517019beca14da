// Stub is a command that deploys, for the drill to try: one that is right, or one that is wrong as many are.
//
//	go build -o stub ./examples/drill/stub
//	go run ./examples/drill -- \
//		./stub naive {{.Cluster}} {{.Service}} {{.Family}} {{.Container}} {{.Image}} {{.AppSpec}}
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/drill/stub/tool"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Deployment successful")
}

func run(args []string) error {
	const needed = 7
	if len(args) != needed {
		return fmt.Errorf("stub takes a tool (%s), a cluster, a service, a family, a container, an image and the file "+
			"of an AppSpec", strings.Join(tool.Names(), ", "))
	}
	deploy, known := tool.Named(args[0])
	if !known {
		return fmt.Errorf("there is no tool %q: %s", args[0], strings.Join(tool.Names(), ", "))
	}
	spec, err := os.ReadFile(args[6])
	if err != nil {
		return err
	}
	return deploy(context.Background(), tool.Orders{Endpoint: os.Getenv("AWS_ENDPOINT_URL"), Cluster: args[1],
		Service: args[2], Family: args[3], Container: args[4], Image: args[5], AppSpec: string(spec),
		Application: "AppECS-" + args[1] + "-" + args[2], Group: "DgpECS-" + args[1] + "-" + args[2],
		Every: 10 * time.Millisecond, Out: os.Stdout})
}
