package demo

import (
	"context"
	"net/http"
	"time"

	"xunfang/models"
)

const plateReads = "POST /v1/plate-reads"

// gateOf finds the barrier and a guard of the host's compound; nil where there is none.
func (d *day) gateOf(compound models.ID) (barrier, guard *actor) {
	for _, device := range d.config.Station.Devices {
		if device.Kind == models.BarrierKind && device.Place.Compound == compound {
			barrier = &actor{name: "barrier", id: device.ID}
			break
		}
	}
	return barrier, first(d.config.Station, models.RoleGuard, func(place models.Place) bool { return place.Compound == compound })
}

// lockBike locks an e-bike that somebody then wants to take out: the barrier holds it, the owner is told, and lets it out by a word.
func (d *day) lockBike(ctx context.Context) {
	barrier, guard := d.gateOf(d.gate.Place.Compound)
	property := first(d.config.Station, models.RoleProperty, func(place models.Place) bool { return place.Compound == d.gate.Place.Compound })
	if barrier == nil || guard == nil || property == nil {
		d.line(false, "-", plateReads, "-", words{"小区没有道闸、门卫或物业", "the compound has no barrier, no guard or no property company"})
		return
	}
	d.signIn(ctx, barrier, map[string]string{
		"grant_type": "device_key", "device_id": string(barrier.id), "secret": d.config.Secrets[barrier.id].Reveal(),
	})
	d.signIn(ctx, guard, map[string]string{
		"grant_type": "password", "account": guard.name, "password": d.config.Passwords[guard.id].Reveal(),
	})
	d.signIn(ctx, property, map[string]string{
		"grant_type": "password", "account": property.name, "password": d.config.Passwords[property.id].Reveal(),
	})
	tag := "E280" + string(d.config.NewID())
	got := d.post(ctx, d.host, "/v1/vehicles", map[string]any{"kind": "e_bike", "tag": tag, "colour": "白"})
	vehicle := into[struct{ ID models.ID }](got).ID
	d.prove(d.host, "POST /v1/vehicles", got, http.StatusCreated, vehicle != "", words{"居民登记电动自行车", "a resident registers an e-bike"})
	path := "/v1/vehicles/" + string(vehicle)
	got = d.call(ctx, property, http.MethodPut, path+"/confirmation", map[string]any{"confirmed": true})
	d.prove(property, "PUT /v1/vehicles/{id}/confirmation", got, http.StatusOK, into[struct{ State string }](got).State == "confirmed",
		words{"物业核实车辆", "property confirms whose it is"})
	got = d.post(ctx, d.host, path+"/lock", nil)
	d.prove(d.host, "POST /v1/vehicles/{id}/lock", got, http.StatusOK, into[struct{ Locked bool }](got).Locked, words{"锁定", "and locks it"})

	type decision struct{ Decision, Reason string }
	arrival := d.config.NewID()
	got = d.call(ctx, barrier, http.MethodPost, "/v1/plate-reads", map[string]any{
		"arrival_id": arrival, "sequence": 1, "tag": tag, "confidence": 1, "direction": "out", "read_at": time.Now().UTC().Format(time.RFC3339),
	})
	d.prove(barrier, plateReads, got, http.StatusOK, into[decision](got) == decision{"hold", "locked"},
		words{"有人推走锁定的车：道闸拦下", "somebody takes it to the exit: the barrier holds it"})
	got = d.call(ctx, d.host, http.MethodGet, "/v1/me/inbox", nil)
	told := false
	for _, item := range into[page[struct{ Kind string }]](got).Items {
		told = told || item.Kind == models.AlertVehicle
	}
	d.prove(d.host, "GET /v1/me/inbox", got, http.StatusOK, told, words{"车主立即收到消息", "its owner is told at once"})
	release := "/v1/arrivals/" + string(arrival) + "/release"
	got = d.post(ctx, d.host, path+"/release-word", nil)
	word := into[struct {
		Word string `json:"release_word"`
	}](got).Word
	d.prove(d.host, "POST /v1/vehicles/{id}/release-word", got, http.StatusCreated, len(word) == models.ReleaseWordDigits,
		words{"是借车的朋友：车主取放行口令", "it is a friend: the owner takes a release word"})
	got = d.post(ctx, guard, release, map[string]string{"release_word": wrongCode(word)})
	d.prove(guard, "POST /v1/arrivals/{id}/release", got, http.StatusOK, into[struct{ Outcome string }](got).Outcome == "wrong_word",
		words{"口令不对：不放行", "a wrong word lets nothing out"})
	got = d.post(ctx, guard, release, map[string]string{"release_word": word})
	d.prove(guard, "POST /v1/arrivals/{id}/release", got, http.StatusOK, into[struct{ Outcome string }](got).Outcome == "released",
		words{"口令正确：放行一次", "the right word does, once"})
	got = d.call(ctx, barrier, http.MethodGet, "/v1/arrivals/"+string(arrival), nil)
	d.prove(barrier, "GET /v1/arrivals/{id}", got, http.StatusOK, into[decision](got) == decision{"open", "released"},
		words{"道闸得知放行", "the barrier learns of it"})
}
