package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const (
	facesEvery   = 5 * time.Minute
	facesBatch   = 200 // of one kind in one round; the others have the next
	facesPages   = 100 // of children's consents in one look
	faceLateLife = 48 * time.Hour
)

// Operations of the system itself, in the audit.
const (
	opEndFaceConsent   models.Operation = "endFaceConsent"
	opDeleteFace       models.Operation = "deleteFace"
	opTellFaceDeletion models.Operation = "tellFaceDeletion"
)

// KeepFaces ends what time ends of consents and enrolments, and tells of deletions that no terminal confirms, until ctx ends.
func (h *Server) KeepFaces(ctx context.Context) error {
	return h.every(ctx, facesEvery, func() error { return h.SettleFaces(ctx) })
}

// SettleFaces looks once. Any number of replicas may: each step is a conditional update.
func (h *Server) SettleFaces(ctx context.Context) error {
	now := h.Now()
	moved, err := h.Store.UnfoundedFaceConsents(ctx, "", now, facesBatch)
	errs := []error{err, h.endFaceConsents(ctx, moved, models.FaceMovedOut)}
	superseded, err := h.Store.SupersededFaceConsents(ctx, models.StandingFaceTexts(h.faceTexts(), now), facesBatch)
	errs = append(errs, err, h.endFaceConsents(ctx, superseded, models.FaceSuperseded))
	expired, err := h.Store.ExpiredFaces(ctx, now.Add(-models.FaceConfirmLife), facesBatch)
	errs = append(errs, err, h.deleteFaces(ctx, expired, models.FaceReasonExpired))
	unserved, err := h.Store.UnservedFaces(ctx, facesBatch)
	errs = append(errs, err, h.deleteFaces(ctx, unserved, models.FaceReasonTerminal), h.tellLateFaces(ctx))
	return errors.Join(errs...)
}

// EndGrownFaceConsents ends what a guardian consented to for somebody who may now decide for themself.
func (h *Server) EndGrownFaceConsents(ctx context.Context) error {
	after, errs := models.ID(""), []error{}
	for range facesPages {
		consents, err := h.Store.GuardiansFaceConsents(ctx, after, facesBatch)
		if err != nil || len(consents) == 0 {
			return errors.Join(append(errs, err)...)
		}
		grown := []models.FaceConsent{}
		for _, consent := range consents {
			person, err := h.Store.Person(ctx, consent.PersonID)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if age, known := person.Age(h.Now()); !known || age >= models.FaceChildAge { // no longer known to be a child
				grown = append(grown, consent)
			}
		}
		errs = append(errs, h.endFaceConsents(ctx, grown, models.FaceGrownUp))
		after = consents[len(consents)-1].ID
	}
	return errors.Join(errs...)
}

// endFaces ends, in the transaction that ended somebody's living in a home, the consents that rested on it.
func (h *Server) endFaces(ctx context.Context, tx *store.Store, person models.ID) error {
	consents, err := tx.UnfoundedFaceConsents(ctx, person, api.From(ctx).Now, facesBatch)
	for _, consent := range consents {
		err = errors.Join(err, h.endFaceConsent(ctx, tx, consent, models.FaceMovedOut))
	}
	return err
}

func (h *Server) endFaceConsents(ctx context.Context, consents []models.FaceConsent, reason models.FaceConsentEnd) error {
	return eachOf(consents, func(consent models.FaceConsent) error {
		ctx := h.asService(ctx, consent.Place.Station, h.Now())
		return h.Store.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.LockPerson(ctx, consent.PersonID); err != nil { // who asks a terminal at this moment waits
				return err
			}
			return h.endFaceConsent(ctx, tx, consent, reason)
		})
	})
}

func (h *Server) endFaceConsent(ctx context.Context, tx *store.Store, consent models.FaceConsent, reason models.FaceConsentEnd) error {
	ended, err := tx.EndFaceConsent(ctx, consent.ID, reason, api.From(ctx).Now)
	if err != nil || !ended { // somebody was quicker
		return err
	}
	what := &deed{
		operation: opEndFaceConsent, kind: "face_consent", id: consent.ID, station: consent.Place.Station,
		facts: map[string]string{"reason": string(reason)},
	}
	return tx.Record(ctx, h.entry(ctx, what, nil), "")
}

