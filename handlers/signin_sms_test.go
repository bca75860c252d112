package handlers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"xunfang/models"
)

func TestNewSMSCodeTakesThePlaceOfTheOld(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := rig.Resident.Phone
		rig.askCode(phone).must(202)
		old := rig.sms.last(t, phone).Code
		rig.advance(time.Second)
		rig.askCode(phone).must(429)
		rig.advance(models.SMSCodeEvery)
		rig.askCode(phone).must(202)
		until(t, "the second message", func() bool { return len(rig.sms.messages()) == 2 })
		fresh := rig.sms.last(t, phone).Code
		if fresh != old { // one in a million draws the same
			rig.bySMS(phone, old).must(401)
		}
		rig.bySMS(phone, fresh).must(200)
		rig.advance(time.Second)
		rig.bySMS(phone, fresh).must(401)
	})
}

// A used code does not let the next one out early.
func TestUsedSMSCodeKeepsTheMinute(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := rig.Resident.Phone
		rig.askCode(phone).must(202)
		rig.bySMS(phone, rig.sms.last(t, phone).Code).must(200)
		rig.advance(time.Second)
		if got := rig.askCode(phone).must(429); got.code() != models.CodeSMSTooSoon || got.Header.Get("Retry-After") != "59" {
			t.Errorf("%s, Retry-After %q", got.Text, got.Header.Get("Retry-After"))
		}
	})
}

// New codes bring no new tries: ten wrong ones a day, and the phone that is not known answers alike.
func TestSMSWrongTriesOutliveNewCodes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		known, unknown := rig.Resident.Phone, strangePhone
		both := func(ask func(phone string) response) response {
			t.Helper()
			one, other := ask(known), ask(unknown)
			if one.Status != other.Status || sameProblem(one) != sameProblem(other) ||
				one.Header.Get("Retry-After") != other.Header.Get("Retry-After") {
				t.Errorf("known and unknown differ:\n%d %s\n%d %s", one.Status, one.Text, other.Status, other.Text)
			}
			return one
		}
		guess := func(phone string) response { return rig.bySMS(phone, "12345x") }
		for range 2 {
			both(rig.askCode).must(202)
			for range models.SMSCodeAttempts {
				both(guess).must(401)
			}
			rig.advance(models.SMSCodeEvery)
		}
		if got := both(guess).must(429); got.code() != models.CodeTooManySignIns || got.Header.Get("Retry-After") == "" {
			t.Errorf("after ten wrong tries: %s", got.Text)
		}
		if got := both(rig.askCode).must(429); got.code() != models.CodeTooManySignIns {
			t.Errorf("a further code: %s", got.Text)
		}
		rig.bySMS(known, rig.sms.last(t, known).Code).must(429)
		rig.advance(models.SMSCodeDay)
		both(rig.askCode).must(202)
		until(t, "the third message", func() bool { return len(rig.sms.messages()) == 3 })
		rig.bySMS(known, rig.sms.last(t, known).Code).must(200)
	})
}

func TestSMSCodesADay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range models.SMSCodesADay {
			for _, phone := range []string{rig.Resident.Phone, strangePhone} {
				rig.askCode(phone).must(202)
			}
			rig.advance(models.SMSCodeEvery)
		}
		for _, phone := range []string{rig.Resident.Phone, strangePhone} {
			if got := rig.askCode(phone).must(429); got.code() != models.CodeTooManySignIns ||
				got.Header.Get("Retry-After") != fmt.Sprint((23*60+40)*60) {
				t.Errorf("one too many: %s, Retry-After %q", got.Text, got.Header.Get("Retry-After"))
			}
		}
	})
}

// stuckSMS is a provider that does not answer until it is let go.
type stuckSMS struct {
	*fakeSMS
	free chan struct{}
}

func (s *stuckSMS) SendCode(ctx context.Context, phone, code models.Secret, locale string) error {
	select {
	case <-s.free:
	case <-ctx.Done():
	}
	return s.fakeSMS.SendCode(ctx, phone, code, locale)
}

// A code is promised only when it will be sent; that says nothing about whom the phone belongs to.
func TestNoSMSCodeIsPromisedWithoutRoom(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stuck := &stuckSMS{fakeSMS: rig.sms, free: make(chan struct{})}
		rig.server.SMS = stuck
		phones := []string{}
		for _, who := range []*caller{rig.Commander, rig.Officer, rig.Auxiliary, rig.GridWorker, rig.Activist, rig.Property, rig.Guard, rig.Volunteer} {
			phones = append(phones, who.Phone)
		}
		promised := 0
		for range 8 {
			for _, phone := range phones {
				rig.askCode(phone).must(202)
				promised++
			}
			rig.advance(models.SMSCodeEvery)
		}
		for _, phone := range []string{rig.Resident.Phone, strangePhone} {
			if got := rig.askCode(phone).must(503); got.code() != models.CodeBusy || got.Header.Get("Retry-After") == "" {
				t.Errorf("without room: %s", got.Text)
			}
		}
		close(stuck.free)
		until(t, "every promised message", func() bool { return len(rig.sms.messages()) == promised })
		// Nothing was kept while there was no room, so nobody has to wait a minute now.
		for _, phone := range []string{rig.Resident.Phone, strangePhone} {
			until(t, "room", func() bool { return rig.askCode(phone).Status == 202 })
		}
		rig.bySMS(rig.Resident.Phone, rig.sms.last(t, rig.Resident.Phone).Code).must(200)
	})
}
