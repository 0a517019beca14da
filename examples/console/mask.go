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
	return d
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
