package hikvision

import (
	"context"
	"testing"
	"time"

	"xunfang/models"
)

// Devices write the boundary as the published examples do, which is not as RFC 2045 has it.
func TestBoundariesAsDevicesWriteThem(t *testing.T) {
	for header, want := range map[string]string{
		"multipart/mixed; boundary=MIME_boundary": "MIME_boundary", `multipart/mixed; boundary="a b"`: "a b",
		"multipart/form-data;boundary=<frontier>": "<frontier>", "Multipart/x-mixed-replace; charset=utf-8; Boundary=<x y>": "<x y>",
		"multipart/mixed": "", "application/xml; boundary=<x>": "", "": "",
	} {
		if got := boundaryOf(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

// A terminal with one door does not say which door; of several, none is guessed.
func TestEventOfTheOnlyDoor(t *testing.T) {
	const face = `{"dateTime":"2026-11-24T20:00:00+08:00","eventType":"AccessControllerEvent",` +
		`"AccessControllerEvent":{"majorEventType":5,"subEventType":75,"cardReaderNo":1,"serialNo":119,"currentEvent":true}}`
	for _, doors := range []int{1, 2} {
		device := newStandIn(t)
		device.boundary = "<frontier>"
		driver, _ := device.driver(func(config *Config) { config.Doors = config.Doors[:doors] })
		events := make(chan models.DoorEvent, 1)
		run(t, func(ctx context.Context) error {
			return driver.Events(ctx, models.DoorEventMark{}, func(_ context.Context, event models.DoorEvent) error {
				events <- event
				return nil
			})
		})
		device.stream <- device.part("application/json", face)
		select {
		case event := <-events:
			if (event.DoorID == frontDoor) != (doors == 1) || event.Way != models.WayFace {
				t.Errorf("of %d: %+v", doors, event)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no event came")
		}
	}
}
