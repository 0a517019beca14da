package ecs

// ClusterConfiguration is what ECS Exec and managed storage use in a cluster.
type ClusterConfiguration struct {
	ExecuteCommandConfiguration *ExecuteCommandConfiguration `json:"executeCommandConfiguration,omitzero"`
	ManagedStorageConfiguration *ManagedStorageConfiguration `json:"managedStorageConfiguration,omitzero"`
}

// ExecuteCommandConfiguration is where the sessions of ECS Exec are recorded.
type ExecuteCommandConfiguration struct {
	KMSKeyID         string                          `json:"kmsKeyId,omitzero"`
	Logging          string                          `json:"logging,omitzero"` // NONE, DEFAULT or OVERRIDE
	LogConfiguration *ExecuteCommandLogConfiguration `json:"logConfiguration,omitzero"`
}

// ExecuteCommandLogConfiguration is where the logging OVERRIDE records.
type ExecuteCommandLogConfiguration struct {
	CloudWatchLogGroupName      string `json:"cloudWatchLogGroupName,omitzero"`
	CloudWatchEncryptionEnabled bool   `json:"cloudWatchEncryptionEnabled"`
	S3BucketName                string `json:"s3BucketName,omitzero"`
	S3EncryptionEnabled         bool   `json:"s3EncryptionEnabled"`
	S3KeyPrefix                 string `json:"s3KeyPrefix,omitzero"`
}

// ManagedStorageConfiguration has the keys that encrypt the storage of tasks.
type ManagedStorageConfiguration struct {
	KMSKeyID                        string `json:"kmsKeyId,omitzero"`
	FargateEphemeralStorageKMSKeyID string `json:"fargateEphemeralStorageKmsKeyId,omitzero"`
}
