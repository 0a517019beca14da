package lifecycle

// The rules of the two machines are data: a move goes from one status to another when the
// conditions it needs hold and those it forbids do not. The first move of a row that may be made
// is made.

// condition is what moves depend on, a bit each.
type condition uint32

// Conditions of a task.
const (
	stopWanted    condition = 1 << iota // desired status STOPPED
	provisioned                         // placed, and everything to attach is attached
	pulling                             // pulls show as ACTIVATING, and one has begun
	launched                            // every container runs, or is not essential and stopped
	hasActivation                       // the task has target groups or service discovery
	activated                           // it is registered with all of them
	targetsHeld                         // a target group has, or may have, the task
	live                                // a container runs, or may
	attachments                         // a network interface or volume is, or may be, attached
	expired                             // STOPPED for an hour
)

type move struct {
	to        Status
	need, not condition
}

// work is what is seen to while a task is in a status.
type work uint16

const (
	attach     work = 1 << iota // AttachENI, AttachVolume
	containers                  // the container machine, or StartTask and StopTask
	register                    // RegisterTarget, RegisterDiscovery
	deregister                  // DeregisterTarget
	undiscover                  // DeregisterDiscovery
	release                     // ReleaseResources
	detach                      // DetachENI, DetachVolume
	stops                       // containers are wanted STOPPED
)

// Conditions of a container.
type containerCondition uint16

const (
	unwanted containerCondition = 1 << iota // wanted STOPPED
	mayPull                                 // what it depends on allows the pull
	open                                    // what it depends on allows creation and start
	broken                                  // what it depends on can never be had
	last                                    // everything that depends on it is STOPPED
	due                                     // its deadline has passed
)

type containerMove struct {
	to   ContainerStatus
	need containerCondition
}

// What an event does in a status, a letter each.
const (
	acts    = '*' // it may change something
	late    = '.' // it comes too late, or says nothing new: absorbed
	refused = '!' // it cannot belong here
)

// dependencyKind is why one container waits for another.
type dependencyKind uint8

const (
	dependsStart    dependencyKind = iota // dependsOn START, links, a FireLens log router
	dependsComplete                       // dependsOn COMPLETE
	dependsSuccess                        // dependsOn SUCCESS
	dependsHealthy                        // dependsOn HEALTHY
	dependsCreate                         // volumesFrom
	numDependencies = int(dependsCreate) + 1
)

// Conditions of a container that another waits for.
type dependencyCondition uint8

const (
	wasCreated dependencyCondition = 1 << iota // created, now or before
	wasStarted                                 // started, now or before
	isHealthy                                  // runs and is HEALTHY
	isStopped                                  // over, whether it ran or not
	hasExited                                  // stopped with a known exit code
	exitedZero                                 // stopped with exit code 0
)

// gate is when a kind of dependency lets the dependent go on, when it never will, whether
// startTimeout limits the wait, and whether the dependent must stop first.
type gate struct {
	open                  dependencyCondition
	brokenNeed, brokenNot dependencyCondition
	timed, reversed       bool
}

type rules struct {
	moves          [numStatuses][]move
	work           [numStatuses]work
	events         [numEvents]string // a letter for each task status
	containerMoves [numContainerStatuses][]containerMove
	answers        [numEvents - int(firstAnswer)]answer
	gates          [numDependencies]gate
}

// firstAnswer is the first event about a container.
const firstAnswer = EventPullStarted

// answer is what an event about a container does: a letter for each container status where
// containers are run here, and where an agent reports them.
type answer struct {
	here, reported string
	to             ContainerStatus
}

