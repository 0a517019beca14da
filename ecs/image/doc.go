// Package image reads references to container images by Docker's grammar, and finds those that live in
// Amazon ECR.
//
// # Start here
//
// [Parse] turns the text of a task definition into an [Image]; [Image.ECR] says where in Amazon ECR it is.
//
// # Model
//
// A reference is registry/repository:tag@digest, of which the repository alone must be there. An [Image]
// has every part written out, so that two references to one image are equal: the registry is docker.io
// where none is given, library/ stands before a word of Docker Hub's, and the tag is latest where there is
// neither tag nor digest. [Image.String] writes that form, and [Image.Familiar] the short one.
//
// # Guarantees
//
//  1. What Docker's clients read is read as they read it, and what they refuse is refused in their words
//     (TestParseImage).
//  2. An image's two forms, read again, are the image (TestImageRoundTrip).
//  3. Amazon ECR's hosts, of China, FIPS, dual stack and the public gallery, are told from others (TestECR).
//
// # Differences from ECS
//
// Amazon ECS does not check an image on registration: a reference that cannot be read fails on the instance
// that pulls it. Nothing of ecs or of the control plane calls this package; a program that wants to know
// before may.
//
// # Example
//
// See the example of [Parse].
package image
