package models

import (
	"testing"
	"time"
)

func TestWhatANumberCallBecomes(t *testing.T) {
	const none = DeliveryState("")
	for name, row := range map[string]struct {
		attempt                  Attempt
		answered, pressed, other DeliveryState
	}{
		"handed over":             {Attempt{State: DeliveryAccepted}, DeliveryAccepted, DeliveryAcknowledged, DeliveryFailed},
		"perhaps handed over":     {Attempt{State: DeliverySent}, DeliveryAccepted, DeliveryAcknowledged, DeliveryFailed},
		"being handed over":       {Attempt{State: DeliveryQueued, Claimed: true}, DeliveryAccepted, DeliveryAcknowledged, DeliveryFailed},
		"not begun":               {Attempt{State: DeliveryQueued}, none, none, none},
		"never sent":              {Attempt{State: DeliveryExpired}, none, none, none},
		"picked up":               {Attempt{State: DeliveryAccepted, Reason: "answered"}, none, DeliveryAcknowledged, DeliveryFailed},
		"nobody was there":        {Attempt{State: DeliveryFailed, Reason: "no_answer"}, none, DeliveryAcknowledged, none},
		"a key was pressed":       {Attempt{State: DeliveryAcknowledged}, none, none, none},
		"of another channel":      {Attempt{State: DeliveryAccepted, Channel: ChannelSMS}, none, none, none},
		"being sent by a channel": {Attempt{State: DeliveryQueued, Claimed: true, Channel: ChannelFCM}, none, none, none},
	} {
		if row.attempt.Channel == "" {
			row.attempt.Channel = ChannelVoice
		}
		for event, want := range map[VoiceEvent]DeliveryState{
			VoiceAnswered: row.answered, VoicePressed: row.pressed, VoiceNoAnswer: row.other, VoiceBusy: row.other, VoiceFailed: row.other,
			"hummed": none,
		} {
			got, moves := event.Moves(row.attempt)
			if moves != (want != none) || moves && got != want {
				t.Errorf("%s, %s: %s %v, want %q", name, event, got, moves, want)
			}
		}
	}
}

func TestCallStands(t *testing.T) {
	now := time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC)
	alert := Alert{ExpiresAt: now.Add(time.Millisecond), Recipients: 3}
	answered, cancelled, over := alert, alert, alert
	answered.Acknowledged, cancelled.CancelledAt, over.ExpiresAt = 1, now, now
	for name, stands := range map[string]bool{
		"asked for": alert.CallStands(now), "answered": !answered.CallStands(now), "cancelled": !cancelled.CallStands(now),
		"over": !over.CallStands(now),
	} {
		if !stands {
			t.Error(name)
		}
	}
}
