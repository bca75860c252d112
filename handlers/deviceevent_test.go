package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// signed is a batch as a device sends it, with the headers of its signature.
func (r *rig) signed(device *caller, batch map[string]any) (rawBody, []string) {
	r.t.Helper()
	text, err := json.Marshal(batch)
	if err != nil {
		r.t.Fatal(err)
	}
	stamp := fmt.Sprint(r.clock.Now().Unix())
	key := auth.DeviceEventKey(auth.HashSecret(models.Secret(device.Secret)))
	return rawBody{"application/json", text}, []string{
		"Xunfang-Timestamp", stamp, "Xunfang-Signature", auth.SignEvents(key, stamp, text), "Idempotency-Key", without,
	}
}

// tell sends a batch.
func (r *rig) tell(device *caller, epoch string, firstKept int64, events ...map[string]any) response {
	r.t.Helper()
	batch := map[string]any{"epoch": epoch, "events": listed(events)}
	if firstKept > 0 {
		batch["first_kept"] = firstKept
	}
	body, headers := r.signed(device, batch)
	return r.call(device, http.MethodPost, "/v1/devices/"+string(device.ID)+"/events", body, headers...)
}

func listed(events []map[string]any) []any {
	list := []any{}
	for _, event := range events {
		list = append(list, event)
	}
	return list
}

// event is one of a door that happened just now.
func (r *rig) event(number int, kind models.DoorEventKind, door models.ID, more map[string]any) map[string]any {
	event := map[string]any{"sequence": number, "kind": kind, "occurred_at": instant(r.clock.Now())}
	if door != "" {
		event["door_id"] = door
	}
	for field, value := range more {
		event[field] = value
	}
	return event
}

func results(got response) []string {
	all := []string{}
	list, _ := got.at("results").([]any)
	for _, entry := range list {
		result, _ := entry.(map[string]any)
		text := fmt.Sprint(result["sequence"], " ", result["result"])
		if result["reason"] != nil {
			text += fmt.Sprint(" ", result["reason"])
		}
		all = append(all, text)
	}
	return all
}

func (r *rig) wantResults(got response, missing string, want ...string) {
	r.t.Helper()
	text, _ := json.Marshal(got.must(200).at("missing"))
	if !reflect.DeepEqual(results(got), want) || string(text) != missing {
		r.t.Errorf("%v, missing %s; want %v, missing %s", results(got), text, want, missing)
	}
}

func TestDeviceEventsAreSigned(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device := rig.One.GateDevice
		path := "/v1/devices/" + string(device.ID) + "/events"
		batch := map[string]any{"epoch": "a", "events": []any{rig.event(1, models.EventForcedOpen, rig.One.Gate, nil)}}
		body, headers := rig.signed(device, batch)
		otherBody, _ := rig.signed(device, map[string]any{"epoch": "b", "events": batch["events"]})
		_, foreign := rig.signed(rig.One.UnitDevice, batch)
		rig.token(device)
		before := rig.rows()
		for name, try := range map[string]struct {
			body    rawBody
			headers []string
			code    models.Code
		}{
			"no signature":       {body, []string{"Idempotency-Key", without}, models.CodeBadSignature},
			"no timestamp":       {body, append([]string{"Xunfang-Timestamp", without}, headers[2:]...), models.CodeBadSignature},
			"another body":       {otherBody, headers, models.CodeBadSignature},
			"another timestamp":  {body, append([]string{"Xunfang-Timestamp", "1764000000"}, headers[2:]...), models.CodeBadSignature},
			"another device's":   {body, foreign, models.CodeBadSignature},
			"a space more":       {rawBody{body.Type, append([]byte(" "), body.Text...)}, headers, models.CodeBadSignature},
			"in capital letters": {body, []string{"Xunfang-Timestamp", headers[1], "Xunfang-Signature", strings.ToUpper(headers[3])}, models.CodeBadSignature},
		} {
			if got := rig.call(device, http.MethodPost, path, try.body, try.headers...); got.Status != 401 || got.code() != try.code {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		for _, off := range []time.Duration{-models.DeviceEventsSigned - time.Second, models.DeviceEventsSigned + time.Second} {
			stamp := fmt.Sprint(rig.clock.Now().Add(off).Unix())
			key := auth.DeviceEventKey(auth.HashSecret(models.Secret(device.Secret)))
			late := []string{"Xunfang-Timestamp", stamp, "Xunfang-Signature", auth.SignEvents(key, stamp, body.Text)}
			if got := rig.call(device, http.MethodPost, path, body, late...); got.Status != 401 || got.code() != models.CodeSignatureExpired {
				t.Errorf("%s off: %d %s", off, got.Status, got.Text)
			}
		}
		if after := rig.rows(); !reflect.DeepEqual(before, after) {
			t.Errorf("a batch that was refused left rows: %v, before %v", after, before)
		}
		rig.advance(models.DeviceEventsSigned) // the edge still holds; the event itself is old by then
		rig.call(device, http.MethodPost, path, body, headers...).must(200)
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 0 {
			t.Errorf("an old event told %d", told)
		}
	})
}

