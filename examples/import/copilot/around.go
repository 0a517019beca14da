package copilot

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// storage reads ephemeral storage, the root file system and the volumes.
func (m *manifest) storage() {
	v := m.v.Get("storage")
	if n, ok := v.Get("ephemeral").Int(); ok && n != 20 {
		m.d.EphemeralStorage = &ecs.EphemeralStorage{SizeInGiB: document.Clamp(v.Get("ephemeral"), n, 21, 200, " GiB")}
	} else if ok {
		v.Get("ephemeral").Translate("20 GiB is what a task has without asking")
	}
	if b, ok := v.Get("readonly_fs").Bool(); ok {
		m.main.ReadonlyRootFilesystem = ecs.Some(b)
	}
	volumes := v.Get("volumes")
	for _, name := range volumes.Map() {
		x := volumes.Get(name)
		vol := ecs.Volume{Name: document.Name(name)}
		vol.EFSVolumeConfiguration = m.efs(x.Get("efs"))
		m.d.Volumes = append(m.d.Volumes, vol)
		if path := x.Get("path").String(); path != "" {
			m.main.MountPoints = append(m.main.MountPoints, ecs.MountPoint{SourceVolume: vol.Name,
				ContainerPath: document.MountPath(path),
				ReadOnly:      ecs.Some(truth(x.Get("read_only"), true))})
		} else {
			x.Fault("path is required")
		}
	}
}

// efs reads the file system of a volume; nil for a volume that is empty at first.
func (m *manifest) efs(v *source.Value) *ecs.EFSVolumeConfiguration {
	c := &ecs.EFSVolumeConfiguration{TransitEncryption: ecs.EFSTransitEncryptionEnabled, FileSystemID: v.Raw(),
		RootDirectory: "/"}
	switch {
	case !v.Has():
		return nil
	case v.Is(source.Bool):
		if b, _ := v.Bool(); !b {
			return nil
		}
		v.Need("Copilot makes a file system for the environment: make one, and give its ID")
		c.FileSystemID = "fs-needs-an-id"
		return c
	case v.Is(source.Text):
		v.Keep()
		return c
	}
	if id := v.Get("id"); id.Is(source.Text) {
		c.FileSystemID = id.String()
	} else {
		cmp.Or(id, v).Remark(source.Needs, "the ID of the file system")
		id.Need("the ID of the file system")
		c.FileSystemID = "fs-needs-an-id"
	}
	c.RootDirectory = v.Get("root_dir").Or("/")
	for _, k := range []string{"uid", "gid"} {
		v.Get(k).Approximate("Copilot makes an access point of that user: make one, and give its ID as access_point_id")
	}
	auth := v.Get("auth")
	if auth.Has() {
		c.AuthorizationConfig = &ecs.EFSAuthorizationConfig{IAM: ecs.EFSAuthorizationConfigIAMDisabled,
			AccessPointID: pointID(auth.Get("access_point_id"))}
		if b, _ := auth.Get("iam").Bool(); b {
			c.AuthorizationConfig.IAM = ecs.EFSAuthorizationConfigIAMEnabled
		}
		if c.AuthorizationConfig.AccessPointID != "" {
			c.RootDirectory = "/"
		}
	}
	return c
}

// pointID reads the ID of an access point.
func pointID(v *source.Value) string {
	if v.Is(source.Map) {
		v.Need("the ID of the access point")
		return "fsap-needs-an-id"
	}
	return v.String()
}

// logging reads where the main container's output goes.
func (m *manifest) logging() {
	v := m.v.Get("logging")
	if !v.Has() {
		return
	}
	v.Get("retention").Translate("set the retention of the log group /copilot/%s to it", m.family)
	router := false
	for _, k := range v.Map() {
		router = router || k != "retention"
	}
	if !router {
		return
	}
	c := ecs.ContainerDefinition{Name: "firelens_log_router",
		Image: v.Get("image").Or("public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"),
		FirelensConfiguration: &ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentbit,
			Options: map[string]string{"enable-ecs-log-metadata": "true"}}}
	if b, ok := v.Get("enableMetadata").Bool(); ok && !b {
		c.FirelensConfiguration.Options["enable-ecs-log-metadata"] = "false"
	}
	if f := v.Get("configFilePath").String(); f != "" {
		c.FirelensConfiguration.Options["config-file-type"] = "file"
		c.FirelensConfiguration.Options["config-file-value"] = f
	}
	m.common(v, &c)
	m.main.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens,
		Options: texts(v.Get("destination")), SecretOptions: m.secrets(v.Get("secretOptions"))}
	m.d.ContainerDefinitions = append([]ecs.ContainerDefinition{c}, m.d.ContainerDefinitions...)
}

