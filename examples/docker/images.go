package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"github.com/moby/moby/client"
)

// images are those of the demonstration, by their tags: the same program, which the last one does not find.
func images() map[string][]string {
	return map[string][]string{"1": {"ENV REVISION=1", `ENTRYPOINT ["/web"]`},
		"2": {"ENV REVISION=2", `ENTRYPOINT ["/web"]`}, "broken": {`ENTRYPOINT ["/missing"]`}}
}

// build makes the images without a registry: a static program in a tar, which the engine imports.
func build(ctx context.Context, d *demo) error {
	directory, err := os.MkdirTemp("", "web")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	program := filepath.Join(directory, "web")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program,
		"github.com/bayplan/bayplan/examples/docker/web")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, said)
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	for tag, changes := range images() { //order:any each by itself
		var all bytes.Buffer
		files := tar.NewWriter(&all)
		err := files.WriteHeader(&tar.Header{Name: "web", Mode: 0o755, Size: int64(len(data))})
		if err == nil {
			_, err = files.Write(data)
		}
		if err := errors.Join(err, files.Close()); err != nil {
			return err
		}
		answer, err := d.engine.ImageImport(ctx, client.ImageImportSource{Source: &all, SourceName: "-"},
			repository+":"+tag, client.ImageImportOptions{Changes: changes})
		if err != nil {
			return err
		}
		if err := followed(answer); err != nil {
			return err
		}
	}
	return nil
}

// push logs in, tags and pushes, as the commands of Docker do.
func push(ctx context.Context, d *demo) error {
	err := d.calls.json(ctx, toECR, "CreateRepository", object{"repositoryName": repository}, nil)
	if err := exists(err); err != nil {
		return err
	}
	var out struct {
		AuthorizationData []struct{ AuthorizationToken, ProxyEndpoint string }
	}
	if err := d.calls.json(ctx, toECR, "GetAuthorizationToken", object{}, &out); err != nil {
		return err
	}
	if len(out.AuthorizationData) != 1 {
		return errors.New("there is no authorization token")
	}
	plain, err := base64.StdEncoding.DecodeString(out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		return err
	}
	user, password, _ := strings.Cut(string(plain), ":")
	login, err := authconfig.Encode(registry.AuthConfig{Username: user, Password: password, ServerAddress: d.registry})
	if err != nil {
		return err
	}
	for tag := range images() { //order:any each by itself
		source, target := repository+":"+tag, d.registry+"/"+repository+":"+tag
		_, err := d.engine.ImageTag(ctx, client.ImageTagOptions{Source: source, Target: target})
		if err != nil {
			return err
		}
		answer, err := d.engine.ImagePush(ctx, target, client.ImagePushOptions{RegistryAuth: login})
		if err != nil {
			return err
		}
		if err := followed(answer); err != nil {
			return fmt.Errorf("push of %s: %w", target, err)
		}
	}
	return nil
}

// followed reads what the engine says of its progress until the end, and returns its error.
func followed(answer io.ReadCloser) error {
	lines := json.NewDecoder(answer)
	for {
		var line struct{ Error string }
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			return answer.Close()
		case err == nil && line.Error != "":
			err = errors.New(line.Error)
		}
		if err != nil {
			return errors.Join(err, answer.Close())
		}
	}
}
