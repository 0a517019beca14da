//go:build !unix

package main

import "errors"

// cpu returns errors.ErrUnsupported.
func cpu() (float64, error) { return 0, errors.ErrUnsupported }
