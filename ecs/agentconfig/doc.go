// Package agentconfig holds what a container agent is told: its configuration, as ecs.config or user data
// has it, and the credentials that it hands to containers.
//
// # Start here
//
// [Parse] reads a configuration. [Config.Registration] returns the request with which the agent on a [Machine]
// joins its cluster. A [CredentialsTable] answers the containers that ask for credentials.
//
// # Model
//
// A [Config] has a field for each setting that a control plane or a placement depends on; Other has the rest as
// written. Registration derives the machine's resources without the reserved ones, and the capabilities that the
// agent advertises: the attributes that ecs.TaskDefinition.AttributesRequired returns.
//
// A [CredentialsTable] belongs to one instance. Issue makes an ID known before it has keys, Deliver sets the keys,
// Get answers a container, and Stop and Cleanup remove a task's credentials. The caller makes the IDs and passes
// the time.
//
// # Guarantees
//
//  1. Parse reads from user data what a shell or PowerShell would write to ecs.config, and runs none of it
//     (TestParseAgentConfig, TestUserData).
//  2. No text makes Parse panic, and the same text gives the same configuration (FuzzParseAgentConfig).
//  3. An instance with every setting on advertises what any valid task definition requires, except plugins of
//     other vendors (TestCapabilitiesMeetRequirements).
//  4. A container fetches the credentials of its own task's role and of no other. Every request leaves one audit
//     record, without the ID (TestCredentialsPolicy, TestCredentialsAnswers).
//
// # Differences from ECS
//
//   - The agent reads the file that user data wrote; Parse reads the script. It knows here-documents, echo,
//     variables that the script sets and Initialize-ECSAgent, and ignores everything else.
//   - With Strict, the table refuses a caller other than the task that an ID belongs to, and a container that asks
//     for the credentials of an execution role. The agent of ECS checks the ID alone.
//
// # Example
//
// See the examples of [Parse] and [CredentialsTable].
package agentconfig
