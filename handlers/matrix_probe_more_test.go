package handlers_test

import (
	"time"

	"xunfang/models"
)

func (s *stage) newPass(more map[string]any) map[string]any {
	body := map[string]any{
		"visitor_name": "王师傅", "starts_at": instant(s.now()), "ends_at": instant(s.now().Add(time.Hour)),
	}
	for field, value := range more {
		body[field] = value
	}
	return body
}

var doorProbes = map[string]probe{
	"createVisitorPass": about(func(s *stage, _ *caller, at column) asked {
		return post(s.newPass(map[string]any{"home_id": s.homeID(at)}), "/v1/visitor-passes").naming("home_id")
	}),
	"createVisitorPass (doors)": about(func(s *stage, _ *caller, at column) asked {
		return post(s.newPass(map[string]any{"door_ids": []models.ID{s.door[at]}}), "/v1/visitor-passes").naming("door_ids[0]")
	}),
	"listVisitorPasses": lists("id", "/v1/visitor-passes", func(s *stage, who *caller, at column) models.ID {
		return s.once("pass", s.owner(who, at), at, func() models.ID { return s.pass(who, at) })
	}),
	"getVisitorPass": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/visitor-passes/%s", s.once("pass", s.owner(who, at), at, func() models.ID { return s.pass(who, at) }))
	}),
	"revokeVisitorPass": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/visitor-passes/%s/revoke", s.pass(who, at))
	}),
	"createCodeEntry": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"code": "4829130571"}, "/v1/doors/%s/code-entries", s.door[at])
	}),
	"listDoors": lists("id", "/v1/doors", func(s *stage, _ *caller, at column) models.ID { return s.door[at] }),
	"openDoor": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"reason": "有人求助"}, "/v1/doors/%s/open", s.door[at])
	}),
	"getDoorCommand": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/door-commands/%s", s.once("command", s.owner(who, at), at, func() models.ID { return s.command(who, at) }))
	}),
	"listAccessEvents": lists("id", "/v1/access-events", func(s *stage, who *caller, at column) models.ID {
		return s.once("event", s.owner(who, at), at, func() models.ID { return s.accessEvent(who, at) })
	}),
}

var alertProbes = map[string]probe{
	"createAlert": about(func(s *stage, _ *caller, at column) asked {
		scope := map[string]any{"kind": "compound", "id": s.compoundID(at)}
		if at == sameCompound {
			scope = map[string]any{"kind": "home", "id": s.homeID(at)}
		}
		return post(map[string]any{
			"kind": "notice", "severity": "info", "title": "通知", "body": "内容",
			"audience": map[string]any{"roles": []string{"resident"}, "scope": scope},
		}, "/v1/alerts").naming("audience.scope.id")
	}),
	"previewAlertAudience": about(func(s *stage, _ *caller, at column) asked {
		scope := map[string]any{"kind": "compound", "id": s.compoundID(at)}
		if at == sameCompound {
			scope = map[string]any{"kind": "home", "id": s.homeID(at)}
		}
		audience := map[string]any{"roles": []string{"resident"}, "scope": scope}
		return post(map[string]any{"audience": audience}, "/v1/alerts/preview").naming("audience.scope.id")
	}),
	"listAlerts": lists("id", "/v1/alerts", func(s *stage, who *caller, at column) models.ID {
		return s.once("inbox", s.owner(who, at), at, func() models.ID { return s.alert(who, at) })
	}),
	"getAlert": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/alerts/%s", s.once("inbox", s.owner(who, at), at, func() models.ID { return s.alert(who, at) }))
	}),
	"acknowledgeAlert": about(func(s *stage, who *caller, at column) asked {
		alert := s.once("inbox", s.owner(who, at), at, func() models.ID { return s.alert(who, at) })
		return post(nil, "/v1/alerts/%s/acknowledge", alert)
	}),
}

