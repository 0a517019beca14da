package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Config says where the task definitions of a registry are. Empty fields mean "us-east-1", "123456789012"
// (the account in AWS's documentation) and "aws".
type Config struct {
	Region    string      `json:"region,omitzero"`
	Account   string      `json:"account,omitzero"`
	Partition string      `json:"partition,omitzero"`
	Rules     ecs.RuleSet `json:"rules,omitzero"` // the rules that Register applies
}

// arn returns the base from which ARN's methods make the names of resources.
func (c Config) arn() ecs.ARN {
	a := ecs.ARN{Partition: c.Partition, Region: c.Region, Account: c.Account}
	if a.Partition == "" {
		a.Partition = "aws"
	}
	if a.Region == "" {
		a.Region = "us-east-1"
	}
	if a.Account == "" {
		a.Account = "123456789012"
	}
	return a
}

// Registry holds the revisions of task definitions by family. It changes in place, is deterministic, and
// is not safe for concurrent use. The zero value is an empty registry of the zero Config. Its state is
// its JSON form.
//
// The definitions that it returns share their lists with it: do not change them, or Clone them first. The
// content of a revision never changes; its status and its tags do.
//
// Source: Amazon ECS API Reference, RegisterTaskDefinition, DeregisterTaskDefinition and
// DeleteTaskDefinitions; Amazon ECS Developer Guide, "Amazon ECS task definition states".
type Registry struct {
	config   Config
	families []family // by name
}

// family is the history of one name.
type family struct {
	Name      string               `json:"name"`
	Last      int                  `json:"last"` // the highest revision ever given out
	Revisions []ecs.TaskDefinition `json:"revisions"`
}

// New returns an empty registry.
func New(c Config) *Registry { return &Registry{config: c} }

// find returns the position of a family, or where it would stand.
func (r *Registry) find(name string) (int, bool) {
	return sort.Find(len(r.families), func(i int) int { return strings.Compare(name, r.families[i].Name) })
}

// Register validates d, gives it the next revision of its family and returns what DescribeTaskDefinition
// prints: normalized, ACTIVE, with its ARN, the attributes that it requires of an instance and the
// infrastructures that it is compatible with. It overwrites the fields of d that ECS adds. Revisions
// count from 1, and no number is used twice.
//
// Errors: those of Validate; LimitExceededException after 1,000,000 revisions. A refused definition
// changes nothing.
func (r *Registry) Register(now time.Time, d ecs.TaskDefinition) (ecs.TaskDefinition, error) {
	if err := d.ValidateBy(r.config.Rules); err != nil {
		return ecs.TaskDefinition{}, err
	}
	d = d.Normalize()
	i, ok := r.find(d.Family)
	if ok && r.families[i].Last >= maxRevisions {
		return ecs.TaskDefinition{}, ecs.Fault(ecs.LimitExceededException, "family",
			fmt.Sprintf("Family %s has %d revisions, the most there can be.", d.Family, maxRevisions))
	}
	if !ok {
		r.families = slices.Insert(r.families, i, family{Name: d.Family})
	}
	f := &r.families[i]
	f.Last++
	d.Revision = f.Last
	d.TaskDefinitionArn = r.config.arn().ForTaskDefinition(d.Family, d.Revision).String()
	d.Status = ecs.TaskDefinitionStatusActive
	d.RequiresAttributes = d.AttributesRequired()
	d.Compatibilities = d.CompatibleWith()
	d.RegisteredAt = ecs.At(now)
	d.DeregisteredAt, d.DeleteRequestedAt = 0, 0
	f.Revisions = append(f.Revisions, d)
	return d, nil
}

// maxRevisions is the quota of a family's revisions, deregistered ones included. Source:
// Amazon ECS Developer Guide, "Amazon ECS service quotas".
const maxRevisions = 1_000_000

