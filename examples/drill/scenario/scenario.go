// Package scenario reads the scenarios of the drill. A scenario is a text file that anyone can write.
//
// # Start here
//
// [Own] returns the scenarios that the drill brings, and [Read] those of a folder. A scenario has a head of fields, and
// two scripts in the form of [sim.Script]: one that sets the scene before the command runs, and one of what happens
// after the command's deployment has begun.
//
//	title: an alarm rolls the deployment back
//	exit: nonzero
//	truth: ROLLBACK_SUCCESSFUL
//	advice: running equals desired all along, so the counts of the service prove nothing
//	==== before
//	instances 4 zone={{.Region}}a,{{.Region}}b
//	CreateService {"cluster": "{{.Cluster}}", "serviceName": "{{.Service}}", …}
//	run until=steady
//	==== after
//	at 30s alarm errors ALARM
//	==== faults
//	reads every=3 do=500
//
// Dates of the second script count from the command's first deployment. {{.Cluster}} and the like are fields of
// [Names].
//
//	title       what the scenario is, in a line
//	exit        zero, nonzero or any: the exit code that is right if the truth is as expected; one: the command runs
//	            twice at the same time, and one of both runs is to end with 0
//	truth       the statuses in which the deployment may be when the command ends; NONE: ECS refuses to deploy
//	hung        may: a command without a limit of its own may still run at the drill's -timeout
//	advice      what the report says of it
//	definition  the task definition that {{.TaskDefinition}} names, as JSON in a line; without it, one container
//
// The part "faults" has the troubles of the API, a line each: see [Fault].
package scenario

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed files/*.txt
var files embed.FS

// Exit is which exit code is right.
type Exit string

// The values of Exit.
const (
	Zero    Exit = "zero"
	Nonzero Exit = "nonzero"
	Any     Exit = "any"
	One     Exit = "one" // of two runs at the same time one is to end with 0
)

// None is the truth where ECS refuses to deploy.
const None = "NONE"

// Scenario is one of the drill's scenarios.
type Scenario struct {
	Name    string // of its file, without .txt: "02-pull-fails"
	Title   string
	Exit    Exit
	Truth   []string // statuses of the deployment when the command ends
	MayHang bool     // a command without a limit of its own never ends here
	Advice  string
	Faults  []Fault

	definition string
	before     string // a script
	after      string // scripts with their times
	afterLine  int    // of the file, where after begins
}

// Own returns the scenarios that the drill brings, in order of their names.
func Own() ([]Scenario, error) { return Read(files, "files") }

// Read returns the scenarios of the .txt files in a folder, in order of their names. The error names each file and
// line with a fault.
func Read(from fs.FS, dir string) ([]Scenario, error) {
	names, err := fs.Glob(from, path.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("scenario: there is no .txt file in %s", dir)
	}
	slices.Sort(names)
	var list []Scenario
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err == nil {
			var s Scenario
			if s, err = Parse(strings.TrimSuffix(path.Base(name), ".txt"), string(text)); err == nil {
				list = append(list, s)
			}
		}
		faults = append(faults, err)
	}
	return list, errors.Join(faults...)
}

// Runs is how often the command runs, at the same time: once, or twice.
func (s Scenario) Runs() int {
	if s.Exit == One {
		return 2
	}
	return 1
}

// Number is the beginning of the name, up to the first hyphen, without zeros before it: "2", "3a".
func (s Scenario) Number() string {
	number, _, _ := strings.Cut(s.Name, "-")
	return cmp.Or(strings.TrimLeft(number, "0"), number)
}

// Select returns the scenarios that are named, by number or by name. An empty list of names selects all.
func Select(all []Scenario, names []string) ([]Scenario, error) {
	if len(names) == 0 {
		return all, nil
	}
	var list []Scenario
	for _, name := range names {
		i := slices.IndexFunc(all, func(s Scenario) bool { return s.Number() == name || s.Name == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, s.Number())
			}
			return nil, fmt.Errorf("scenario: %q is not one of %s", name, strings.Join(known, ", "))
		}
		list = append(list, all[i])
	}
	return list, nil
}

// Hand returns the names with the task definition that the command is handed.
func (s Scenario) Hand(n Names) (Names, error) {
	text, err := n.Fill(s.definition)
	n.definition = text
	return n, err
}
