package api

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The platform versions of Fargate, oldest first. Source: Amazon ECS Developer Guide,
// "Fargate platform versions for Amazon ECS".
const platformLatest = "LATEST"

func linuxPlatforms() []string   { return []string{"1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"} }
func windowsPlatforms() []string { return []string{"1.0.0"} }

// platformKnown refuses a platform version that no operating system has.
func (c *faults) platformKnown(w where) {
	if w.platformVersion == "" || w.platformVersion == platformLatest {
		return
	}
	if w.launchType == ecs.LaunchTypeEC2 || w.launchType == ecs.LaunchTypeExternal {
		c.Refuse("platformVersion", "The platform version must be null when specifying an %s launch type.",
			w.launchType)
		return
	}
	if known := linuxPlatforms(); !slices.Contains(known, w.platformVersion) {
		c.others = append(c.others, ecs.Fault(ecs.PlatformUnknownException, "platformVersion",
			fmt.Sprintf("The specified platform does not exist; it is %q, and must be %s or one of %v.",
				check.Shortened(w.platformVersion), platformLatest, known)))
	}
}

// platformFits refuses a platform version on which tasks of the definition cannot run, and
// Fargate Spot for Windows, which it does not have. Source: Amazon ECS Developer Guide,
// "Fargate platform versions for Amazon ECS" and "Amazon ECS clusters for Fargate".
func (c *faults) platformFits(w where, d ecs.TaskDefinition) {
	spot := false
	for i, item := range w.providers {
		if item.CapacityProvider != ecs.CapacityProviderFargateSpot {
			continue
		}
		spot = true
		if d.OnWindows() {
			c.Refuse(check.Path("capacityProviderStrategy", i, "capacityProvider"),
				"FARGATE_SPOT does not support Windows containers.")
		}
	}
	if w.platformVersion == "" || w.platformVersion == platformLatest || !ecs.OnFargate(w.launchType, w.providers) {
		return
	}
	refuse := func(needed, why string) {
		c.others = append(c.others, ecs.Fault(ecs.PlatformTaskDefinitionIncompatibilityException, "platformVersion",
			fmt.Sprintf(
				"One or more of the requested capabilities are not supported. %s needs platform version %s or later; "+
					"it is %s.", why, needed, check.Shortened(w.platformVersion))))
	}
	have := slices.Index(linuxPlatforms(), w.platformVersion)
	if d.OnWindows() {
		if have >= len(windowsPlatforms()) {
			c.others = append(c.others, ecs.Fault(ecs.PlatformUnknownException, "platformVersion",
				fmt.Sprintf("The specified platform does not exist; Windows has %v, not %s.",
					windowsPlatforms(), w.platformVersion)))
		}
		return
	}
	for needed, why := range platformNeeds(d, spot) {
		if why != "" && 0 <= have && have < needed {
			refuse(linuxPlatforms()[needed], why)
		}
	}
}

// platformNeeds returns, by position among linuxPlatforms, something of the definition that
// the version is the first to have.
func platformNeeds(d ecs.TaskDefinition, spot bool) [5]string {
	var needs [5]string
	need := func(version int, when bool, why string) {
		if when && needs[version] == "" {
			needs[version] = why
		}
	}
	const (
		v1 = iota + 1
		v2
		v3
		v4
	)
	cpu, _ := ecs.ParseCPU(d.CPU)
	need(v4, cpu > 4096, "A task of more than 4 vCPU")
	need(v4, d.EphemeralStorage != nil, "ephemeralStorage")
	need(v4, d.PidMode != "", "pidMode")
	need(v4, d.RuntimePlatform != nil && d.RuntimePlatform.CPUArchitecture == ecs.CPUArchitectureArm64, "ARM64")
	need(v3, spot, "FARGATE_SPOT")
	for _, v := range d.Volumes {
		need(v4, v.EFSVolumeConfiguration != nil, "An EFS volume")
		need(v4, v.ConfiguredAtLaunch, "An EBS volume")
	}
	for _, c := range d.ContainerDefinitions {
		need(v4, len(c.SystemControls) > 0, "systemControls")
		need(v4, len(c.EnvironmentFiles) > 0, "environmentFiles")
		need(v4, c.LinuxParameters != nil && c.LinuxParameters.Capabilities != nil &&
			len(c.LinuxParameters.Capabilities.Add) > 0, "SYS_PTRACE")
		need(v3, len(c.DependsOn) > 0, "dependsOn")
		need(v3, !c.StartTimeout.IsZero() || !c.StopTimeout.IsZero(), "A timeout")
		need(v2, c.RepositoryCredentials != nil, "repositoryCredentials")
		need(v1, c.HealthCheck != nil, "healthCheck")
	}
	return needs
}
