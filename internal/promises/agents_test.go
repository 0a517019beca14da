package promises

// agents: what an agent that restarts, repeats itself or lies may do to a plane.
func agents() []promise {
	return []promise{
		{"A Ready that is handed back twice, late, or by another plane's keeper is taken over once.", "ecs/control", "TestAdvanceIsTotal"},
		{"A task that waits for room is never placed on an instance that is being lost.", "ecs/control", "TestLostInstanceTakesNoTask"},
		{"An INACTIVE instance cannot be registered again, and takes no tasks.", "ecs/control", "TestInactiveInstanceRegistersAnew"},
		{"A task that one of its target groups refuses is in none of them, and gives its ports back.", "ecs/control", "TestRefusedTargetLeavesNone"},
		{"Host ports that a container engine chose are taken on its instance; ports that the definition names stay.", "ecs/control", "TestReportedPorts"},
		{"A stopped task is described as DELETED for a moment before it is MISSING.", "ecs/control", "TestDeletedBeforeMissing"},
	}
}
