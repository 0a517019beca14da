// Package agentconfig holds what a container agent is told: its configuration, as ecs.config or user data
// has it, and the credentials that it hands to containers.
//
// # Start here
//
// [Parse] reads a configuration; [Config.Registration] makes of it, and of a [Machine], the request with
// which the agent joins its cluster. [CredentialsTable] answers the containers that ask for credentials.
//
// # Model
//
// A [Config] has a field for each setting that a control plane or a placement depends on; the others stand
// in Other as they are written. Registration derives the machine's resources, less what is reserved, and the
// capabilities that the agent advertises: the attributes that ecs.TaskDefinition.AttributesRequired asks for.
//
// A [CredentialsTable] belongs to one instance. Issue makes an ID known before its keys are there, Deliver
// brings the keys, Get answers a container, and Stop and Cleanup end a task's. The caller draws the IDs and
// says what time it is.
//
// # Guarantees
//
//  1. What a script of user data writes to ecs.config is read as a shell or PowerShell would write it, and
//     nothing of it is run (TestParseAgentConfig, TestUserData).
//  2. No text makes Parse panic, and the same text gives the same configuration (FuzzParseAgentConfig).
//  3. An instance with everything on advertises what any valid task definition requires, a plugin of
//     somebody else aside (TestCapabilitiesMeetRequirements).
//  4. A container fetches its own task's role and no other; every request leaves one audit record, without
//     the ID (TestCredentialsPolicy, TestCredentialsAnswers).
//
// # Differences from ECS
//
//   - The agent reads user data's outcome, a file on its machine; Parse reads the script. It knows
//     here-documents, echo, variables that the script sets and Initialize-ECSAgent, and passes over the rest.
//   - With Strict, the table refuses a caller that is not the task that an ID belongs to, and a container
//     that asks for an execution role's credentials. The agent of Amazon ECS looks at the ID alone.
//
// # Example
//
// See the examples of [Parse] and [CredentialsTable].
package agentconfig
