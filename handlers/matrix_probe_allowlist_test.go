package handlers_test

import "xunfang/models"

var allowListProbes = map[string]probe{
	"getAllowList": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/devices/%s/allow-list", map[column]models.ID{
			own: s.rig.Device.ID, sameCompound: s.rig.One.OtherUnitDevice.ID, otherCompound: s.rig.Two.UnitDevice.ID,
			otherStation: s.rig.Three.UnitDevice.ID, missing: s.missing,
		}[at])
	}),
}
