package purity

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// checkedOnly returns the members of inputs that are checked and have no other effect,
// "Type.Member", and why.
func checkedOnly() map[string]string {
	only := map[string]string{
		"RegisterContainerInstanceInput.InstanceIdentityDocumentSignature": "nobody here can verify it",
		"RegisterContainerInstanceInput.PlatformDevices":                   "the resource GPU counts them",
		"PlatformDevice.ID":              "the resource GPU counts them",
		"PlatformDevice.Type":            "the resource GPU counts them",
		"RunTaskInput.ReferenceID":       "AWS shows it nowhere",
		"StartTaskInput.ReferenceID":     "AWS shows it nowhere",
		"ListAttributesInput.TargetType": "it has one value",

		"CreateApplicationInput.ComputePlatform":      "it has one value",
		"CreateDeploymentConfigInput.ComputePlatform": "it has one value",
		"CreatePrivateDNSNamespaceInput.Vpc":          "AWS shows it nowhere",
		"UpdateHTTPNamespaceInput.UpdaterRequestID":   "each update is carried out at once",
		"UpdateDNSNamespaceInput.UpdaterRequestID":    "each update is carried out at once",
	}
	for _, action := range []string{"DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy",
		"DeleteScheduledAction", "GetPredictiveScalingForecast"} {
		only[action+"Input.ServiceNamespace"] = "it has one value"
		only[action+"Input.ScalableDimension"] = "it has one value"
	}
	for _, action := range []string{"DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions"} {
		only[action+"Input.ScalableDimension"] = "it has one value"
	}
	return only
}

// Dropped finds members of inputs that nothing reads but Validate: a caller that sends one gets an answer
// as if it had taken effect. Inputs are structures whose names end in Input; those of ecs and ecs/api
// must be read by another package, since all that those two do with them is to check, or by a method Make
// or Apply, by which an input makes what the plane keeps. The members of but are let be.
func Dropped(packages []*Package, but map[string]string) []Finding {
	read := map[string]bool{}
	for _, p := range packages {
		for _, f := range p.Files {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if ok && (p.Path != "ecs" && p.Path != "ecs/api" && !strings.HasPrefix(fn.Name.Name, "Validate") ||
					fn.Recv != nil && (fn.Name.Name == "Make" || fn.Name.Name == "Apply")) {
					p.membersRead(fn, read)
				}
			}
		}
	}
	var found []Finding
	for _, p := range packages {
		found = append(found, p.dropped(read, but)...)
	}
	found = append(found, droppedInside(packages, but)...)
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return found
}

// membersRead notes the members that a function reads, as "Type.Member".
func (p *Package) membersRead(fn *ast.FuncDecl, read map[string]bool) {
	ast.Inspect(fn, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		s, ok := p.Info.Selections[selector]
		if !ok || s.Kind() != types.FieldVal {
			return true
		}
		of := s.Recv()
		if pointer, ok := of.(*types.Pointer); ok {
			of = pointer.Elem()
		}
		if named, ok := of.(*types.Named); ok {
			read[named.Obj().Name()+"."+s.Obj().Name()] = true
		}
		return true
	})
}

// dropped returns the members of a package's inputs that are not read.
func (p *Package) dropped(read map[string]bool, but map[string]string) []Finding {
	var found []Finding
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			input, ok := spec.Type.(*ast.StructType)
			if !ok || !strings.HasSuffix(spec.Name.Name, "Input") || !spec.Name.IsExported() {
				return true
			}
			for _, field := range input.Fields.List {
				for _, name := range field.Names {
					member := spec.Name.Name + "." + name.Name
					if name.Name != "_" && !read[member] && but[member] == "" {
						found = p.report(found, "inputs", name, "nothing acts on %s", member)
					}
				}
			}
			return true
		})
	}
	return found
}