// observability adds the collector that Copilot adds.
func (m *manifest) observability() {
	v := m.v.At("observability", "tracing")
	switch v.String() {
	case "":
	case "awsxray":
		v.Translate("the container aws-otel-collector; the task role needs AWSXrayWriteOnlyAccess")
		m.d.ContainerDefinitions = append(m.d.ContainerDefinitions, ecs.ContainerDefinition{Name: "aws-otel-collector",
			Image:   "public.ecr.aws/aws-observability/aws-otel-collector:v0.17.0",
			Command: []string{"--config=/etc/ecs/ecs-xray.yaml"}})
	default:
		v.Fault("%q is not awsxray", v.Raw())
	}
}

// published says what to make for topics and queues.
func (m *manifest) published() {
	if topics := m.v.At("publish", "topics"); topics.Has() {
		topics.Need("make the topics of Amazon SNS, and put their ARNs as JSON into COPILOT_SNS_TOPIC_ARNS")
		m.main.Environment = append(m.main.Environment, ecs.KeyValuePair{Name: "COPILOT_SNS_TOPIC_ARNS",
			Value: "needs-topic-arns"})
	}
	if s := m.v.Get("subscribe"); s.Has() || m.kind == workerService {
		s.Need("make a queue of Amazon SQS with its subscriptions, and put its URL into COPILOT_QUEUE_URI")
		if s == nil {
			m.v.Get("type").Need("a Worker Service reads a queue of Amazon SQS: make one, and put its URL into " +
				"COPILOT_QUEUE_URI")
		}
		m.main.Environment = append(m.main.Environment, ecs.KeyValuePair{Name: "COPILOT_QUEUE_URI",
			Value: "needs-queue-url"})
	}
}

// overrides applies taskdef_overrides, whose paths are those of CloudFormation.
func (m *manifest) overrides() {
	for _, o := range m.v.Get("taskdef_overrides").Items() {
		path, value := o.Get("path").String(), o.Get("value")
		data, err := json.Marshal(m.d)
		var tree any
		if err == nil {
			err = json.Unmarshal(data, &tree)
		}
		if err != nil {
			o.Fault("%v", err)
			continue
		}
		tree = set(tree, steps(path), lowered(value.Keep().Plain()))
		data, err = json.Marshal(tree)
		if err != nil {
			o.Fault("%v", err)
			continue
		}
		d, err := ecs.ParseTaskDefinition(data)
		for e := range ecs.Errors(err) {
			if e.Code != ecs.SerializationException {
				o.Get("path").Fault("taskdef_overrides of %q: %s", path, e.Message)
				d = m.d
			}
		}
		o.Get("path").Translate("applied to the task definition")
		m.d = d
	}
}

// steps splits a path such as ContainerDefinitions[0].Ulimits[-].Name into keys and places.
func steps(path string) (list []string) {
	for part := range strings.SplitSeq(path, ".") {
		for i, s := range strings.FieldsFunc(part, func(r rune) bool { return r == '[' || r == ']' }) {
			if i == 0 {
				s = lower(s)
			}
			list = append(list, s)
		}
	}
	return list
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// lowered writes the names of members as the API has them.
func lowered(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, m := range x { //order:any of a map into a map
			out[lower(k)] = lowered(m)
		}
		return out
	case []any:
		for i := range x {
			x[i] = lowered(x[i])
		}
	}
	return x
}

// mostPlaces bounds the lists that a path makes.
const mostPlaces = 64

// set returns plain values with one at the end of the steps; - is a new place at the end of a list.
func set(x any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	n, isPlace := atoi(path[0])
	if list, ok := x.([]any); path[0] == "-" || isPlace && (ok || x == nil) {
		if path[0] == "-" {
			n = len(list)
		}
		if n >= mostPlaces {
			return x
		}
		for len(list) <= n {
			list = append(list, nil)
		}
		list[n] = set(list[n], path[1:], value)
		return list
	}
	object, ok := x.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[path[0]] = set(object[path[0]], path[1:], value)
	return object
}
