package ecs

import "reflect"

// Clone returns a copy that shares no memory with d.
func (d TaskDefinition) Clone() TaskDefinition {
	detach(reflect.ValueOf(&d).Elem())
	return d
}

// detach replaces every list, map and pointer inside v by a copy.
func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				detach(f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fresh := reflect.New(v.Type().Elem())
			fresh.Elem().Set(v.Elem())
			detach(fresh.Elem())
			v.Set(fresh)
		}
	case reflect.Slice:
		if !v.IsNil() {
			fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(fresh, v)
			for i := range fresh.Len() {
				detach(fresh.Index(i))
			}
			v.Set(fresh)
		}
	case reflect.Map:
		if !v.IsNil() {
			fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
			for it := v.MapRange(); it.Next(); { //order:any a map is made
				fresh.SetMapIndex(it.Key(), it.Value())
			}
			v.Set(fresh)
		}
	}
}
