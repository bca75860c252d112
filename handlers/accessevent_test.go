package handlers_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

func TestPassagesByScope(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx, one := context.Background(), rig.One
		happened := func(device *caller, door models.ID, way string, id models.ID) {
			t.Helper()
			err := rig.server.Happened(ctx, device.ID, models.AccessEvent{
				DoorID: door, DeviceEventID: id, OccurredAt: rig.clock.Now().Add(-time.Minute), Way: way, Outcome: models.AccessGranted,
			})
			if err != nil {
				t.Fatal(err)
			}
			rig.advance(time.Second)
		}
		rig.enter(rig.Guard, one.Gate, rig.pass(rig.Resident, nil).text("code"))
		rig.advance(time.Second)
		face := rig.ids.next()
		happened(one.UnitDevice, one.UnitDoor, models.WayFace, face)
		happened(one.UnitDevice, one.UnitDoor, models.WayFace, face)               // a repeat
		happened(one.UnitDevice, one.Gate, models.WayForced, rig.ids.next())       // not its door
		happened(one.UnitDevice, rig.ids.next(), models.WayCard, rig.ids.next())   // no door
		happened(rig.Two.GateDevice, rig.Two.Gate, models.WayCard, rig.ids.next()) // another compound

		for _, try := range []struct {
			who  *caller
			path string
			want []string
		}{
			{rig.Commander, "", []string{"card", "face", "code"}},
			{rig.Guard, "", []string{"face", "code"}},
			{rig.Property, "", []string{"face", "code"}},
			{rig.Officer, "?way=face", []string{"face"}},
			{rig.Officer, "?door_id=" + string(one.Gate), []string{"code"}},
			{rig.Officer, "?outcome=denied", nil},
			{rig.Officer, "?door_id=" + string(rig.Two.Gate), nil},
			{rig.Resident, "", []string{"code"}}, // of the own visitor
			{rig.Flatmate, "", nil},
			{rig.GuardTwo, "", []string{"card"}},
			{rig.GuardB, "", nil},
		} {
			got := rig.call(try.who, http.MethodGet, "/v1/access-events"+try.path, nil).must(200)
			ways := []string{}
			for _, item := range got.items() {
				event, _ := item.(map[string]any)
				way, _ := event["way"].(string)
				ways = append(ways, way)
			}
			if len(ways) != len(try.want) {
				t.Errorf("%s%s sees %v, want %v", try.who.Name, try.path, ways, try.want)
				continue
			}
			for place := range ways {
				if ways[place] != try.want[place] {
					t.Errorf("%s%s sees %v, want %v", try.who.Name, try.path, ways, try.want)
				}
			}
		}
		rig.call(rig.Volunteer, http.MethodGet, "/v1/access-events", nil).must(403)
		looks := map[models.ID]int{}
		for _, record := range rig.audit(rig.A, models.OpListAccessEvents) {
			if record.Outcome == models.AuditAllowed {
				looks[record.ActorID]++
			}
		}
		if looks[rig.Guard.ID] != 1 || looks[rig.Officer.ID] != 2 || looks[rig.Resident.ID] != 0 {
			t.Errorf("looks at other people's passages: %v", looks)
		}
	})
}
