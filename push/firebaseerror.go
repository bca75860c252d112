package push

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
)

// defaultQuotaWait is Google's advice for a 429 without Retry-After.
const defaultQuotaWait = time.Minute

// judge turns the SDK's error into an outcome. Only Firebase's own word about the token makes an
// address gone: a bare 404 or 403 can be a wrong project or a proxy, and would forget everybody.
// seen tells what the SDK does not, see watcher.
func judge(err error, seen attempt, now time.Time) Outcome {
	switch {
	case messaging.IsUnregistered(err):
		return Outcome{State: StateGone, Reason: ReasonUnregistered}
	case messaging.IsSenderIDMismatch(err):
		return Outcome{State: StateGone, Reason: ReasonSenderMismatch}
	case seen.status == http.StatusServiceUnavailable:
		return Outcome{State: StateRetry, Reason: ReasonUnavailable, RetryAfter: retryAfter(seen.retryAfter, now)}
	case seen.credentials:
		return Outcome{State: StateRetry, Reason: ReasonCredentials}
	}
	if response := errorutils.HTTPResponse(err); response != nil { //nolint:bodyclose // the SDK has read and closed it
		return judgeStatus(response.StatusCode, retryAfter(response.Header.Get("Retry-After"), now))
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errorutils.IsDeadlineExceeded(err):
		return Outcome{State: StateRetry, Reason: ReasonTimeout}
	case seen.errors > 0:
		return Outcome{State: StateRetry, Reason: ReasonNetwork}
	default: // an answer that the SDK could not read: a portal's page with status 200
		return Outcome{State: StateRetry, Reason: ReasonBadAnswer}
	}
}

// judgeStatus judges an answer that says nothing about the token. What is ours to mend (401, 403,
// 404) is tried again until the alert expires; what is wrong with the message is not.
func judgeStatus(status int, wait time.Duration) Outcome {
	switch {
	case status == http.StatusBadRequest:
		return Outcome{State: StateFailed, Reason: ReasonInvalidArgument}
	case status == http.StatusUnauthorized:
		return Outcome{State: StateRetry, Reason: ReasonCredentials}
	case status == http.StatusForbidden:
		return Outcome{State: StateRetry, Reason: ReasonPermission}
	case status == http.StatusNotFound:
		return Outcome{State: StateRetry, Reason: ReasonProviderNotFound}
	case status == http.StatusTooManyRequests && wait == 0:
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: defaultQuotaWait}
	case status == http.StatusTooManyRequests:
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: wait}
	case status == http.StatusGatewayTimeout, status == http.StatusRequestTimeout:
		return Outcome{State: StateRetry, Reason: ReasonTimeout, RetryAfter: wait}
	case status >= http.StatusInternalServerError:
		return Outcome{State: StateRetry, Reason: ReasonInternal, RetryAfter: wait}
	default:
		return Outcome{State: StateFailed, Reason: ReasonRefused}
	}
}

// retryAfter reads the header of RFC 9110 section 10.2.3: seconds or a date; 0 when it says nothing
// that makes sense. More than a day is a day.
func retryAfter(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(max(seconds, 0), 86400)) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
}