// Resolve returns the revision that ref names, whatever its status: family:revision and an ARN name that
// revision, and a family names its latest ACTIVE one. It takes logarithmic time, and for a family also
// time linear in the revisions after the latest ACTIVE one.
//
// Errors: ClientException for a revision that does not exist, InvalidParameterException for a revision
// that is not a number.
func (r *Registry) Resolve(ref string) (ecs.TaskDefinition, error) {
	at, err := r.locate(ref)
	if err != nil {
		return ecs.TaskDefinition{}, err
	}
	return *at, nil
}

// ResolveForUse is Resolve for a new task or service: only an ACTIVE revision may be used.
//
// Errors: those of Resolve; InvalidParameterException "TaskDefinition is inactive".
func (r *Registry) ResolveForUse(ref string) (ecs.TaskDefinition, error) {
	at, err := r.locate(ref)
	if err != nil {
		return ecs.TaskDefinition{}, err
	}
	if !at.Status.AllowsNewTasks() {
		return ecs.TaskDefinition{}, ecs.Fault(ecs.InvalidParameterException, "taskDefinition",
			"TaskDefinition is inactive")
	}
	return *at, nil
}

func (r *Registry) locate(ref string) (*ecs.TaskDefinition, error) {
	name, revision, err := ecs.SplitTaskDefinition(ref)
	if err != nil {
		return nil, err
	}
	unknown := ecs.Fault(ecs.ClientException, "taskDefinition", "Unable to describe task definition.")
	if a, err := ecs.ParseARN(ref); err == nil && a.ForCluster("") != r.config.arn().ForCluster("") {
		return nil, unknown
	}
	i, ok := r.find(name)
	if !ok {
		return nil, unknown
	}
	revisions := r.families[i].Revisions
	if revision == 0 {
		for j := len(revisions) - 1; j >= 0; j-- {
			if revisions[j].Status == ecs.TaskDefinitionStatusActive {
				return &revisions[j], nil
			}
		}
		return nil, unknown
	}
	j, ok := slices.BinarySearchFunc(revisions, revision, func(d ecs.TaskDefinition, n int) int {
		return d.Revision - n
	})
	if !ok {
		return nil, unknown
	}
	return &revisions[j], nil
}

// Deregister makes a revision INACTIVE: no new task or service may use it. ref must name
// the revision. Deregistering twice changes nothing.
//
// Errors: those of Resolve; ClientException "Revision is missing." for a family alone.
func (r *Registry) Deregister(now time.Time, ref string) (ecs.TaskDefinition, error) {
	at, err := r.locateRevision(ref)
	if err != nil {
		return ecs.TaskDefinition{}, err
	}
	if at.Status == ecs.TaskDefinitionStatusActive {
		at.Status, at.DeregisteredAt = ecs.TaskDefinitionStatusInactive, ecs.At(now)
	}
	return *at, nil
}

func (r *Registry) locateRevision(ref string) (*ecs.TaskDefinition, error) {
	_, revision, err := ecs.SplitTaskDefinition(ref)
	if err != nil {
		return nil, err
	}
	if revision == 0 {
		return nil, ecs.Fault(ecs.ClientException, "taskDefinition", "Revision is missing.")
	}
	return r.locate(ref)
}

// Delete makes an INACTIVE revision DELETE_IN_PROGRESS. The caller calls Remove once nothing uses the
// revision. Deleting twice changes nothing.
//
// Errors: those of Deregister; ClientException for an ACTIVE revision and for one that does not exist,
// with the reasons that DeleteTaskDefinitions gives in its failures.
func (r *Registry) Delete(now time.Time, ref string) (ecs.TaskDefinition, error) {
	if _, revision, err := ecs.SplitTaskDefinition(ref); err != nil || revision == 0 {
		_, err = r.locateRevision(ref)
		return ecs.TaskDefinition{}, err
	}
	at, err := r.locate(ref)
	if err != nil {
		return ecs.TaskDefinition{}, ecs.Fault(ecs.ClientException, "taskDefinition",
			"The specified task definition does not exist. Specify a valid account, family, revision and try again.")
	}
	switch at.Status {
	case ecs.TaskDefinitionStatusActive:
		return ecs.TaskDefinition{}, ecs.Fault(ecs.ClientException, "taskDefinition",
			"The specified task definition is still in ACTIVE status. Please deregister the target and try again.")
	case ecs.TaskDefinitionStatusInactive:
		at.Status, at.DeleteRequestedAt = ecs.TaskDefinitionStatusDeleteInProgress, ecs.At(now)
	}
	return *at, nil
}

