package kubernetes

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// volumes reads the volumes of the pod. Those that ECS has nothing for are left out, with their mounts.
func (w *workload) volumes() {
	w.renamed = map[string]string{}
	own := map[string]bool{}
	for _, t := range w.v.At("spec", "volumeClaimTemplates").Items() {
		own[t.At("metadata", "name").Raw()] = true
	}
	for _, v := range w.pod.Get("volumes").Items() {
		name := v.Get("name").String()
		if own[name] {
			v.Translate("volumeClaimTemplates has a volume of this name, which counts")
			continue
		}
		vol := ecs.Volume{Name: document.Name(name)}
		switch {
		case v.Get("emptyDir").Has() || len(v.Keys()) == 1 || v.Get("emptyDir") != nil:
			v.At("emptyDir", "sizeLimit").Lose("a volume has no limit of its own")
			if m := v.At("emptyDir", "medium"); m.String() == "Memory" {
				m.Approximate("it is on the disk of the instance; tmpfs would be in memory, for one container")
			}
		case v.Get("hostPath").Has():
			path := v.At("hostPath", "path")
			if w.fargate {
				v.Lose("a task on Fargate has no host")
				continue
			}
			vol.Host = &ecs.HostVolumeProperties{SourcePath: path.String()}
			v.At("hostPath", "type").Lose("Docker makes a directory that is not there")
		case v.Get("persistentVolumeClaim").Has():
			claim := v.At("persistentVolumeClaim", "claimName")
			w.claim(claim, w.find("PersistentVolumeClaim", claim.String()), &vol)
			v.At("persistentVolumeClaim", "readOnly").Keep()
		case v.Get("nfs").Has():
			v.Get("nfs").Need("the ID of an Amazon EFS file system in the place of the NFS server")
			vol.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-needs-an-id",
				TransitEncryption: ecs.EFSTransitEncryptionEnabled}
		default:
			v.Lose("ECS makes no files of it: put them into the image, into Amazon EFS, or fetch them when the " +
				"container starts")
			continue
		}
		w.renamed[name] = vol.Name
		w.d.Volumes = append(w.d.Volumes, vol)
	}
	for _, t := range w.v.At("spec", "volumeClaimTemplates").Items() {
		name := t.At("metadata", "name").String()
		vol := ecs.Volume{Name: document.Name(name)}
		w.claim(t.At("metadata", "name"), t, &vol)
		t.Approximate("each task gets a new volume, not the one that the pod of its number had")
		w.renamed[name] = vol.Name
		w.d.Volumes = append(w.d.Volumes, vol)
	}
}

// claim makes the volume of a claim: Amazon EFS if its class says so, else a new Amazon EBS volume for each task.
func (w *workload) claim(v, claim *source.Value, vol *ecs.Volume) {
	class := claim.At("spec", "storageClassName")
	shared := false
	for _, m := range claim.At("spec", "accessModes").Items() {
		shared = shared || strings.HasSuffix(m.String(), "Many")
	}
	ebs := slices.ContainsFunc(w.d.Volumes, func(o ecs.Volume) bool { return o.ConfiguredAtLaunch })
	if strings.Contains(strings.ToLower(class.String()), "efs") || shared || ebs || claim == nil ||
		w.kind == "DaemonSet" {
		v.Need("the ID of an Amazon EFS file system for it")
		vol.EFSVolumeConfiguration = &ecs.EFSVolumeConfiguration{FileSystemID: "fs-needs-an-id",
			TransitEncryption: ecs.EFSTransitEncryptionEnabled}
		return
	}
	gib := 10
	size := claim.At("spec", "resources", "requests", "storage")
	if n, ok := quantity(size, 0); ok {
		gib = min(max((document.MiB(n)+1023)/1024, 1), 16384)
		size.Translate("%d GiB", gib)
	}
	vol.ConfiguredAtLaunch = true
	v.Need("the infrastructure role by which ECS makes the Amazon EBS volume of each task")
	w.s.VolumeConfigurations = append(w.s.VolumeConfigurations, ecs.ServiceVolumeConfiguration{Name: vol.Name,
		ManagedEBSVolume: &ecs.ServiceManagedEBSVolumeConfiguration{SizeInGiB: ecs.Some(gib), FilesystemType: "ext4",
			RoleArn: w.given.ARN("iam", "role/needs-infrastructure-role")}})
}

// mounts reads the mounts of a container.
func (w *workload) mounts(v *source.Value, c *ecs.ContainerDefinition) {
	for _, m := range v.Get("volumeMounts").Items() {
		name, ok := w.renamed[m.Get("name").Raw()]
		if !ok {
			m.Lose("see the volume %s", m.Get("name").Raw())
			continue
		}
		p := ecs.MountPoint{SourceVolume: name, ContainerPath: document.MountPath(m.Get("mountPath").String())}
		m.Get("name").Keep()
		if b, ok := m.Get("readOnly").Bool(); ok {
			p.ReadOnly = ecs.Some(b)
		}
		for _, k := range []string{"subPath", "subPathExpr"} {
			m.Get(k).Lose("the whole volume is mounted")
		}
		m.Get("mountPropagation").Lose("mounts of a task are private")
		m.Get("recursiveReadOnly").Lose("a mount is read-only by itself")
		c.MountPoints = append(c.MountPoints, p)
	}
}

