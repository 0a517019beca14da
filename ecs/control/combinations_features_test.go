package control_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// features are what a service can be at once: a value in each dimension. Those of a service with
// the deployment controller EXTERNAL are those of its task sets.
var features = []struct {
	dimension string
	values    []string
}{
	{"default", []string{"none", "fargate", "spot", "managed", "plain"}}, // strategy of its cluster
	{"scheduling", []string{"REPLICA", "DAEMON"}},
	// a launch type, or a strategy
	{"launch", []string{"EC2", "FARGATE", "on-fargate", "on-spot", "on-managed", "on-plain"}},
	{"mode", []string{"bridge", "host", "none", "awsvpc"}},
	{"controller", []string{"ECS", "CODE_DEPLOY", "EXTERNAL"}},
	{"strategy", []string{"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"}},
	{"percents", []string{"default", "0-100", "50-100", "50-150"}},
	{"balancers", []string{"none", "one", "two", "classic", "shifting"}},
	{"sets", []string{"none", "one", "two"}},
	{"scaling", []string{"none", "tracking", "steps", "scheduled"}},
	{"discovery", []string{"none", "registry"}},
	{"breaker", []string{"off", "on"}},
	{"rebalancing", []string{"DISABLED", "ENABLED"}},
	{"placement", []string{"none", "spread", "binpack", "distinct"}},
	{"protected", []string{"no", "yes"}},
	{"switched", []string{"no", "launch", "mode", "strategy", "balancers", "percents"}}, // while it ran
}

// feature is a value of a dimension, "mode=bridge".
type feature string

func as(dimension, value string) feature { return feature(dimension + "=" + value) }

func (f feature) dimension() string { return string(f[:strings.IndexByte(string(f), '=')]) }

// pair is two features of one service, in the order of features.
type pair [2]feature

// forbidden lists what AWS does not allow at once: any of the first with any of the second.
var forbidden = []struct{ one, other, why string }{
	{"scheduling=DAEMON", "launch=FARGATE launch=on-fargate launch=on-spot launch=on-managed launch=on-plain",
		"a daemon has the launch type EC2"},
	{"scheduling=DAEMON", "controller=CODE_DEPLOY controller=EXTERNAL", "DAEMON goes with the ECS controller only"},
	{"scheduling=DAEMON", "sets=one sets=two", "task sets go with the EXTERNAL controller only"},
	{"scheduling=DAEMON", "placement=spread placement=binpack", "a daemon takes no placement strategies"},
	{"scheduling=DAEMON", "scaling=tracking scaling=steps scaling=scheduled", "a daemon has no desired count"},
	{"scheduling=DAEMON", "rebalancing=ENABLED", "daemons are not rebalanced"},
	{"scheduling=DAEMON", "percents=50-150", "the maximumPercent of a daemon is 100"},
	{"scheduling=DAEMON", "percents=0-100", "that is what a daemon has by default"},
	{"scheduling=DAEMON", "switched=launch", "a daemon stays on the launch type EC2"},
	{"launch=FARGATE launch=on-fargate launch=on-spot", "mode=bridge mode=host mode=none",
		"Fargate's network mode is awsvpc"},
	{"launch=FARGATE launch=on-fargate launch=on-spot", "placement=spread placement=binpack placement=distinct",
		"Fargate places tasks by itself"},
	{"launch=FARGATE launch=on-fargate launch=on-spot", "balancers=classic",
		"a Classic Load Balancer does not go with awsvpc"},
	{"launch=FARGATE launch=on-fargate launch=on-spot", "switched=mode",
		"on Fargate the network mode was awsvpc before"},
	{"mode=awsvpc", "balancers=classic", "a Classic Load Balancer does not go with awsvpc"},
	{"mode=none", "balancers=one balancers=two balancers=classic balancers=shifting",
		"containers without a network have no ports"},
	{"mode=none", "discovery=registry", "containers without a network have no ports"},
	{"mode=none", "switched=balancers", "containers without a network had none before"},
	{"controller=CODE_DEPLOY controller=EXTERNAL", "strategy=BLUE_GREEN strategy=LINEAR strategy=CANARY",
		"the strategy is the ECS controller's"},
	{"controller=CODE_DEPLOY controller=EXTERNAL", "breaker=on", "the circuit breaker is the ECS controller's"},
	{"controller=CODE_DEPLOY controller=EXTERNAL", "balancers=two balancers=classic balancers=shifting",
		"other controllers know one target group"},
	{"controller=CODE_DEPLOY", "balancers=none", "CODE_DEPLOY wants a target group"},
	{"controller=CODE_DEPLOY", "mode=none", "CODE_DEPLOY wants a target group, and that a port"},
	{"controller=CODE_DEPLOY controller=EXTERNAL", "switched=launch switched=mode switched=balancers switched=strategy",
		"who owns the deployments changes that"},
	{"controller=CODE_DEPLOY controller=EXTERNAL", "percents=0-100 percents=50-100 percents=50-150 switched=percents",
		"other controllers have the default percents"},
	{"sets=one sets=two", "percents=0-100 percents=50-100 percents=50-150",
		"other controllers have the default percents"},
	{"controller=ECS controller=CODE_DEPLOY", "sets=one sets=two", "task sets go with the EXTERNAL controller only"},
	{"sets=one sets=two",
		"strategy=BLUE_GREEN strategy=LINEAR strategy=CANARY breaker=on balancers=two balancers=classic " +
			"balancers=shifting", "task sets go with the EXTERNAL controller only"},
	{"sets=one sets=two", "switched=launch switched=mode switched=strategy switched=balancers switched=percents",
		"who owns the deployments changes that"},
	{"strategy=BLUE_GREEN strategy=LINEAR strategy=CANARY", "balancers=one balancers=two balancers=classic",
		"a shift of traffic needs a second target group"},
	{"balancers=classic", "discovery=registry", "service discovery does not go with a Classic Load Balancer"},
	{"balancers=classic", "rebalancing=ENABLED", "a Classic Load Balancer rules rebalancing out"},
	{"rebalancing=ENABLED", "percents=0-100 percents=50-100", "a maximumPercent of 100 rules rebalancing out"},
	{"rebalancing=ENABLED", "placement=binpack", "rebalancing wants a spread over zones first"},
}

