package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// noticed are the counts that a stream was told of notices.
func (l *listener) noticed() []string {
	return slices.DeleteFunc(l.hinted(), func(data string) bool { return !strings.Contains(data, `"message_id"`) })
}

// Who sent a notice sees on the stream that somebody acknowledges: counts alone, once each, by whatever replica; nobody else does.
func TestNoticeIsCountedLive(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notice(rig.Officer, rig.One, time.Hour)
		acknowledge := func(who *caller) {
			t.Helper()
			rig.call(who, http.MethodPost, inGroupOf(rig.One, "messages", id, "acknowledge"), nil).must(200)
		}
		counts := func(acknowledged int) string {
			return fmt.Sprintf(`{"group_id":"%s","message_id":"%s","asked":2,"acknowledged":%d}`, rig.One.ID(), id, acknowledged)
		}
		sender, member := rig.listen(rig.token(rig.Officer), ""), rig.listen(rig.token(rig.Property), "")
		acknowledge(rig.Committee)
		until(t, "the first count", func() bool { return len(sender.noticed()) == 1 })
		acknowledge(rig.Committee) // again, which changes nothing
		acknowledge(rig.Property)
		rig.advance(time.Second)                                     // of those that come within a second the stream tells the last,
		rig.tellGroup(rig.Property, rig.One, words("已签收")).must(201) // when it looks for whatever reason
		until(t, "the second count", func() bool { return len(sender.noticed()) == 2 })
		if got := sender.noticed(); got[0] != counts(1) || got[1] != counts(2) {
			t.Errorf("told %v", got)
		}
		rig.advance(time.Second)
		if err := rig.server.SpreadNotices(t.Context()); err != nil { // as another replica, that knows it from the database alone
			t.Fatal(err)
		}
		later := rig.listen(rig.token(rig.Officer), "")
		if err := rig.server.SpreadNotices(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "the count by the database", func() bool { return len(later.noticed()) == 1 })
		if got := later.noticed(); got[0] != counts(2) || len(sender.noticed()) != 2 || len(member.noticed()) != 0 {
			t.Errorf("told later %v, the first stream %v, a member %v", got, sender.noticed(), member.noticed())
		}
	})
}

// A notice that is withdrawn is off on the members' streams at once, and other replicas are told where to look.
func TestAWithdrawnNoticeIsOffAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for withdrawn, take := range map[string]func(id string){
			"deleted": func(id string) {
				rig.call(rig.Officer, http.MethodDelete, inGroupOf(rig.One, "messages", id), nil).must(204)
			},
			"hidden": func(id string) {
				rig.call(rig.Commander, http.MethodPost, inGroupOf(rig.One, "messages", id, "hide"), map[string]any{"reason": "含有个人信息"}).must(200)
			},
		} {
			id := rig.notice(rig.Officer, rig.One, time.Hour)
			stream := rig.listen(rig.token(rig.Property), "")
			rig.advance(time.Second)
			take(id)
			until(t, withdrawn, func() bool {
				stream.mutex.Lock()
				defer stream.mutex.Unlock()
				return strings.Contains(strings.Join(stream.alerts, ""), `"cancelled_at":"`)
			})
			stream.stop()
			rig.advance(time.Minute)
		}
	})
}
