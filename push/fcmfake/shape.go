package fcmfake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// violation is one thing wrong with a request.
type violation struct {
	field, text string
}

// check looks at one value of a request, decoded from JSON.
type check func(path string, value any) *violation

// durationForm is google.protobuf.Duration in JSON, not negative.
var durationForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,9})?s$`)

func invalid(path, format string, args ...any) *violation {
	return &violation{path, "Invalid value at '" + path + "': " + fmt.Sprintf(format, args...)}
}

func text(path string, value any) *violation {
	if _, ok := value.(string); !ok {
		return invalid(path, "not a string")
	}
	return nil
}

func boolean(path string, value any) *violation {
	if _, ok := value.(bool); !ok {
		return invalid(path, "not a boolean")
	}
	return nil
}

func number(path string, value any) *violation {
	if _, ok := value.(float64); !ok {
		return invalid(path, "not a number")
	}
	return nil
}

func anyObject(path string, value any) *violation {
	if _, ok := value.(map[string]any); !ok {
		return invalid(path, "not an object")
	}
	return nil
}

func duration(path string, value any) *violation {
	if written, ok := value.(string); !ok || !durationForm.MatchString(written) {
		return invalid(path, "not a duration such as \"3.5s\"")
	}
	return nil
}

// ttl is at most four weeks.
func ttl(path string, value any) *violation {
	if problem := duration(path, value); problem != nil {
		return problem
	}
	seconds, _, _ := strings.Cut(strings.TrimSuffix(value.(string), "s"), ".") //nolint:forcetypeassert // duration has looked
	if len(seconds) > 7 || len(seconds) == 7 && seconds > "2419200" {
		return invalid(path, "more than four weeks")
	}
	return nil
}

func oneOf(allowed ...string) check {
	return func(path string, value any) *violation {
		if written, ok := value.(string); !ok || !slices.Contains(allowed, written) {
			return invalid(path, "not one of %s", strings.Join(allowed, ", "))
		}
		return nil
	}
}

func list(item check) check {
	return func(path string, value any) *violation {
		items, ok := value.([]any)
		if !ok {
			return invalid(path, "not a list")
		}
		for at, one := range items {
			if problem := item(fmt.Sprintf("%s[%d]", path, at), one); problem != nil {
				return problem
			}
		}
		return nil
	}
}

// textMap is a map of strings; with reserved, Firebase's reserved keys are refused.
func textMap(reserved bool) check {
	return func(path string, value any) *violation {
		entries, ok := value.(map[string]any)
		if !ok {
			return invalid(path, "not an object")
		}
		for key, entry := range entries {
			if reserved && (key == "from" || key == "message_type" || key == "collapse_key" ||
				strings.HasPrefix(key, "google.") || strings.HasPrefix(key, "gcm.")) {
				return &violation{path, "Invalid data payload key: " + key}
			}
			if problem := text(path+"."+key, entry); problem != nil {
				return problem
			}
		}
		return nil
	}
}

// object is a message of the protocol: its fields, under their own or their lowerCamelCase names,
// and no others.
func object(fields map[string]check) check {
	return func(path string, value any) *violation {
		entries, ok := value.(map[string]any)
		if !ok {
			return invalid(path, "not an object")
		}
		for name, entry := range entries {
			known, ok := fields[snake(name)]
			if !ok {
				return &violation{path, fmt.Sprintf(
					"Invalid JSON payload received. Unknown name %q at '%s': Cannot find field.", name, path)}
			}
			if problem := known(strings.TrimPrefix(path+"."+snake(name), "."), entry); problem != nil {
				return problem
			}
		}
		return nil
	}
}

// snake turns collapseKey into collapse_key: protobuf's JSON takes both.
func snake(name string) string {
	written := strings.Builder{}
	for _, letter := range name {
		if letter >= 'A' && letter <= 'Z' {
			written.WriteByte('_')
			letter += 'a' - 'A'
		}
		written.WriteRune(letter)
	}
	return written.String()
}
