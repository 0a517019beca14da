package ask_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/examples/import/ask"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
)

func ExampleServices() {
	r, err := formats.Read([]formats.File{{Name: "compose.yml",
		Data: []byte("services: {web: {image: nginx, deploy: {replicas: 2}}}")}}, document.Given{Name: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	if err := ask.Services(&b, &r, ask.Question{Prices: autoscale.PriceTable{FargateVCPU: 0.04,
		FargateGB: 0.004}}); err != nil {
		fmt.Println(err)
		return
	}
	text := b.String()
	fmt.Println(text[strings.Index(text, "fleet:"):])
	// Output: fleet: Fargate runs 2 tasks of 256 CPU units and 512 MiB, 0.0240 an hour
}
