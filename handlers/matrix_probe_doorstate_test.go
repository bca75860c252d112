package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

// doorEvent is one that the column's door told.
func (s *stage) doorEvent(at column) models.ID {
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		door, err := tx.Door(ctx, s.door[at])
		if err != nil {
			return err
		}
		return tx.AddDeviceEvents(ctx, []models.DeviceEvent{{
			ID: id, Place: door.Place, DeviceID: door.DeviceID, Epoch: "matrix/" + string(id),
			DoorEvent: models.DoorEvent{DoorID: door.ID, Kind: models.EventTamper, OccurredAt: s.now(), ReceivedAt: s.now()},
		}})
	})
}

var doorStateProbes = map[string]probe{
	"createDeviceEvents": about(func(s *stage, who *caller, at column) asked {
		device := map[column]*caller{
			own: s.rig.One.UnitDevice, sameCompound: s.rig.One.OtherUnitDevice, otherCompound: s.rig.Two.UnitDevice,
			otherStation: s.rig.Three.UnitDevice,
		}[at]
		id, signer := s.missing, s.rig.One.UnitDevice
		if device != nil {
			id, signer = device.ID, device // even with the other's key
		}
		s.count++
		body, headers := s.rig.signed(signer, map[string]any{"epoch": "matrix", "events": []any{map[string]any{
			"sequence": s.count, "kind": "other", "occurred_at": instant(s.now()),
		}}})
		return asked{method: http.MethodPost, path: "/v1/devices/" + string(id) + "/events", body: body, headers: headers}
	}),
	"getDoorState": about(func(s *stage, _ *caller, at column) asked { return get("/v1/doors/%s/state", s.door[at]) }),
	"putDoorAlarmSettings": about(func(s *stage, _ *caller, at column) asked {
		path := "/v1/doors/" + string(s.door[at]) + "/alarm-settings"
		return asked{method: http.MethodPut, path: path, body: map[string]any{"held_open_s": 60}}
	}),
	"listDoorEvents": lists("id", "/v1/door-events", func(s *stage, who *caller, at column) models.ID {
		return s.once("door event", s.owner(who, at), at, func() models.ID { return s.doorEvent(at) })
	}),
}
