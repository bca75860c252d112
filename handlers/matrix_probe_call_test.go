package handlers_test

import (
	"context"
	"crypto/sha256"

	"xunfang/models"
	"xunfang/store"
)

// ring is a call to the column's home that is forwarded to the guard at once; whoever is named has answered it.
func (s *stage) ring(at column, answered models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		door, err := tx.Door(ctx, s.door[at])
		if err != nil {
			return err
		}
		hash := sha256.Sum256([]byte(id))
		call := models.Call{
			ID: id, OrderID: s.rig.ids.next(), Place: s.home[at], DoorID: door.ID, DeviceID: door.DeviceID, State: models.CallRinging,
			Legs: []models.CallLeg{{Kind: models.LegGuard, At: s.now()}}, RungAt: s.now(), ExpiresAt: s.now().Add(models.CallLife),
			BodyHash: hash[:], Session: "wss://panel.example/1",
		}
		if err := tx.AddCall(ctx, call); err != nil || answered == "" {
			return err
		}
		talking, err := call.Moved(models.CallAnswered, answered, s.now())
		if err != nil {
			return err
		}
		return tx.MoveCall(ctx, call, talking, s.now())
	})
}

// forgetRings makes room for another ring of the caller's own panel.
func (s *stage) forgetRings() {
	if _, err := s.rig.sql.Exec("DELETE FROM calls WHERE device_id = ?", string(s.rig.Device.ID)); err != nil {
		s.rig.t.Fatal(err)
	}
}

// doorPicture is a panel's photo of a call to the column's home.
func (s *stage) doorPicture(at column) models.ID {
	photo := s.photo(nil, at)
	if at == missing {
		return photo
	}
	call := s.ring(at, "")
	s.rig.write(func(ctx context.Context, tx *store.Store) error {
		_, err := tx.SetCallPhoto(ctx, call, photo, s.now())
		return err
	})
	_, err := s.rig.sql.Exec("UPDATE media SET owner_id = ? WHERE id = ?", string(s.rig.One.GateDevice.ID), string(photo))
	if err != nil {
		s.rig.t.Fatal(err)
	}
	return photo
}

func (s *stage) callSettings() map[string]any { return map[string]any{"forward": []any{}} }

var callProbes = map[string]probe{
	"createCall": about(func(s *stage, _ *caller, at column) asked {
		s.forgetRings()
		body := map[string]any{"id": s.rig.ids.next(), "door_id": s.door[at], "home_id": s.home[own].Home}
		return post(body, "/v1/calls").naming("door_id")
	}),
	"createCall (home)": about(func(s *stage, _ *caller, at column) asked {
		s.forgetRings()
		body := map[string]any{"id": s.rig.ids.next(), "door_id": s.door[own], "home_id": s.homeID(at)}
		return post(body, "/v1/calls").naming("home_id")
	}),
	"listCalls": lists("id", "/v1/calls", func(s *stage, _ *caller, at column) models.ID { return s.ring(at, "") }),
	"getCall":   about(func(s *stage, _ *caller, at column) asked { return get("/v1/calls/%s", s.ring(at, "")) }),
	"answerCall": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/calls/%s/answer", s.ring(at, ""))
	}),
	"openCall": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/calls/%s/open", s.ring(at, s.owner(who, min(at, otherStation)).ID))
	}),
	"refuseCall": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/calls/%s/refuse", s.ring(at, s.owner(who, min(at, otherStation)).ID))
	}),
	"hangUpCall": about(func(s *stage, _ *caller, at column) asked { return post(nil, "/v1/calls/%s/hang-up", s.ring(at, "")) }),
	"createCallPhoto": about(func(s *stage, _ *caller, at column) asked {
		made := post(nil, "/v1/calls/%s/photo", s.ring(at, ""))
		made.body = matrixPhoto(tinyPNG())
		return made
	}),
	"listDoorDirectory": about(func(s *stage, _ *caller, at column) asked { return get("/v1/doors/%s/directory", s.door[at]) }),
	"listMyCallConsents": lists("id", "/v1/me/call-consents", func(s *stage, who *caller, at column) models.ID {
		return s.once("consent", s.owner(who, at), at, func() models.ID {
			return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
				_, err := tx.GiveCallConsent(ctx, models.CallConsent{
					ID: id, PersonID: s.owner(who, at).ID, Place: s.home[at], InstallationID: "phone", Version: "1", GivenAt: s.now(),
				})
				return err
			})
		})
	}),
	"putCallConsent": about(func(s *stage, _ *caller, at column) asked {
		made := patch(map[string]any{"version": s.name()}, "/v1/me/call-consents/%s/phone-1", s.homeID(at))
		made.method = "PUT"
		return made
	}),
	"withdrawCallConsent": about(func(s *stage, _ *caller, at column) asked {
		return remove("/v1/me/call-consents/%s/phone-2", s.homeID(at))
	}),
	"getCallSettings": about(func(s *stage, _ *caller, at column) asked { return get("/v1/homes/%s/call-settings", s.homeID(at)) }),
	"putCallSettings": about(func(s *stage, _ *caller, at column) asked {
		made := patch(s.callSettings(), "/v1/homes/%s/call-settings", s.homeID(at))
		made.method = "PUT"
		return made
	}),
	"getMedia (call)": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/media/%s", s.once("picture", s.person[own], at, func() models.ID { return s.doorPicture(at) }))
	}),
}
