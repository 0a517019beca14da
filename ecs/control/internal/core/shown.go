package core

import "slices"

// Included reports whether a describe request asks for what is shown on demand only.
func Included(list []string, what string) bool { return slices.Contains(list, what) }

// Shown returns a list as AWS prints it: an empty one is there, too. It shares no memory with the
// plane's own.
func Shown[T any](list []T) []T { return append([]T{}, list...) }
