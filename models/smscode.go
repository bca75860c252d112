package models

import (
	"crypto/hmac"
	"time"
)

// How sign-in codes by SMS are bounded. A phone's wrong tries count for SMSCodeDay however
// many codes are sent meanwhile: ten guesses a day at a million codes.
const (
	SMSCodeLife     = 5 * time.Minute
	SMSCodeEvery    = time.Minute
	SMSCodeAttempts = 5 // wrong tries at one code
	SMSCodeDay      = 24 * time.Hour
	SMSCodesADay    = 20
	SMSWrongADay    = 10 // wrong tries at all of a day's codes
)

// SMSCode is the sign-in code last sent to a phone, and what counts against the phone. It is
// kept for every number that somebody asks a code for, known or not.
type SMSCode struct {
	PhoneIndex  []byte // blind index of the phone
	CodeMAC     []byte
	SentAt      time.Time
	ExpiresAt   time.Time
	UsedAt      time.Time
	Attempts    int       // wrong tries at this code
	CountedFrom time.Time // when the day of the two below began
	Codes       int       // codes sent since
	Wrong       int       // wrong tries since
}

// Next is the phone with a new code in place of the last: CodeSMSTooSoon within SMSCodeEvery of that one,
// CodeTooManySignIns when the day's codes or tries are spent.
func (c SMSCode) Next(codeMAC []byte, now time.Time) (SMSCode, error) {
	c = c.today(now)
	if since := now.Sub(c.SentAt); !c.SentAt.IsZero() && since < SMSCodeEvery {
		return c, Fail(CodeSMSTooSoon).After(min(SMSCodeEvery, SMSCodeEvery-since))
	}
	if c.Codes >= SMSCodesADay || c.Wrong >= SMSWrongADay {
		return c, c.spent(now)
	}
	c.CodeMAC, c.SentAt, c.ExpiresAt, c.UsedAt, c.Attempts = codeMAC, now, now.Add(SMSCodeLife), time.Time{}, 0
	c.Codes++
	return c, nil
}

// Try is the phone after somebody tried a code: used when the error is nil, with one more wrong try
// after CodeBadCredentials. A code that no longer holds cannot be guessed, so a try at it counts nothing;
// CodeTooManySignIns when the day's tries are spent.
func (c SMSCode) Try(codeMAC []byte, now time.Time) (SMSCode, error) {
	c = c.today(now)
	if c.Wrong >= SMSWrongADay {
		return c, c.spent(now)
	}
	if !now.Before(c.ExpiresAt) || !c.UsedAt.IsZero() || c.Attempts >= SMSCodeAttempts {
		return c, Fail(CodeBadCredentials)
	}
	if len(codeMAC) == 0 || !hmac.Equal(c.CodeMAC, codeMAC) {
		c.Attempts++
		c.Wrong++
		return c, Fail(CodeBadCredentials)
	}
	c.UsedAt = now
	return c, nil
}

// today begins a new day of counting when the last is over.
func (c SMSCode) today(now time.Time) SMSCode {
	if now.Sub(c.CountedFrom) >= SMSCodeDay {
		c.CountedFrom, c.Codes, c.Wrong = now, 0, 0
	}
	return c
}

func (c SMSCode) spent(now time.Time) error {
	return Fail(CodeTooManySignIns).After(SMSCodeDay - now.Sub(c.CountedFrom))
}
