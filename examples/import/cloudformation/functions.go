package cloudformation

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// mostDepth bounds functions in functions, so that mappings and references that go in circles end.
const mostDepth = 32

// short are the short forms of functions in YAML.
var short = map[string]string{"!Ref": "Ref", "!Condition": "Condition"}

// function returns the function that a value calls, by its long name, with its arguments.
func function(v *source.Value) (name string, arguments *source.Value) {
	if v.Is(source.Map) && len(v.Keys()) == 1 {
		if k := v.Keys()[0]; k == "Ref" || strings.HasPrefix(k, "Fn::") {
			return k, v.Get(k)
		}
	}
	if v != nil && v.Tag != "" {
		return cmp.Or(short[v.Tag], "Fn::"+v.Tag[1:]), v
	}
	return "", nil
}

// reference returns the logical ID that a value refers to.
func reference(v *source.Value) (string, bool) {
	name, of := function(v)
	if name != "Ref" || of.Raw() == "" {
		return "", false
	}
	return of.Raw(), true
}

// value computes a value with its functions. A function that only a stack can compute is a placeholder.
func (t *template) value(v *source.Value) any {
	if t.depth++; t.depth > mostDepth+source.MostDepth {
		t.depth--
		return nil
	}
	defer func() { t.depth-- }()
	if name, of := function(v); name != "" {
		return t.call(v, name, of)
	}
	switch {
	case v.Is(source.Map):
		m := map[string]any{}
		for _, k := range v.Keys() {
			if x := t.value(v.Get(k)); x != nil {
				m[k] = x
			}
		}
		return m
	case v.Is(source.List):
		var list []any
		for _, x := range v.Items() {
			if y := t.value(x); y != nil {
				list = append(list, y)
			}
		}
		return list
	}
	return v.Plain()
}

// call computes a function.
func (t *template) call(v *source.Value, name string, of *source.Value) any {
	switch name {
	case "Ref":
		return t.ref(v, of.Raw())
	case "Fn::Sub":
		return t.sub(v, of)
	case "Fn::Join":
		if args := of.Items(); len(args) == 2 {
			var parts []string
			list, _ := t.value(args[1]).([]any)
			for _, x := range list {
				parts = append(parts, text(x))
			}
			return strings.Join(parts, args[0].Raw())
		}
	case "Fn::Select":
		if args := of.Items(); len(args) == 2 {
			list, _ := t.value(args[1]).([]any)
			if n, err := strconv.Atoi(text(t.value(args[0]))); err == nil && n >= 0 && n < len(list) {
				return list[n]
			}
		}
	case "Fn::Split":
		if args := of.Items(); len(args) == 2 {
			var list []any
			for part := range strings.SplitSeq(text(t.value(args[1])), args[0].Raw()) {
				list = append(list, part)
			}
			return list
		}
	case "Fn::If":
		if args := of.Items(); len(args) == 3 {
			v.Approximate("conditions are not computed: the branch for true counts")
			return t.value(args[1])
		}
	case "Fn::FindInMap":
		if args := of.Items(); len(args) >= 3 {
			m := t.v.Get("Mappings")
			for _, a := range args[:3] {
				m = m.Get(text(t.value(a)))
			}
			if m.Has() {
				return t.value(m)
			}
		}
	case "Fn::GetAtt":
		id, attribute, _ := strings.Cut(of.Raw(), ".")
		if args := of.Each(); of.Is(source.List) && len(args) > 1 {
			id, attribute = args[0].Raw(), args[1].Raw()
		}
		return t.attribute(v, id, attribute)
	}
	return t.unknown(v, name)
}

// unknown is the placeholder for what only a stack can compute.
func (t *template) unknown(v *source.Value, name string) any {
	v.Need("a value for %s, which only a stack has", name)
	return "needs-a-value"
}

func text(x any) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(x)
}

