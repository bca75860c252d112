package demo

import (
	"context"
	"net/http"

	"xunfang/models"
)

// mendLamp is a repair from one tap to its stars: asked for at home, assigned, accepted, begun, done and rated.
func (d *day) mendLamp(ctx context.Context) {
	type repair struct{ State string }
	mender := first(d.config.Station, models.RoleProperty, func(place models.Place) bool { return place.Contains(d.gate.Place) })
	if mender == nil {
		d.line(false, "-", "POST /v1/repairs", "-", words{"小区没有物业人员", "the compound has no property staff"})
		return
	}
	d.signIn(ctx, mender, map[string]string{
		"grant_type": "password", "account": mender.name, "password": d.config.Passwords[mender.id].Reveal(),
	})
	id := d.newID()
	got := d.call(ctx, d.host, http.MethodPost, "/v1/repairs", map[string]any{"id": id, "category": models.RepairLamp, "home_id": d.home})
	d.prove(d.host, "POST /v1/repairs", got, http.StatusCreated, into[repair](got).State == "requested",
		words{"居民报修：灯不亮", "a resident asks to have a lamp repaired"})
	inbox := d.call(ctx, mender, http.MethodGet, "/v1/me/inbox", nil)
	d.prove(mender, "GET /v1/me/inbox", inbox, http.StatusOK, inboxAbout(inbox, id) == 1,
		words{"物业立即收到消息", "the property staff are told at once"})
	path := "/v1/repairs/" + string(id)
	got = d.post(ctx, mender, path+"/assignment", map[string]any{"person_id": mender.id})
	d.prove(mender, "POST /v1/repairs/{id}/assignment", got, http.StatusOK, into[repair](got).State == "assigned",
		words{"指派", "one of them is assigned"})
	for _, step := range []struct {
		state string
		what  words
	}{
		{"accepted", words{"接单", "who accepts it"}}, {"in_progress", words{"开始处理", "begins"}}, {"done", words{"换好灯管，完成", "and has it done"}},
	} {
		got = d.post(ctx, mender, path+"/transitions", map[string]string{"state": step.state})
		d.prove(mender, "POST /v1/repairs/{id}/transitions", got, http.StatusOK, into[repair](got).State == step.state, step.what)
	}
	got = d.post(ctx, d.host, path+"/rating", map[string]any{"stars": 5})
	d.prove(d.host, "POST /v1/repairs/{id}/rating", got, http.StatusOK, into[repair](got).State == "rated",
		words{"居民评价五星", "the resident gives it five stars"})
}
