package groups

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// The errors of EC2 Auto Scaling, by the codes of its model.
const (
	ValidationError           ecs.Code = "ValidationError"
	AlreadyExists             ecs.Code = "AlreadyExists"
	LimitExceeded             ecs.Code = "LimitExceeded"
	ResourceInUse             ecs.Code = "ResourceInUse"
	ScalingActivityInProgress ecs.Code = "ScalingActivityInProgress"
	InvalidNextToken          ecs.Code = "InvalidNextToken"
)

// Config is where a Service is, and what it may launch.
type Config struct {
	Seed          uint64 // of the IDs
	Region        string
	Account       string
	Zones         []string          // Availability Zones of the Region
	ZoneOfSubnet  map[string]string // for VPCZoneIdentifier
	InstanceTypes []string          // that launch templates may name
	// Location returns the time zone of a name; nil: only UTC is known.
	Location func(name string) (*time.Location, error)
	// LookAgain is after how long a group that could not end all surplus instances tries again; 0: a minute.
	LookAgain time.Duration
}

// World is what a Service acts on. It is called at once, and must not call the Service back.
type World interface {
	// RunInstance starts an instance and returns its ID, which no other instance has or had.
	RunInstance(l Launch) (instanceID string, err error)
	// TerminateInstance ends an instance.
	TerminateInstance(instanceID string)
	// DrainInstance makes ECS drain the container instance on an instance that is to end.
	DrainInstance(instanceID string)
	// Managed returns how ECS manages a group; false: it does not.
	Managed(groupName, groupARN string) (Management, bool)
	// Tasks returns how many tasks run on an instance, and how many of them are of daemons.
	Tasks(instanceID string) (tasks, daemons int)
	// Metric returns the average of a metric over the last minute, and whether there is one.
	Metric(m Metric) (value float64, ok bool)
}

// Launch is an instance to start.
type Launch struct {
	AutoScalingGroupName string
	AvailabilityZone     string
	InstanceType         string
	ImageID              string
	UserData             string // in Base64
	Spot                 bool
	Tags                 []Tag // those of the group that are propagated, in order of key
}

// Service is EC2 Auto Scaling of one Region. It is deterministic, and not safe for concurrent use.
// The times that its methods take never go back.
type Service struct {
	config Config
	world  World
	state  state
}

// state is all that a Service keeps.
type state struct {
	IDs            uint64                 `json:"ids,omitzero"`
	Groups         []*record              `json:"groups,omitzero"` // in order of name
	Configurations []*LaunchConfiguration `json:"launchConfigurations,omitzero"`
	Deleted        []*Activity            `json:"deleted,omitzero"` // of groups that are deleted, oldest first
}

// record is a group with what surrounds it.
type record struct {
	Group      group.AutoScalingGroup `json:"group"`
	Settings   Settings               `json:"settings"` // the newest that were given, for what is only shown
	ARN        string                 `json:"arn"`
	Created    ecs.Instant            `json:"created"`
	Kinds      []kind                 `json:"kinds,omitzero"` // what is launched, in turn
	Turn       int                    `json:"turn,omitzero"`
	Members    map[string]*member     `json:"members,omitzero"` // by instance ID
	Hooks      []Hook                 `json:"hooks,omitzero"`   // in order of name
	Actions    []*action              `json:"actions,omitzero"` // in order of name
	Policies   []*policy              `json:"policies,omitzero"`
	Activities []*Activity            `json:"activities,omitzero"` // oldest first
	Suspended  []suspension           `json:"suspended,omitzero"`
	Tags       []Tag                  `json:"tags,omitzero"`     // in order of key
	Cause      string                 `json:"cause,omitzero"`    // of the newest change of the desired capacity
	Settled    ecs.Instant            `json:"settled,omitzero"`  // when a simple policy's last activity ended
	Look       ecs.Instant            `json:"look,omitzero"`     // when to settle again, whatever happens
	Evaluate   ecs.Instant            `json:"evaluate,omitzero"` // when policies next decide
	Managed    Management             `json:"managed,omitzero"`
	Wanted     ecs.Opt[int]           `json:"wanted,omitzero"` // by managed scaling, whatever the bounds
	Kept       bool                   `json:"kept,omitzero"`   // all that are too many are protected, and it was said
}

