// Package command runs a program as the drill's tool: in an environment from which AWS is out of reach, in a process
// group of its own, with an output that is bounded.
//
// # Start here
//
// A [Command] is a play.Tool. {{.Image}} and the like in its arguments are replaced by the names of the scenario.
//
// # Environment
//
// AWS_ENDPOINT_URL is the drill's, the credentials are made up for the run, and proxies are a closed port: a program
// that does not read AWS_ENDPOINT_URL reaches nobody. Of the other variables whose names begin with AWS_ only
// AWS_MAX_ATTEMPTS and AWS_RETRY_MODE are left.
package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Command is a program with its arguments.
type Command struct {
	Args []string // the first one is the program
	Env  []string // that the program's environment is made of, as of os.Environ
}

// Check reports what is wrong with the command before it is run.
func (c Command) Check() error {
	if len(c.Args) == 0 {
		return errors.New("command: there is no command")
	}
	if _, err := exec.LookPath(c.Args[0]); err != nil && !errors.Is(err, exec.ErrDot) {
		if _, here := os.Stat(c.Args[0]); here == nil && filepath.Base(c.Args[0]) == c.Args[0] {
			return fmt.Errorf("%w; the file of this folder is ./%s", err, c.Args[0])
		}
		return err
	}
	_, err := c.args(scenario.Default())
	return err
}

// Deploy runs the program until it ends or the context does; then its process group is killed.
func (c Command) Deploy(ctx context.Context, endpoint string, n scenario.Names) verdict.Ending {
	dir, err := os.MkdirTemp("", "drill-")
	if err != nil {
		return verdict.Ending{Err: err}
	}
	ending := c.deploy(ctx, endpoint, n, dir)
	if err := os.RemoveAll(dir); err != nil && ending.Err == nil {
		ending.Err = err
	}
	return ending
}

// grace is how long the output of a program that was killed is waited for.
const grace = 2 * time.Second

func (c Command) deploy(ctx context.Context, endpoint string, n scenario.Names, dir string) verdict.Ending {
	n.TaskDefinition, n.AppSpec = filepath.Join(dir, "task-definition.json"), filepath.Join(dir, "appspec.json")
	for name, text := range map[string]string{n.TaskDefinition: n.Definition(), n.AppSpec: n.Document()} {
		if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil { //order:any each alone
			return verdict.Ending{Err: err}
		}
	}
	args, err := c.args(n)
	if err != nil {
		return verdict.Ending{Err: err}
	}
	secret := "drill" + rand.Text()
	said := &output{secret: secret}
	run := exec.CommandContext(ctx, args[0], args[1:]...)
	run.Env = environment(c.Env, endpoint, n.Region, secret)
	run.Stdout, run.Stderr = said, said
	run.WaitDelay = grace
	alone(run)
	err = run.Run()
	ended(run)
	ending := verdict.Ending{Output: said.text(), Cut: said.cut, Leaked: said.leaked,
		Hung: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	if run.ProcessState == nil { // it was not started
		ending.Err = err
	} else {
		ending.Code = run.ProcessState.ExitCode() // -1 if it was killed
	}
	return ending
}

// args are the arguments with the names filled in.
func (c Command) args(n scenario.Names) ([]string, error) {
	list := make([]string, len(c.Args))
	var faults []error
	for i, a := range c.Args {
		var err error
		list[i], err = n.Fill(a)
		faults = append(faults, err)
	}
	return list, errors.Join(faults...)
}

// environment is what the program may know.
func environment(from []string, endpoint, region, secret string) []string {
	var list []string
	for _, v := range from {
		name, _, _ := strings.Cut(v, "=")
		upper := strings.ToUpper(name)
		kept := upper == "AWS_MAX_ATTEMPTS" || upper == "AWS_RETRY_MODE"
		if strings.HasPrefix(upper, "AWS_") && !kept || strings.HasSuffix(upper, "_PROXY") {
			continue
		}
		list = append(list, v)
	}
	const closed = "http://127.0.0.1:9" // the port "discard", where nobody listens
	return append(list, "AWS_ENDPOINT_URL="+endpoint, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_ACCESS_KEY_ID=AKIADRILLDRILLDRILL0", "AWS_SECRET_ACCESS_KEY="+secret,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_PAGER=", "HTTP_PROXY="+closed, "HTTPS_PROXY="+closed, "http_proxy="+closed, "https_proxy="+closed,
		"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost")
}
