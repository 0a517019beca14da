// Package bayplan is the overview of a module: the scheduling core of Amazon ECS, without Amazon, as a
// library of pure Go packages. This package only has the overview.
//
// In a ship's bay plan every container has its slot. These packages decide what the control plane
// of ECS decides: which container instance a task goes to, what state it is in and what comes
// next, which host port it gets, when a load balancer may send it traffic, how a new revision
// rolls out and when it is rolled back, how many tasks there should be. They speak ECS's own words
// and AWS's JSON. A runtime carries their decisions out: one that you bring, such as a container engine or
// agents on other machines, or one that comes with the module, processes or a simulated world.
//
// # Start here
//
// To validate, begin with ecs.ParseTaskDefinition; to explain a placement, with placement.Explain; to
// simulate, with sim.New or a sim.Script; to run a control plane of your own, with driver.New, to which
// agent.New, process.New and proxy.New are a runtime. Each package's documentation begins with this heading.
//
// # Model
//
// A functional core in an imperative shell. Time, randomness and everything that happens in the
// world come in as arguments; what is to be done goes out as values. A program may begin at any
// of five levels, and does not need those further down this list:
//
//	a value      ecs.TaskDefinition                        read, normalized, validated
//	a function   placement.Place, scheduler.Reconcile      one decision
//	an index     placement.Index                           millions of decisions
//	a machine    control.Plane                             a Region's control plane, to step through
//	a loop       driver.Loop                               that machine, at work on your runtime
//
// # Map
//
//	ecs                      the domain as values: task definitions, services, container instances,
//	                         tasks, their JSON, defaults and rules; errors by code and field
//	ecs/agentconfig          what a container agent is told: configuration, user data, credentials
//	ecs/api                  the requests and answers of the ECS API, and their rules
//	ecs/iam                  IAM policies: who may do what to which resource, and why not
//	ecs/image                references to container images, and those of Amazon ECR
//	ecs/registry             the revisions of task definitions
//	ecs/query                the cluster query language: attribute:ecs.instance-type =~ c5.*
//	placement                constraints and strategies: where a task goes, and why
//	lifecycle                the states of a task, PROVISIONING to DELETED, and of its containers
//	loadbalance              host ports, targets, health, draining, traffic weights
//	loadbalance/elbv2        Elastic Load Balancing v2: requests, answers and their rules
//	loadbalance/elb          the same of Classic Load Balancers
//	autoscale                scaling policies, schedules, replays, arithmetic of capacity providers
//	autoscale/cloudwatch     alarms, statistics, metric math
//	autoscale/group          EC2 Auto Scaling groups: where instances start and which end
//	autoscale/groups         EC2 Auto Scaling as a machine: groups, hooks, policies, activities
//	ecs/scheduler            what a service needs next: replica, daemon, deployments, circuit breaker
//	ecs/feasible             whether a deployment can end, and what blocks it
//	ecs/codedeploy           AWS CodeDeploy: inputs, answers, AppSpec
//	ecs/servicediscovery     AWS Cloud Map: inputs, answers and their rules
//	ecs/message              the words between plane and world: commands, events, changes
//	ecs/control              all of these as one deterministic machine
//	ecs/driver               what a runtime implements, and the loop that drives the machine
//	ecs/driver/journal       a durable journal in files
//	ecs/driver/drivertest    tests for runtimes
//	ecs/driver/agent         an agent on top of a container runtime
//	ecs/driver/process       containers as processes of the operating system
//	ecs/driver/loopback      an address of its own for each awsvpc task of this host
//	ecs/driver/proxy         a load balancer: HTTP reverse proxy and TCP forwarder
//	ecs/driver/metadata      what containers ask: who they are, their credentials, their instance
//	ecs/sim                  a seeded world in virtual time: faults, scripts, golden timelines
//	ecs/ecstest              generators of domain values for property tests
//
// placement, lifecycle, loadbalance and autoscale know nothing of each other; ecs/scheduler and
// ecs/control, though their path is longer, stand above them. Packages that are still thinner than ECS say so
// in their own documentation, under Differences from ECS.
//
// # Guarantees
//
//  1. No package but ecs/driver, ecs/sim and those below them starts a goroutine, reads a clock,
//     draws a random number without a seed, does input or output, or keeps a variable that changes
//     (internal/purity, TestPure).
//  2. The same inputs give the same outputs, byte for byte, in every process and on every
//     architecture: map order has no effect and float products are rounded explicitly
//     (internal/purity, TestPure; TestLaws of ecs/control).
//  3. Arguments are never changed; only a pointer receiver changes, and a call that is refused
//     changes nothing (internal/purity, TestPure; TestLaws of each package).
//  4. A production build links this module and the standard library, nothing else
//     (internal/purity, TestHouse).
//  5. Every refusal names an AWS exception, the path of the field and the numbers that decided;
//     all faults of an input are reported at once (TestLaws of ecs).
//
// # Glossary
//
// ECS's words, and what other systems call the same thing or the nearest to it. A dash means that no
// word is close.
//
//	Amazon ECS              Kubernetes                  Nomad                     Borg
//	----------------------  --------------------------  ------------------------  ------------------
//	cluster                 cluster                     region, datacenter        cell
//	control plane           API server, scheduler,      server                    Borgmaster
//	                        controllers
//	agent                   kubelet                     client                    Borglet
//	container instance      node                        node                      machine
//	attribute               node label                  node attribute, metadata  machine attribute
//	task definition         pod template                job specification         job configuration
//	revision                ReplicaSet                  job version               -
//	task                    pod                         allocation                alloc, task
//	container               container                   task                      process of a task
//	essential container     -                           leader task (nearest)     -
//	dependsOn               init and sidecar            lifecycle (prestart,      -
//	                        containers                  poststart)
//	stopTimeout             terminationGracePeriod-     kill_timeout              notice before the
//	                        Seconds                                               kill
//	task group              labels of the owner         job, task group           job
//	service, REPLICA        Deployment                  service job               job
//	service, DAEMON         DaemonSet                   system job                -
//	task of RunTask         bare pod, Job               batch job                 batch job
//	desired count           replicas                    count                     task count
//	placement constraint    node affinity               constraint                hard constraint
//	distinctInstance        pod anti-affinity by host   distinct_hosts            -
//	spread strategy         topology spread             spread                    spread over failure
//	                        constraints                                           domains
//	binpack strategy        MostAllocated scoring       binpack algorithm         best fit
//	deployment              rollout                     deployment                rolling update
//	minimumHealthyPercent   maxUnavailable              max_parallel (nearest)    -
//	maximumPercent          maxSurge                    canary count (nearest)    -
//	circuit breaker         progressDeadlineSeconds     progress_deadline,        -
//	                        (no rollback)               auto_revert
//	bake time               minReadySeconds (nearest)   min_healthy_time          -
//	                                                    (nearest)
//	target group            Service, EndpointSlice      service registration      BNS name
//	dynamic host port       - (a pod has an address)    dynamic port              allocated port
//	deregistration delay    preStop hook (nearest)      shutdown_delay            -
//	health check grace      startup probe               - (check_restart grace)   -
//	period
//	service auto scaling    HorizontalPodAutoscaler     scaling policy            Autopilot
//	capacity provider       cluster autoscaler,         cluster scaling policy    -
//	                        NodePool of Karpenter
//	scale-in protection     pod-deletion-cost           -                         -
//	                        (nearest)
//	DRAINING instance       cordon and drain            node drain                machine drain
//
// # Differences from ECS
//
// AWS documents what its control plane promises, not each choice it makes: which of two equal
// instances wins, which free port is taken, which task goes first on scale-in. Where the
// documentation is silent, these packages choose, always the same way, and each lists its choices
// under this heading.
//
// # Example
//
// The examples of this package validate, explain and simulate. These programs do the same for your
// documents and clients; README.md has more:
//
//	go run ./examples/quickstart task-definition.json    a service, second by second
//	go run ./examples/whatif -task-definition …          would it fit, would its rollout end
//	go run ./examples/localecs                           the ECS API for AWS's own clients
//	go run ./examples/datacenter                         a million placements, measured; with -tasks, a durable plane
package bayplan
