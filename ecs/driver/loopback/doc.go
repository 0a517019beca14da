// Package loopback gives each task of the network mode awsvpc an address of its own on this host, without privileges:
// one of the loopback network.
//
// # Start here
//
// A program whose containers are processes calls [New], and puts the [Interfaces] into a driver.Runtime as its
// NetworkInterfaces. A container of package process then listens at the address of its task.
//
// # Model
//
// The addresses of a network, 127.64.0.0/16 unless the configuration says otherwise, are given in turn. A task keeps
// its address until the plane's DetachNetworkInterface, which comes when the task has stopped. Which task has which
// address is in a file before a command is answered.
//
// # Guarantees
//
//  1. It passes package drivertest, restarts included (TestInterfacesKeepTheContract).
//  2. No two tasks have one address, and an address rests as long as there are others (TestAddresses).
//  3. A network that is used up, and an address that the host does not have, are errors that a person can act on
//     (TestReasons).
//  4. A file that somebody else has written is an error of New, and no panic (TestFile).
//
// # Differences from ECS
//
//   - Nothing is isolated: an address keeps ports apart, and every process of the host can reach it.
//   - Subnets, security groups and public addresses are not looked at. An interface has no MAC address, and no name.
//   - Only Linux has the whole of 127.0.0.0/8. Elsewhere the host must be given the addresses first.
//
// # Example
//
// See the example of [New].
package loopback
