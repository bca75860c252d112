package demo

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"xunfang/models"
)

type sosState struct {
	ID    models.ID `json:"id"`
	State string    `json:"state"`
	Step  int       `json:"step"`
}

type sosView struct {
	SOS     sosState `json:"sos"`
	Asked   int      `json:"asked"`
	Helpers []struct {
		PersonID  models.ID `json:"person_id"`
		DistanceM *float64  `json:"distance_m"`
		Reply     *string   `json:"reply"`
	} `json:"helpers"`
}

// asked says whether somebody was asked, and how far away they were, -1 when nobody knew.
func (v sosView) asked(who *actor) (bool, float64) {
	for _, helper := range v.Helpers {
		if helper.PersonID == who.id && helper.DistanceM != nil {
			return true, *helper.DistanceM
		} else if helper.PersonID == who.id {
			return true, -1
		}
	}
	return false, -1
}

// callForHelp lets a volunteer call; the car on duty comes, and nobody hears of it who has nothing to do with it.
func (d *day) callForHelp(ctx context.Context) {
	caller, driver, bystander := d.volunteers[0], d.car.leader, d.bystander
	if caller == bystander {
		caller = d.volunteers[1]
	}
	now, round := time.Now(), d.newID()
	got := d.call(ctx, driver, http.MethodPost, "/v1/rounds", map[string]any{
		"id": round, "squad_id": d.car.squad.ID, "started_at": wireTime(now.Add(-10 * time.Minute)),
	})
	d.prove(driver, "POST /v1/rounds", got, http.StatusCreated, into[roundState](got).State == "in_progress",
		words{"车巡一队正在巡逻", "a car is on duty"})
	place := d.compound.Centre
	near := models.Position{Lat: place.Lat + 0.006, Lng: place.Lng} // 670 m to the north
	d.appear(ctx, driver, near, words{"它在求助处以北约 670 米", "it is 670 m away"})
	d.appear(ctx, bystander, place, words{"一名没有执勤的志愿者就在旁边", "a volunteer who is not on duty is right there"})
	d.tellWhoIsNear(ctx, place, driver, bystander)

	id := d.newID()
	path := "/v1/sos/" + string(id)
	got = d.call(ctx, caller, http.MethodPost, "/v1/sos", map[string]any{
		"id": id, "kind": "panic", "position": position(place), "raised_at": wireTime(time.Now()),
	})
	d.prove(caller, "POST /v1/sos", got, http.StatusCreated, into[sosState](got).State == "raised",
		words{"志愿者一键求助", "a volunteer calls for help"})
	got = d.call(ctx, driver, http.MethodGet, "/v1/me/inbox", nil)
	d.prove(driver, "GET /v1/me/inbox", got, http.StatusOK, inboxAbout(got, id) == 1,
		words{"最近的在岗车辆立即被通知", "the nearest on duty is asked at once"})
	got = d.call(ctx, d.commander, http.MethodGet, path, nil)
	view := into[sosView](got)
	asked, distance := view.asked(driver)
	chief, _ := view.asked(d.commander)
	stranger, _ := view.asked(bystander)
	resident, _ := view.asked(d.stranger)
	d.prove(d.commander, "GET /v1/sos/{id}", got, http.StatusOK,
		asked && math.Abs(distance-670) <= 10 && chief && !stranger && !resident && view.Asked == len(view.Helpers), words{
			fmt.Sprintf("值班所长看到通知了谁（%d 人），各有多远", view.Asked),
			bracket("the duty commander sees who was asked, and how far away they are", view.Asked),
		})
	got = d.call(ctx, bystander, http.MethodGet, path, nil)
	untold := inboxAbout(d.call(ctx, bystander, http.MethodGet, "/v1/me/inbox", nil), id) == 0
	d.prove(bystander, "GET /v1/sos/{id}", got, http.StatusNotFound, untold && problemCode(got) == models.CodeNotFound,
		words{"没有执勤的志愿者没有被通知，也看不到", "who is not on duty was not told, and cannot see it"})
	got = d.post(ctx, driver, path+"/responses", map[string]string{"state": "coming"})
	d.prove(driver, "POST /v1/sos/{id}/responses", got, http.StatusOK, into[sosState](got).State == "acknowledged",
		words{"车辆答复“前往”，即为签收，不再扩大通知", "the car is coming, which acknowledges it: nobody else is asked"})
	got = d.call(ctx, caller, http.MethodGet, path, nil)
	view = into[sosView](got)
	asked, _ = view.asked(driver)
	d.prove(caller, "GET /v1/sos/{id}", got, http.StatusOK, asked && len(view.Helpers) == 1 && view.SOS.Step == 1,
		words{"求助者看到谁正在赶来", "the caller sees who is coming"})
	got = d.post(ctx, driver, path+"/resolve", map[string]string{"outcome": "resolved", "note": "已到场，人员平安，送回家中。"})
	d.prove(driver, "POST /v1/sos/{id}/resolve", got, http.StatusOK, into[sosState](got).State == "resolved",
		words{"到场处置，求助结束", "it is there, and the call is resolved"})
	got = d.post(ctx, driver, "/v1/rounds/"+string(round)+"/finish", map[string]any{"state": "completed", "ended_at": wireTime(time.Now())})
	if got.status != http.StatusOK {
		d.prove(driver, rounds+"finish", got, http.StatusOK, false, words{"车巡没有结束", "the round could not be finished"})
	}
}

// appear shows where somebody is, by a check-in at no checkpoint.
func (d *day) appear(ctx context.Context, who *actor, at models.Position, what words) {
	got := d.call(ctx, who, http.MethodPost, "/v1/check-ins", map[string]any{"items": []any{map[string]any{
		"id": d.newID(), "method": models.MethodGPS, "position": position(at), "captured_at": wireTime(time.Now()),
	}}})
	d.prove(who, checkIns, got, http.StatusOK, all(got, 1, "accepted", false), what)
}
