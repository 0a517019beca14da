package front

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/iam"
)

// actionOf returns the row of an action of Amazon ECS.
func actionOf(name string) (iam.Action, bool) {
	all := iam.Actions()
	i := slices.IndexFunc(all, func(a iam.Action) bool { return a.Name == name })
	if i < 0 {
		return iam.Action{}, false
	}
	return all[i], true
}

// checked are the resources that the call is checked against, each with its tags.
func (c question) checked() (list []iam.Resource) {
	switch c.Service {
	case "application-autoscaling":
		return c.scalable()
	case "cloudwatch":
		return c.alarms()
	case "elasticloadbalancing":
		return c.balanced()
	}
	row, _ := actionOf(c.Action)
	types := row.Resources
	if strings.HasSuffix(c.Action, "Resource") { // the one that is tagged
		types = nil
		for _, r := range c.Resources {
			types = append(types, r.Type)
		}
	}
	for _, typ := range types {
		arns := c.arns(typ)
		if len(arns) == 0 {
			arns = []string{c.all(typ)}
		}
		for _, arn := range arns {
			list = append(list, iam.Resource{ARN: arn, Context: c.tagged(arn)})
		}
	}
	return list
}

// scalable is what calls of Application Auto Scaling are checked against: some scalable target, whose ID
// no call names.
func (c question) scalable() []iam.Resource {
	if strings.HasPrefix(c.Action, "Describe") {
		return nil
	}
	return []iam.Resource{{ARN: "arn:aws:application-autoscaling:" + c.Region + ":" + c.account() +
		":scalable-target/*"}}
}

// balanced are what calls of Elastic Load Balancing are checked against: what describes, against all; what makes,
// against the name that the resource will have, or the one that it will be part of; and else what the call names first,
// or of tags, all that it names.
// Source: Service Authorization Reference, "Actions, resources, and condition keys for Elastic Load Balancing V2".
func (c question) balanced() (list []iam.Resource) {
	if strings.HasPrefix(c.Action, "Describe") {
		return nil
	}
	for i, r := range c.Resources {
		if i > 0 && !strings.HasSuffix(c.Action, "Tags") {
			break
		}
		arn := r.Name
		if !strings.HasPrefix(arn, "arn:") {
			kind := r.Type
			if kind == "loadbalancer" {
				kind = "loadbalancer/*" // application or network
			}
			name := r.Name + "/*"
			if kind == "classic" {
				kind, name = "loadbalancer", r.Name
			}
			arn = "arn:aws:elasticloadbalancing:" + c.Region + ":" + c.account() + ":" + kind + "/" + name
		}
		list = append(list, iam.Resource{ARN: arn})
	}
	return list
}

// alarms are what calls of Amazon CloudWatch are checked against: the alarms that they name.
func (c question) alarms() (list []iam.Resource) {
	for _, r := range c.Resources {
		if strings.HasPrefix(r.Type, "alarm:") { // of an ARN
			list = append(list, iam.Resource{ARN: r.Name})
		} else if r.Type == "alarm" {
			list = append(list, iam.Resource{ARN: "arn:aws:cloudwatch:" + c.Region + ":" + c.account() + ":alarm:" +
				r.Name})
		}
	}
	return list
}

// tagged are the condition keys of a resource's tags.
func (c question) tagged(arn string) iam.Context {
	context := iam.Context{}
	of := arn
	if d, ok := c.definition(); ok && strings.Contains(arn, ":task-definition/") {
		of = d.TaskDefinitionArn // the revision that a family means
	}
	for _, t := range c.tags(of) {
		context["aws:ResourceTag/"+t.Key] = []string{t.Value}
		context["ecs:ResourceTag/"+t.Key] = []string{t.Value}
	}
	return context
}

// own is the ARN of everything in the call's Region and account.
func (c question) own() ecs.ARN { return ecs.ARN{Region: c.Region, Account: c.account()} }

// cluster is the name of the call's cluster, as the plane reads it: that which an ARN of a deployment
// names, or else the last part of what the call names, or else "default".
func (c question) cluster() string {
	for _, r := range c.Resources {
		if a, err := ecs.ParseARN(r.Name); err == nil && (r.Type == "service-deployment" ||
			r.Type == "service-revision") {
			return a.Cluster()
		}
	}
	if c.Cluster == "" {
		return "default"
	}
	return lastOf(c.Cluster)
}

