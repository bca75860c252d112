package hardware

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"xunfang/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const door = models.ID("0198c000-0000-7000-8000-0000000000a1")

// records is a station with the devices that a test gives it.
type records struct{ offline atomic.Int64 }

func (*records) DrivenDevices(context.Context) ([]models.Device, error) { return nil, nil }

func (*records) EventMark(context.Context, models.ID) (models.DoorEventMark, error) {
	return models.DoorEventMark{}, nil
}

func (*records) HardwareHappened(context.Context, models.ID, models.DoorEvent) error { return nil }

func (r *records) HardwareSeen(_ context.Context, _ models.ID, online bool) error {
	if !online {
		r.offline.Add(1)
	}
	return nil
}

func (*records) StationZone(context.Context, models.ID) (*time.Location, error) { return time.UTC, nil }

func terminal(address string) models.Device {
	return models.Device{ID: "d", DoorIDs: []models.ID{door}, Driver: models.DeviceDriver{
		Kind: models.DriverISAPI, Address: address, User: "door", Secret: "never-printed",
		Channels: []models.DoorChannel{{DoorID: door, Number: 1}},
	}}
}

// TestANameIsLookedAtWhenItIsConnectedTo: an address is refused when it is written; what a name means is known only now.
func TestANameIsLookedAtWhenItIsConnectedTo(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reached, ended := atomic.Int64{}, make(chan struct{})
	go func() {
		defer close(ended)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = connection.Close()
		}
	}()
	defer func() { _ = listener.Close(); <-ended }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	device, now := terminal("http://localhost:"+port), time.Now()
	command := models.DoorCommand{ID: "c", DoorID: door, DeviceID: "d", RequestedAt: now, ExpiresAt: now.Add(models.DoorCommandLife)}
	for _, one := range []struct {
		networks models.DoorNetworks
		reaches  bool
	}{
		{nil, false},
		{models.DoorNetworks{netip.MustParsePrefix("192.168.40.0/24")}, false},
		{models.DoorNetworks{netip.MustParsePrefix("127.0.0.0/8")}, true}, // that the test can fail
	} {
		kept, logs := &records{}, &strings.Builder{}
		h := New(Config{Records: kept, Networks: one.networks, Now: time.Now, Logger: slog.New(slog.NewTextHandler(logs, nil))})
		outcome, err := h.Open(t.Context(), device, command)
		if outcome.State == models.CommandOpened || err == nil || (reached.Swap(0) > 0) != one.reaches {
			t.Errorf("%v: %+v %v", one.networks, outcome, err)
		}
		if !one.reaches && (outcome.Reason != models.OutcomeUnreachable || kept.offline.Load() != 1) {
			t.Errorf("%v: %+v, %d times offline", one.networks, outcome, kept.offline.Load())
		}
		if strings.Contains(err.Error()+logs.String(), "never-printed") {
			t.Error("the password is printed")
		}
	}
}

// TestSettingsThatMakeNoDriver: what this server's settings do not allow is not driven, whoever wrote it.
func TestSettingsThatMakeNoDriver(t *testing.T) {
	h := New(Config{Records: &records{}, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	device := terminal("http://127.0.0.1:1")
	outcome, err := h.Open(t.Context(), device, models.DoorCommand{DoorID: door, ExpiresAt: time.Now().Add(time.Second)})
	if err == nil || outcome.State != models.CommandFailed || outcome.Reason != models.OutcomeNoDriver || outcome.Confirmed {
		t.Errorf("%+v %v", outcome, err)
	}
	if words := h.Capabilities(t.Context(), device).Words(); len(words) != 0 {
		t.Errorf("it promises %v", words)
	}
	if words := h.Capabilities(t.Context(), terminal("http://10.0.0.1")).Words(); len(words) == 0 {
		t.Error("a driver that can be made promises nothing")
	}
}

// TestARunnerThatPanicsStartsAgain, and takes nothing else with it.
func TestARunnerThatPanicsStartsAgain(t *testing.T) {
	h := New(Config{
		Records: &records{}, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Backoff: func(int) time.Duration { return time.Millisecond },
	})
	runs := 0
	err := h.again(t.Context(), &made{}, "events", func(context.Context, *made) error {
		if runs++; runs < 3 {
			panic("a driver's mistake")
		}
		return models.ErrDoorUnable
	})
	if err != nil || runs != 3 {
		t.Errorf("%d runs, %v", runs, err)
	}
}
