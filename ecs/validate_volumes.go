package ecs

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// volumes checks the task's volumes. Source: Amazon ECS API Reference, Volume.
func (v *checker) volumes() {
	names := make(map[string]bool, len(v.d.Volumes))
	mounted := v.mounted()
	atLaunch := 0
	for i := range v.d.Volumes {
		vol := &v.d.Volumes[i]
		path := check.Path("volumes", i)
		if vol.Name == "" {
			v.Refuse(path+".name", "Volume.name should not be null or empty.")
		} else if !check.IsName(vol.Name) {
			v.Refuse(path+".name",
				"A volume's name can have up to 255 letters, numbers, underscores and hyphens; this is %q.",
				check.Shortened(vol.Name))
		}
		if names[vol.Name] && vol.Name != "" {
			v.Refuse(path+".name", "Volume names must be unique within a task definition; %s is there twice.", vol.Name)
		}
		names[vol.Name] = true
		if n := vol.kinds(); n > 1 || n > 0 && vol.ConfiguredAtLaunch {
			v.Refuse(path, "The volume %s can have only one configuration.", vol.Name)
		}
		if vol.ConfiguredAtLaunch {
			if atLaunch++; atLaunch == 2 {
				v.Refuse(path+".configuredAtLaunch",
					"Only one volume of a task definition can be configured at launch.")
			}
			if !mounted[vol.Name] {
				v.Refuse(path, "Volumes [%s] are not referenced by any of the containers", vol.Name)
			}
		}
		v.volume(path, vol)
	}
	v.volumeNames = names
}

// kinds counts the configurations that a volume has; an empty host is none.
func (vol *Volume) kinds() int {
	n := 0
	for _, has := range []bool{
		vol.Host != nil && vol.Host.SourcePath != "",
		vol.DockerVolumeConfiguration != nil,
		vol.EFSVolumeConfiguration != nil,
		vol.FSxWindowsFileServerVolumeConfiguration != nil,
		vol.S3FilesVolumeConfiguration != nil,
	} {
		if has {
			n++
		}
	}
	return n
}

// mounted returns the names of the volumes that a container mounts.
func (v *checker) mounted() map[string]bool {
	names := map[string]bool{}
	for _, c := range v.d.ContainerDefinitions {
		for _, m := range c.MountPoints {
			names[m.SourceVolume] = true
		}
	}
	return names
}

func (v *checker) volume(path string, vol *Volume) {
	if k := vol.DockerVolumeConfiguration; k != nil {
		v.OneOf(path+".dockerVolumeConfiguration.scope", choose(k.Scope))
		if k.Scope == ScopeTask && !k.Autoprovision.Or(true) {
			v.Refuse(path+".dockerVolumeConfiguration.autoprovision",
				"When 'scope' parameter is 'task', 'autoprovision' must either not be specified or set to 'True'.")
		}
	}
	if k := vol.EFSVolumeConfiguration; k != nil {
		if v.rules == RuleSetClassic && v.d.requires(CompatibilityFargate) {
			v.Refuse(path+".efsVolumeConfiguration",
				"Fargate compatible task definitions do not support efsVolumeConfiguration")
		}
		v.efs(path+".efsVolumeConfiguration", k)
	}
	if k := vol.FSxWindowsFileServerVolumeConfiguration; k != nil {
		p := path + ".fsxWindowsFileServerVolumeConfiguration"
		v.Present(p+".fileSystemId", k.FileSystemID)
		v.Present(p+".rootDirectory", k.RootDirectory)
		if k.AuthorizationConfig == nil {
			v.Refuse(p+".authorizationConfig", "authorizationConfig should not be null or empty.")
		} else {
			v.Present(p+".authorizationConfig.credentialsParameter", k.AuthorizationConfig.CredentialsParameter)
			v.Present(p+".authorizationConfig.domain", k.AuthorizationConfig.Domain)
		}
	}
	if k := vol.S3FilesVolumeConfiguration; k != nil {
		v.Present(path+".s3filesVolumeConfiguration.fileSystemArn", k.FileSystemArn)
	}
}

// efs checks an Amazon EFS volume. Source: Amazon ECS API Reference,
// EFSVolumeConfiguration and EFSAuthorizationConfig.
func (v *checker) efs(path string, k *EFSVolumeConfiguration) {
	v.Present(path+".fileSystemId", k.FileSystemID)
	v.OneOf(path+".transitEncryption", choose(k.TransitEncryption))
	v.between(path+".transitEncryptionPort", k.TransitEncryptionPort, 0, 65535)
	encrypted := k.TransitEncryption == EFSTransitEncryptionEnabled
	if !k.TransitEncryptionPort.IsZero() && !encrypted {
		v.Refuse(path+".transitEncryptionPort", "TransitEncryptionPort requires that TransitEncryption is enabled.")
	}
	a := k.AuthorizationConfig
	if a == nil {
		return
	}
	v.OneOf(path+".authorizationConfig.iam", choose(a.IAM))
	if a.IAM == EFSAuthorizationConfigIAMEnabled && !encrypted {
		v.Refuse(path+".authorizationConfig.iam", "EFS IAM authorization requires TransitEncryption to be enabled.")
	}
	if a.AccessPointID == "" {
		return
	}
	if k.RootDirectory != "" && k.RootDirectory != "/" {
		v.Refuse(path+".rootDirectory",
			"When using an EFS access point, the root directory must either be set to \"/\" or be omitted; it is %q.",
			check.Shortened(k.RootDirectory))
	}
	if !encrypted {
		v.Refuse(path+".authorizationConfig.accessPointId",
			"An EFS access point requires TransitEncryption to be enabled.")
	}
}

// mounts checks what a container mounts.
func (v *checker) mounts(path string, c *ContainerDefinition) {
	for j, m := range c.MountPoints {
		if !v.volumeNames[m.SourceVolume] {
			v.Refuse(path+".mountPoints"+check.Path(j, "sourceVolume"), "Unknown volume '%s'.",
				check.Shortened(m.SourceVolume))
		}
	}
	for j, f := range c.VolumesFrom {
		if _, ok := v.d.Container(f.SourceContainer); !ok {
			v.Refuse(path+".volumesFrom"+check.Path(j, "sourceContainer"),
				"Invalid 'volumesFrom' setting. Unknown container: '%s'.", check.Shortened(f.SourceContainer))
		}
	}
}

// volumesOn refuses the configurations that an infrastructure does not have.
func (v *checker) volumesOn(infrastructure string, refused func(*Volume) (key string, yes bool)) {
	for i := range v.d.Volumes {
		if key, yes := refused(&v.d.Volumes[i]); yes {
			name := key[strings.LastIndexByte(key, '.')+1:]
			v.Refuse(check.Path("volumes", i)+"."+key, "%s compatible task definitions do not support %s",
				infrastructure, name)
		}
	}
}