// Numbers: repeats are dropped, gaps asked for, what is lost is one gap in the history, and a new count is another one.
func TestDeviceEventsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, gate := rig.One.GateDevice, rig.One.Gate
		card := map[string]any{"way": "card"}
		one := rig.event(1, models.EventAccessGranted, gate, card)
		four := rig.event(4, models.EventAccessDenied, gate, map[string]any{"way": "card", "reason": "not_allowed"})
		rig.wantResults(rig.tell(device, "a", 0, four, one, one), `[{"from":2,"to":3}]`, "4 accepted", "1 accepted", "1 repeat")
		for epoch, missing := range map[string]string{"a": `"missing":[{"from":2,"to":3}]`, "b": `"missing":[]`} {
			if got := rig.tell(device, epoch, 0).must(200); !strings.Contains(got.Text, missing) { // it did not hear the answer above
				t.Errorf("%s: %s", epoch, got.Text)
			}
		}
		foreign := rig.event(2, models.EventDoorOpened, rig.One.UnitDoor, nil)
		nowhere := rig.event(3, models.EventDoorOpened, "", nil)
		rig.wantResults(rig.tell(device, "a", 0, foreign, nowhere, four), `[]`,
			"2 refused not_own_door", "3 refused door_needed", "4 repeat")
		rig.wantResults(rig.tell(device, "a", 0, foreign), `[]`, "2 repeat") // it is not asked for, nor taken, again
		rig.wantResults(rig.tell(device, "a", 9, rig.event(10, models.EventOther, "", nil)), `[{"from":9,"to":9}]`, "10 accepted")
		gaps := rig.call(rig.Guard, http.MethodGet, "/v1/door-events?kind=gap", nil).must(200)
		if len(gaps.items()) != 1 || gaps.at("items.0.missing") != 4.0 || gaps.at("items.0.replayed") != true {
			t.Errorf("5 to 8 are lost: %s", gaps.Text)
		}
		rig.wantResults(rig.tell(device, "b", 0, rig.event(1, models.EventStarted, "", nil)), `[]`, "1 accepted") // a new memory
		rig.wantResults(rig.tell(device, "a", 0, rig.event(9, models.EventOther, "", nil)), `[]`, "9 accepted")
		events := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?way=card", nil).must(200)
		if len(events.items()) != 2 {
			t.Errorf("the passages: %s", events.Text)
		}
		others := rig.call(rig.Guard, http.MethodGet, "/v1/door-events", nil).must(200)
		if strings.Contains(others.Text, "access_") || strings.Contains(others.Text, "refused") || len(others.items()) != 4 {
			t.Errorf("the events: %s", others.Text)
		}
		// The same batch from many sides at once is taken once.
		rig.token(device)
		waiting, accepted, mutex := sync.WaitGroup{}, 0, sync.Mutex{}
		body, headers := rig.signed(device, map[string]any{"epoch": "c", "events": []any{rig.event(1, models.EventAccessGranted, gate, card)}})
		for range 8 {
			waiting.Go(func() {
				got := rig.callAs(rig.token(device), http.MethodPost, "/v1/devices/"+string(device.ID)+"/events", body, headers...)
				mutex.Lock()
				defer mutex.Unlock()
				if reflect.DeepEqual(results(got), []string{"1 accepted"}) {
					accepted++
				}
			})
		}
		waiting.Wait()
		events = rig.call(rig.Guard, http.MethodGet, "/v1/access-events?way=card", nil).must(200)
		if accepted != 1 || len(events.items()) != 3 {
			t.Errorf("%d accepted, %s", accepted, events.Text)
		}
	})
}

// The broker's events go the same way: a break-in is told, once, and says nothing of where the door stands now.
func TestBrokerEventsGoTheSameWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		event := models.AccessEvent{
			DoorID: rig.One.Gate, DeviceEventID: rig.ids.next(), OccurredAt: rig.clock.Now(), Way: models.WayForced, Outcome: models.AccessDenied,
		}
		for range 2 {
			if err := rig.server.Happened(t.Context(), rig.One.GateDevice.ID, event); err != nil {
				t.Fatal(err)
			}
		}
		if err := rig.server.Happened(t.Context(), rig.ids.next(), event); err != nil {
			t.Errorf("a device that is none: %v", err)
		}
		old := event
		old.DeviceEventID, old.DoorID, old.OccurredAt = rig.ids.next(), rig.One.BuildingDoor, rig.clock.Now().Add(-time.Minute)
		if err := rig.server.Happened(t.Context(), rig.One.GateDevice.ID, old); err != nil {
			t.Fatal(err)
		}
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 1 {
			t.Errorf("the guard was told %d times", told)
		}
		passages := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?way=forced&outcome=denied", nil).must(200)
		if len(passages.items()) != 2 {
			t.Errorf("the passages: %s", passages.Text)
		}
		rig.call(rig.One.GateDevice, http.MethodGet, "/v1/doors", nil).must(200)
		if state := rig.doorState(rig.Guard, rig.One.Gate); state.text("position") != "unknown" || state.text("alarm") != "unknown" {
			t.Errorf("a door without a contact: %s", state.Text)
		}
		// Hardware behind a driver, by its own numbers.
		alarm := models.DoorEvent{
			Index: 700, DoorID: rig.One.UnitDoor, Kind: models.EventDoorOpened, OccurredAt: rig.clock.Now(),
		}
		for range 2 {
			if err := rig.server.HardwareHappened(t.Context(), rig.One.UnitDevice.ID, alarm); err != nil {
				t.Fatal(err)
			}
		}
		opened := rig.call(rig.Guard, http.MethodGet, "/v1/door-events?kind=door_opened&door_id="+string(rig.One.UnitDoor), nil).must(200)
		if len(opened.items()) != 1 || rig.rows()["device_epochs"] != 0 {
			t.Errorf("%s; nobody asks a board for what it never numbered: %v", opened.Text, rig.rows()["device_epochs"])
		}
	})
}
