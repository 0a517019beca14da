package main

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bayplan/bayplan/examples/playground/engine"
)

//go:embed page
var page embed.FS

// sizes are those of the library, in bytes.
type sizes struct{ plain, compressed int }

const module = "github.com/bayplan/bayplan"

// build returns the files of the playground by their names. It runs the go command, twice.
func build() (files folder, size sizes, err error) {
	folders, err := command("list", "-f", "{{.Dir}}\n{{.Root}}", module)
	if err != nil {
		return nil, size, err
	}
	root, _, _ := strings.Cut(folders, "\n")
	goroot, err := command("env", "GOROOT")
	if err != nil {
		return nil, size, err
	}
	files = folder{"report.css": []byte(engine.Style())}
	start := filepath.Join(strings.TrimSpace(goroot), "lib", "wasm", "wasm_exec.js")
	if files["wasm_exec.js"], err = os.ReadFile(start); err != nil {
		return nil, size, err
	}
	if files["bayplan.wasm.gz"], size, err = library(); err != nil {
		return nil, size, err
	}
	if files["sample.json"], err = sample(root, size); err != nil {
		return nil, size, err
	}
	names, err := fs.ReadDir(page, "page")
	if err != nil {
		return nil, size, err
	}
	for _, n := range names {
		if files[n.Name()], err = page.ReadFile("page/" + n.Name()); err != nil {
			return nil, size, err
		}
	}
	return files, size, nil
}

// command runs the go command, and returns what it prints.
func command(arguments ...string) (string, error) {
	c := exec.Command("go", arguments...)
	out, err := c.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("go %s: %w\n%s", arguments[0], err, failed.Stderr)
	}
	return string(out), err
}

// library builds the library for js/wasm, and compresses it.
func library() (packed []byte, size sizes, err error) {
	temporary, err := os.MkdirTemp("", "playground")
	if err != nil {
		return nil, size, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	name := filepath.Join(temporary, "bayplan.wasm")
	c := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", name, module+"/examples/playground/wasm")
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if said, err := c.CombinedOutput(); err != nil {
		return nil, size, fmt.Errorf("go build for js/wasm: %w\n%s", err, said)
	}
	plain, err := os.ReadFile(name)
	if err != nil {
		return nil, size, err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, size, err
	}
	_, err = z.Write(plain)
	err = errors.Join(err, z.Close())
	return b.Bytes(), sizes{len(plain), b.Len()}, err
}

// sample returns what the page begins with: the files of the program whatif, and the size of the library.
func sample(root string, size sizes) ([]byte, error) {
	content := map[string]any{"size": size.compressed}
	for kind, documents := range map[string]map[string]string{
		"deploy": {"definition": "testdata/task-definition.json", "running": "testdata/running.json",
			"instances": "testdata/container-instances.json", "tasks": "testdata/tasks.json",
			"service": "testdata/service.json"},
		"replay": {"policies": "replay/testdata/policy.json,replay/testdata/steps.json",
			"load": "replay/testdata/load.csv"},
	} { //order:any the keys of JSON are sorted
		q := map[string]string{"kind": kind}
		for document, names := range documents { //order:any the keys of JSON are sorted
			for name := range strings.SplitSeq(names, ",") {
				data, err := os.ReadFile(filepath.Join(root, "examples", "whatif", filepath.FromSlash(name)))
				if err != nil {
					return nil, err
				}
				q[document] += string(data)
			}
		}
		content[kind] = q
	}
	return json.Marshal(content)
}
