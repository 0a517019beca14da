package sdk

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	bayplan "github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// homeless lists the members of the SDK's type sdk, and of what it is made of, that a value of
// type own has no place for.
func homeless(path string, sdk, own reflect.Type, seen map[reflect.Type]bool) []string {
	for sdk.Kind() == reflect.Pointer || sdk.Kind() == reflect.Slice {
		sdk = sdk.Elem()
	}
	for own.Kind() == reflect.Pointer || own.Kind() == reflect.Slice && own != reflect.TypeFor[json.RawMessage]() {
		own = own.Elem()
	}
	if own.Kind() == reflect.Struct && strings.HasPrefix(own.Name(), "Opt[") {
		value, _ := own.MethodByName("Or")
		return homeless(path, sdk, value.Type.Out(0), seen)
	}
	if sdk.Kind() != reflect.Struct || own.Kind() != reflect.Struct || sdk == reflect.TypeFor[time.Time]() ||
		seen[sdk] {
		return nil
	}
	seen[sdk] = true
	places := placesOf(own)
	var found []string
	for i := range sdk.NumField() {
		f := sdk.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		place, ok := places[strings.ToLower(f.Name)]
		if !ok {
			found = append(found, path+"."+f.Name)
			continue
		}
		found = append(found, homeless(path+"."+f.Name, f.Type, place, seen)...)
	}
	return found
}

// placesOf returns the members of a structure by their names in lower case.
func placesOf(own reflect.Type) map[string]reflect.Type {
	places := map[string]reflect.Type{}
	for i := range own.NumField() {
		f := own.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			maps.Copy(places, placesOf(f.Type))
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		places[strings.ToLower(name)] = f.Type
	}
	return places
}

// What the describe actions print, and what RegisterTaskDefinition takes, has a place in
// package ecs, member by member of the SDK's own types; TestEveryMember walks what the actions
// take. Seen to fail: gpuDevices.
func TestValuesHaveEveryMember(t *testing.T) {
	type instances = ecs.DescribeContainerInstancesOutput
	for sdk, own := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[types.Task]():                       reflect.TypeFor[bayplan.Task](),
		reflect.TypeFor[types.ContainerInstance]():          reflect.TypeFor[bayplan.ContainerInstance](),
		reflect.TypeFor[types.Service]():                    reflect.TypeFor[bayplan.Service](),
		reflect.TypeFor[types.Cluster]():                    reflect.TypeFor[bayplan.Cluster](),
		reflect.TypeFor[types.CapacityProvider]():           reflect.TypeFor[bayplan.CapacityProvider](),
		reflect.TypeFor[types.TaskDefinition]():             reflect.TypeFor[bayplan.TaskDefinition](),
		reflect.TypeFor[ecs.RegisterTaskDefinitionInput]():  reflect.TypeFor[bayplan.TaskDefinition](),
		reflect.TypeFor[ecs.DescribeTaskDefinitionOutput](): reflect.TypeFor[api.DescribeTaskDefinitionOutput](),
		reflect.TypeFor[ecs.DescribeTasksOutput]():          reflect.TypeFor[api.DescribeTasksOutput](),
		reflect.TypeFor[ecs.DescribeServicesOutput]():       reflect.TypeFor[api.DescribeServicesOutput](),
		reflect.TypeFor[ecs.DescribeClustersOutput]():       reflect.TypeFor[api.DescribeClustersOutput](),
		reflect.TypeFor[instances]():                        reflect.TypeFor[api.DescribeContainerInstancesOutput](),
	} {
		require.Empty(t, homeless(sdk.Name(), sdk, own, map[reflect.Type]bool{}))
	}
}
