// Package metadata is what containers ask about themselves: the task metadata endpoint, the credentials of their task's
// role, and the metadata of their instance.
//
// # Start here
//
// A program that runs an agent makes a [Server] with [New] for each instance and serves it over HTTP. It calls
// [Server.Start] before the agent starts a task, puts [Server.Environment] into the environment of each container, and
// gives [Server.Observe] what the agent reports. An AWS SDK in a container then finds its role, and its instance.
//
// # Model
//
//	/v4/ID, /v4/ID/task, /v4/ID/taskWithTags    task metadata, and version 3 of it under /v3/
//	/v2/credentials/ID, /v1/credentials?id=ID   driver.CredentialsEndpoint
//	/latest/…                                   instance metadata, version 2, with user data
//
// The IDs in the URLs are signed with a secret of the server and differ by container. With a file, tasks and secret
// survive the process: a container that outlives it finds the same answers at the same URL.
//
// # Guarantees
//
//  1. A container finds itself, its task, and the keys of its task's role where its environment says, and nobody
//     finds those of another task (TestContainerFindsItself).
//  2. Instance metadata answers those with a token that is not over, no farther than the hop limit, no open proxy,
//     and with BlockAwsvpc no awsvpc task (TestInstanceMetadata).
//  3. What a container was told holds after the server is started again (TestRestart). A task that has stopped is
//     forgotten, with its credentials (TestStoppedTaskIsForgotten, TestReportsForget).
//  4. A page in a browser gets nothing (TestBrowsersAreRefused).
//
// # Differences from ECS
//
//   - Not modelled: statistics (/stats), tags in taskWithTags, volumes, task protection (ECS_AGENT_URI), and the
//     rate limit of 40 requests a second.
//   - Credentials have a full URI, unless the server is at 169.254.170.2, to which SDKs send relative ones.
//   - Instance metadata has the names that AWS SDKs and agents read, not all.
//   - A process of the host asks from the host's address, whatever that of its task is. Where tasks are processes,
//     BlockAwsvpc keeps their SDKs from asking (AWS_EC2_METADATA_DISABLED), and not a program that asks by itself.
//   - Bridge tasks are told from the instance by nobody: ECS asks for iptables rules, too.
//
// # Example
//
// See the example of [Server].
package metadata
