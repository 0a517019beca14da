package main

import (
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
	var policies []string
	flag.Func("replay", "a `file` of scaling policies, to replay under -load; several, to compare them",
		func(name string) error {
			policies = append(policies, name)
			return nil
		})
	load := flag.String("load", "", "a CSV file of time and load, for -replay")
	picture := flag.String("chart", "", "a file for the replay as an SVG chart")
	table := flag.String("csv", "", "a file for the replay as CSV")
	return func(w io.Writer) (bool, error) {
		if len(policies) == 0 {
			if *load+*picture+*table != "" {
				return true, errors.New("-replay is missing")
			}
			return false, nil
		}
		answers, err := replayed(policies, *load)
		if err != nil {
			return true, err
		}
		to := func(write func(io.Writer, ...replay.Answer) error) func(io.Writer) error {
			return func(w io.Writer) error { return write(w, answers...) }
		}
		return true, errors.Join(replay.Text(w, answers...), written(*picture, to(replay.Chart)),
			written(*table, to(replay.CSV)))
	}
}

// replayed reads the files, and answers.
func replayed(policies []string, load string) ([]replay.Answer, error) {
	var questions [][]byte
	for _, name := range policies {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		questions = append(questions, data)
	}
	var series []byte
	if load != "" {
		data, err := os.ReadFile(load)
		if err != nil {
			return nil, err
		}
		series = data
	}
	return replay.Answers(questions, series)
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
