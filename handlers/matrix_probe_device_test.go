package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

// controller is a device of the column that signs in.
func (s *stage) controller(at column) models.ID {
	device := map[column]*caller{
		own: s.rig.One.UnitDevice, sameCompound: s.rig.One.OtherUnitDevice, otherCompound: s.rig.Two.UnitDevice,
		otherStation: s.rig.Three.UnitDevice,
	}[at]
	if device == nil {
		return s.missing
	}
	return device.ID
}

var deviceProbes = map[string]probe{
	"getDevice": about(func(s *stage, _ *caller, at column) asked { return get("/v1/devices/%s", s.controller(at)) }),
	"createDeviceClaimCode": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/devices/%s/claim-codes", s.controller(at))
	}),
	"createDeviceClaim": plain(func(s *stage, _ *caller) asked {
		made := s.rig.call(s.rig.Admin, http.MethodPost, "/v1/devices/"+string(s.spareDevice(own))+"/claim-codes", nil).must(201)
		return post(map[string]any{"claim_code": made.text("claim_code"), "nonce": claimNonce}, "/v1/device-claims")
	}),
	"rotateDeviceSecret": about(func(s *stage, _ *caller, at column) asked {
		device := s.controller(at)
		made := post(nil, "/v1/devices/%s/rotate-secret", device)
		before, err := s.rig.store.Device(context.Background(), device)
		if err == nil { // others sign in by it
			made.after = func() string {
				s.rig.write(func(ctx context.Context, tx *store.Store) error { return tx.UpdateDevice(ctx, before) })
				return ""
			}
		}
		return made
	}),
	"putDeviceHealth": about(func(s *stage, _ *caller, at column) asked {
		path := "/v1/devices/" + string(s.controller(at)) + "/health"
		return asked{method: http.MethodPut, path: path, body: map[string]any{"battery_percent": 80}}
	}),
}
