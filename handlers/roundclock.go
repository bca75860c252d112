package handlers

import (
	"context"
	"time"

	"xunfang/api"
)

// phoneTime is when something of a round happened: as the phone's monotonic clock tells it, whatever the wall clock
// showed, else what the phone wrote. What the wall clock showed is then kept in the audit alone.
func phoneTime(
	ctx context.Context, what *deed, written api.Time, clock *api.PhoneClock, bootID *api.BootId, monotonicMS *int64,
) api.Time {
	read := clockOf(clock)
	if read == nil {
		return written
	}
	told, known := read.Correct(value(bootID), readingOf(monotonicMS), api.From(ctx).Now)
	if !known {
		return written
	}
	if what.facts == nil {
		what.facts = map[string]string{}
	}
	what.facts["phone_at"] = recorded(written).Format(time.RFC3339Nano)
	return api.At(told)
}

// sameStartWithin is how far the starts of one record may lie apart that is sent again: what the monotonic clock tells
// is late by the time that each request was on its way.
const sameStartWithin = time.Minute

// sameStart says whether two starts under one id are that of one record.
func sameStart(first, again time.Time) bool { return again.Sub(first).Abs() <= sameStartWithin }
