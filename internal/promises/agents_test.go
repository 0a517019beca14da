package promises

// agents: what an agent that restarts, repeats itself or lies may do to a plane.
func agents() []promise {
	return []promise{
		{"An agent that forgot its tasks is believed, registered again or not: they stop with a reason and are " +
			"replaced.", "ecs/control", "TestForgetfulAgent/says_so_again_and_again"},
		{"A late report of an agent's old life ends nothing that the new life runs.", "ecs/control",
			"TestForgetfulAgent/a_late_report_of_the_old_life"},
		{"An agent that counts its words from 1 again is heard.", "ecs/control",
			"TestForgetfulAgent/counts_from_1_again:_runs"},
		{"A task that ran and is missing from a report did not fail to start.", "ecs/control",
			"TestForgetfulAgent/keeps_what_it_has_seen"},
		{"A simulated instance that reboots heals, whatever is lost, late or repeated.", "ecs/sim", "TestReboot"},
		{"A loop brings its services back when every agent was started again without memory.",
			"ecs/driver", "TestAgentRestart"},
		{"The conformance suite restarts an agent in mid-life, and a control plane heals what it lost.",
			"ecs/driver/drivertest", "TestRestart"},
		{"The conformance suite finds an agent that forgets stops and honours a late StartTask of its old life.",
			"ecs/driver/drivertest", "TestRestartChecksFail"},
		{"A container that never started has no exit code, and its task failed to start.",
			"ecs/control", "TestNeverStarted"},
		{"A Ready that is handed back twice, late, or by another plane's keeper is taken over once.",
			"ecs/control", "TestAdvanceIsTotal"},
		{"A task that waits for room is never placed on an instance that is being lost.", "ecs/control",
			"TestLostInstanceTakesNoTask"},
		{"An INACTIVE instance cannot be registered again, and takes no tasks.", "ecs/control",
			"TestInactiveInstanceRegistersAnew"},
		{"A task that one of its target groups refuses is in none of them, and gives its ports back.", "ecs/control",
			"TestRefusedTargetLeavesNone"},
		{"Host ports that a container engine chose are taken on its instance; ports that the definition names stay.",
			"ecs/control", "TestReportedPorts"},
		{"A state that Check accepts can be restored: one with a deleted task set too.", "ecs/control",
			"TestDeletedTaskSetIsRestored"},
		{"A stopped task is described as DELETED for a moment before it is MISSING.", "ecs/control",
			"TestDeletedBeforeMissing"},
	}
}
