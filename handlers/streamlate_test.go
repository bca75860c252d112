package handlers_test

import (
	"slices"
	"testing"
	"time"
)

// The id of an alert about somebody unknown is of the beginning of its minute. A stream that has told something newer tells it all
// the same, once; one that goes on may tell it again, and one that begins does not.
func TestStreamTellsWhatIsOfTheMinute(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(37*time.Second + 123*time.Millisecond)
		send := func() string {
			rig.advance(time.Second)
			return rig.alert(rig.Commander, alertTo("compound", rig.One.ID(), "officer")).must(201).text("id")
		}
		token := rig.token(rig.Officer)
		stream, exact := rig.listen(token, ""), send()
		until(t, "the exact one", stream.has(1))
		rig.advance(10 * time.Second)
		rig.anonymousTip(nil)
		until(t, "the one of the minute", stream.has(2))
		later := send()
		until(t, "a later one", stream.has(3))
		ids, _ := stream.got()
		coarse := ids[1]
		if !slices.Equal(ids, []string{exact, coarse, later}) || coarse >= exact {
			t.Errorf("streamed %v", ids)
		}
		resumed, fresh := rig.listen(token, exact), rig.listen(token, "")
		last := send()
		until(t, "what came meanwhile", resumed.has(3))
		until(t, "the newest", fresh.has(1))
		if ids, _ := resumed.got(); !slices.Equal(ids, []string{coarse, later, last}) {
			t.Errorf("after %s: %v", exact, ids)
		}
		if ids, _ := fresh.got(); !slices.Equal(ids, []string{last}) {
			t.Errorf("a new one: %v", ids)
		}
	})
}