// lastOf is what follows the last slash: the plane takes a name or an ARN by it.
func lastOf(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// arns are the ARNs, of a type, of what the call names.
func (c question) arns(typ string) (list []string) {
	for _, r := range c.Resources {
		for _, arn := range c.arnsOf(typ, r) {
			if !slices.Contains(list, arn) {
				list = append(list, arn)
			}
		}
	}
	return list
}

// arnsOf is the ARN, of a type, of a resource, as the plane will find it: in the call's own Region,
// account and cluster, whatever else an ARN says.
func (c question) arnsOf(typ string, r Resource) []string {
	own, cluster, name := c.own(), c.cluster(), lastOf(r.Name)
	a, err := ecs.ParseARN(r.Name)
	if tagging := strings.HasSuffix(c.Action, "Resource"); tagging && err == nil && r.Type == typ {
		a.Region, a.Account, a.Partition = own.Region, own.Account, ""
		return []string{a.String()}
	}
	if (r.Type == "service-deployment" || r.Type == "service-revision") && err == nil {
		parts := strings.Split(a.Resource, "/")
		a.Region, a.Account, a.Partition = own.Region, own.Account, ""
		switch {
		case typ == "service" && len(parts) == 3:
			return []string{own.ForService(parts[0], parts[1]).String()}
		case typ == r.Type:
			return []string{a.String()}
		}
		return nil
	}
	if r.Type != typ {
		return nil
	}
	switch typ {
	case "cluster":
		return []string{own.ForCluster(name).String()}
	case "service":
		return []string{own.ForService(cluster, name).String()}
	case "task":
		return []string{own.ForTask(cluster, ecs.TaskID(name)).String()}
	case "container-instance":
		return []string{own.ForContainerInstance(cluster, ecs.InstanceID(name)).String()}
	case "capacity-provider":
		return []string{own.ForCapacityProvider(name).String()}
	case "task-set":
		return []string{own.ForTaskSet(cluster, c.service(), "ecs-svc/"+name).String()}
	case "task-definition":
		return []string{c.definitionARN(r.Name)}
	}
	return nil
}

// definitionARN is the ARN of a task definition as the call asks for it: without a revision where it
// names a family, with any where it registers one.
func (c question) definitionARN(ref string) string {
	family, revision, err := ecs.SplitTaskDefinition(ref)
	switch {
	case c.Action == "RegisterTaskDefinition":
		return strings.TrimSuffix(c.own().ForTaskDefinition(ref, 0).String(), "0") + "*"
	case err != nil:
		family, revision = ref, 0
	}
	if revision == 0 {
		return strings.TrimSuffix(c.own().ForTaskDefinition(family, 0).String(), ":0")
	}
	return c.own().ForTaskDefinition(family, revision).String()
}

// service is the name of the call's service, or "".
func (c question) service() string {
	for _, r := range c.Resources {
		if r.Type == "service" {
			return lastOf(r.Name)
		}
		if a, err := ecs.ParseARN(r.Name); err == nil && (r.Type == "service-deployment" ||
			r.Type == "service-revision") {
			if parts := strings.Split(a.Resource, "/"); len(parts) == 3 {
				return parts[1]
			}
		}
	}
	return ""
}

// all is what a call is checked against that names nothing of a type: all of them in its cluster, and of
// its service. It is a text with an asterisk, which only a pattern with one covers.
func (c question) all(typ string) string {
	own, cluster := c.own(), c.cluster()
	switch typ {
	case "cluster":
		return own.ForCluster(cluster).String()
	case "task-set":
		return own.ForTaskSet(cluster, c.service(), "*").String()
	case "capacity-provider":
		return own.ForCapacityProvider("*").String()
	case "task":
		return own.ForTask(cluster, "*").String()
	case "container-instance":
		if c.Action == "ListTasks" {
			return "*"
		}
		return own.ForContainerInstance(cluster, "*").String()
	case "service":
		return own.ForService(cluster, "*").String()
	}
	return "*"
}

// created is the ARN of what the call makes, whose ID may not be known yet; "" where it makes nothing.
func (c question) created() string {
	switch c.Action {
	case "CreateCluster":
		return c.own().ForCluster(c.cluster()).String()
	case "CreateService":
		return c.own().ForService(c.cluster(), c.service()).String()
	case "RunTask", "StartTask":
		return c.all("task")
	case "RegisterContainerInstance":
		return c.all("container-instance")
	case "CreateTaskSet":
		return c.all("task-set")
	case "CreateCapacityProvider":
		return c.first("capacity-provider")
	case "RegisterTaskDefinition":
		return c.first("task-definition")
	}
	return ""
}

// first is the ARN of the first resource of a type that the call names, or of all.
func (c question) first(typ string) string {
	if arns := c.arns(typ); len(arns) > 0 {
		return arns[0]
	}
	return c.all(typ)
}
