package ecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// RegistryConfig says where a registry's task definitions live. Empty fields are
// "us-east-1", "123456789012" (the account of AWS's documentation) and "aws".
type RegistryConfig struct {
	Region    string  `json:"region,omitzero"`
	Account   string  `json:"account,omitzero"`
	Partition string  `json:"partition,omitzero"`
	Rules     RuleSet `json:"rules,omitzero"` // what Register checks by
}

// ARN returns the base from which ARN's methods make the names of resources.
func (c RegistryConfig) ARN() ARN {
	a := ARN{Partition: c.Partition, Region: c.Region, Account: c.Account}
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

// Registry holds the revisions of task definitions by family. It changes in place, is
// deterministic, and is not safe for concurrent use; the zero value is an empty registry of
// the zero RegistryConfig. Its state is its JSON form.
//
// The definitions it returns share their lists with the registry: read-only (Clone them to
// change them). A revision's contents never change; only its status does.
//
// Source: Amazon ECS API Reference, RegisterTaskDefinition, DeregisterTaskDefinition and
// DeleteTaskDefinitions; Amazon ECS Developer Guide, "Amazon ECS task definition states".
type Registry struct {
	config   RegistryConfig
	families []family // by name
}

// family is the history of one name.
type family struct {
	Name      string           `json:"name"`
	Last      int              `json:"last"` // the highest revision ever given out
	Revisions []TaskDefinition `json:"revisions"`
}

// NewRegistry returns an empty registry.
func NewRegistry(c RegistryConfig) *Registry { return &Registry{config: c} }

// find returns the position of a family, or where it would stand.
func (r *Registry) find(name string) (int, bool) {
	return sort.Find(len(r.families), func(i int) int { return strings.Compare(name, r.families[i].Name) })
}

// Register validates d, gives it the next revision of its family and returns what
// DescribeTaskDefinition would print: normalized, ACTIVE, with its ARN, the attributes it
// requires of an instance and the infrastructures it is compatible with. What d says in the
// fields that ECS adds is overwritten. Revisions count from 1 and are never used twice.
//
// Errors: those of Validate; LimitExceededException after 1,000,000 revisions. A refused
// definition changes nothing.
func (r *Registry) Register(now time.Time, d TaskDefinition) (TaskDefinition, error) {
	if err := d.ValidateBy(r.config.Rules); err != nil {
		return TaskDefinition{}, err
	}
	d = d.Normalize()
	i, ok := r.find(d.Family)
	if ok && r.families[i].Last >= maxRevisions {
		return TaskDefinition{}, Fault(LimitExceededException, "family",
			fmt.Sprintf("Family %s has %d revisions, the most there can be.", d.Family, maxRevisions))
	}
	if !ok {
		r.families = slices.Insert(r.families, i, family{Name: d.Family})
	}
	f := &r.families[i]
	f.Last++
	d.Revision = f.Last
	d.TaskDefinitionArn = r.config.ARN().ForTaskDefinition(d.Family, d.Revision).String()
	d.Status = TaskDefinitionStatusActive
	d.RequiresAttributes = d.AttributesRequired()
	d.Compatibilities = d.CompatibleWith()
	d.RegisteredAt = At(now)
	d.DeregisteredAt, d.DeleteRequestedAt = 0, 0
	f.Revisions = append(f.Revisions, d)
	return d, nil
}

// maxRevisions is the quota of a family's revisions, deregistered ones included. Source:
// Amazon ECS Developer Guide, "Amazon ECS service quotas".
const maxRevisions = 1_000_000

// Resolve returns the revision that ref names, whatever its status: family:revision or an
// ARN for that one, a family alone for its latest ACTIVE one. It takes logarithmic time, but
// that revisions of a family that are no longer ACTIVE are passed over one by one.
//
// Errors: ClientException for a name that names nothing, InvalidParameterException for a
// revision that is no number.
func (r *Registry) Resolve(ref string) (TaskDefinition, error) {
	at, err := r.locate(ref)
	if err != nil {
		return TaskDefinition{}, err
	}
	return *at, nil
}

// ResolveForUse is Resolve for a new task or service: only an ACTIVE revision may be used.
//
// Errors: those of Resolve; InvalidParameterException "TaskDefinition is inactive".
func (r *Registry) ResolveForUse(ref string) (TaskDefinition, error) {
	at, err := r.locate(ref)
	if err != nil {
		return TaskDefinition{}, err
	}
	if !at.Status.AllowsNewTasks() {
		return TaskDefinition{}, Fault(InvalidParameterException, "taskDefinition", "TaskDefinition is inactive")
	}
	return *at, nil
}

// AllowsNewTasks reports whether RunTask, CreateService and UpdateService may name a
// revision of this status. Tasks that run, and services that use it already, go on under
// every status: such a service may scale and replace its tasks.
func (s TaskDefinitionStatus) AllowsNewTasks() bool { return s == TaskDefinitionStatusActive }

func (r *Registry) locate(ref string) (*TaskDefinition, error) {
	name, revision, err := SplitTaskDefinition(ref)
	if err != nil {
		return nil, err
	}
	unknown := Fault(ClientException, "taskDefinition", "Unable to describe task definition.")
	if a, err := ParseARN(ref); err == nil && a.ForCluster("") != r.config.ARN().ForCluster("") {
		return nil, unknown
	}
	i, ok := r.find(name)
	if !ok {
		return nil, unknown
	}
	revisions := r.families[i].Revisions
	if revision == 0 {
		for j := len(revisions) - 1; j >= 0; j-- {
			if revisions[j].Status == TaskDefinitionStatusActive {
				return &revisions[j], nil
			}
		}
		return nil, unknown
	}
	j, ok := slices.BinarySearchFunc(revisions, revision, func(d TaskDefinition, n int) int { return d.Revision - n })
	if !ok {
		return nil, unknown
	}
	return &revisions[j], nil
}

// SplitTaskDefinition reads a reference to a task definition: family, family:revision or an ARN.
// Revision 0 is none, the latest ACTIVE one. It fails with InvalidParameterException for the ARN of
// something else and for a revision that is not a number from 1.
func SplitTaskDefinition(ref string) (name string, revision int, err error) {
	if strings.HasPrefix(ref, "arn:") {
		a, err := ParseARN(ref)
		if err != nil || a.Type != ARNTypeTaskDefinition {
			return "", 0, Fault(InvalidParameterException, "taskDefinition", "Invalid arn syntax.")
		}
		return a.ID(), a.Revision(), nil
	}
	name, number, ok := strings.Cut(ref, ":")
	if !ok {
		return name, 0, nil
	}
	revision, err = strconv.Atoi(number)
	if err != nil || revision <= 0 {
		return "", 0, Fault(InvalidParameterException, "taskDefinition", "Invalid revision number. Number: "+number)
	}
	return name, revision, nil
}

// Deregister makes a revision INACTIVE: no new task or service may use it. ref must name
// the revision. Deregistering twice changes nothing.
//
// Errors: those of Resolve; ClientException "Revision is missing." for a family alone.
func (r *Registry) Deregister(now time.Time, ref string) (TaskDefinition, error) {
	at, err := r.locateRevision(ref)
	if err != nil {
		return TaskDefinition{}, err
	}
	if at.Status == TaskDefinitionStatusActive {
		at.Status, at.DeregisteredAt = TaskDefinitionStatusInactive, At(now)
	}
	return *at, nil
}

func (r *Registry) locateRevision(ref string) (*TaskDefinition, error) {
	_, revision, err := SplitTaskDefinition(ref)
	if err != nil {
		return nil, err
	}
	if revision == 0 {
		return nil, Fault(ClientException, "taskDefinition", "Revision is missing.")
	}
	return r.locate(ref)
}

// Delete makes an INACTIVE revision DELETE_IN_PROGRESS: it goes once nothing uses it any
// more, which the caller knows and tells by Remove. Deleting twice changes nothing.
//
// Errors: those of Deregister; ClientException for an ACTIVE revision and for one that does not
// exist, with the reasons that DeleteTaskDefinitions gives in its failures.
func (r *Registry) Delete(now time.Time, ref string) (TaskDefinition, error) {
	if _, revision, err := SplitTaskDefinition(ref); err != nil || revision == 0 {
		_, err = r.locateRevision(ref)
		return TaskDefinition{}, err
	}
	at, err := r.locate(ref)
	if err != nil {
		return TaskDefinition{}, Fault(ClientException, "taskDefinition",
			"The specified task definition does not exist. Specify a valid account, family, revision and try again.")
	}
	switch at.Status {
	case TaskDefinitionStatusActive:
		return TaskDefinition{}, Fault(ClientException, "taskDefinition",
			"The specified task definition is still in ACTIVE status. Please deregister the target and try again.")
	case TaskDefinitionStatusInactive:
		at.Status, at.DeleteRequestedAt = TaskDefinitionStatusDeleteInProgress, At(now)
	}
	return *at, nil
}

// Remove forgets a revision that is DELETE_IN_PROGRESS. Its number is not used again.
//
// Errors: those of Deregister; ClientException for another status.
func (r *Registry) Remove(ref string) error {
	at, err := r.locateRevision(ref)
	if err != nil {
		return err
	}
	if at.Status != TaskDefinitionStatusDeleteInProgress {
		return Fault(ClientException, "taskDefinition", at.TaskDefinitionArn+" is "+string(at.Status)+", not DELETE_IN_PROGRESS.")
	}
	i, _ := r.find(at.Family)
	f := &r.families[i]
	revision := at.Revision
	f.Revisions = slices.DeleteFunc(f.Revisions, func(d TaskDefinition) bool { return d.Revision == revision })
	return nil
}

// SetTags gives a revision other tags.
//
// Errors: those of Deregister.
func (r *Registry) SetTags(ref string, tags []Tag) error {
	at, err := r.locateRevision(ref)
	if err != nil {
		return err
	}
	at.Tags = slices.Clone(tags)
	return nil
}

// Families returns the names of the families that begin with prefix and have the status:
// ACTIVE with an ACTIVE revision, INACTIVE with revisions but none ACTIVE, ALL with any;
// "" is ALL. They are in alphabetical order.
//
// Source: Amazon ECS API Reference, ListTaskDefinitionFamilies.
func (r *Registry) Families(prefix string, status TaskDefinitionFamilyStatus) []string {
	var names []string
	for _, f := range r.families {
		active := slices.ContainsFunc(f.Revisions, func(d TaskDefinition) bool { return d.Status == TaskDefinitionStatusActive })
		if len(f.Revisions) == 0 || !strings.HasPrefix(f.Name, prefix) ||
			status == TaskDefinitionFamilyStatusActive && !active || status == TaskDefinitionFamilyStatusInactive && active {
			continue
		}
		names = append(names, f.Name)
	}
	return names
}

// Revisions returns the revisions of a family that are not removed, in ascending order.
func (r *Registry) Revisions(name string) []TaskDefinition {
	i, ok := r.find(name)
	if !ok {
		return nil
	}
	return slices.Clone(r.families[i].Revisions)
}

// registryState is the registry's JSON form.
type registryState struct {
	Config   RegistryConfig `json:"config"`
	Families []family       `json:"families"`
}

// MarshalJSON writes the registry's whole state; equal registries write equal bytes.
func (r *Registry) MarshalJSON() ([]byte, error) {
	return json.Marshal(registryState{Config: r.config, Families: r.families})
}

// UnmarshalJSON restores what MarshalJSON wrote.
func (r *Registry) UnmarshalJSON(data []byte) error {
	var s registryState
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	sorted := slices.IsSortedFunc(s.Families, func(a, b family) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range s.Families {
		ordered := slices.IsSortedFunc(f.Revisions, func(a, b TaskDefinition) int { return a.Revision - b.Revision })
		if !sorted || !ordered || len(f.Revisions) > 0 && f.Revisions[len(f.Revisions)-1].Revision > f.Last {
			return Fault(SerializationException, "families", "The families or revisions of "+f.Name+" are out of order.")
		}
	}
	*r = Registry{config: s.Config, families: s.Families}
	return nil
}