var administrationProbes = map[string]probe{
	"listPeople":   lists("id", "/v1/people", func(s *stage, _ *caller, at column) models.ID { return s.personID(at) }),
	"createPerson": plain(func(s *stage, _ *caller) asked { return post(map[string]any{"name": s.name()}, "/v1/people") }),
	"getPerson":    about(func(s *stage, _ *caller, at column) asked { return get("/v1/people/%s", s.personID(at)) }),
	"updatePerson": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"name": s.name()}, "/v1/people/%s", s.personID(at))
	}),
	"listPersonRoles": about(func(s *stage, _ *caller, at column) asked { return get("/v1/people/%s/roles", s.personID(at)) }),
	"createPersonRole": about(func(s *stage, _ *caller, at column) asked {
		return post(s.nextGrant(map[string]any{"kind": "compound", "id": s.rig.One.ID()}), "/v1/people/%s/roles", s.personID(at))
	}),
	"createPersonRole (scope)": about(func(s *stage, _ *caller, at column) asked {
		scope := map[string]any{"kind": "compound", "id": s.compoundID(at)}
		if at == sameCompound {
			scope = map[string]any{"kind": "building", "id": s.rig.One.Building2.Building}
		}
		return post(s.nextGrant(scope), "/v1/people/%s/roles", s.personID(own)).naming("scope.id")
	}),
	"updatePersonRole": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"ends_at": instant(s.now().AddDate(1, 0, 0))}, "/v1/people/%s/roles/%s", s.personID(at), s.grantID(at))
	}),
	"updatePersonRole (grant)": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"ends_at": instant(s.now().AddDate(1, 0, 0))}, "/v1/people/%s/roles/%s", s.personID(own), s.grantID(at))
	}),
	"listCompounds": lists("id", "/v1/compounds", func(s *stage, _ *caller, at column) models.ID { return s.compoundID(at) }),
	"createCompound": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"name": s.name(), "kind": "ordinary", "position": somewhere}, "/v1/compounds")
	}),
	"updateCompound": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"name": s.name()}, "/v1/compounds/%s", s.compoundID(at))
	}),
	"listHomes": lists("id", "/v1/homes", func(s *stage, _ *caller, at column) models.ID { return s.homeID(at) }),
	"createHome": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"compound_id": s.compoundID(at), "building": "9栋", "unit": "1单元", "label": s.name(),
		}, "/v1/homes").naming("compound_id")
	}),
	"updateHome": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"label": s.name()}, "/v1/homes/%s", s.homeID(at))
	}),
	"createDoor": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"name": s.name(), "kind": "gate", "compound_id": s.compoundID(at)}, "/v1/doors").naming("compound_id")
	}),
	"createDoor (unit)": about(func(s *stage, _ *caller, at column) asked {
		unit := map[column]models.ID{
			own: s.rig.One.Unit.Unit, sameCompound: s.rig.One.OtherUnit.Unit, otherCompound: s.rig.Two.Unit.Unit,
			otherStation: s.rig.Three.Unit.Unit, missing: s.missing,
		}[at]
		return post(map[string]any{
			"name": s.name(), "kind": "unit", "compound_id": s.rig.One.ID(), "unit_id": unit,
		}, "/v1/doors").naming("unit_id")
	}),
	"listDevices": lists("id", "/v1/devices", func(s *stage, _ *caller, at column) models.ID {
		return s.once("device", s.rig.Admin, at, func() models.ID { return s.spareDevice(at) })
	}),
	"createDevice": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"name": s.name(), "kind": "terminal", "compound_id": s.compoundID(at)}, "/v1/devices").naming("compound_id")
	}),
	"createDevice (doors)": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"name": s.name(), "kind": "terminal", "compound_id": s.rig.One.ID(), "door_ids": []models.ID{s.spareDoor(at)},
		}, "/v1/devices").naming("door_ids[0]")
	}),
	"updateDevice": about(func(s *stage, _ *caller, at column) asked {
		device := s.once("device", s.rig.Admin, at, func() models.ID { return s.spareDevice(at) })
		return patch(map[string]any{"rotate_secret": true}, "/v1/devices/%s", device)
	}),
	"updateDevice (doors)": about(func(s *stage, _ *caller, at column) asked {
		device := s.once("device", s.rig.Admin, own, func() models.ID { return s.spareDevice(own) })
		return patch(map[string]any{"door_ids": []models.ID{s.spareDoor(at)}}, "/v1/devices/%s", device).naming("door_ids[0]")
	}),
	"listAuditEntries": lists("id", "/v1/audit-entries?operation=matrix", func(s *stage, _ *caller, at column) models.ID {
		return s.audited[at]
	}),
}
