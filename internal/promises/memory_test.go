package promises

// memory: state that comes back and does not grow.
func memory() []promise {
	return []promise{
		{"Requests of which no two are alike leave nothing behind in a placement index.", "placement",
			"TestShapesAreGivenBack"},
		{"Instances of which no two are alike leave nothing behind in a placement index.", "placement",
			"TestValuesAreGivenBack"},
		{"The heap of a plane is the same after ten times as many tasks, each with a group and an override of its own.",
			"ecs/control", "TestHeapIsFlat"},
		{"A compiled program has nothing that a call's overrides change, and goes with its last task.", "ecs/control",
			"TestOverridesChangeNoProgram"},
		{"What a placement index keeps does not depend on the size of a number in a request.",
			"placement/internal/probes", "TestTablesAreSmall"},
		{"A State is the same bytes after Restore when its last client token has expired.", "ecs/control",
			"TestStateWithoutTokens"},
		{"A State that cannot be is refused with the path of what is wrong.", "ecs/control", "TestRestoreNamesThePath"},
		{"Restore refuses any value in any place of a State, or makes a plane that runs on.",
			"ecs/control", "TestRestoreAnything"},
		{"A State of the rules before opens, and records of them are refused by name.",
			"ecs/control", "TestStateOfOldRules"},
		{"A journal opens as what it is beside other files, which are left alone and named.",
			"ecs/driver/journal", "TestStray"},
		{"An older journal file is removed only when the newer one has been read whole.",
			"ecs/driver/journal", "TestStrayOlderFile"},
		{"What cannot be read at the end of a journal is kept beside it and reported.",
			"ecs/driver/journal", "TestTornIsKept"},
		{"Two broken frames at the end of a journal are damage, and nothing is cut.",
			"ecs/driver/journal", "TestDamagedTail"},
		{"A plane without a secret gives no credentials IDs out, and a task with a role is refused them.", "ecs/driver",
			"TestNoSecretNoCredentials"},
		{"A simulated world keeps a window of its timeline.", "ecs/sim", "TestTimelineIsAWindow"},
		{"A simulated agent forgets tasks that have long stopped.", "ecs/sim", "TestAgentForgets"},
		{"A simulated world forgets its answers to commands that are over.", "ecs/sim", "TestAnswersAreForgotten"},
	}
}