// ref computes a reference: a pseudo parameter, a parameter by what was given or by its default, or a resource.
func (t *template) ref(v *source.Value, name string) any {
	switch name {
	case "AWS::Region":
		return t.given.RegionOr()
	case "AWS::AccountId":
		if t.given.Account == "" {
			v.Need("the account, with -account")
		}
		return cmp.Or(t.given.Account, "000000000000")
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return document.Name(cmp.Or(t.given.Name, "stack"))
	case "AWS::NoValue":
		return nil
	}
	if given, ok := t.given.Variables[name]; ok {
		v.Translate("the value that was given")
		return given
	}
	if p := t.v.At("Parameters", name); p.Has() {
		if d := p.Get("Default"); d.Has() {
			v.Translate("the default of the parameter %s", name)
			if strings.HasPrefix(p.Get("Type").Raw(), "List<") || p.Get("Type").Raw() == "CommaDelimitedList" {
				var list []any
				for part := range strings.SplitSeq(d.Raw(), ",") {
					list = append(list, strings.TrimSpace(part))
				}
				return list
			}
			return d.Plain()
		}
		v.Need("the parameter %s, with -set %s=VALUE", name, name)
		if strings.HasPrefix(p.Get("Type").Raw(), "Number") {
			return "1"
		}
		return "needs-" + document.Name(name)
	}
	if t.resources.Get(name).Has() {
		return t.resourceRef(v, name)
	}
	return t.unknown(v, "Ref "+name)
}

// resourceRef is what a reference to a resource of the template comes to.
func (t *template) resourceRef(v *source.Value, id string) any {
	switch r := t.resources.Get(id); r.Get("Type").Raw() {
	case "AWS::ECS::TaskDefinition", "AWS::ECS::Cluster", "AWS::ECS::CapacityProvider", "AWS::Logs::LogGroup":
		v.Translate("the resource %s of the template", id)
		return t.name(id)
	case "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup":
		v.Need("the ID of %s", id)
		return map[string]string{"AWS::EC2::Subnet": "subnet-", "AWS::EC2::SecurityGroup": "sg-"}[r.Get("Type").Raw()] +
			"needs-" + document.Name(id)
	}
	return t.attribute(v, id, "Arn")
}

// name is the name of a resource: the one that it gives itself, else its logical ID.
func (t *template) name(id string) string {
	p := t.resources.Get(id).Get("Properties")
	for _, k := range []string{"Family", "ClusterName", "Name", "LogGroupName", "ServiceName"} {
		if x := p.Get(k); x.Has() {
			if s := text(t.value(x)); s != "" {
				return s
			}
		}
	}
	return document.Name(id)
}

// attribute is the placeholder for an attribute of a resource.
func (t *template) attribute(v *source.Value, id, attribute string) any {
	r := t.resources.Get(id)
	if attribute == "Name" && strings.HasPrefix(r.Get("Type").Raw(), "AWS::ECS::") {
		return t.name(id)
	}
	v.Need("%s of %s, which only a stack has", cmp.Or(attribute, "a value"), id)
	name := document.Name(id)
	switch r.Get("Type").Raw() {
	case "AWS::IAM::Role":
		return t.given.ARN("iam", "role/needs-"+name)
	case "AWS::ElasticLoadBalancingV2::TargetGroup":
		return t.given.ARN("elasticloadbalancing",
			"targetgroup/"+document.TargetGroupName("needs-"+name)+"/0000000000000000")
	case "AWS::SecretsManager::Secret", "AWS::RDS::DBInstance":
		return t.given.Secret(id)
	case "AWS::ServiceDiscovery::Service":
		return t.given.ARN("servicediscovery", "service/srv-needs-"+name)
	case "AWS::AutoScaling::AutoScalingGroup":
		return t.given.ARN("autoscaling",
			"autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/needs-"+name)
	case "AWS::EFS::FileSystem":
		return "fs-needs-an-id"
	}
	return "needs-" + name
}

// variable finds ${NAME} in a text of Fn::Sub; ${!NAME} stands for itself.
var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// sub computes a text with variables.
func (t *template) sub(v, of *source.Value) any {
	pattern, own := of.Raw(), (*source.Value)(nil)
	if args := of.Each(); of.Is(source.List) && len(args) > 0 {
		pattern = args[0].Raw()
		if len(args) > 1 {
			own = args[1]
		}
	}
	return variable.ReplaceAllStringFunc(pattern, func(m string) string {
		name := strings.TrimSpace(m[2 : len(m)-1])
		switch id, attribute, dotted := strings.Cut(name, "."); {
		case strings.HasPrefix(name, "!"):
			return "${" + name[1:] + "}"
		case own.Get(name).Has():
			return text(t.value(own.Get(name)))
		case dotted && !strings.HasPrefix(name, "AWS::"):
			return text(t.attribute(v, id, attribute))
		}
		return text(t.ref(v, name))
	})
}