// member is what is known of an instance besides its group's view of it.
type member struct {
	Kind       kind        `json:"kind"`
	Activity   string      `json:"activity,omitzero"` // of its launch or its end, while that goes on
	Waits      []wait      `json:"waits,omitzero"`
	Rebalances bool        `json:"rebalances,omitzero"` // it comes in place of one in a larger zone
	InService  ecs.Instant `json:"inService,omitzero"`
	Polled     ecs.Instant `json:"polled,omitzero"` // when it was last looked at while it drains
}

// New returns a Service without groups.
func New(config Config, world World) *Service {
	config.Zones, config.InstanceTypes = slices.Clone(config.Zones), slices.Clone(config.InstanceTypes)
	config.ZoneOfSubnet = maps.Clone(config.ZoneOfSubnet)
	if config.LookAgain == 0 {
		config.LookAgain = time.Minute
	}
	return &Service{config: config, world: world}
}

// fault is an error of one fault.
func fault(code ecs.Code, field, format string, args ...any) error {
	return ecs.ErrorList{ecs.Fault(code, field, fmt.Sprintf(format, args...))}
}

// sentence is what an error says.
func sentence(err error) string {
	for e := range ecs.Errors(err) {
		return e.Message
	}
	return err.Error()
}

// find returns the group of a name or an ARN.
func (s *Service) find(name string) (*record, error) {
	name = NameOf(name)
	if at, ok := s.place(name); ok {
		return s.state.Groups[at], nil
	}
	return nil, fault(ValidationError, "AutoScalingGroupName",
		"AutoScalingGroup name not found - AutoScalingGroup '%s' not found", name)
}

// place returns where the group of a name is, or belongs.
func (s *Service) place(name string) (int, bool) {
	return slices.BinarySearchFunc(s.state.Groups, name,
		func(r *record, name string) int { return strings.Compare(r.Group.AutoScalingGroupName, name) })
}

// of returns the group of an instance; nil: no group has it.
func (s *Service) of(instanceID string) (*record, *member) {
	for _, r := range s.state.Groups {
		if m, ok := r.Members[instanceID]; ok {
			return r, m
		}
	}
	return nil, nil
}

// instance returns the group's view of an instance that it has.
func (r *record) instance(id string) group.Instance {
	at := slices.IndexFunc(r.Group.Instances, func(i group.Instance) bool { return i.InstanceID == id })
	if at < 0 {
		return group.Instance{}
	}
	return r.Group.Instances[at]
}

// enter moves an instance of the group to another state of its life, which must be able to follow.
func (r *record) enter(id string, states ...group.LifecycleState) error {
	for _, to := range states {
		next, err := r.Group.Enter(id, to)
		if err != nil {
			return err
		}
		r.Group = next
	}
	return nil
}

// uuid returns the next ID in UUID form. The same Service gives the same IDs, and no two are equal.
func (s *Service) uuid() string {
	s.state.IDs++
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%d", s.config.Region, s.config.Account, s.config.Seed)
	high := mix(h.Sum64() ^ mix(s.state.IDs))
	d := fmt.Sprintf("%016x%016x", high, mix(high^s.state.IDs))
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:]
}

// mix is the finalizer of SplitMix64: a bijection on 64-bit words.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// arn returns the ARN of a kind of thing of EC2 Auto Scaling.
func (s *Service) arn(kind, rest string) string {
	return "arn:aws:autoscaling:" + s.config.Region + ":" + s.config.Account + ":" + kind + ":" + s.uuid() + ":" + rest
}

// usual is how many a page of most lists has where its size is absent.
// Source: Amazon EC2 Auto Scaling API Reference, MaxRecords of each action.
const usual = 50

// page returns a page of a list, which begins after the name in token, and the token of the next page. absent is how
// many a page has where size is absent, and most how many it has at most.
func page[T any](
	list []T, name func(T) string, token string, size ecs.Opt[int], absent, most int,
) ([]T, string, error) {
	n := size.Or(absent)
	if n < 1 || n > most {
		return nil, "", fault(ValidationError, "MaxRecords", "MaxRecords must be from 1 to %d, got %d.", most, n)
	}
	if token != "" {
		at := slices.IndexFunc(list, func(v T) bool { return name(v) == token })
		if at < 0 {
			return nil, "", fault(InvalidNextToken, "NextToken", "The NextToken %q is not one of this list.", token)
		}
		list = list[at+1:]
	}
	if len(list) <= n {
		return list, "", nil
	}
	return list[:n], name(list[n-1]), nil
}
