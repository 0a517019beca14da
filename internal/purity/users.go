package purity

import (
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// serving are the packages below which each exported name serves somebody: another package of the module names it in
// production code. A file name after a colon stands for that file of the package only.
func serving() []string {
	return []string{"autoscale/group", "autoscale/groups", "ecs/codedeploy",
		"loadbalance:listener.go",
		"loadbalance:condition.go", "loadbalance:pick.go",
		"ecs/scheduler:life_cycle.go", "ecs/scheduler:traffic.go", "ecs/scheduler:stage.go", "ecs/scheduler:walk.go",
		"ecs/scheduler:hooks.go"}
}

// Idle returns the exported names of the given packages (see serving) that no other package names. Used are, besides:
// a type that a used name's type consists of; a constant whose type is used, as one value of an enumeration, and one
// that its package's own code uses, as an error that callers meet; a method by whose name an interface is called; and
// Values, by which each enumeration lists itself.
func Idle(packages []*Package, of []string) (found []Finding) {
	u := users{named: map[string]bool{}, methods: map[string]bool{"String": true, "Error": true, "Unwrap": true,
		"Values": true, "IsZero": true, "MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true,
		"UnmarshalText": true, "Less": true, "Len": true, "Swap": true}}
	for _, p := range packages {
		u.read(p)
	}
	for _, p := range packages {
		files := map[string]bool{}
		for _, o := range of {
			path, file, _ := strings.Cut(o, ":")
			if path == p.Path {
				files[file] = true
			}
		}
		if len(files) > 0 {
			found = append(found, u.idle(p, files)...)
		}
	}
	return found
}

// users is who names what.
type users struct {
	named   map[string]bool // by other packages; see nameOf
	methods map[string]bool // of interfaces, called by these names
}

// nameOf returns the name of an object at the level of its package, "ecs/control.Plane.Tick"; "" for any other.
func nameOf(o types.Object) string {
	if o == nil || o.Pkg() == nil || !within(o.Pkg().Path()) || !o.Exported() {
		return ""
	}
	path := strings.TrimPrefix(o.Pkg().Path(), Module+"/") + "."
	if f, ok := o.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			if named := namedOf(recv.Type()); named != nil {
				return path + named.Obj().Name() + "." + o.Name()
			}
			return ""
		}
	}
	if o.Parent() != o.Pkg().Scope() {
		return ""
	}
	return path + o.Name()
}

func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// read notes what a package names of others, and which methods of interfaces it calls.
func (u *users) read(p *Package) {
	for _, o := range p.Info.Uses { //order:any into maps
		if f, ok := o.(*types.Func); ok {
			if recv := f.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
				u.methods[f.Name()] = true
			}
			o = f.Origin()
		}
		if o.Pkg() != p.Pkg {
			if name := nameOf(o); name != "" && !u.named[name] {
				u.named[name] = true
				u.reach(o.Type(), map[types.Type]bool{})
			}
		}
	}
}

// reach notes the types that a type consists of.
func (u *users) reach(t types.Type, seen map[types.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		u.reach(types.Unalias(t), seen)
	case *types.Named:
		if name := nameOf(t.Obj()); name != "" {
			u.named[name] = true
		}
		for i := range t.TypeArgs().Len() {
			u.reach(t.TypeArgs().At(i), seen)
		}
		u.reach(t.Underlying(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			u.reach(f.Type(), seen)
		}
	case *types.Signature:
		u.reach(t.Params(), seen)
		u.reach(t.Results(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			u.reach(v.Type(), seen)
		}
	case *types.Map:
		u.reach(t.Key(), seen)
		u.reach(t.Elem(), seen)
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		u.reach(t.Elem(), seen)
	}
}

// idle finds the names of a package that nobody uses, in the given files; "" is every file.
func (u *users) idle(p *Package, files map[string]bool) (found []Finding) {
	own := map[types.Object]bool{}
	for _, o := range p.Info.Uses { //order:any into a map
		own[o] = true
	}
	ids := slices.SortedFunc(maps.Keys(p.Info.Defs), func(a, b *ast.Ident) int { return int(a.Pos() - b.Pos()) })
	for _, id := range ids {
		o := p.Info.Defs[id]
		name := nameOf(o)
		if name == "" || u.named[name] || !files[""] && !files[filepath.Base(p.Fset.Position(id.Pos()).Filename)] {
			continue
		}
		if c, ok := o.(*types.Const); ok {
			named := namedOf(c.Type())
			if own[o] || named != nil && named.Obj().Pkg() == p.Pkg && u.named[nameOf(named.Obj())] {
				continue
			}
		}
		if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil && u.methods[f.Name()] {
			continue
		}
		found = p.report(found, "users", id, "no package of the module but its own names %s", name)
	}
	return found
}
