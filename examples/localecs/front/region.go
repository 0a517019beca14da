package front

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// region is the world of one Region.
type region struct {
	config Config     // of the server, but Region, Zones and Journal are this Region's
	turn   sync.Mutex // whose turn it is to write to the journal; taken before mu
	mu     sync.Mutex
	world  lent       // as calls see it; of a live one only while it is lent
	sim    *sim.World // the same; nil in front of a live one
	live   World      // nil: the world is simulated
	caller string     // the access key ID of the call that has a live one
	store  *store     // nil without a journal
	last   time.Time  // real time up to which virtual time has run
	kept   kept
	deeds  uint64 // of the Auto Scaling groups when they were last made durable
}

// open makes the world, at a time: that which the journal has, or a fresh one with its instances.
func (s *region) open(start time.Time) error {
	subnets := map[string]string{}
	for i, zone := range s.config.Zones {
		subnets["subnet-"+zone] = zone
		subnets[fmt.Sprintf("subnet-%08x", i+1)] = zone
	}
	s.last = s.config.Now().Truncate(resolution)
	fresh, err := s.begin(sim.Config{Seed: s.config.Seed, Start: start.Truncate(resolution),
		Plane: control.Config{Region: s.config.Region, Account: s.config.Account, ZoneOfSubnet: subnets,
			Location: time.LoadLocation, OwnLoadBalancers: true, ClusterMetrics: true,
			Explain: s.config.Explain, LaunchRates: control.QuotaLaunchRates()}})
	if err != nil || !fresh || s.config.Instances == 0 {
		return err
	}
	for _, t := range sim.InstanceTypes() {
		if t.Name != s.config.InstanceType {
			continue
		}
		fleet := make([]ecs.ContainerInstance, s.config.Instances)
		for i := range fleet {
			fleet[i] = t.ContainerInstance(s.config.Zones[i%len(s.config.Zones)])
		}
		_, err := s.sim.AddFleet("default", fleet)
		return err
	}
	var known []string
	for _, t := range sim.InstanceTypes() {
		known = append(known, t.Name)
	}
	return fmt.Errorf("front: instance type %s is not one of %s", s.config.InstanceType, strings.Join(known, ", "))
}

// resolution is that of the times that AWS answers.
const resolution = time.Millisecond

// catchUp lets virtual time run as far as real time has.
func (s *region) catchUp() {
	if s.config.Manual {
		return
	}
	passed := float64(s.config.Now().Sub(s.last)) * s.config.Speed
	if by := time.Duration(passed).Truncate(resolution); by > 0 {
		s.sim.Advance(by)
		s.last = s.last.Add(time.Duration(float64(by) / s.config.Speed)) // the rest counts next time
	}
}

// carryOut carries a call out; its answer may be given after the store's commit.
func (s *region) carryOut(c call, describes bool) (any, *store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(); err != nil {
		return nil, nil, err
	}
	s.catchUp()
	if s.config.AdvanceOnPoll && describes {
		out, err := s.poll(c)
		return out, s.store, err
	}
	out, err := c(s)
	if err == nil {
		err = s.keepScaled()
	}
	return out, s.store, err
}
