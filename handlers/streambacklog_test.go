package handlers_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Whoever was away for long gets all that came meanwhile, in order, and then what is new: also more than is read at once.
func TestStreamGivesALongBacklogWhole(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		send := func() string {
			rig.advance(time.Second)
			return rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		}
		first, want := send(), []string{}
		for range 55 {
			want = append(want, send())
		}
		rig.advance(time.Minute)
		stream := rig.listen(rig.token(rig.Volunteer), first)
		want = append(want, send())
		until(t, fmt.Sprint(len(want), " alerts"), stream.has(len(want)))
		if ids, _ := stream.got(); !slices.Equal(ids, want) {
			t.Errorf("the stream has %d alerts, or another order; %d were sent", len(ids), len(want))
		}
	})
}
