package models

import (
	"testing"
	"time"
)

// Every pair: a state moves forward only, and only where there can be proof of it.
func TestDeliveriesMoveForwardOnly(t *testing.T) {
	allowed := map[DeliveryState]string{
		DeliveryQueued:       "sent provider_accepted device_received seen failed expired ",
		DeliverySent:         "provider_accepted device_received seen ",
		DeliveryAccepted:     "device_received seen ",
		DeliveryReceived:     "seen acknowledged ",
		DeliverySeen:         "acknowledged ",
		DeliveryAcknowledged: "",
		DeliveryFailed:       "device_received seen ",
		DeliveryExpired:      "",
		DeliveryNone:         "",
	}
	order := []DeliveryState{
		DeliveryQueued, DeliverySent, DeliveryAccepted, DeliveryReceived, DeliverySeen, DeliveryAcknowledged, DeliveryFailed,
		DeliveryExpired, DeliveryNone,
	}
	if len(allowed) != len(DeliveryStates) || len(order) != len(DeliveryStates) {
		t.Fatal("the table is not of all states")
	}
	for _, from := range order {
		got := ""
		for _, to := range order {
			if from.MayBecome(to) {
				got += string(to) + " "
			}
		}
		if got != allowed[from] {
			t.Errorf("%s → %q, want %q", from, got, allowed[from])
		}
	}
}

func TestWitnessed(t *testing.T) {
	at := func(round int64, number int, state DeliveryState, claimed bool) Attempt {
		return Attempt{
			ID: ID(string(state)), AlertID: "a", InstallationID: "phone", Channel: ChannelFCM, Round: round, Number: number, State: state,
			Claimed: claimed,
		}
	}
	receipt := DeliveryReceipt{AlertID: "a", InstallationID: "phone", Channel: ChannelFCM}
	for name, try := range map[string]struct {
		attempts []Attempt
		want     ID
	}{
		"nothing was sent":                {nil, ""},
		"it only waits":                   {[]Attempt{at(0, 0, DeliveryQueued, false)}, ""},
		"it is under way":                 {[]Attempt{at(0, 0, DeliveryQueued, true)}, "queued"},
		"the retry waits":                 {[]Attempt{at(0, 0, DeliverySent, false), at(0, 1, DeliveryQueued, false)}, "sent"},
		"the newest try":                  {[]Attempt{at(0, 1, DeliveryAccepted, false), at(0, 0, DeliverySent, false)}, "provider_accepted"},
		"the newest asking":               {[]Attempt{at(1, 0, DeliveryAccepted, false), at(0, 9, DeliverySent, false)}, "provider_accepted"},
		"it failed, says only the sender": {[]Attempt{at(0, 0, DeliveryFailed, false)}, "failed"},
		"it never left":                   {[]Attempt{at(0, 0, DeliveryExpired, false)}, ""},
	} {
		if got, _ := receipt.Witnessed(try.attempts); got.ID != try.want {
			t.Errorf("%s: %q, want %q", name, got.ID, try.want)
		}
	}
	mini := DeliveryReceipt{AlertID: "a", InstallationID: "made by the mini-program", Channel: ChannelWeChat}
	sent := Attempt{ID: "wechat", AlertID: "a", InstallationID: WeChatInstallation, Channel: ChannelWeChat, State: DeliveryAccepted}
	if got, _ := mini.Witnessed([]Attempt{sent}); got.ID != sent.ID {
		t.Error("a mini-program does not know by what name its only address is kept")
	}
	other := receipt
	for _, change := range []func(){
		func() { other.AlertID = "b" }, func() { other.InstallationID = "tablet" }, func() { other.Channel = ChannelStream },
	} {
		other = receipt
		change()
		if _, found := other.Witnessed([]Attempt{at(0, 0, DeliverySent, false)}); found {
			t.Errorf("%+v is of another way", other)
		}
	}
}

func TestTellOf(t *testing.T) {
	noon := time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
	sent := Attempt{PersonID: "p", Channel: ChannelStream, State: DeliverySent, SentAt: noon}
	seen := Attempt{PersonID: "p", Channel: ChannelFCM, State: DeliverySeen, SeenAt: noon.Add(time.Minute)}
	failed := Attempt{PersonID: "p", Channel: ChannelHMS, State: DeliveryFailed, Reason: "network", ChangedAt: noon}
	later := sent
	later.Channel, later.SentAt = ChannelWeChat, noon.Add(time.Hour)
	foreign := Attempt{PersonID: "q", Channel: ChannelSMS, State: DeliveryAcknowledged}
	acknowledged := noon.Add(time.Hour)
	for name, try := range map[string]struct {
		attempts     []Attempt
		acknowledged time.Time
		want         Told
	}{
		"nothing":                {nil, time.Time{}, Told{PersonID: "p", State: DeliveryNone}},
		"only somebody else's":   {[]Attempt{foreign}, time.Time{}, Told{PersonID: "p", State: DeliveryNone}},
		"a failure, and why":     {[]Attempt{failed}, time.Time{}, Told{PersonID: "p", State: DeliveryFailed, Channel: ChannelHMS, At: noon, Reason: "network", Attempts: 1}},
		"the best":               {[]Attempt{failed, sent, seen}, time.Time{}, Told{PersonID: "p", State: DeliverySeen, Channel: ChannelFCM, At: seen.SeenAt, Attempts: 3}},
		"the earliest of equals": {[]Attempt{later, sent}, time.Time{}, Told{PersonID: "p", State: DeliverySent, Channel: ChannelStream, At: noon, Attempts: 2}},
		"acknowledged, as seen": {[]Attempt{seen}, acknowledged, Told{
			PersonID: "p", State: DeliveryAcknowledged, Channel: ChannelFCM, At: acknowledged, AcknowledgedAt: acknowledged, Attempts: 1,
		}},
		"acknowledged, by what nobody knows": {[]Attempt{sent}, acknowledged, Told{
			PersonID: "p", State: DeliveryAcknowledged, At: acknowledged, AcknowledgedAt: acknowledged, Attempts: 1,
		}},
	} {
		if got := TellOf("p", try.acknowledged, try.attempts); got != try.want {
			t.Errorf("%s: %+v, want %+v", name, got, try.want)
		}
	}
}

func TestReceiptsAreWithinTheirTime(t *testing.T) {
	made, now := time.UnixMilli(1000), time.UnixMilli(5000)
	for at, want := range map[int64]int64{999: 1000, 1000: 1000, 1001: 1001, 5000: 5000, 5001: 5000} {
		if got := (DeliveryReceipt{At: time.UnixMilli(at)}).Within(made, now); got.UnixMilli() != want {
			t.Errorf("%d → %d, want %d", at, got.UnixMilli(), want)
		}
	}
}
