// Package proxy is a load balancer for tasks that run: an HTTP reverse proxy with the rules of an Application Load
// Balancer, and a TCP forwarder with those of a Network Load Balancer.
//
// # Start here
//
// A program that runs a control plane and its load balancer in one process calls [New], [Proxy.Listen], and puts the
// [Proxy] into a driver.Runtime as its Targets and its Listeners. A program whose load balancer outlives its control
// plane runs [Serve] in a process of its own and puts a [Remote] there.
//
// # Model
//
// The plane's commands say everything: RegisterTarget carries its target group, ModifyTraffic the weights of a rule.
// Package loadbalance decides, by its own tested functions, and the proxy carries out:
//
//	Listener.Route      which action a request gets
//	Forward.Pick        which target group
//	Targets.Weights     what each target may take: healthy, slowly starting, draining, failing open
//	Algorithm.Pick      which target
//	TargetGroup.Check   what the answer to a health check changes
//	Targets.Expire      which targets have drained
//
// A request that its target loses is sent to another one where HTTP allows it: if nothing of it was sent, or if its
// method is idempotent (RFC 9110, section 9.2.2) or it has an Idempotency-Key, as long as no byte of an answer came
// and its body is still there. Bodies of up to 64 KiB are kept for that. At most three targets are tried.
//
// Everything that a command says is in a file before the command is answered. A proxy that is killed and started again
// has the same targets, in the same state, the same weights, and its listeners at the same addresses.
//
// Health checks, draining, slow start, cookies and counts go by the Clock of the configuration; connections go by
// real time.
//
// # Guarantees
//
//  1. Requests are shared as package loadbalance says: in turns (TestRoundRobin), by the weights of ModifyTraffic
//     (TestWeights), by rules (TestRules), by outstanding requests (TestLeastOutstandingRequests), by cookie
//     (TestStickiness), in slow start (TestSlowStart). No request is without an answer (FuzzRequest).
//  2. A target that drains gets no new request; what is in flight has until the end of the delay, and then gets 502
//     (TestDraining).
//  3. A request is sent twice only where HTTP allows it (TestRetry). A target on which nothing listens costs no
//     request, whatever its method (TestRefusedConnection).
//  4. 1,000 idle and 200 busy connections do not notice that every target is replaced (TestRollout).
//  5. What was acknowledged survives a kill of the process (TestRestart, TestRemote), and a late command of an older
//     epoch does nothing, in this life or the next (TestRestart).
//  6. The endpoint of Serve answers only those who can read its file (TestRemoteNeedsItsKey).
//  7. A client cannot choose a target by a cookie that it makes, nor read where a target is (TestStickiness).
//
// BENCHMARKS.md has its throughput next to that of httputil.ReverseProxy alone.
//
// # Differences from ECS
//
//   - An Application Load Balancer answers 502 where this proxy tries another target.
//   - The first health check of a target whose program does not listen yet waits for it, until its timeout.
//   - An answer of known length may wait 10 milliseconds for more of it.
//   - Listeners speak HTTP/1.1 and HTTP/2 without TLS, or TCP. HTTPS, TLS and UDP are refused; a TCP listener
//     passes TLS through.
//   - Cookies have no copies for cross-origin requests (AWSALBCORS).
//   - Not modelled: access logs, authentication actions, 464 for clients of another protocol version, weights of
//     zones, proxy protocol, and connections that end with the deregistration of a TCP target.
//   - Target groups without targets are forgotten when the process ends; a forward to one gets 503 either way.
//
// # Example
//
// See the example of [Proxy].
package proxy
