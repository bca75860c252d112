package handlers_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/doors/uhppote"
	"xunfang/models"
)

const boardSerial = 405419896

// board is a simulated board with the device that an administrator registered for it.
type board struct {
	*rig
	simulator *uhppote.Simulator
	device    models.ID
	door      models.ID
}

func newBoard(r *rig, capacity int) *board {
	r.t.Helper()
	zone, err := r.store.StationZone(context.Background(), r.A)
	if err != nil {
		r.t.Fatal(err)
	}
	made := &board{rig: r, door: r.One.OtherUnitDoor}
	made.simulator, err = uhppote.NewSimulator(r.t.Context(), uhppote.SimulatorConfig{
		Serial: boardSerial, Address: "127.0.0.1:0", Zone: zone, Now: r.clock.Now, Capacity: capacity,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	beside(r.t, made.simulator.Run)
	got := r.call(r.Admin, http.MethodPost, "/v1/devices", map[string]any{
		"name": "西侧门控制板", "kind": "terminal", "compound_id": r.One.ID(), "driver": made.settings(1),
	}).must(201)
	made.device = got.id("id")
	if doors, _ := got.at("door_ids").([]any); len(doors) != 1 || doors[0] != string(made.door) {
		r.t.Errorf("the doors of the device are %v", doors)
	}
	return made
}

func (b *board) settings(channel int) map[string]any {
	return map[string]any{
		"kind": "uhppote", "serial_number": boardSerial, "address": b.simulator.Address().String(),
		"doors": []any{map[string]any{"door_id": b.door, "channel": channel, "contact": true}},
	}
}

// beside runs something until the test ends, or until stop.
func beside(t *testing.T, run func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// listen is a server that hears its hardware; it stops like one that goes down.
func (b *board) listen() (stop func()) {
	running := b.newHardware()
	b.server.Hardware = running
	return beside(b.t, running.Run)
}

func (b *board) wants(state, reason string, confirmed bool) {
	b.t.Helper()
	got := b.open(b.Guard, b.door, nil, "Prefer", "wait=5").must(200)
	told, _ := got.at("reason").(string)
	if got.text("state") != state || told != reason || got.at("confirmed_by_device") != confirmed {
		b.t.Errorf("want %s %q %v, not %s", state, reason, confirmed, got.Text)
	}
}

// ways lists the access events at the door, oldest first: "remote granted".
func (b *board) ways() []string {
	b.t.Helper()
	got := b.call(b.Guard, http.MethodGet, "/v1/access-events?limit=100&door_id="+string(b.door), nil).must(200)
	lines := []string{}
	for _, item := range got.items() {
		event, _ := item.(map[string]any)
		lines = append(lines, fmt.Sprint(event["way"], " ", event["outcome"]))
	}
	slices.Reverse(lines)
	return lines
}

// driver is what the list of devices says of the board's.
func (b *board) driver() map[string]any {
	b.t.Helper()
	for _, item := range b.call(b.Admin, http.MethodGet, "/v1/devices?limit=100", nil).must(200).items() {
		if device, _ := item.(map[string]any); device["id"] == string(b.device) {
			driver, _ := device["driver"].(map[string]any)
			driver["online"] = device["online"]
			return driver
		}
	}
	b.t.Fatal("the device is not in the list")
	return nil
}

func (b *board) reads(index int) {
	b.t.Helper()
	until(b.t, fmt.Sprintf("event %d is taken", index), func() bool { return b.driver()["last_event_index"] == float64(index) })
}

func TestABoardBehindTheAPI(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		board := newBoard(rig, 0)
		board.simulator.Skew(-time.Hour)
		stop := board.listen()
		until(t, "the device is online", func() bool { return board.driver()["online"] == true })
		until(t, "the board's clock is set", func() bool { return board.simulator.Clock().Sub(rig.clock.Now()).Abs() <= 3*time.Second })

		board.wants("opened", "", true)
		if board.simulator.Pulses(1) != 1 {
			t.Errorf("%d pulses", board.simulator.Pulses(1))
		}
		board.reads(1) // the board's own record of it finds what was written, and adds nothing
		board.simulator.PressButton(1)
		board.reads(2)
		if got := board.ways(); !slices.Equal(got, []string{"remote granted", "button granted"}) {
			t.Errorf("the access events are %v", got)
		}

		// The server is down; what happened meanwhile is taken when it is back, once.
		stop()
		board.simulator.Swipe(10058400, 1)
		board.simulator.PressButton(1)
		stop = board.listen()
		board.reads(4)
		stop()
		board.listen()
		board.simulator.PressButton(1)
		board.reads(5)
		want := []string{"remote granted", "button granted", "card denied", "button granted", "button granted"}
		if got := board.ways(); !slices.Equal(got, want) {
			t.Errorf("after catching up: %v", got)
		}

		// Another relay, from the very next opening on.
		rig.call(rig.Admin, http.MethodPatch, "/v1/devices/"+string(board.device), map[string]any{"driver": board.settings(2)}).must(200)
		board.wants("opened", "", true)
		if board.simulator.Pulses(1) != 4 || board.simulator.Pulses(2) != 1 { // door 1: one command and three buttons
			t.Errorf("%d pulses at 1, %d at 2", board.simulator.Pulses(1), board.simulator.Pulses(2))
		}
		if len(rig.doors.commands()) != 0 {
			t.Error("a command for the board went to the broker")
		}
	})
}

func TestABoardThatIsAway(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		board := newBoard(rig, 0)
		rig.doors.down = errBrokerGone // of no concern to a board
		board.wants("opened", "", true)
		dead := atomic.Bool{}
		board.simulator.Lose(func(function uhppote.Function, _ bool) bool {
			if function == 0x40 { // open: the board acts, and is gone
				defer dead.Store(true)
			}
			return dead.Load()
		})
		board.wants("unknown", "silent", false)
		pulses := board.simulator.Pulses(1)
		board.wants("failed", "unreachable", false)
		if board.simulator.Pulses(1) != pulses || pulses > 2 {
			t.Errorf("%d pulses, then %d", pulses, board.simulator.Pulses(1))
		}
		if board.driver()["online"] != false {
			t.Error("a board that does not answer is online")
		}
		if got := board.ways(); !slices.Equal(got, []string{"remote granted"}) {
			t.Errorf("what nobody confirmed is an access event: %v", got)
		}
	})
}

func TestEventsThatABoardHasForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		board := newBoard(rig, 4)
		stop := board.listen()
		board.simulator.Swipe(10058400, 1)
		board.reads(1)
		stop()
		for range 10 { // 2 to 11, of which 8 to 11 are left
			board.simulator.PressButton(1)
		}
		board.listen()
		board.reads(11)
		if lost := board.driver()["events_lost"]; lost != float64(6) {
			t.Errorf("%v events are lost", lost)
		}
		want := []string{"card denied", "button granted", "button granted", "button granted", "button granted"}
		if got := board.ways(); !slices.Equal(got, want) {
			t.Errorf("the access events are %v", got)
		}
		if board.driver()["events_lost_at"] == nil {
			t.Error("nobody says when the gap was found")
		}
		if records := rig.audit(rig.A, "loseDoorEvents"); len(records) != 1 || records[0].ObjectID != board.device || records[0].Facts["missing"] != "6" {
			t.Errorf("the audit says %+v", records)
		}
	})
}

func TestAWebhookPromisesNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		asked := atomic.Int64{}
		maker := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
			_, _ = io.Copy(io.Discard, request.Body)
			asked.Add(1) // taken, without a word
		}))
		defer maker.Close()
		secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of twenty-four b"))
		fingerprint := sha256.Sum256(maker.Certificate().Raw)
		driver := map[string]any{"kind": "webhook", "address": maker.URL + "/doors", "secret": secret, "certificate_sha256": hex.EncodeToString(fingerprint[:])}
		door := rig.One.OtherUnitDoor
		made := rig.call(rig.Admin, http.MethodPost, "/v1/devices", map[string]any{
			"name": "别家控制器", "kind": "terminal", "compound_id": rig.One.ID(), "door_ids": []models.ID{door}, "driver": driver,
		}).must(201)
		if words, _ := made.at("capabilities").([]any); len(words) != 0 {
			t.Errorf("it promises %v", words)
		}
		got := rig.open(rig.Guard, door, nil, "Prefer", "wait=5").must(200)
		if got.text("state") != "unknown" || got.text("reason") != "unconfirmed" || got.at("confirmed_by_device") != false || asked.Load() != 1 {
			t.Errorf("%d times: %s", asked.Load(), got.Text)
		}
		listed := rig.call(rig.Admin, http.MethodGet, "/v1/devices?limit=100", nil).must(200)
		if strings.Contains(listed.Text+made.Text+rig.logs.all(), secret) || rig.everywhere(secret, maker.URL) != "" {
			t.Errorf("the secret or the address lies open: %s", rig.everywhere(secret, maker.URL))
		}

		// Another certificate: nothing is said to it.
		path := "/v1/devices/" + string(made.id("id"))
		driver["certificate_sha256"] = strings.Repeat("0", 64)
		delete(driver, "secret") // the same hardware: the secret stays
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"driver": driver}).must(200)
		got = rig.open(rig.Guard, door, nil, "Prefer", "wait=5").must(200)
		if got.text("state") != "failed" || got.text("reason") != "unreachable" || asked.Load() != 1 {
			t.Errorf("%d times: %s", asked.Load(), got.Text)
		}
		driver["address"] = maker.URL + "/elsewhere" // a secret goes nowhere else
		refused := rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"driver": driver}).must(422)
		if !slices.Contains(refused.fields(), "driver.secret wrong_format") {
			t.Error(refused.Text)
		}
	})
}

func TestDriverSettingsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		door := rig.One.OtherUnitDoor
		channel := []any{map[string]any{"door_id": door, "channel": 1}}
		for name, one := range map[string]struct {
			driver map[string]any
			want   string
		}{
			"metadata":    {map[string]any{"kind": "isapi", "address": "http://169.254.169.254", "user": "a", "secret": "b", "doors": channel}, "driver.address not_allowed"},
			"elsewhere":   {map[string]any{"kind": "uhppote", "serial_number": 1, "address": "10.0.0.1", "doors": channel}, "driver.address not_allowed"},
			"no serial":   {map[string]any{"kind": "uhppote", "address": "192.168.40.21", "doors": channel}, "driver.serial_number required"},
			"no channel":  {map[string]any{"kind": "uhppote", "serial_number": 1, "address": "192.168.40.21"}, ""},
			"other doors": {map[string]any{"kind": "uhppote", "serial_number": 1, "address": "192.168.40.21", "doors": []any{map[string]any{"door_id": rig.Two.Gate, "channel": 1}}}, "door_ids[0] no_such"},
		} {
			body := map[string]any{"name": "板", "kind": "terminal", "compound_id": rig.One.ID(), "driver": one.driver}
			if one.want == "" {
				body["door_ids"], one.want = []models.ID{door}, "driver.doors required"
			}
			got := rig.call(rig.Admin, http.MethodPost, "/v1/devices", body).must(422)
			if !slices.Contains(got.fields(), one.want) {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
	})
}
