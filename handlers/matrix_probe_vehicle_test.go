package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

// vehicle is a new vehicle of the owner, of a home in the column's place.
func (s *stage) vehicle(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddVehicle(ctx, models.Vehicle{
			ID: id, Place: s.home[at], OwnerID: s.owner(who, at).ID, Kind: models.VehicleEBike, Tag: models.NormalPlate(string(id)),
			CreatedAt: s.now(), ConfirmedAt: s.now(),
		})
	})
}

// arrival is a vehicle of the owner that is held at a barrier of the column's compound: the caller's own, when a device asks.
func (s *stage) arrival(who *caller, at column, direction string, reason models.BarrierReason) models.ID {
	if at == missing {
		return s.missing
	}
	device, vehicle := s.compound[at].OtherUnitDevice.ID, s.vehicle(who, at)
	if who != nil && who.Device && at == own {
		device = who.ID
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		_, err := tx.BeginArrival(ctx, models.Arrival{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, DeviceID: device, Direction: direction, Mark: "川J12345",
			VehicleID: vehicle, OwnerID: s.owner(who, at).ID, Decision: models.DecisionHold, Reason: reason, Reads: 1, LastSequence: 1,
			ReadAt: s.now(), ReceivedAt: s.now(), DecidedAt: s.now(),
		})
		return err
	})
}

func (s *stage) keptArrival(who *caller, at column) models.ID {
	return s.once("arrival", s.owner(who, at), at, func() models.ID {
		return s.arrival(who, at, models.DirectionOut, models.BarrierLocked)
	})
}

func (s *stage) keptVehicle(who *caller, at column) models.ID {
	return s.once("vehicle", s.owner(who, at), at, func() models.ID { return s.vehicle(who, at) })
}

func (r *rig) makeBarrier(device *caller) {
	r.t.Helper()
	if _, err := r.sql.Exec("UPDATE devices SET kind = 'barrier' WHERE id = ?", string(device.ID)); err != nil {
		r.t.Fatal(err)
	}
}

func (s *stage) plateRead() map[string]any {
	s.rig.makeBarrier(s.rig.Device)
	return map[string]any{
		"arrival_id": s.rig.ids.next(), "sequence": 1, "plate": "川J54321", "confidence": 0.9, "direction": "out",
		"read_at": instant(s.now()),
	}
}

var vehicleProbes = map[string]probe{
	"createVehicle": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"kind": "e_bike", "tag": s.rig.ids.next(), "home_id": s.homeID(at)}, "/v1/vehicles").naming("home_id")
	}),
	"listVehicles": lists("id", "/v1/vehicles", func(s *stage, who *caller, at column) models.ID { return s.keptVehicle(who, at) }),
	"getVehicle": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/vehicles/%s", s.keptVehicle(who, at))
	}),
	"updateVehicle": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"colour": "白"}, "/v1/vehicles/%s", s.vehicle(who, at))
	}),
	"deleteVehicle": about(func(s *stage, who *caller, at column) asked { return remove("/v1/vehicles/%s", s.vehicle(who, at)) }),
	"confirmVehicle": about(func(s *stage, who *caller, at column) asked {
		made := patch(map[string]any{"confirmed": true}, "/v1/vehicles/%s/confirmation", s.vehicle(who, at))
		made.method = http.MethodPut
		return made
	}),
	"lockVehicle": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/vehicles/%s/lock", s.vehicle(who, at))
	}),
	"unlockVehicle": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/vehicles/%s/unlock", s.vehicle(who, at))
	}),
	"createReleaseWord": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/vehicles/%s/release-word", s.vehicle(who, at))
	}),
	"createPlateRead": plain(func(s *stage, _ *caller) asked { return post(s.plateRead(), "/v1/plate-reads") }),
	"createOfflinePlateReads": plain(func(s *stage, _ *caller) asked {
		read := s.plateRead()
		read["decision"] = "open"
		return post(map[string]any{"items": []any{read}}, "/v1/offline-plate-reads")
	}),
	"getPlateList": about(func(s *stage, _ *caller, at column) asked {
		s.rig.makeBarrier(s.rig.Device)
		return get("/v1/devices/%s/plate-list", map[column]models.ID{
			own: s.rig.Device.ID, sameCompound: s.rig.One.OtherUnitDevice.ID, otherCompound: s.rig.Two.UnitDevice.ID,
			otherStation: s.rig.Three.UnitDevice.ID, missing: s.missing,
		}[at])
	}),
	"listArrivals": lists("id", "/v1/arrivals", func(s *stage, who *caller, at column) models.ID { return s.keptArrival(who, at) }),
	"getArrival": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/arrivals/%s", s.keptArrival(who, at))
	}),
	"admitArrival": about(func(s *stage, who *caller, at column) asked {
		arrival := s.arrival(who, at, models.DirectionIn, models.BarrierUnknownPlate)
		return post(map[string]any{}, "/v1/arrivals/%s/admission", arrival)
	}),
	"releaseArrival": about(func(s *stage, who *caller, at column) asked {
		arrival := s.arrival(who, at, models.DirectionOut, models.BarrierLocked)
		return post(map[string]any{"release_word": "0000"}, "/v1/arrivals/%s/release", arrival)
	}),
	"overrideArrival": about(func(s *stage, who *caller, at column) asked {
		arrival := s.arrival(who, at, models.DirectionOut, models.BarrierLocked)
		return post(map[string]any{"reason": "消防通道须清空"}, "/v1/arrivals/%s/override", arrival)
	}),
}
