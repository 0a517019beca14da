package ecs_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// The structs below are a task definition as anybody would write it for encoding/json: no
// methods, no Opt, pointers where absence matters. They are the yardstick.
type (
	plainTaskDefinition struct {
		Family                  string              `json:"family"`
		TaskRoleArn             string              `json:"taskRoleArn"`
		ExecutionRoleArn        string              `json:"executionRoleArn"`
		NetworkMode             string              `json:"networkMode"`
		ContainerDefinitions    []plainContainer    `json:"containerDefinitions"`
		Volumes                 []plainVolume       `json:"volumes"`
		PlacementConstraints    []map[string]string `json:"placementConstraints"`
		RequiresCompatibilities []string            `json:"requiresCompatibilities"`
		CPU                     string              `json:"cpu"`
		Memory                  string              `json:"memory"`
		Tags                    []plainPair         `json:"tags"`
		PidMode                 string              `json:"pidMode"`
		IpcMode                 string              `json:"ipcMode"`
		RuntimePlatform         *struct {
			CPUArchitecture       string `json:"cpuArchitecture"`
			OperatingSystemFamily string `json:"operatingSystemFamily"`
		} `json:"runtimePlatform"`
		ProxyConfiguration *struct {
			Type          string      `json:"type"`
			ContainerName string      `json:"containerName"`
			Properties    []plainPair `json:"properties"`
		} `json:"proxyConfiguration"`
		EphemeralStorage *struct {
			SizeInGiB int `json:"sizeInGiB"`
		} `json:"ephemeralStorage"`
	}
	plainPair struct {
		Key       string `json:"key"`
		Name      string `json:"name"`
		Value     string `json:"value"`
		ValueFrom string `json:"valueFrom"`
		Type      string `json:"type"`
	}
	plainContainer struct {
		Name              string      `json:"name"`
		Image             string      `json:"image"`
		CPU               int         `json:"cpu"`
		Memory            int         `json:"memory"`
		MemoryReservation int         `json:"memoryReservation"`
		Essential         *bool       `json:"essential"`
		Privileged        *bool       `json:"privileged"`
		EntryPoint        []string    `json:"entryPoint"`
		Command           []string    `json:"command"`
		Environment       []plainPair `json:"environment"`
		EnvironmentFiles  []plainPair `json:"environmentFiles"`
		Secrets           []plainPair `json:"secrets"`
		Links             []string    `json:"links"`
		PortMappings      []struct {
			ContainerPort int    `json:"containerPort"`
			HostPort      *int   `json:"hostPort"`
			Protocol      string `json:"protocol"`
			Name          string `json:"name"`
			AppProtocol   string `json:"appProtocol"`
		} `json:"portMappings"`
		MountPoints []struct {
			SourceVolume  string `json:"sourceVolume"`
			ContainerPath string `json:"containerPath"`
			ReadOnly      *bool  `json:"readOnly"`
		} `json:"mountPoints"`
		VolumesFrom []struct {
			SourceContainer string `json:"sourceContainer"`
			ReadOnly        *bool  `json:"readOnly"`
		} `json:"volumesFrom"`
		DependsOn []struct {
			ContainerName string `json:"containerName"`
			Condition     string `json:"condition"`
		} `json:"dependsOn"`
		HealthCheck *struct {
			Command     []string `json:"command"`
			Interval    *int     `json:"interval"`
			Timeout     *int     `json:"timeout"`
			Retries     *int     `json:"retries"`
			StartPeriod *int     `json:"startPeriod"`
		} `json:"healthCheck"`
		LogConfiguration *struct {
			LogDriver     string            `json:"logDriver"`
			Options       map[string]string `json:"options"`
			SecretOptions []plainPair       `json:"secretOptions"`
		} `json:"logConfiguration"`
		FirelensConfiguration *struct {
			Type    string            `json:"type"`
			Options map[string]string `json:"options"`
		} `json:"firelensConfiguration"`
		LinuxParameters *struct {
			Devices []struct {
				HostPath      string   `json:"hostPath"`
				ContainerPath string   `json:"containerPath"`
				Permissions   []string `json:"permissions"`
			} `json:"devices"`
			InitProcessEnabled *bool `json:"initProcessEnabled"`
		} `json:"linuxParameters"`
		Ulimits []struct {
			Name      string `json:"name"`
			SoftLimit int    `json:"softLimit"`
			HardLimit int    `json:"hardLimit"`
		} `json:"ulimits"`
		ResourceRequirements []plainPair       `json:"resourceRequirements"`
		DockerLabels         map[string]string `json:"dockerLabels"`
		StartTimeout         *int              `json:"startTimeout"`
		StopTimeout          *int              `json:"stopTimeout"`
	}
	plainVolume struct {
		Name string `json:"name"`
		Host *struct {
			SourcePath string `json:"sourcePath"`
		} `json:"host"`
		EFSVolumeConfiguration *struct {
			FileSystemID  string `json:"fileSystemId"`
			RootDirectory string `json:"rootDirectory"`
		} `json:"efsVolumeConfiguration"`
	}
)

// clean returns the largest real task definition without a fault.
func clean(t testing.TB) []byte {
	return largest(t, func(data []byte) bool {
		d, err := ecs.ParseTaskDefinition(data)
		return err == nil && d.Validate() == nil
	})
}

func BenchmarkParseValidate(b *testing.B) {
	data := clean(b)
	b.Run("ecs", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			d, err := ecs.ParseTaskDefinition(data)
			if err != nil || d.Validate() != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var d plainTaskDefinition
			if err := json.Unmarshal(data, &d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNormalize(b *testing.B) {
	d, err := ecs.ParseTaskDefinition(clean(b))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		d.Normalize()
	}
}

func BenchmarkDistribute(b *testing.B) {
	strategy := []ecs.CapacityProviderStrategyItem{{CapacityProvider: "a", Base: 10, Weight: 1},
		{CapacityProvider: "b", Weight: 2}, {CapacityProvider: "c", Weight: 3}}
	b.ReportAllocs()
	for b.Loop() {
		ecs.Distribute(strategy, nil, 1000)
	}
}

// BenchmarkParseValidateRatio reports reading and checking in times of reading alone, about two:
// both are measured in turns, so that what else the machine does touches both.
func BenchmarkParseValidateRatio(b *testing.B) {
	data := clean(b)
	var checked, plain time.Duration
	for b.Loop() {
		start := time.Now()
		d, err := ecs.ParseTaskDefinition(data)
		if err != nil || d.Validate() != nil {
			b.Fatal(err)
		}
		parsed := time.Now()
		var p plainTaskDefinition
		if err := json.Unmarshal(data, &p); err != nil {
			b.Fatal(err)
		}
		checked, plain = checked+parsed.Sub(start), plain+time.Since(parsed)
	}
	b.ReportMetric(float64(checked)/float64(plain), "times-plain")
}
