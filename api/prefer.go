package api

import (
	"strconv"
	"strings"
	"time"
)

// maxWait is the longest that Prefer: wait makes a request wait.
const maxWait = 10 * time.Second

// preferWait reads wait=N from a Prefer header (RFC 7240), N in whole seconds, cut to
// maxWait. What cannot be read is ignored, as the standard asks; the first wait counts.
func preferWait(header string) time.Duration {
	for _, preference := range strings.Split(header, ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
		if err != nil {
			return 0
		}
		return min(time.Duration(seconds)*time.Second, maxWait)
	}
	return 0
}