// settings reads what the pod says of all its containers.
func (w *workload) settings() {
	each := func(do func(c *ecs.ContainerDefinition)) {
		for i := range w.d.ContainerDefinitions {
			do(&w.d.ContainerDefinitions[i])
		}
	}
	p := w.pod
	w.podSecurity(p.Get("securityContext"), each)
	modes := []struct {
		key string
		set func()
	}{
		{"hostPID", func() { w.d.PidMode = ecs.PidModeHost }},
		{"shareProcessNamespace", func() { w.d.PidMode = ecs.PidModeTask }},
		{"hostIPC", func() { w.d.IpcMode = ecs.IpcModeHost }},
	}
	for _, m := range modes {
		if on, _ := p.Get(m.key).Bool(); on {
			if w.fargate && m.key != "shareProcessNamespace" {
				p.Get(m.key).Lose("a task on Fargate has no host")
				continue
			}
			m.set()
		}
	}
	w.names(each)
	w.account(p.Get("serviceAccountName"))
	if list := p.Get("imagePullSecrets"); list.Has() && len(list.Items()) > 0 {
		list.Need("put the registry's user and password into a secret of Secrets Manager, and its ARN into " +
			"repositoryCredentials")
		w.role(list)
		each(func(c *ecs.ContainerDefinition) {
			c.RepositoryCredentials = &ecs.RepositoryCredentials{CredentialsParameter: w.given.Secret("registry")}
		})
	}
	if hostname := p.Get("hostname"); hostname.String() != "" {
		if w.awsvpc() || w.d.NetworkMode == ecs.NetworkModeHost {
			hostname.Lose("a task with its own network interface has the name of that")
		} else {
			each(func(c *ecs.ContainerDefinition) { c.Hostname = hostname.Raw() })
		}
	}
	restart := p.Get("restartPolicy")
	switch restart.String() {
	case "Always":
		restart.Approximate("an essential container that ends ends its task, and the service starts a new one; " +
			"restartPolicy of a container restarts it in place")
	case "OnFailure":
		restart.Approximate("a standalone task that fails is not started again: whatever starts it must")
	}
	for k, text := range unsupported {
		p.Get(k).Lose("%s", text)
	}
	for _, k := range []string{"nodeName", "enableServiceLinks", "serviceAccount", "automountServiceAccountToken",
		"preemptionPolicy", "os"} {
		p.Get(k).Lose("ECS has nothing like it")
	}
}

// unsupported are the fields of a pod that ECS has nothing for.
var unsupported = map[string]string{
	"priorityClassName":     "ECS has no priorities: give what must run capacity of its own",
	"priority":              "ECS has no priorities: give what must run capacity of its own",
	"runtimeClassName":      "the runtime is the instance's",
	"schedulerName":         "ECS places tasks by the strategy of their service",
	"overhead":              "ECS reserves what the containers ask for",
	"activeDeadlineSeconds": "a task has no time limit: whatever starts it must stop it",
	"readinessGates":        "ECS knows health checks only",
	"subdomain":             "Service Connect or AWS Cloud Map gives a service its name",
	"setHostnameAsFQDN":     "the name of a task is its network interface's",
	"ephemeralContainers":   "ECS Exec runs a command in a container",
	"resourceClaims":        "ECS has no claims of resources",
	"hostUsers":             "user namespaces are a setting of Docker on the instance",
}

func (w *workload) podSecurity(v *source.Value, each func(func(c *ecs.ContainerDefinition))) {
	if !v.Has() {
		return
	}
	var common ecs.ContainerDefinition
	w.secure(v, &common)
	each(func(c *ecs.ContainerDefinition) {
		if c.User == "" {
			c.User = common.User
		}
		c.SystemControls = append(c.SystemControls, common.SystemControls...)
	})
}

// names reads DNS settings and /etc/hosts, which tasks with their own network interface do not have.
func (w *workload) names(each func(func(c *ecs.ContainerDefinition))) {
	dns, aliases := w.pod.Get("dnsConfig"), w.pod.Get("hostAliases")
	w.pod.Get("dnsPolicy").Translate("names are looked up in the VPC's DNS, and those of Service Connect in /etc/hosts")
	if w.awsvpc() {
		dns.Lose("a task with its own network interface asks the VPC's DNS")
		aliases.Lose("a task with its own network interface has no lines of its own in /etc/hosts: make a record in " +
			"Amazon Route 53")
		return
	}
	dns.Get("options").Lose("options of resolv.conf are the instance's")
	each(func(c *ecs.ContainerDefinition) {
		c.DNSServers = dns.Get("nameservers").Strings()
		c.DNSSearchDomains = dns.Get("searches").Strings()
		for _, a := range aliases.Items() {
			for _, h := range a.Get("hostnames").Strings() {
				c.ExtraHosts = append(c.ExtraHosts, ecs.HostEntry{Hostname: h, IPAddress: a.Get("ip").String()})
			}
		}
	})
}

// account gives the task the role that its service account has by EKS's annotation.
func (w *workload) account(v *source.Value) {
	name := v.String()
	if name == "" || name == "default" {
		return
	}
	role := w.find("ServiceAccount", name).At("metadata", "annotations", "eks.amazonaws.com/role-arn")
	if role.Has() {
		w.d.TaskRoleArn = role.Translate("taskRoleArn").Raw()
		v.Translate("the role of its annotation")
		return
	}
	v.Need("a role in IAM for what the service account %s may do", name)
}

// milli reads thousandths.
func milli(v *source.Value) (int64, bool) { return quantity(v, resource.Milli) }
