package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
)

// judge completes a history with what the members and the tasks say, and returns what must not have happened.
func judge(ctx context.Context, c *crew, h check.History) (faults []string) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c.witness.Compare()
	for _, name := range c.members {
		p, err := c.plane(ctx, name)
		if err != nil {
			faults = append(faults, fmt.Sprintf("missing: member %s does not answer: %v", name, err))
			continue
		}
		h.Planes = append(h.Planes, p)
	}
	var err error
	if h.Starts, err = readStarts(c.starts()); err != nil {
		faults = append(faults, err.Error())
	}
	j, err := c.witness.Journal(ctx, c.stream)
	if err != nil {
		return append(faults, err.Error())
	}
	return append(append(faults, h.Faults(j)...), c.fallen()...)
}

// plane returns what a member's plane is. A member that has just started does not know yet.
func (c *crew) plane(ctx context.Context, name string) (p check.Plane, err error) {
	for {
		short, cancel := context.WithTimeout(ctx, 2*time.Second)
		back, err := bus.New(c.nc).Request(short, "bayplan.state."+name, nil)
		cancel()
		if err == nil {
			err = json.Unmarshal(back, &p)
		}
		if err == nil || ctx.Err() != nil {
			return p, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// readStarts reads the starts that tasks have noted. A task that was killed in the middle of a line ends the file.
func readStarts(file string) (all []check.Start, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s check.Start
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return all, fmt.Errorf("%s: %q: %w", file, lines.Text(), err)
		}
		all = append(all, s)
	}
	return all, nil
}
