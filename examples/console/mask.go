package console

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// mask stands for a value that is not shown.
const mask = "••••••"

// maskedDefinition returns a task definition without the values of its environment and of its secrets. Where a
// secret is kept is masked, too.
func maskedDefinition(d ecs.TaskDefinition) ecs.TaskDefinition {
	d = d.Clone()
	for i := range d.ContainerDefinitions {
		c := &d.ContainerDefinitions[i]
		maskPairs(c.Environment)
		maskSecrets(c.Secrets)
		maskFiles(c.EnvironmentFiles)
		if c.LogConfiguration != nil {
			maskSecrets(c.LogConfiguration.SecretOptions)
		}
		if c.RepositoryCredentials != nil {
			c.RepositoryCredentials.CredentialsParameter = mask
		}
	}
	for _, v := range d.Volumes {
		if k := v.FSxWindowsFileServerVolumeConfiguration; k != nil && k.AuthorizationConfig != nil {
			k.AuthorizationConfig.CredentialsParameter = mask
		}
		if k := v.DockerVolumeConfiguration; k != nil {
			for name := range k.DriverOpts { // a mount's password is among them
				k.DriverOpts[name] = mask
			}
		}
	}
	return d
}

// maskedService returns a service without what Service Connect's proxies are configured with: it names secrets, and
// no page shows it.
func maskedService(s ecs.Service) ecs.Service {
	s.Deployments = slices.Clone(s.Deployments)
	for i := range s.Deployments {
		s.Deployments[i].ServiceConnectConfiguration = nil
	}
	return s
}

// maskedTask returns a task without the values of the environment that it was started with.
func maskedTask(t ecs.Task) ecs.Task {
	if t.Overrides == nil {
		return t
	}
	overrides := *t.Overrides
	overrides.ContainerOverrides = slices.Clone(overrides.ContainerOverrides)
	for i := range overrides.ContainerOverrides {
		c := &overrides.ContainerOverrides[i]
		c.Environment, c.EnvironmentFiles = slices.Clone(c.Environment), slices.Clone(c.EnvironmentFiles)
		maskPairs(c.Environment)
		maskFiles(c.EnvironmentFiles)
	}
	t.Overrides = &overrides
	return t
}

func maskPairs(pairs []ecs.KeyValuePair) {
	for i := range pairs {
		pairs[i].Value = mask
	}
}

func maskFiles(files []ecs.EnvironmentFile) {
	for i := range files {
		files[i].Value = mask
	}
}

func maskSecrets(secrets []ecs.Secret) {
	for i := range secrets {
		secrets[i].ValueFrom = mask
	}
}
