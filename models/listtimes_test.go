package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestAPassAtADoorWhoseListHasEnded(t *testing.T) {
	const life = models.AllowListLife
	made := noon.Add(300 * time.Millisecond) // a list ends in whole seconds
	ends := noon.Add(life)
	given, held := models.ListTimes{Given: made}, models.ListTimes{Given: made, Held: made}
	later := models.ListTimes{Given: made.Add(time.Hour), Held: made}
	for name, test := range map[string]struct {
		state models.PassDoorState
		list  models.ListTimes
		at    time.Time
		want  models.PassDoorState
	}{
		"waiting, a moment before the end": {models.PassPending, given, ends.Add(-1), models.PassPending},
		"waiting, at the end":              {models.PassPending, given, ends, models.PassFailed},
		"waiting for a later list":         {models.PassPending, later, ends, models.PassPending},
		"waiting, with no list at all":     {models.PassPending, models.ListTimes{}, ends, models.PassPending},
		"held, a moment before the end":    {models.PassIssued, held, ends.Add(-1), models.PassIssued},
		"held, at the end":                 {models.PassIssued, held, ends, models.PassFailed},
		"held, a later one only given":     {models.PassIssued, later, ends, models.PassFailed},
		"given and never held":             {models.PassIssued, given, ends, models.PassIssued},
		"at a door that asks":              {models.PassIssued, models.ListTimes{}, ends, models.PassIssued},
	} {
		door := models.PassDoor{State: test.state, List: test.list, ChangedAt: noon}
		got := door.ByList(life, test.at)
		if got.State != test.want {
			t.Errorf("%s: %s", name, got.State)
		}
		if test.state != test.want && (got.Reason != models.PassListExpired || !got.ChangedAt.Equal(ends)) {
			t.Errorf("%s: %q since %s", name, got.Reason, got.ChangedAt)
		}
	}
	refused := models.PassDoor{State: models.PassFailed, Reason: "full", List: held}
	if got := refused.ByList(life, ends); got != refused {
		t.Errorf("a reason of the controller's own: %+v", got)
	}
}

func TestWhenListsWereMade(t *testing.T) {
	list := models.DeviceList{Serial: noon.UnixMilli(), MadeAt: noon}
	if got := list.Times(); !got.Held.IsZero() || !got.Newest().Equal(noon) {
		t.Errorf("none held: %+v", got)
	}
	if list.Held = list.Serial; !list.Times().Held.Equal(noon) {
		t.Errorf("the latest is held: %+v", list.Times())
	}
	list.Held = noon.Add(-time.Hour).UnixMilli()
	if got := list.Times(); !got.Held.Equal(noon.Add(-time.Hour)) || !got.Given.Equal(noon) || !got.Newest().Equal(got.Held) {
		t.Errorf("an earlier one is held: %+v", got)
	}
}
