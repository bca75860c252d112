package handlers_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// faceConsent is a consent of the column's own, for a home of its own: one holds in each.
func (s *stage) faceConsent(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	owner, place := s.owner(who, at), s.home[at]
	place.Home = s.rig.ids.next()
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddFaceConsent(ctx, models.FaceConsent{
			ID: id, PersonID: owner.ID, GivenBy: owner.ID, Place: place, Version: "2026-11", GivenAt: s.now(),
		})
	})
}

// enrolment is one of the column's person at the terminal of the column's door.
func (s *stage) enrolment(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	owner := s.owner(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		door, err := tx.Door(ctx, s.door[at])
		if err != nil {
			return err
		}
		hash := sha256.Sum256([]byte(faceToken))
		made := models.FaceEnrolment{
			ID: id, ConsentID: s.rig.ids.next(), PersonID: owner.ID, AskedBy: owner.ID, DoorID: door.ID, DeviceID: door.DeviceID,
			Place: s.compound[at].Place, CredentialRef: string(id)[14:], TokenHash: hash[:], TokenUntil: s.now().Add(time.Hour),
			RequestedAt: s.now(), State: models.FaceRequested,
		}
		made, _ = made.DeletedFor("matrix", s.now())
		return tx.AddFaceEnrolment(ctx, made)
	})
}

const faceToken = "matrixmatrixmatrixmatr"

// standingConsent is the one consent that holds of who lives in the column's home, or who asks for their own.
func (s *stage) standingConsent(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	owner := s.owner(who, at)
	if standing, err := s.rig.store.StandingFaceConsent(context.Background(), owner.ID, s.home[at].Home); err == nil {
		return standing.ID
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddFaceConsent(ctx, models.FaceConsent{
			ID: id, PersonID: owner.ID, GivenBy: owner.ID, Place: s.home[at], Version: "2026-11", GivenAt: s.now(),
		})
	})
}

var faceProbes = map[string]probe{
	"getFaceConsentText": plain(func(*stage, *caller) asked { return get("/v1/face-consent-texts/current") }),
	"listMyFaceConsents": lists("id", "/v1/me/face-consents", func(s *stage, who *caller, at column) models.ID {
		return s.once("face consent", s.owner(who, at), at, func() models.ID { return s.faceConsent(who, at) })
	}),
	"createFaceConsent": about(func(s *stage, who *caller, at column) asked {
		subject := s.owner(who, own).ID
		if _, err := s.rig.sql.Exec("DELETE FROM face_consents WHERE person_id = ? AND ended = ''", string(subject)); err != nil {
			s.rig.t.Fatal(err)
		}
		body := map[string]any{"id": s.rig.ids.next(), "home_id": s.homeID(at), "version": "2026-11"}
		return post(body, "/v1/me/face-consents").naming("home_id")
	}),
	"withdrawFaceConsent": about(func(s *stage, who *caller, at column) asked {
		return remove("/v1/me/face-consents/%s", s.faceConsent(who, at))
	}),
	"listMyFaceEnrolments": lists("id", "/v1/me/face-enrolments", func(s *stage, who *caller, at column) models.ID {
		return s.once("enrolment", s.owner(who, at), at, func() models.ID { return s.enrolment(who, at) })
	}),
	"createFaceEnrolment": about(func(s *stage, who *caller, at column) asked {
		if _, err := s.rig.sql.Exec("UPDATE doors SET ways = 'code,face'"); err != nil {
			s.rig.t.Fatal(err)
		}
		body := map[string]any{"id": s.rig.ids.next(), "consent_id": s.standingConsent(who, own), "door_id": s.door[at]}
		return post(body, "/v1/me/face-enrolments").naming("door_id")
	}),
	"createFaceEnrolment (consent)": about(func(s *stage, who *caller, at column) asked {
		body := map[string]any{"id": s.rig.ids.next(), "consent_id": s.standingConsent(who, at), "door_id": s.door[own]}
		return post(body, "/v1/me/face-enrolments").naming("consent_id")
	}),
	"listEnrolmentOrders": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/devices/%s/enrolment-orders", s.deviceOf(at))
	}),
	"confirmEnrolment": about(func(s *stage, _ *caller, at column) asked {
		made := post(map[string]any{"result": "deleted"}, "/v1/devices/%s/enrolments/%s", s.deviceOf(at), s.enrolment(nil, at))
		made.headers = []string{"Idempotency-Key", string(s.rig.ids.next())}
		return made
	}),
	"confirmWiping": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"reason": "已报废，存储已销毁"}, "/v1/devices/%s/wiping", s.deviceOf(at))
	}),
	"listFaceOrders": lists("id", "/v1/face-orders", func(s *stage, _ *caller, at column) models.ID {
		return s.once("face order", s.rig.Admin, at, func() models.ID { return s.enrolment(nil, at) })
	}),
	"getFaceFigures": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/face-figures?compound_id=%s", s.compoundID(at))
	}),
	"putDoorWays": about(func(s *stage, _ *caller, at column) asked {
		made := patch(map[string]any{"ways": []string{"code", "face"}}, "/v1/doors/%s/ways", s.door[at])
		made.method = http.MethodPut
		return made
	}),
}

// deviceOf is the controller of the column's door.
func (s *stage) deviceOf(at column) models.ID {
	if at == missing {
		return s.missing
	}
	door, err := s.rig.store.Door(context.Background(), s.door[at])
	if err != nil {
		s.rig.t.Fatal(err)
	}
	return door.DeviceID
}
