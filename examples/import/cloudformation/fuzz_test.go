package cloudformation_test

import (
	"testing"

	"github.com/bayplan/bayplan/examples/import/cloudformation"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/source"
)

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("t.yml", data)
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := cloudformation.Read(list[0], document.Given{})
		documenttest.Holds(t, "t.yml", r, err)
	})
}

var seeds = []string{
	"Resources: {T: {Type: 'AWS::ECS::TaskDefinition', Properties: {ContainerDefinitions: [{Name: !Sub 'a${B}', " +
		"Image: !Join ['', [a, !Ref T]]}]}}}",
	"Resources: {S: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: !Ref T, DesiredCount: " +
		"'2'}}}\nParameters: {B: {Default: 1}}",
	"Resources: {P: {Type: 'AWS::ApplicationAutoScaling::ScalingPolicy', Properties: {ScalingTargetId: !Ref T}}}",
}
