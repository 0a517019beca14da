package promises

// placements: placement and its index.
func placements() []promise {
	return []promise{
		{"A port that an instance reserves while a task has it stays in use when the task goes.", "placement",
			"TestReservedPortStays"},
		{"Place and Index agree while ports are reserved and given back, over random operations.", "placement",
			"TestLaws/PL4_index_is_place"},
		{"The explanation of a spread names every value that ties.", "placement", "TestTiesAreNamed"},
	}
}
