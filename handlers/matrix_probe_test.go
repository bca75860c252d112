package handlers_test

import (
	"fmt"
	"net/http"
	"time"

	"xunfang/models"
)

// probe is how one row of the matrix is asked for.
type probe struct {
	list string // lists: the field that holds the id looked for
	ask  func(s *stage, who *caller, at column) asked
}

// asked is one request of the matrix.
type asked struct {
	method, path string
	body         any
	headers      []string
	stream       bool
	object       models.ID     // lists: what is looked for
	field        string        // what a 422 must name
	after        func() string // looks at the effect; "" when it is right
}

func get(path string, parts ...any) asked {
	return asked{method: http.MethodGet, path: fmt.Sprintf(path, parts...)}
}

func post(body map[string]any, path string, parts ...any) asked {
	made := asked{method: http.MethodPost, path: fmt.Sprintf(path, parts...)}
	if body != nil {
		made.body = body
	}
	return made
}

func patch(body map[string]any, path string, parts ...any) asked {
	return asked{method: http.MethodPatch, path: fmt.Sprintf(path, parts...), body: body}
}

func remove(path string, parts ...any) asked {
	return asked{method: http.MethodDelete, path: fmt.Sprintf(path, parts...)}
}

// naming says which field of the body names the object.
func (a asked) naming(field string) asked {
	a.field = field
	return a
}

// plain is a probe that asks the same whatever the object.
func plain(request func(s *stage, who *caller) asked) probe {
	return probe{ask: func(s *stage, who *caller, _ column) asked { return request(s, who) }}
}

// about is a probe about an object.
func about(request func(s *stage, who *caller, at column) asked) probe { return probe{ask: request} }

// lists is a probe that looks for an object in a list.
func lists(key, path string, object func(s *stage, who *caller, at column) models.ID) probe {
	return probe{list: key, ask: func(s *stage, who *caller, at column) asked {
		return asked{method: http.MethodGet, path: path, object: object(s, who, at)}
	}}
}

func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

var somewhere = map[string]any{"lat": 30.52, "lng": 105.601, "crs": "WGS84"}

var probes = joined(
	openProbes, ownProbes, patrolProbes, tipProbes, uploadProbes, tusProbes("Upload", "/v1/uploads"), receiptUploadProbes, doorProbes, alertProbes, administrationProbes,
	deliveryProbes,
	quietProbes,
	webhookProbes,
	voiceProbes,
	findingProbes,
	wechatProbes,
	vehicleProbes,
	groupProbes,
	groupStationProbes,
	repairProbes,
	callProbes,
	faceProbes,
	concernProbes,
	allowListProbes,
	visitorProbes,
	doorStateProbes,
	deviceProbes,
	tipMessageProbes,
	tipCategoryProbes,
	tipLikeProbes,
	tipFlowProbes,
	tipSettingsProbes,
	open311Probes,
	anonymousTipProbes,
	receiptProbes,
	thanksProbes,
	thanksEndProbes,
	trackProbes,
	planProbes,
	roundProbes,
	watchProbes,
	checkInProbes,
	coverageProbes,
	sosProbes,
)

func joined(parts ...map[string]probe) map[string]probe {
	all := map[string]probe{}
	for _, part := range parts {
		for row, probe := range part {
			all[row] = probe
		}
	}
	return all
}

var openProbes = map[string]probe{
	"createToken": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{
			"grant_type": "device_key", "device_id": s.rig.Device.ID, "secret": s.rig.Device.Secret,
		}, "/v1/auth/token")
	}),
	"createSmsCode": plain(func(s *stage, _ *caller) asked {
		s.count++
		return post(map[string]any{"phone": fmt.Sprintf("1009%07d", s.count)}, "/v1/auth/sms-codes")
	}),
	"revokeToken":  plain(func(*stage, *caller) asked { return post(map[string]any{"token": "unknown"}, "/v1/auth/revoke") }),
	"getJwks":      plain(func(*stage, *caller) asked { return get("/.well-known/jwks.json") }),
	"getHealth":    plain(func(*stage, *caller) asked { return get("/healthz") }),
	"getReadiness": plain(func(*stage, *caller) asked { return get("/readyz") }),
}

