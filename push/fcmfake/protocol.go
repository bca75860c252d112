package fcmfake

import (
	"encoding/json"
	"regexp"
	"slices"
)

// maxPayload is the most that data and notification may take, in bytes.
const maxPayload = 4096

var wholeNumber = regexp.MustCompile(`^[0-9]{1,12}$`)

// requestForm is the form of a messages:send request.
func requestForm() check {
	return object(map[string]check{"validate_only": boolean, "message": message()})
}

func message() check {
	return object(map[string]check{
		"name": text, "data": textMap(true), "token": text, "fid": text, "topic": text, "condition": text,
		"notification": object(map[string]check{"title": text, "body": text, "image": text}),
		"fcm_options":  object(map[string]check{"analytics_label": text}),
		"android":      android(), "apns": apns(),
		"webpush": object(map[string]check{
			"headers": textMap(false), "data": textMap(true), "notification": anyObject,
			"fcm_options": object(map[string]check{"link": text, "analytics_label": text}),
		}),
	})
}

func android() check {
	return object(map[string]check{
		"collapse_key": text, "priority": oneOf("normal", "high", "NORMAL", "HIGH"), "ttl": ttl,
		"restricted_package_name": text, "data": textMap(true), "direct_boot_ok": boolean,
		"bandwidth_constrained_ok": boolean, "restricted_satellite_ok": boolean,
		"fcm_options": object(map[string]check{"analytics_label": text}),
		"notification": object(map[string]check{
			"title": text, "body": text, "icon": text, "color": text, "sound": text, "tag": text,
			"click_action": text, "body_loc_key": text, "body_loc_args": list(text), "title_loc_key": text,
			"title_loc_args": list(text), "channel_id": text, "ticker": text, "sticky": boolean,
			"event_time": text, "local_only": boolean, "default_sound": boolean,
			"default_vibrate_timings": boolean, "default_light_settings": boolean,
			"vibrate_timings": list(duration), "notification_count": number, "image": text,
			"notification_priority": oneOf("PRIORITY_UNSPECIFIED", "PRIORITY_MIN", "PRIORITY_LOW",
				"PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX"),
			"visibility": oneOf("VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"),
			"proxy":      oneOf("PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"),
			"light_settings": object(map[string]check{
				"color":             object(map[string]check{"red": number, "green": number, "blue": number, "alpha": number}),
				"light_on_duration": duration, "light_off_duration": duration,
			}),
		}),
	})
}

func apns() check {
	return object(map[string]check{
		"headers": apnsHeaders, "payload": anyObject, "live_activity_token": text,
		"fcm_options": object(map[string]check{"analytics_label": text, "image": text}),
	})
}

// apnsHeaders are Apple's own rules, which Firebase passes on.
func apnsHeaders(path string, value any) *violation {
	if problem := textMap(false)(path, value); problem != nil {
		return problem
	}
	for name, entry := range value.(map[string]any) { //nolint:forcetypeassert // textMap has looked
		written := entry.(string) //nolint:forcetypeassert // as above
		switch {
		case name == "apns-priority" && !slices.Contains([]string{"1", "5", "10"}, written),
			name == "apns-expiration" && !wholeNumber.MatchString(written),
			name == "apns-collapse-id" && len(written) > 64:
			return invalid(path+"."+name, "refused by APNs")
		}
	}
	return nil
}

// envelope is what the fake itself reads of a request that has the right form.
type envelope struct {
	ValidateOnly bool `json:"validate_only"`
	DryRun       bool `json:"validateOnly"` // its other name
	Message      struct {
		Token        string            `json:"token"`
		FID          string            `json:"fid"`
		Topic        string            `json:"topic"`
		Condition    string            `json:"condition"`
		Data         map[string]string `json:"data"`
		Notification map[string]string `json:"notification"`
		Android      struct {
			Notification struct {
				Tag string `json:"tag"`
			} `json:"notification"`
		} `json:"android"`
		APNS struct {
			Headers map[string]string `json:"headers"`
		} `json:"apns"`
	} `json:"message"`
}

// parse checks a request body and reads it.
func parse(body []byte, form check) (envelope, *violation) {
	var read envelope
	var raw any
	if err := json.Unmarshal(body, &raw); err != nil {
		return read, &violation{"", "Invalid JSON payload received. " + err.Error()}
	}
	if problem := form("", raw); problem != nil {
		return read, problem
	}
	if err := json.Unmarshal(body, &read); err != nil {
		return read, &violation{"", "Invalid JSON payload received. " + err.Error()}
	}
	targets, size := 0, 0
	for _, target := range []string{read.Message.Token, read.Message.FID, read.Message.Topic, read.Message.Condition} {
		if target != "" {
			targets++
		}
	}
	if targets != 1 {
		return read, &violation{"message", "Exactly one of token, topic or condition is required"}
	}
	if read.Message.FID != "" {
		read.Message.Token = Installation(read.Message.FID)
	}
	for _, entries := range []map[string]string{read.Message.Data, read.Message.Notification} {
		for key, value := range entries {
			size += len(key) + len(value)
		}
	}
	if size > maxPayload {
		return read, &violation{"message", "Android message is too big"}
	}
	return read, nil
}

// Installation is what an installation id is called in Script, Received and Requests.
func Installation(id string) string { return "fid:" + id }
