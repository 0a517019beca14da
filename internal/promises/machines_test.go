package promises

// machines: life cycles, scaling, load balancing and images.
func machines() []promise {
	return []promise{}
}
