package models

import (
	"testing"
	"time"
)

func TestFaceEnrolmentAfterATerminalsWord(t *testing.T) {
	now := time.Date(2026, time.November, 28, 4, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from     FaceState
		enrolled bool // it was at some time
		result   FaceResult
		want     FaceState
		code     Code
	}{
		{FaceRequested, false, FaceResultEnrolled, FaceEnrolled, ""},
		{FaceRequested, false, FaceResultFailed, FaceFailed, ""},
		{FaceRequested, false, FaceResultDeleted, FaceDeleted, ""},
		{FaceEnrolled, true, FaceResultEnrolled, FaceEnrolled, ""},
		{FaceEnrolled, true, FaceResultFailed, FaceEnrolled, CodeWrongState},
		{FaceEnrolled, true, FaceResultDeleted, FaceDeleted, ""},
		{FaceDeletionRequested, true, FaceResultEnrolled, FaceDeletionRequested, ""},
		{FaceDeletionRequested, true, FaceResultFailed, FaceDeletionRequested, CodeWrongState},
		{FaceDeletionRequested, false, FaceResultFailed, FaceDeleted, ""},
		{FaceDeletionRequested, true, FaceResultDeleted, FaceDeleted, ""},
		{FaceDeleted, true, FaceResultDeleted, FaceDeleted, ""},
		{FaceDeleted, true, FaceResultFailed, FaceDeleted, ""},
		{FaceDeleted, true, FaceResultEnrolled, FaceDeletionRequested, ""}, // it keeps what it must not
		{FaceFailed, false, FaceResultEnrolled, FaceDeletionRequested, ""},
		{FaceFailed, false, FaceResultDeleted, FaceFailed, ""},
	} {
		before := FaceEnrolment{State: c.from, Token: "t"}
		if c.enrolled {
			before.EnrolledAt = now.Add(-time.Hour)
		}
		after, err := before.Confirmed(c.result, now)
		if after.State != c.want || CodeOf(err) != c.code {
			t.Errorf("%s, %s: %s %q, want %s %q", c.from, c.result, after.State, CodeOf(err), c.want, c.code)
		}
		if after.State != before.State && after.Token != "" {
			t.Errorf("%s, %s: the token is kept", c.from, c.result)
		}
		if after.State == FaceDeletionRequested && before.State != after.State && !after.TellAt.Equal(now.Add(FaceDeletionTold[0])) {
			t.Errorf("%s, %s: told at %s", c.from, c.result, after.TellAt)
		}
	}
}

func TestFaceDeletionIsToldOfABoundedNumberOfTimes(t *testing.T) {
	now := time.Date(2026, time.November, 28, 4, 0, 0, 0, time.UTC)
	order, asked := FaceEnrolment{State: FaceEnrolled}.DeletedFor(string(FaceMovedOut), now)
	if _, again := order.DeletedFor("x", now); !asked || again {
		t.Error("asked for once, and not again")
	}
	if order.Overdue(now.Add(FaceDeletionTold[0]-time.Millisecond)) || !order.Overdue(now.Add(FaceDeletionTold[0])) {
		t.Error("overdue at the wrong time")
	}
	for at, after := range FaceDeletionTold {
		if !order.TellAt.Equal(now.Add(after)) || order.Told != at {
			t.Errorf("telling %d at %s", at, order.TellAt)
		}
		order = order.ToldAgain()
	}
	if !order.TellAt.IsZero() || order.Told != len(FaceDeletionTold) || order.State != FaceDeletionRequested {
		t.Errorf("after the last: %+v", order)
	}
}
