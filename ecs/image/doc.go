// Package image reads references to container images by Docker's grammar, and finds those of Amazon ECR.
//
// # Start here
//
// [Parse] reads the image of a container definition as an [Image]. [Image.ECR] returns its place in Amazon ECR.
//
// # Model
//
// A reference is registry/repository:tag@digest. Only the repository is required. An [Image] has every part, so that
// two references to one image are equal: without a registry it is of docker.io, a repository of docker.io that is a
// single word begins with library/, and without a tag and a digest the tag is latest. [Image.String] writes that form,
// and [Image.Familiar] the short one.
//
// # Guarantees
//
//  1. Parse reads what Docker's clients read, and refuses what they refuse, in their words (TestParseImage).
//  2. Parse reads both forms of an image as the same image (TestImageRoundTrip).
//  3. ECR knows every host of Amazon ECR, those of China, FIPS, dual stack and the public gallery included, and no
//     other (TestECR).
//
// # Differences from ECS
//
// ECS does not check an image on registration: a reference that cannot be read fails on the instance that pulls it.
// Package ecs and the control plane do not call this package either; a program that wants to check first can.
//
// # Example
//
// See the example of [Parse].
package image