// deleteFaces asks terminals for deletions, each in a transaction of its own.
func (h *Server) deleteFaces(ctx context.Context, enrolments []models.FaceEnrolment, reason string) error {
	return eachOf(enrolments, func(before models.FaceEnrolment) error {
		ctx := h.asService(ctx, before.Place.Station, h.Now())
		after, _ := before.DeletedFor(reason, h.Now())
		what := &deed{
			operation: opDeleteFace, kind: "face_enrolment", id: before.ID, facts: map[string]string{"reason": reason},
		}
		err := h.Store.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.MoveFaceEnrolment(ctx, before, after); err != nil {
				return err
			}
			return tx.Record(ctx, h.entry(ctx, what, nil), "")
		})
		if models.CodeOf(err) == models.CodeWrongState { // somebody was quicker
			return nil
		}
		return err
	})
}

// tellLateFaces tells of deletions that are not confirmed, terminal by terminal.
func (h *Server) tellLateFaces(ctx context.Context) error {
	late, err := h.Store.LateFaceDeletions(ctx, h.Now(), facesBatch)
	if err != nil {
		return err
	}
	terminals, order := map[models.ID][]models.FaceEnrolment{}, []models.ID{}
	for _, deletion := range late {
		if len(terminals[deletion.DeviceID]) == 0 {
			order = append(order, deletion.DeviceID)
		}
		terminals[deletion.DeviceID] = append(terminals[deletion.DeviceID], deletion)
	}
	return eachOf(order, func(device models.ID) error { return h.tellLateTerminal(ctx, device, terminals[device]) })
}

// tellLateTerminal tells property and administrators that a terminal has not confirmed deletions; how many, and never whose.
func (h *Server) tellLateTerminal(ctx context.Context, id models.ID, late []models.FaceEnrolment) error {
	now, place := h.Now(), late[0].Place
	ctx = h.asService(ctx, place.Station, now)
	err := h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		for _, deletion := range late {
			if err := tx.MoveFaceEnrolment(ctx, deletion, deletion.ToldAgain()); err != nil {
				return nil, err
			}
		}
		device, err := tx.Device(ctx, id)
		if err != nil {
			return nil, err
		}
		people, err := tx.HoldersOver(ctx, []models.Role{models.RoleProperty, models.RoleAdmin}, place, now)
		if err != nil || len(people) == 0 { // nobody at all: the figures show it
			return nil, err
		}
		told := []models.Alert{lateFaceAlert(h.NewID(), device, len(late), people, now)}
		if err := addAlerts(ctx, tx, told); err != nil {
			return nil, err
		}
		what := &deed{operation: opTellFaceDeletion, kind: "device", id: id, facts: map[string]string{"alert_id": string(told[0].ID)}}
		return told, tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if models.CodeOf(err) == models.CodeWrongState { // confirmed, or told by another, at this moment: the next round looks again
		return nil
	}
	return err
}

func lateFaceAlert(id models.ID, device models.Device, count int, people []models.ID, now time.Time) models.Alert {
	return models.Alert{
		ID: id, Kind: models.AlertFaceDeletion, Severity: models.SeverityHigh, AboutID: device.ID, RequiresAck: true,
		Title:     models.Secret("门口机未确认删除人脸：" + device.Name),
		TitleEN:   models.Secret("Terminal has not confirmed deleting faces: " + device.Name),
		Body:      models.Secret(fmt.Sprintf("%d 项删除没有确认。请检查它是否联网；已停用的，请在设备上清除。", count)),
		BodyEN:    models.Secret(fmt.Sprintf("%d deletions are not confirmed. Is it online? If it is out of use, wipe it by hand.", count)),
		Audience:  models.Audience{Place: models.Place{Station: device.Place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(faceLateLife),
	}
}
