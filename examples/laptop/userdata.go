package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bayplan/bayplan/ecs/agentconfig"
)

// userDataFile is the user data of every instance, in the directory of the show.
const userDataFile = "user-data"

// configPath is where user data puts the configuration of the agent. On an instance of this program it stands for a
// file of the instance's own.
const configPath = "/etc/ecs/ecs.config"

// booted is an instance that has booted: the configuration of its agent, and its user data.
type booted struct {
	agentconfig.Config
	text string
}

// boot runs the user data of an instance, if it is a script and this is the first time. Its output is in a log; the
// agent's configuration is what it has put into the instance's ecs.config, or what it is.
func boot(directory, name string) (b booted, err error) {
	data, err := os.ReadFile(filepath.Join(directory, userDataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	b.text = string(data)
	config := filepath.Join(directory, name+".ecs.config")
	done := filepath.Join(directory, name+".booted")
	if _, err := os.Stat(done); errors.Is(err, fs.ErrNotExist) {
		if err := runUserData(directory, name, config, b.text); err != nil {
			return b, err
		}
		if err := os.WriteFile(done, nil, 0o600); err != nil {
			return b, err
		}
	} else if err != nil {
		return b, err
	}
	written, err := os.ReadFile(config)
	if errors.Is(err, fs.ErrNotExist) {
		written, err = data, nil
	}
	if err == nil {
		b.Config, err = agentconfig.Parse(string(written))
	}
	if err != nil {
		return b, fmt.Errorf("the configuration of the agent of %s: %w", name, err)
	}
	return b, nil
}

// runUserData runs a script as cloud-init does: with the interpreter that its first line names.
func runUserData(directory, name, config, text string) error {
	if !strings.HasPrefix(text, "#!") {
		return nil
	}
	script := filepath.Join(directory, name+".user-data")
	text = strings.ReplaceAll(text, configPath, config)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		return err
	}
	output, err := os.OpenFile(filepath.Join(directory, name+".user-data.log"),
		os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.Command(script)
	command.Dir, command.Env = directory, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + directory}
	command.Stdout, command.Stderr = output, output
	if err := command.Run(); err != nil {
		return fmt.Errorf("the user data of %s, whose output is in %s: %w", name, output.Name(), err)
	}
	return nil
}
