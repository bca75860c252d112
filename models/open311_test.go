package models

import (
	"math"
	"testing"
	"time"
)

func TestWhatOpen311Tells(t *testing.T) {
	for state, want := range map[TipState]string{
		TipReceived: "open", TipAcknowledged: "open", TipInvestigating: "open", TipResolved: "closed", TipClosed: "closed",
	} {
		if got := Open311Status(state); got != want {
			t.Errorf("%s is %s", state, got)
		}
	}
	at := Position{Lat: 30.52034, Lng: -105.60089}
	tip := Tip{Fix: &Fix{Position: at}}
	if got := (Open311Request{Tip: tip, Open: true}).Open311Place(); *got != at {
		t.Errorf("what was sent to be public is at %v", got)
	}
	got := (Open311Request{Tip: tip}).Open311Place()
	if math.Abs(got.Lat-30.520) > 1e-9 || math.Abs(got.Lng+105.601) > 1e-9 {
		t.Errorf("what was not is at %v", got)
	}
	if (Open311Request{}).Open311Place() != nil {
		t.Error("a place from nowhere")
	}
}

func TestOpen311Times(t *testing.T) {
	want := time.Date(2010, 5, 29, 3, 33, 10, 0, time.UTC)
	for _, text := range []string{"2010-05-28T20:33:10-07:00", "2010-05-29T03:33:10Z", "2010-05-29T03:33:10.000Z", "2010-05-29T04:33:10 01:00"} {
		if got, ok := ParseOpen311Time(text); !ok || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "2010-05-28", "yesterday"} {
		if _, ok := ParseOpen311Time(text); ok {
			t.Errorf("%q is a time", text)
		}
	}
}
