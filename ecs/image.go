package ecs

func IsPrivateECR(image string) bool { return false }
