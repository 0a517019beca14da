package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"

	"github.com/bayplan/bayplan/examples/whatif/replay"
)

// replayFlags registers the flags of the fourth question: what would scaling policies have done under
// a recorded load? What it returns answers it, once the flags are parsed; asked is false where they
// are not given.
func replayFlags() func(w io.Writer) (asked bool, err error) {
	policies := flag.String("replay", "", "a file of scaling policies, to replay under -load; see testdata of replay")
	load := flag.String("load", "", "a CSV file of time and load, for -replay")
	chart := flag.String("chart", "", "a file for the replay as an SVG chart")
	table := flag.String("csv", "", "a file for the replay as CSV")
	return func(w io.Writer) (bool, error) {
		if *policies == "" {
			if *load+*chart+*table != "" {
				return true, errors.New("-replay is missing")
			}
			return false, nil
		}
		a, err := replayed(*policies, *load)
		if err != nil {
			return true, err
		}
		return true, errors.Join(a.Text(w), written(*chart, a.Chart), written(*table, a.CSV))
	}
}

func replayed(policies, load string) (a replay.Answer, err error) {
	data, err := os.ReadFile(policies)
	if err != nil {
		return a, err
	}
	q, err := replay.ParseQuestion(data)
	if err != nil {
		return a, err
	}
	if load == "" {
		return a, errors.New("-load is missing")
	}
	data, err = os.ReadFile(load)
	if err != nil {
		return a, err
	}
	series, err := replay.ParseLoad(bytes.NewReader(data))
	if err != nil {
		return a, err
	}
	return replay.Ask(q, series)
}

// written writes a file, if it has a name.
func written(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