var ownProbes = map[string]probe{
	"getMe": plain(func(*stage, *caller) asked { return get("/v1/me") }),
	"listMySessions": lists("id", "/v1/me/sessions", func(s *stage, who *caller, at column) models.ID {
		return s.rig.session(s.owner(who, at))
	}),
	"deleteMySessions": plain(func(s *stage, who *caller) asked {
		request := remove("/v1/me/sessions")
		request.after = func() string {
			s.rig.forget(who)
			return ""
		}
		return request
	}),
	"deleteMySession": about(func(s *stage, who *caller, at column) asked {
		if at == missing {
			return remove("/v1/me/sessions/%s", s.missing)
		}
		return remove("/v1/me/sessions/%s", s.rig.newToken(s.owner(who, at)).session)
	}),
	"putPushAddress": plain(func(s *stage, _ *caller) asked {
		return asked{
			method: http.MethodPut, path: "/v1/me/push-addresses/" + string(s.rig.ids.next()),
			body: map[string]any{"kind": "fcm_token", "value": s.rig.ids.next(), "platform": "android"},
		}
	}),
	"deletePushAddress": about(func(s *stage, who *caller, at column) asked {
		if at == missing {
			return remove("/v1/me/push-addresses/phone.missing")
		}
		owner := s.owner(who, at)
		s.pushAddress(owner)
		request := remove("/v1/me/push-addresses/phone.%s", owner.ID)
		request.after = func() string {
			if there := s.hasPushAddress(owner); there == (at == own) {
				return fmt.Sprintf("done, and the address is there: %t", there)
			}
			return ""
		}
		return request
	}),
	"listMyInbox": lists("alert_id", "/v1/me/inbox", func(s *stage, who *caller, at column) models.ID {
		return s.once("inbox", s.owner(who, at), at, func() models.ID { return s.alert(who, at) })
	}),
	"getStream": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodGet, path: "/v1/stream", stream: true}
	}),
	"getStreamSocket": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodGet, path: "/v1/stream/ws", stream: true, headers: []string{
			"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
		}}
	}),
}

var patrolProbes = map[string]probe{
	"createCheckIns": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"items": []any{map[string]any{
			"id": s.rig.ids.next(), "checkpoint_id": s.checkpointID(at), "method": "gps", "position": somewhere,
			"captured_at": instant(s.now()),
		}}}, "/v1/check-ins").naming("items[0].checkpoint_id")
	}),
	"listCheckIns": lists("id", "/v1/check-ins", func(s *stage, who *caller, at column) models.ID {
		return s.once("check-in", s.owner(who, at), at, func() models.ID { return s.checkIn(who, at) })
	}),
	"listCheckpoints": lists("id", "/v1/checkpoints", func(s *stage, _ *caller, at column) models.ID { return s.checkpointID(at) }),
	"createCheckpoint": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"name": s.name(), "position": somewhere, "methods": []string{"gps"}, "compound_id": s.compoundID(at),
		}, "/v1/checkpoints").naming("compound_id")
	}),
	"getCheckpointSign": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/checkpoints/%s/sign", s.checkpointID(at))
	}),
	"listRoutes": lists("id", "/v1/routes", func(s *stage, _ *caller, at column) models.ID {
		return map[column]models.ID{own: s.rig.Route, otherStation: s.rig.RouteB}[at]
	}),
	"createRoute": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"name": s.name(), "direction": "other", "checkpoint_ids": []models.ID{s.checkpointID(at)},
		}, "/v1/routes").naming("checkpoint_ids[0]")
	}),
}

var tipProbes = map[string]probe{
	"createMedia": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodPost, path: "/v1/media", body: matrixPhoto(tinyPNG())}
	}),
	"getMedia": about(func(s *stage, who *caller, at column) asked {
		photo := s.once("photo", s.owner(who, at), at, func() models.ID {
			made := s.photo(who, at)
			if at != own { // a photo of one's own needs no tip
				s.tip(who, at, made)
			}
			return made
		})
		return get("/v1/media/%s", photo)
	}),
	"createTip": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{
			"id": s.rig.ids.next(), "category": "theft", "description": "有人撬锁", "media_ids": []models.ID{s.photo(who, at)},
		}, "/v1/tips").naming("media_ids[0]")
	}),
	"listTips": lists("id", "/v1/tips", func(s *stage, who *caller, at column) models.ID {
		return s.once("tip", s.owner(who, at), at, func() models.ID { return s.tip(who, at) })
	}),
	"getTip": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/tips/%s", s.once("tip", s.owner(who, at), at, func() models.ID { return s.tip(who, at) }))
	}),
	"createTipTransition": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"state": "acknowledged"}, "/v1/tips/%s/transitions", s.tip(who, at))
	}),
}