// Remove removes a revision that is DELETE_IN_PROGRESS. Its number is not used again.
//
// Errors: those of Deregister; ClientException for another status.
func (r *Registry) Remove(ref string) error {
	at, err := r.locateRevision(ref)
	if err != nil {
		return err
	}
	if at.Status != ecs.TaskDefinitionStatusDeleteInProgress {
		return ecs.Fault(ecs.ClientException, "taskDefinition",
			at.TaskDefinitionArn+" is "+string(at.Status)+", not DELETE_IN_PROGRESS.")
	}
	i, _ := r.find(at.Family)
	f := &r.families[i]
	revision := at.Revision
	f.Revisions = slices.DeleteFunc(f.Revisions, func(d ecs.TaskDefinition) bool { return d.Revision == revision })
	return nil
}

// SetTags replaces the tags of a revision.
//
// Errors: those of Deregister.
func (r *Registry) SetTags(ref string, tags []ecs.Tag) error {
	at, err := r.locateRevision(ref)
	if err != nil {
		return err
	}
	at.Tags = slices.Clone(tags)
	return nil
}

// Families returns the names of the families that begin with prefix and have the status, in alphabetical
// order. A family is ACTIVE if it has an ACTIVE revision, and INACTIVE if it has revisions but no ACTIVE
// one. ALL and "" mean both.
//
// Source: Amazon ECS API Reference, ListTaskDefinitionFamilies.
func (r *Registry) Families(prefix string, status ecs.TaskDefinitionFamilyStatus) []string {
	var names []string
	for _, f := range r.families {
		active := slices.ContainsFunc(f.Revisions, func(d ecs.TaskDefinition) bool {
			return d.Status == ecs.TaskDefinitionStatusActive
		})
		if len(f.Revisions) == 0 || !strings.HasPrefix(f.Name, prefix) ||
			status == ecs.TaskDefinitionFamilyStatusActive && !active ||
			status == ecs.TaskDefinitionFamilyStatusInactive && active {
			continue
		}
		names = append(names, f.Name)
	}
	return names
}

// Revisions returns the revisions of a family, in ascending order, without those that were removed.
func (r *Registry) Revisions(name string) []ecs.TaskDefinition {
	i, ok := r.find(name)
	if !ok {
		return nil
	}
	return slices.Clone(r.families[i].Revisions)
}

// state is the registry's JSON form.
type state struct {
	Config   Config   `json:"config"`
	Families []family `json:"families"`
}

// MarshalJSON writes the registry's whole state; equal registries write equal bytes.
func (r *Registry) MarshalJSON() ([]byte, error) {
	return json.Marshal(state{Config: r.config, Families: r.families})
}

// UnmarshalJSON restores what MarshalJSON wrote.
func (r *Registry) UnmarshalJSON(data []byte) error {
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	sorted := slices.IsSortedFunc(s.Families, func(a, b family) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range s.Families {
		ordered := slices.IsSortedFunc(f.Revisions, func(a, b ecs.TaskDefinition) int {
			return a.Revision - b.Revision
		})
		if !sorted || !ordered || len(f.Revisions) > 0 && f.Revisions[len(f.Revisions)-1].Revision > f.Last {
			return ecs.Fault(ecs.SerializationException, "families",
				"The families or revisions of "+f.Name+" are out of order.")
		}
	}
	*r = Registry{config: s.Config, families: s.Families}
	return nil
}
