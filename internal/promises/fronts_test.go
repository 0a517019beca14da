package promises

// fronts: the ECS API on a socket, and tests that hold on a busy machine.
func fronts() []promise {
	const ecs, front = "ecs", "examples/localecs/front"
	return []promise{
		{"what takes linear time is counted in steps, so that a busy machine cannot fail the test", "internal/steps", "TestLinear"},
		{"each operation is refused at least once by inputs that are the same each time",
			"ecs/control", "TestRefusedChangesNothing/made_in_a_storm"},
		{"a document that is too long is refused by its size, and not read", ecs, "TestParseRefusesBySize"},
		{"a client that sends slowly is cut off when its time is over, and holds up nobody", front, "TestSlowClient"},
	}
}
