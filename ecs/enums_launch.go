package ecs

// LaunchType is the infrastructure a task runs on.
type LaunchType string

// The values of LaunchType.
const (
	LaunchTypeEC2              LaunchType = "EC2"
	LaunchTypeFargate          LaunchType = "FARGATE"
	LaunchTypeExternal         LaunchType = "EXTERNAL"
	LaunchTypeManagedInstances LaunchType = "MANAGED_INSTANCES"
)

func (LaunchType) listed() string {
	return string(LaunchTypeEC2 + " " + LaunchTypeFargate + " " + LaunchTypeExternal + " " +
		LaunchTypeManagedInstances)
}

// Compatibility is an infrastructure for which a task definition is valid.
type Compatibility string

// The values of Compatibility.
const (
	CompatibilityEC2              Compatibility = "EC2"
	CompatibilityFargate          Compatibility = "FARGATE"
	CompatibilityExternal         Compatibility = "EXTERNAL"
	CompatibilityManagedInstances Compatibility = "MANAGED_INSTANCES"
)

func (Compatibility) listed() string {
	return string(CompatibilityEC2 + " " + CompatibilityFargate + " " + CompatibilityExternal + " " +
		CompatibilityManagedInstances)
}

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

func (OSFamily) listed() string {
	return string(OSFamilyLinux + " " + OSFamilyWindowsServer2016Full + " " + OSFamilyWindowsServer2004Core + " " +
		OSFamilyWindowsServer20h2Core + " " + OSFamilyWindowsServer2019Core + " " +
		OSFamilyWindowsServer2019Full + " " + OSFamilyWindowsServer2022Core + " " +
		OSFamilyWindowsServer2022Full + " " + OSFamilyWindowsServer2025Core + " " +
		OSFamilyWindowsServer2025Full)
}

// CPUArchitecture is a CPU architecture.
type CPUArchitecture string

// The values of CPUArchitecture.
const (
	CPUArchitectureX8664 CPUArchitecture = "X86_64"
	CPUArchitectureArm64 CPUArchitecture = "ARM64"
)

func (CPUArchitecture) listed() string {
	return string(CPUArchitectureX8664 + " " + CPUArchitectureArm64)
}
