package ecs

import "slices"

// LaunchType is the infrastructure a task runs on.
type LaunchType string

// The values of LaunchType.
const (
	LaunchTypeEC2              LaunchType = "EC2"
	LaunchTypeFargate          LaunchType = "FARGATE"
	LaunchTypeExternal         LaunchType = "EXTERNAL"
	LaunchTypeManagedInstances LaunchType = "MANAGED_INSTANCES"
)

// Values returns every value of LaunchType, in the API's order.
func (LaunchType) Values() []LaunchType {
	return []LaunchType{LaunchTypeEC2, LaunchTypeFargate, LaunchTypeExternal, LaunchTypeManagedInstances}
}

// Valid reports whether the value is one of Values.
func (v LaunchType) Valid() bool { return slices.Contains(v.Values(), v) }

// Compatibility is an infrastructure that a task definition is validated against or fits.
type Compatibility string

// The values of Compatibility.
const (
	CompatibilityEC2              Compatibility = "EC2"
	CompatibilityFargate          Compatibility = "FARGATE"
	CompatibilityExternal         Compatibility = "EXTERNAL"
	CompatibilityManagedInstances Compatibility = "MANAGED_INSTANCES"
)

// Values returns every value of Compatibility, in the API's order.
func (Compatibility) Values() []Compatibility {
	return []Compatibility{CompatibilityEC2, CompatibilityFargate, CompatibilityExternal, CompatibilityManagedInstances}
}

// Valid reports whether the value is one of Values.
func (v Compatibility) Valid() bool { return slices.Contains(v.Values(), v) }

// OSFamily is the operating system family of a task.
type OSFamily string

// The values of OSFamily.
const (
	OSFamilyLinux                 OSFamily = "LINUX"
	OSFamilyWindowsServer2016Full OSFamily = "WINDOWS_SERVER_2016_FULL"
	OSFamilyWindowsServer2004Core OSFamily = "WINDOWS_SERVER_2004_CORE"
	OSFamilyWindowsServer20h2Core OSFamily = "WINDOWS_SERVER_20H2_CORE"
	OSFamilyWindowsServer2019Core OSFamily = "WINDOWS_SERVER_2019_CORE"
	OSFamilyWindowsServer2019Full OSFamily = "WINDOWS_SERVER_2019_FULL"
	OSFamilyWindowsServer2022Core OSFamily = "WINDOWS_SERVER_2022_CORE"
	OSFamilyWindowsServer2022Full OSFamily = "WINDOWS_SERVER_2022_FULL"
	OSFamilyWindowsServer2025Core OSFamily = "WINDOWS_SERVER_2025_CORE"
	OSFamilyWindowsServer2025Full OSFamily = "WINDOWS_SERVER_2025_FULL"
)

// Values returns every value of OSFamily, in the API's order.
func (OSFamily) Values() []OSFamily {
	return []OSFamily{OSFamilyLinux, OSFamilyWindowsServer2016Full, OSFamilyWindowsServer2004Core, OSFamilyWindowsServer20h2Core, OSFamilyWindowsServer2019Core, OSFamilyWindowsServer2019Full, OSFamilyWindowsServer2022Core, OSFamilyWindowsServer2022Full, OSFamilyWindowsServer2025Core, OSFamilyWindowsServer2025Full}
}

// Valid reports whether the value is one of Values.
func (v OSFamily) Valid() bool { return slices.Contains(v.Values(), v) }

// CPUArchitecture is a CPU architecture.
type CPUArchitecture string

// The values of CPUArchitecture.
const (
	CPUArchitectureX8664 CPUArchitecture = "X86_64"
	CPUArchitectureArm64 CPUArchitecture = "ARM64"
)

// Values returns every value of CPUArchitecture, in the API's order.
func (CPUArchitecture) Values() []CPUArchitecture {
	return []CPUArchitecture{CPUArchitectureX8664, CPUArchitectureArm64}
}

// Valid reports whether the value is one of Values.
func (v CPUArchitecture) Valid() bool { return slices.Contains(v.Values(), v) }
