package handlers_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// askCode asks for a sign-in code.
func (r *rig) askCode(phone string) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/auth/sms-codes", map[string]any{"phone": phone})
}

// bySMS signs in with a code.
func (r *rig) bySMS(phone, code string) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{"grant_type": "sms_code", "phone": phone, "code": code})
}

// otherCode is a code that is not this one.
func otherCode(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

const strangePhone = "10099999999"

func TestSignInBySMSCode(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := rig.Resident.Phone
		rig.askCode(phone).must(202)
		code := rig.sms.last(t, phone).Code
		rig.bySMS(phone, otherCode(code)).must(401)
		rig.bySMS(rig.Volunteer.Phone, code).must(401) // a code is one phone's
		got := rig.bySMS(phone, code).must(200)
		if status := rig.me(got.text("access_token")); status != 200 {
			t.Errorf("the session answers %d", status)
		}
		rig.bySMS(phone, code).must(401) // once

		soon := rig.askCode(phone).must(429)
		if soon.code() != models.CodeSMSTooSoon || soon.Header.Get("Retry-After") != "60" {
			t.Errorf("a second code within the minute: %s, Retry-After %q", soon.Text, soon.Header.Get("Retry-After"))
		}
		rig.advance(time.Minute - time.Millisecond)
		rig.askCode(phone).must(429)
		rig.advance(time.Millisecond)
		rig.askCode(phone).must(202)
		until(t, "the second message", func() bool { return len(rig.sms.messages()) == 2 })
		rig.advance(models.SMSCodeLife)
		rig.bySMS(phone, rig.sms.last(t, phone).Code).must(401) // too late
	})
}

func TestOneSMSCodeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		sent := 0
		for _, got := range atOnce(16, func(int) response { return rig.askCode(rig.Resident.Phone) }) {
			if got.Status == 202 {
				sent++
			}
		}
		if sent != 1 {
			t.Errorf("%d of 16 simultaneous requests sent a code", sent)
		}
	})
}

func TestSMSCodeTriesAreBounded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := rig.Resident.Phone
		rig.askCode(phone).must(202)
		code := rig.sms.last(t, phone).Code
		for range models.SMSCodeAttempts {
			rig.bySMS(phone, otherCode(code)).must(401)
		}
		rig.bySMS(phone, code).must(401) // the right one no longer helps

		// A new code each minute gives no new tries for ever.
		judged, sent := models.SMSCodeAttempts+1, 1
		for range 30 {
			rig.advance(time.Minute)
			if rig.askCode(phone).Status == 202 { // none is sent when the day's tries are spent
				sent++
			}
			for range 6 {
				if rig.bySMS(phone, "12345x").Status != 429 {
					judged++
				}
			}
		}
		if judged > models.SMSWrongADay+1 {
			t.Errorf("%d guesses were judged within 30 minutes", judged)
		}
		rig.advance(models.SMSCodeDay)
		rig.askCode(phone).must(202)
		until(t, "the last message", func() bool { return len(rig.sms.messages()) == sent+1 })
		rig.bySMS(phone, rig.sms.last(t, phone).Code).must(200) // the holder gets in when it is over
	})
}

// Whether a phone is known can be read neither from the answers nor from how long they take.
func TestUnknownPhoneLooksKnown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		known, unknown := rig.askCode(rig.Resident.Phone).must(202), rig.askCode(strangePhone).must(202)
		if known.Text != unknown.Text {
			t.Errorf("the answers differ:\n%s\n%s", known.Text, unknown.Text)
		}
		knownTry, unknownTry := rig.bySMS(rig.Resident.Phone, "00000x"), rig.bySMS(strangePhone, "00000x")
		if sameProblem(knownTry) != sameProblem(unknownTry) {
			t.Errorf("the tries differ:\n%s\n%s", knownTry.Text, unknownTry.Text)
		}
		if soonKnown, soonUnknown := rig.askCode(rig.Resident.Phone), rig.askCode(strangePhone); soonKnown.Status != soonUnknown.Status {
			t.Errorf("asking again: %d and %d", soonKnown.Status, soonUnknown.Status)
		}
		rig.sms.last(t, rig.Resident.Phone)
		for _, message := range rig.sms.messages() {
			if message.Phone == strangePhone {
				t.Error("a message went to an unknown phone")
			}
		}
		took := map[string][]time.Duration{}
		for range models.SMSCodesADay - 2 {
			rig.advance(time.Minute)
			for _, phone := range []string{rig.Resident.Phone, strangePhone} {
				began := time.Now()
				rig.askCode(phone).must(202)
				took[phone] = append(took[phone], time.Since(began))
			}
		}
		alike(t, took)
	})
}

// alike compares medians loosely: within three times of each other.
func alike(t *testing.T, took map[string][]time.Duration) {
	t.Helper()
	least, most := time.Hour, time.Duration(0)
	for _, times := range took {
		slices.Sort(times)
		median := times[len(times)/2]
		least, most = min(least, median), max(most, median)
	}
	if most > 3*least {
		t.Errorf("the medians lie between %s and %s", least, most)
	}
}
