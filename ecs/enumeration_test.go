package ecs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// enumeration is one type of which AWS lists the values, with the functions that are asked about it.
type enumeration struct {
	name     string
	values   []string
	valid    func(text string) bool
	unlisted func(text string) bool
}

func row[E ecs.Enumeration]() enumeration {
	e := enumeration{name: reflect.TypeFor[E]().Name()}
	for _, v := range ecs.Values[E]() {
		e.values = append(e.values, string(v))
	}
	e.valid = func(text string) bool { return ecs.Valid(E(text)) }
	e.unlisted = func(text string) bool { return ecs.Unlisted(E("x"), text) }
	return e
}

func enumerations() []enumeration {
	return []enumeration{
		row[ecs.ServiceDeploymentStatus](), row[ecs.LifecycleHookTargetType](), row[ecs.LifecycleHookAction](),
		row[ecs.StopServiceDeploymentStopType](), row[ecs.LaunchType](), row[ecs.Compatibility](),
		row[ecs.OSFamily](), row[ecs.CPUArchitecture](), row[ecs.PlacementConstraintType](),
		row[ecs.PlacementStrategyType](), row[ecs.SchedulingStrategy](), row[ecs.DeploymentControllerType](),
		row[ecs.DeploymentStrategy](), row[ecs.DeploymentRolloutState](), row[ecs.AvailabilityZoneRebalancing](),
		row[ecs.ServiceStatus](), row[ecs.DeploymentStatus](), row[ecs.ClusterStatus](), row[ecs.TaskStatus](),
		row[ecs.AlarmState](), row[ecs.HealthStatus](), row[ecs.TaskStopCode](), row[ecs.DesiredStatus](),
		row[ecs.Connectivity](), row[ecs.ContainerInstanceStatus](), row[ecs.PropagateTags](),
		row[ecs.AssignPublicIp](), row[ecs.TargetType](), row[ecs.NetworkMode](), row[ecs.IpcMode](),
		row[ecs.PidMode](), row[ecs.TransportProtocol](), row[ecs.ApplicationProtocol](),
		row[ecs.ContainerCondition](), row[ecs.LogDriver](), row[ecs.FirelensConfigurationType](), row[ecs.Scope](),
		row[ecs.EFSTransitEncryption](), row[ecs.EFSAuthorizationConfigIAM](), row[ecs.DeviceCgroupPermission](),
		row[ecs.UlimitName](), row[ecs.ResourceType](), row[ecs.EnvironmentFileType](),
		row[ecs.ProxyConfigurationType](), row[ecs.VersionConsistency](), row[ecs.TaskDefinitionStatus](),
		row[ecs.TaskDefinitionFamilyStatus](),
	}
}

// declared returns the constants of each type in the source of the package that has a list, in order.
func declared(t *testing.T) map[string][]string {
	files, err := filepath.Glob("enums_*.go")
	require.NoError(t, err)
	constants, found := map[string][]string{}, map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "listed" {
				found[f.Recv.List[0].Type.(*ast.Ident).Name] = nil
			}
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				of := spec.Type.(*ast.Ident).Name
				constants[of] = append(constants[of], text)
			}
		}
	}
	for name := range found { //order:any each alone
		found[name] = constants[name]
	}
	return found
}

// An enumeration lists its constants, each once, in the order of the source, which is the API's; a value is
// valid if it is one of them, to the letter.
//
// Seen to fail: a constant that its list lacks; a value listed twice; Valid that passes over the case of
// letters; Valid that takes the beginning of a value.
func TestEnumerations(t *testing.T) {
	all, want := enumerations(), declared(t)
	require.Len(t, all, len(want))
	for _, e := range all {
		require.Equal(t, want[e.name], e.values, e.name)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(e.values))), len(e.values),
			"%s lists a value twice", e.name)
		for _, text := range e.values {
			for _, other := range []string{text, text + " ", " " + text, strings.ToLower(text), strings.ToUpper(text),
				text[1:], text[:len(text)-1]} {
				listed := slices.Contains(e.values, other)
				require.Equal(t, listed, e.valid(other), "%s(%q)", e.name, other)
				require.Equal(t, !listed && other != "", e.unlisted(other), "%s(%q)", e.name, other)
			}
		}
		require.False(t, e.valid(""), e.name)
		require.False(t, e.unlisted(""), e.name)
	}
}

// What is not an enumeration lists nothing.
func TestUnlistedOfOtherTypes(t *testing.T) {
	for _, v := range []any{nil, "EC2", 7, ecs.TaskID("x"), ecs.ContainerStatus("x"), []ecs.LaunchType{"x"}} {
		require.False(t, ecs.Unlisted(v, "x"), "%T", v)
	}
}

// Every text of a noun whose type lists its values is of an enumeration of the table.
func TestEnumerationsOfNouns(t *testing.T) {
	found, seen := map[string]bool{}, map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.String:
			if ecs.Unlisted(reflect.Zero(t).Interface(), "no value") {
				found[t.Name()] = true
			}
		case reflect.Pointer, reflect.Slice:
			visit(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				visit(t.Field(i).Type)
			}
		}
	}
	for _, t := range []reflect.Type{reflect.TypeFor[ecs.TaskDefinition](), reflect.TypeFor[ecs.Service](),
		reflect.TypeFor[ecs.Task](),
		reflect.TypeFor[ecs.ContainerInstance](), reflect.TypeFor[ecs.Cluster](),
		reflect.TypeFor[ecs.CapacityProvider]()} {
		visit(t)
	}
	require.Greater(t, len(found), 35)
	for _, e := range enumerations() {
		delete(found, e.name)
	}
	require.Empty(t, slices.Sorted(maps.Keys(found)))
}
