#!/bin/bash
# Breaks the load balancer, the metadata endpoints and the processes: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
proxy() { plant ecs/driver/proxy "$@"; }
proxy TestRetry flight.go 's/(unreached(err) || idempotent(f.in))/true/'
proxy TestRetry flight.go 's/r.Body = io.NopCloser(bytes.NewReader(b.whole))/r.Body = http.NoBody/'
proxy TestRetry pick.go 's/^\t\t\tg.weights\[i\] = 0$//'
proxy TestRefusedConnection flight.go 's/intact \&\& (unreached(err) || /intact \&\& (/'
proxy TestGatewayErrors forward.go 's/case timedOut(err):/case false:/'
proxy TestDraining group.go 's/^\t\t\tf.cancel(errDrained)$/\t\t\t_ = f/'
proxy TestFirstCheckWaits check.go 's/if !refused || /if !refused || refused || /'
proxy TestRoundRobin pick.go 's/^\t\tg.turn++$//'
proxy TestWeights commands.go 's/^\tp.route()$//'
proxy TestSlowStart pick.go 's/g.proxy.now())$/g.proxy.now().Add(3600e9))/'
proxy TestTargets commands.go 's/if !p.commands.Late(k) {/if true {/'
proxy TestRemoteNeedsItsKey serve.go 's/\[\]byte("Bearer "+s.key)) != 1/[]byte(r.Header.Get("Authorization"))) != 1/'
proxy TestRequestCountPerTarget counts.go 's/; r.slot == i {/; true {/'
proxy TestRequestCountPerTarget counts.go 's/if r.slot != n {/if false {/'
proxy TestRequestCountPerTarget counts.go 's/; at+n <= last; /; at <= last; /'
proxy TestTCP tcp.go 's/_ = half.CloseWrite() .*$/_, _ = half, to.Close()/'
proxy FuzzRequest answer.go 's/r.URL.EscapedPath()/r.URL.Path/'
metadata() { plant ecs/driver/metadata "$@"; }
metadata TestContainerFindsItself metadata.go 's/s.mac("container", c.TaskArn, /s.mac("container", /'
metadata TestInstanceMetadata instance.go 's/if !s.valid(given) \&\& /if false \&\& /'
metadata TestInstanceMetadata instance.go 's/return s.config.Clock.Now().Unix() < .*$/return true/'
metadata TestInstanceMetadata instance.go 's/case hops > limit:/case hops > limit+9:/'
metadata TestInstanceMetadata instance.go 's/if s.config.Instance.BlockAwsvpc \&\& /if false \&\& /'
metadata TestRestart metadata.go 's/^\ts.secret = k.Secret$/&\n\t_, _ = rand.Read(s.secret)/'
metadata TestStoppedTaskIsForgotten metadata.go 's/delete(s.known, s.id(t.Command, i))$/_ = i/'
metadata TestBrowsersAreRefused metadata.go 's/ || r.Header.Get("Origin") != "" {/ {/'
process() { plant ecs/driver/process "$@"; }
process TestConfig config.go 's/if !filepath.IsAbs(p.Path) {/if false {/'
process TestEnvironment environment.go 's/strconv.Itoa(p.container)\] = strconv.Itoa(p.host)/strconv.Itoa(p.container)] = strconv.Itoa(p.container)/'
process TestLogs logs.go 's/r.config.LogSize, r.config.Logs)/r.config.LogSize, r.config.Logs+1)/'
TESTED=ecs/driver/process plant ecs/driver/internal/allowed TestRefusals allowed.go 's/real, err := filepath.EvalSymlinks(path)/real, err := path, error(nil)/'
