package models

import (
	"errors"
	"testing"
	"time"
)

var (
	smsNow   = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	rightMAC = []byte("the right one")
	wrongMAC = []byte("a wrong one..")
)

// sent is a phone whose code was sent some time ago, after some codes and wrong tries of the day.
func sent(ago time.Duration, codes, wrong int) SMSCode {
	at := smsNow.Add(-ago)
	return SMSCode{
		CodeMAC: rightMAC, SentAt: at, ExpiresAt: at.Add(SMSCodeLife), CountedFrom: at.Add(-time.Hour), Codes: codes, Wrong: wrong,
	}
}

func TestNextSMSCode(t *testing.T) {
	yesterday := sent(time.Minute, SMSCodesADay, SMSWrongADay)
	yesterday.CountedFrom = smsNow.Add(-SMSCodeDay)
	for name, row := range map[string]struct {
		before SMSCode
		want   Code
		wait   time.Duration
		codes  int
		wrong  int
	}{
		"the first":                  {SMSCode{}, "", 0, 1, 0},
		"a moment too soon":          {sent(SMSCodeEvery-time.Millisecond, 1, 0), CodeSMSTooSoon, time.Millisecond, 1, 0},
		"after a minute":             {sent(SMSCodeEvery, 1, 3), "", 0, 2, 3},
		"another clock is ahead":     {sent(-time.Hour, 1, 0), CodeSMSTooSoon, SMSCodeEvery, 1, 0},
		"the last of the day":        {sent(time.Hour, SMSCodesADay-1, 0), "", 0, SMSCodesADay, 0},
		"one more":                   {sent(time.Hour, SMSCodesADay, 0), CodeTooManySignIns, 22 * time.Hour, SMSCodesADay, 0},
		"the day's tries are spent":  {sent(time.Hour, 2, SMSWrongADay), CodeTooManySignIns, 22 * time.Hour, 2, SMSWrongADay},
		"a new day begins with none": {yesterday, "", 0, 1, 0},
	} {
		got, err := row.before.Next(wrongMAC, smsNow)
		var ours *Error
		if errors.As(err, &ours); CodeOf(err) != row.want || ours != nil && ours.RetryAfter != row.wait {
			t.Errorf("%s: %v", name, err)
		}
		if got.Codes != row.codes || got.Wrong != row.wrong || got.Attempts != 0 {
			t.Errorf("%s: counted %+v", name, got)
		}
		if fresh := string(got.CodeMAC) == string(wrongMAC); fresh != (row.want == "") {
			t.Errorf("%s: the code was replaced: %v", name, fresh)
		}
	}
}

func TestTrySMSCode(t *testing.T) {
	used, worn, overnight := sent(time.Minute, 1, 0), sent(time.Minute, 1, 5), sent(time.Minute, 1, SMSWrongADay)
	used.UsedAt = smsNow.Add(-time.Second)
	worn.Attempts = SMSCodeAttempts
	overnight.CountedFrom = smsNow.Add(-SMSCodeDay)
	for name, row := range map[string]struct {
		before SMSCode
		mac    []byte
		want   Code
		wrong  int // counted by this try
	}{
		"right":                         {sent(time.Minute, 1, 0), rightMAC, "", 0},
		"right, at the last moment":     {sent(SMSCodeLife-time.Millisecond, 1, 0), rightMAC, "", 0},
		"right, too late":               {sent(SMSCodeLife, 1, 0), rightMAC, CodeBadCredentials, 0},
		"right, after nine wrong":       {sent(time.Minute, 3, SMSWrongADay-1), rightMAC, "", 0},
		"right, but the day is spent":   {sent(time.Minute, 3, SMSWrongADay), rightMAC, CodeTooManySignIns, 0},
		"right, on a new day":           {overnight, rightMAC, "", -SMSWrongADay},
		"right, a second time":          {used, rightMAC, CodeBadCredentials, 0},
		"right, after five wrong at it": {worn, rightMAC, CodeBadCredentials, 0},
		"wrong":                         {sent(time.Minute, 1, 0), wrongMAC, CodeBadCredentials, 1},
		"wrong, at one that is used":    {used, wrongMAC, CodeBadCredentials, 0},
		"nothing":                       {sent(time.Minute, 1, 0), nil, CodeBadCredentials, 1},
		"no code was ever sent":         {SMSCode{}, nil, CodeBadCredentials, 0},
	} {
		got, err := row.before.Try(row.mac, smsNow)
		if CodeOf(err) != row.want || got.Wrong-row.before.Wrong != row.wrong {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
		if holds := got.UsedAt.Equal(smsNow); holds != (row.want == "") {
			t.Errorf("%s: used now is %v", name, holds)
		}
	}
}
