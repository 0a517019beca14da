package ecs

// Volume is a task's data volume. At most one of the configurations is set; none means an
// empty directory that lives as long as its containers.
type Volume struct {
	Name                                    string                                   `json:"name,omitzero"`
	Host                                    *HostVolumeProperties                    `json:"host,omitzero"`
	DockerVolumeConfiguration               *DockerVolumeConfiguration               `json:"dockerVolumeConfiguration,omitzero"`
	EFSVolumeConfiguration                  *EFSVolumeConfiguration                  `json:"efsVolumeConfiguration,omitzero"`
	FSxWindowsFileServerVolumeConfiguration *FSxWindowsFileServerVolumeConfiguration `json:"fsxWindowsFileServerVolumeConfiguration,omitzero"`
	S3FilesVolumeConfiguration              *S3FilesVolumeConfiguration              `json:"s3filesVolumeConfiguration,omitzero"`
	ConfiguredAtLaunch                      bool                                     `json:"configuredAtLaunch,omitzero"`
	extra
}

// HostVolumeProperties is a directory of the host.
type HostVolumeProperties struct {
	SourcePath string `json:"sourcePath,omitzero"`
	extra
}

// DockerVolumeConfiguration is a volume managed by Docker.
type DockerVolumeConfiguration struct {
	Scope         Scope             `json:"scope,omitzero"`
	Autoprovision Opt[bool]         `json:"autoprovision,omitzero"`
	Driver        string            `json:"driver,omitzero"`
	DriverOpts    map[string]string `json:"driverOpts,omitzero"`
	Labels        map[string]string `json:"labels,omitzero"`
	extra
}

// EFSVolumeConfiguration is an Amazon EFS file system.
type EFSVolumeConfiguration struct {
	FileSystemID          string                  `json:"fileSystemId"`
	RootDirectory         string                  `json:"rootDirectory,omitzero"`
	TransitEncryption     EFSTransitEncryption    `json:"transitEncryption,omitzero"`
	TransitEncryptionPort Opt[int]                `json:"transitEncryptionPort,omitzero"`
	AuthorizationConfig   *EFSAuthorizationConfig `json:"authorizationConfig,omitzero"`
	extra
}

// EFSAuthorizationConfig is how a task may mount an EFS file system.
type EFSAuthorizationConfig struct {
	AccessPointID string                    `json:"accessPointId,omitzero"`
	IAM           EFSAuthorizationConfigIAM `json:"iam,omitzero"`
	extra
}

// FSxWindowsFileServerVolumeConfiguration is a file system of Amazon FSx.
type FSxWindowsFileServerVolumeConfiguration struct {
	FileSystemID        string                                   `json:"fileSystemId"`
	RootDirectory       string                                   `json:"rootDirectory"`
	AuthorizationConfig *FSxWindowsFileServerAuthorizationConfig `json:"authorizationConfig"`
	extra
}

// FSxWindowsFileServerAuthorizationConfig is how an FSx file system is opened.
type FSxWindowsFileServerAuthorizationConfig struct {
	CredentialsParameter string `json:"credentialsParameter"`
	Domain               string `json:"domain"`
	extra
}

// S3FilesVolumeConfiguration is a file system backed by Amazon S3.
type S3FilesVolumeConfiguration struct {
	FileSystemArn         string   `json:"fileSystemArn"`
	RootDirectory         string   `json:"rootDirectory,omitzero"`
	TransitEncryptionPort Opt[int] `json:"transitEncryptionPort,omitzero"`
	AccessPointArn        string   `json:"accessPointArn,omitzero"`
	extra
}