// reasons is forbidden by pair.
var reasons = func() map[pair]string {
	m := map[pair]string{}
	for _, f := range forbidden {
		for _, a := range strings.Fields(f.one) {
			for _, b := range strings.Fields(f.other) {
				if f.why != "" {
					m[ordered(feature(a), feature(b))] = f.why
				}
			}
		}
	}
	return m
}()

func dimensionOf(f feature) int {
	for i, d := range features {
		if d.dimension == f.dimension() {
			return i
		}
	}
	panic("no dimension of " + f)
}

func ordered(a, b feature) pair {
	if dimensionOf(a) > dimensionOf(b) {
		a, b = b, a
	}
	return pair{a, b}
}

// allowedPairs lists the pairs that AWS allows.
func allowedPairs() []pair {
	var list []pair
	for i, a := range features {
		for _, b := range features[i+1:] {
			for _, x := range a.values {
				for _, y := range b.values {
					if p := (pair{as(a.dimension, x), as(b.dimension, y)}); reasons[p] == "" {
						list = append(list, p)
					}
				}
			}
		}
	}
	return list
}

// spec is what a service is to be, by dimension.
type spec map[string]string

func (s spec) list() []feature {
	var list []feature
	for _, d := range features {
		if v, ok := s[d.dimension]; ok {
			list = append(list, as(d.dimension, v))
		}
	}
	return list
}

// pairs calls f with each pair of the features.
func pairsOf(list []feature, f func(pair)) {
	for i, a := range list {
		for _, b := range list[i+1:] {
			f(pair{a, b})
		}
	}
}

// breaks returns a pair of the spec that AWS does not allow.
func (s spec) breaks() (p pair, why string) {
	pairsOf(s.list(), func(q pair) {
		if r := reasons[q]; r != "" && why == "" {
			p, why = q, r
		}
	})
	return p, why
}

// drawSpec draws what a service is to be around what is fixed: what AWS does not allow is drawn
// again. False where nothing goes with what is fixed.
func drawSpec(r *rand.Rand, fixed ...feature) (spec, bool) {
	s := spec{}
	for _, d := range features {
		s[d.dimension] = d.values[0]
		if r.IntN(3) > 0 {
			s[d.dimension] = d.values[r.IntN(len(d.values))]
		}
	}
	pinned := make([]string, 0, len(fixed))
	for _, f := range fixed {
		s[f.dimension()] = string(f[len(f.dimension())+1:])
		pinned = append(pinned, f.dimension())
	}
	for range 2000 {
		p, why := s.breaks()
		if why == "" {
			return s, true
		}
		var free []feature
		for _, f := range p {
			if !slices.Contains(pinned, f.dimension()) {
				free = append(free, f)
			}
		}
		if len(free) == 0 {
			return s, false
		}
		d := features[dimensionOf(free[r.IntN(len(free))])]
		s[d.dimension] = d.values[r.IntN(len(d.values))]
	}
	return s, false
}