// standard is ECS's rules. Sources: Amazon ECS Developer Guide, "Amazon ECS task lifecycle",
// "Container dependency" and "Amazon ECS container agent"; Amazon ECS API Reference, Task.
var standard = rules{
	moves: [numStatuses][]move{
		StatusProvisioning: {
			{StatusPending, provisioned, stopWanted},
			{StatusDeprovisioning, stopWanted | attachments, 0},
			{StatusStopped, stopWanted, attachments},
		},
		StatusPending: {
			{StatusActivating, pulling, stopWanted},
			{StatusActivating, launched | hasActivation, stopWanted},
			{StatusRunning, launched, stopWanted | hasActivation | pulling},
			{StatusStopping, stopWanted | live, 0},
			{StatusDeprovisioning, stopWanted | attachments, live},
			{StatusStopped, stopWanted, live | attachments},
		},
		StatusActivating: {
			{StatusRunning, launched | activated, stopWanted},
			{StatusDeactivating, stopWanted | targetsHeld, 0},
			{StatusStopping, stopWanted | live, targetsHeld},
			{StatusDeprovisioning, stopWanted | attachments, targetsHeld | live},
			{StatusStopped, stopWanted, targetsHeld | live | attachments},
		},
		StatusRunning: {
			{StatusDeactivating, stopWanted | targetsHeld, 0},
			{StatusStopping, stopWanted | live, targetsHeld},
			{StatusDeprovisioning, stopWanted | attachments, targetsHeld | live},
			{StatusStopped, stopWanted, targetsHeld | live | attachments},
		},
		StatusDeactivating: {
			{StatusStopping, live, targetsHeld},
			{StatusDeprovisioning, attachments, targetsHeld | live},
			{StatusStopped, 0, targetsHeld | live | attachments},
		},
		StatusStopping: {
			{StatusDeprovisioning, attachments, live},
			{StatusStopped, 0, live | attachments},
		},
		StatusDeprovisioning: {
			{StatusStopped, 0, attachments},
		},
		StatusStopped: {
			{StatusDeleted, expired, 0},
		},
	},
	work: [numStatuses]work{
		StatusProvisioning:   attach,
		StatusPending:        containers,
		StatusActivating:     containers | register,
		StatusRunning:        containers,
		StatusDeactivating:   containers | deregister | undiscover | release,
		StatusStopping:       containers | stops | undiscover,
		StatusDeprovisioning: containers | stops | undiscover | release | detach,
		StatusStopped:        containers | stops | undiscover | release,
	},
	events: [numEvents]string{
		//                        PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING
		//                        STOPPED DELETED
		EventTick:                ".*****.*.",
		EventPlaced:              "**.......",
		EventENIAttached:         "*........",
		EventENIFailed:           "*........",
		EventENIDetached:         "!!!!!!*..",
		EventVolumeAttached:      "*........",
		EventVolumeFailed:        "*........",
		EventVolumeDetached:      "!!!!!!*..",
		EventTargetRegistered:    "!!*......",
		EventTargetDeregistered:  "!!!!*....",
		EventDiscoveryRegistered: "!!*......",
		EventStopRequested:       "****.....",
		EventScaledIn:            "****.....",
		EventSpotNotice:          "*****....",
		EventInstanceLost:        "******...",
		EventTaskStopped:         "!*****...",
		EventAgentConnected:      "*******..",
		EventAgentDisconnected:   "*******..",
		EventProtectionEnabled:   "!!!*!!!!!",
		EventProtectionDisabled:  "!!!*!!!!!",
		EventPullStarted:         "!**......",
		EventPulled:              "!**......",
		EventPullFailed:          "!**..*...",
		EventContainerCreated:    "!**......",
		EventContainerFailed:     "!*****...",
		EventContainerStarted:    "!*****...",
		EventContainerExited:     "!*****...",
		EventContainerHealth:     "!****....",
		EventHealthChecked:       "!****....",
	},
	containerMoves: [numContainerStatuses][]containerMove{
		ContainerStatusPending: {
			{ContainerStatusStopped, unwanted},
			{ContainerStatusStopped, broken},
			{ContainerStatusPulling, mayPull},
		},
		ContainerStatusPulling: {{ContainerStatusStopped, unwanted}},
		ContainerStatusPulled: {
			{ContainerStatusStopped, unwanted},
			{ContainerStatusStopped, broken},
			{ContainerStatusCreating, open},
		},
		ContainerStatusCreating: {{ContainerStatusStopped, unwanted}},
		ContainerStatusCreated: {
			{ContainerStatusStopped, unwanted},
			{ContainerStatusStopped, broken},
			{ContainerStatusStarting, open},
		},
		ContainerStatusRunning:  {{ContainerStatusStopping, unwanted | last}},
		ContainerStatusStopping: {{ContainerStatusKilling, due}},
	},
	answers: [...]answer{
		//                                           PENDING PULLING PULLED CREATING CREATED STARTING RUNNING
		//                                           RESTARTING STOPPING KILLING STOPPED
		EventPullStarted - firstAnswer:      {"!*.........", "*..........", ContainerStatusPulling},
		EventPulled - firstAnswer:           {"!*.........", "**.........", ContainerStatusPulled},
		EventPullFailed - firstAnswer:       {"!*.........", "******.....", ContainerStatusStopped},
		EventContainerCreated - firstAnswer: {"!!!*.......", "****.......", ContainerStatusCreated},
		EventContainerFailed - firstAnswer:  {"!!!*!*.*...", "**********.", ContainerStatusStopped},
		EventContainerStarted - firstAnswer: {"!!!!!*.*...", "******.....", ContainerStatusRunning},
		EventContainerExited - firstAnswer:  {"!!!!!*****.", "**********.", ContainerStatusStopped},
		EventContainerHealth - firstAnswer:  {"!!!!!!*....", "......*....", ContainerStatusRunning},
		EventHealthChecked - firstAnswer:    {"!!!!!!*....", "!!!!!!!!!!!", ContainerStatusRunning},
	},
	gates: [numDependencies]gate{
		dependsStart:    {open: wasStarted, brokenNeed: isStopped, brokenNot: wasStarted, reversed: true},
		dependsComplete: {open: hasExited, brokenNeed: isStopped, brokenNot: hasExited, timed: true, reversed: true},
		dependsSuccess:  {open: exitedZero, brokenNeed: isStopped, brokenNot: exitedZero, timed: true, reversed: true},
		dependsHealthy:  {open: isHealthy, brokenNeed: isStopped, brokenNot: isHealthy, timed: true, reversed: true},
		dependsCreate:   {open: wasCreated, brokenNeed: isStopped, brokenNot: wasCreated, reversed: true},
	},
}
