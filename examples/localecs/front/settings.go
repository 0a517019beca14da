package front

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// accountSetting is the value of a setting for one principal.
type accountSetting struct {
	Name         string `json:"name"`
	Value        string `json:"value"`
	PrincipalArn string `json:"principalArn"`
	Type         string `json:"type,omitzero"` // user, or aws_managed where there is one value only

	values []string // that it may have
}

// settingDefaults are the settings there are, in order of name, with the values that they have
// unless somebody sets them. Source: Amazon ECS Developer Guide, "Access Amazon ECS features
// with account settings".
func settingDefaults() []accountSetting {
	onOff := []string{"enabled", "disabled"}
	return []accountSetting{
		{Name: "awsvpcTrunking", Value: "disabled", Type: "user", values: onOff},
		{Name: "containerInsights", Value: "disabled", Type: "user", values: []string{"enabled", "disabled", "enhanced"}},
		{Name: "containerInstanceLongArnFormat", Value: "enabled", Type: "user", values: onOff},
		{Name: "defaultLogDriverMode", Value: "non-blocking", Type: "user", values: []string{"blocking", "non-blocking"}},
		{Name: "dualStackIPv6", Value: "enabled", Type: "aws_managed"},
		{Name: "fargateFIPSMode", Value: "disabled", Type: "user", values: onOff},
		{Name: "fargateTaskRetirementWaitPeriod", Value: "7", Type: "user", values: []string{"0", "7", "14"}},
		{Name: "guardDutyActivate", Value: "off", Type: "aws_managed"},
		{Name: "serviceLongArnFormat", Value: "enabled", Type: "user", values: onOff},
		{Name: "tagResourceAuthorization", Value: "off", Type: "user", values: []string{"on", "off"}},
		{Name: "taskLongArnFormat", Value: "enabled", Type: "user", values: onOff},
	}
}

// settingInput is the input of the requests about account settings.
type settingInput struct {
	Name              string       `json:"name"`
	Value             string       `json:"value"`
	PrincipalArn      string       `json:"principalArn"`
	EffectiveSettings bool         `json:"effectiveSettings"`
	NextToken         string       `json:"nextToken"`
	MaxResults        ecs.Opt[int] `json:"maxResults"` // 1 to 10; absent: 10
}

// settingOperations keep account settings and give them back. They change nothing else: the
// plane knows the long ARN formats only.
func settingOperations() map[string]operation {
	return map[string]operation{
		"PutAccountSetting":        setting((*Server).putSetting),
		"PutAccountSettingDefault": setting((*Server).putSetting),
		"DeleteAccountSetting":     setting((*Server).deleteSetting),
		"ListAccountSettings":      setting((*Server).listSettings),
	}
}

func setting(f func(s *Server, in settingInput) (any, error)) operation {
	return with(func(s *Server, in settingInput) (any, error) {
		if in.PrincipalArn == "" {
			in.PrincipalArn = "arn:aws:iam::" + s.config.Account + ":root"
		}
		return f(s, in)
	})
}

func known(name string) (accountSetting, error) {
	all := settingDefaults()
	i := slices.IndexFunc(all, func(d accountSetting) bool { return d.Name == name })
	if i < 0 {
		return accountSetting{}, ecs.Fault(ecs.InvalidParameterException, "name", "Invalid setting name "+string(quoted(name))+".")
	}
	return all[i], nil
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}

func (s *Server) putSetting(in settingInput) (any, error) {
	v, err := known(in.Name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.values, in.Value) {
		return nil, ecs.Fault(ecs.InvalidParameterException, "value", fmt.Sprintf("The value of %s must be one of %q; it is %q.", in.Name, v.values, in.Value))
	}
	v.Value, v.PrincipalArn = in.Value, in.PrincipalArn
	s.kept.Settings = append(withoutSetting(s.kept.Settings, in), v)
	return object{"setting": v}, s.keep()
}

func withoutSetting(list []accountSetting, in settingInput) []accountSetting {
	return slices.DeleteFunc(slices.Clone(list), func(o accountSetting) bool { return o.Name == in.Name && o.PrincipalArn == in.PrincipalArn })
}

func (s *Server) deleteSetting(in settingInput) (any, error) {
	v, err := known(in.Name)
	if err != nil {
		return nil, err
	}
	v.PrincipalArn = in.PrincipalArn
	s.kept.Settings = withoutSetting(s.kept.Settings, in)
	return object{"setting": v}, s.keep()
}

// listSettings lists the settings that somebody has set or, if effective ones are asked for,
// all with the values that they have.
func (s *Server) listSettings(in settingInput) (any, error) {
	if in.Name != "" {
		if _, err := known(in.Name); err != nil {
			return nil, err
		}
	}
	list := []accountSetting{}
	for _, v := range settingDefaults() {
		v.PrincipalArn = in.PrincipalArn
		set := slices.IndexFunc(s.kept.Settings, func(o accountSetting) bool { return o.Name == v.Name && o.PrincipalArn == in.PrincipalArn })
		if set >= 0 {
			v = s.kept.Settings[set]
		} else if !in.EffectiveSettings {
			continue
		}
		if (in.Name == "" || in.Name == v.Name) && (in.Value == "" || in.Value == v.Value) {
			list = append(list, v)
		}
	}
	const most = 10
	size := in.MaxResults.Or(most)
	if size < 1 || size > most {
		return nil, ecs.Fault(ecs.InvalidParameterException, "maxResults", fmt.Sprintf("maxResults must be between 1 and %d, not %d.", most, size))
	}
	list = slices.DeleteFunc(list, func(v accountSetting) bool { return v.Name <= in.NextToken }) // the last name of the page before
	out := object{"settings": list}
	if len(list) > size {
		out["settings"], out["nextToken"] = list[:size], list[size-1].Name
	}
	return out, nil
}
