package front

import (
	"cmp"
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
		{Name: "containerInsights", Value: "disabled", Type: "user",
			values: []string{"enabled", "disabled", "enhanced"}},
		{Name: "containerInstanceLongArnFormat", Value: "enabled", Type: "user", values: onOff},
		{Name: "defaultLogDriverMode", Value: "non-blocking", Type: "user",
			values: []string{"blocking", "non-blocking"}},
		{Name: "dualStackIPv6", Value: "enabled", Type: "aws_managed"},
		{Name: "fargateFIPSMode", Value: "disabled", Type: "user", values: onOff},
		{Name: "fargateTaskRetirementWaitPeriod", Value: "7", Type: "user", values: []string{"0", "7", "14"}},
		{Name: "guardDutyActivate", Value: "off", Type: "aws_managed"},
		{Name: "serviceLongArnFormat", Value: "enabled", Type: "user", values: onOff},
		{Name: "tagResourceAuthorization", Value: "off", Type: "user", values: []string{"on", "off"}},
		{Name: "taskLongArnFormat", Value: "enabled", Type: "user", values: onOff},
	}
}

// The inputs of the requests about account settings.
type (
	settingName struct {
		Name         string `json:"name"`
		PrincipalArn string `json:"principalArn"`
	}
	settingValue struct {
		settingName
		Value string `json:"value"`
	}
	settingDefault struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	settingFilter struct {
		settingValue
		EffectiveSettings bool         `json:"effectiveSettings"`
		NextToken         string       `json:"nextToken"`
		MaxResults        ecs.Opt[int] `json:"maxResults"` // 1 to 10; absent: 10
	}
)

// settingOperations keep account settings and give them back. They change nothing else: the
// plane knows the long ARN formats only.
func settingOperations() table {
	return table{
		"PutAccountSetting": with((*region).putSetting),
		"PutAccountSettingDefault": with(func(s *region, in settingDefault) (any, error) {
			return s.putSetting(settingValue{settingName{Name: in.Name}, in.Value})
		}),
		"DeleteAccountSetting": with((*region).deleteSetting),
		"ListAccountSettings":  with((*region).listSettings),
	}
}

// principal returns whose setting is meant: unless somebody is named, the account's root.
func (s *region) principal(arn string) string {
	return cmp.Or(arn, "arn:aws:iam::"+s.config.Account+":root")
}

func known(name string) (accountSetting, error) {
	all := settingDefaults()
	i := slices.IndexFunc(all, func(d accountSetting) bool { return d.Name == name })
	if i < 0 {
		return accountSetting{}, ecs.Fault(ecs.InvalidParameterException, "name",
			"Invalid setting name "+string(quoted(name))+".")
	}
	return all[i], nil
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}

func (s *region) putSetting(in settingValue) (any, error) {
	in.PrincipalArn = s.principal(in.PrincipalArn)
	v, err := known(in.Name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(v.values, in.Value) {
		return nil, ecs.Fault(ecs.InvalidParameterException, "value",
			fmt.Sprintf("The value of %s must be one of %q; it is %q.", in.Name, v.values, in.Value))
	}
	v.Value, v.PrincipalArn = in.Value, in.PrincipalArn
	others := withoutSetting(s.kept.Settings, in.settingName)
	if len(others) == mostKept {
		return nil, ecs.Fault(ecs.LimitExceededException, "principalArn",
			fmt.Sprintf("%d settings are kept, and no more can be.", mostKept))
	}
	s.kept.Settings = append(others, v)
	return object{"setting": v}, s.keep()
}

func withoutSetting(list []accountSetting, in settingName) []accountSetting {
	return slices.DeleteFunc(slices.Clone(list), func(o accountSetting) bool {
		return o.Name == in.Name && o.PrincipalArn == in.PrincipalArn
	})
}

func (s *region) deleteSetting(in settingName) (any, error) {
	in.PrincipalArn = s.principal(in.PrincipalArn)
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
func (s *region) listSettings(in settingFilter) (any, error) {
	in.PrincipalArn = s.principal(in.PrincipalArn)
	if in.Name != "" {
		if _, err := known(in.Name); err != nil {
			return nil, err
		}
	}
	list := []accountSetting{}
	for _, v := range settingDefaults() {
		v.PrincipalArn = in.PrincipalArn
		set := slices.IndexFunc(s.kept.Settings, func(o accountSetting) bool {
			return o.Name == v.Name && o.PrincipalArn == in.PrincipalArn
		})
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
		return nil, ecs.Fault(ecs.InvalidParameterException, "maxResults",
			fmt.Sprintf("maxResults must be between 1 and %d, not %d.", most, size))
	}
	// the last name of the page before
	list = slices.DeleteFunc(list, func(v accountSetting) bool { return v.Name <= in.NextToken })
	out := object{"settings": list}
	if len(list) > size {
		out["settings"], out["nextToken"] = list[:size], list[size-1].Name
	}
	return out, nil
}
