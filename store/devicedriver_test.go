package store_test

import (
	"context"
	"testing"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

const (
	ownBox    = "compound: east, doors: [gate]}"
	drivenBox = "compound: east, doors: [gate], driver: {kind: isapi, address: 'https://192.168.40.9', user: door, channels: [1]}}"
	movedBox  = "compound: east, doors: [gate], driver: {kind: isapi, address: 'https://192.168.40.10', user: door, channels: [1]}}"
)

// TestADriverOfTheFileKeepsItsSecret, which never stands in the file, while it reaches the same thing.
func TestADriverOfTheFileKeepsItsSecret(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		imported(t, s, describe(t), importNow)
		if got := imported(t, s, describe(t, ownBox, drivenBox), later).Of("drivers"); got.Added != 1 {
			t.Errorf("%+v", got)
		}
		read := func() models.Device {
			devices, err := s.DrivenDevices(ctx, 10)
			if err != nil || len(devices) != 1 {
				t.Fatal(devices, err)
			}
			return devices[0]
		}
		device := read()
		device.Driver.Secret = "given by an administrator"
		mark := models.DoorEventMark{Index: 7, OccurredAt: importNow}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.SetDeviceCursor(ctx, device.ID, models.DeviceCursor{Mark: mark, Lost: 2, LostAt: later}); err != nil {
				return err
			}
			return tx.SetDeviceDriver(ctx, device)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := imported(t, s, describe(t, ownBox, drivenBox), later).Of("drivers"); got.Unchanged != 1 {
			t.Errorf("again: %+v", got)
		}
		imported(t, s, describe(t), later) // left out: it stays
		kept := read()
		if kept.Driver.Secret != device.Driver.Secret || len(kept.Driver.Channels) != 1 || kept.Cursor.Lost != 2 ||
			kept.Cursor.Mark.Index != 7 || !kept.Cursor.Mark.OccurredAt.Equal(importNow) || !kept.Cursor.LostAt.Equal(later) {
			t.Errorf("%+v", kept)
		}
		if got := imported(t, s, describe(t, ownBox, movedBox), later).Of("drivers"); got.Updated != 1 {
			t.Errorf("moved: %+v", got)
		}
		if moved := read(); moved.Driver.Secret != "" || moved.Cursor != (models.DeviceCursor{}) {
			t.Errorf("another address has the secret or the events of the last: %+v", moved)
		}
	})
}
