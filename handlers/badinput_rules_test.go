package handlers_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// What fits the contract and still cannot be: times, places and things that no schema knows.
func flawsByTheRules(t *testing.T, rig *rig) {
	for _, one := range rig.ruleFlaws() {
		before := rig.rows()
		if said := rig.sendFlaw(one.operation, one.flaw); said != "" {
			t.Errorf("%s, %s: %s", one.operation.id, one.name, said)
		}
		if after := rig.rows(); !maps.Equal(before, after) {
			t.Errorf("%s, %s: something was written", one.operation.id, one.name)
		}
	}
}

// signInAll begins the sessions first, so that only what a request writes is counted.
func (r *rig) signInAll() {
	for _, role := range models.AllRoles {
		r.token(r.as(role))
	}
}

// ruleFlaw is a flaw of one operation.
type ruleFlaw struct {
	operation faulty
	flaw
}

// change copies a body with some fields replaced.
func change(body map[string]any, changes map[string]any) map[string]any {
	changed := maps.Clone(body)
	maps.Copy(changed, changes)
	return changed
}

func (r *rig) ruleFlaws() []ruleFlaw {
	flaws, now, nowhere := []ruleFlaw{}, r.clock.Now(), r.ids.next()
	at := func(by time.Duration) string { return instant(now.Add(by)) }
	add := func(who *caller, method, path, name string, body any, status int, field string, fault models.FieldCode) {
		code := models.CodeUnprocessable
		if status == http.StatusBadRequest {
			code = models.CodeInvalidRequest
		}
		flaws = append(flaws, ruleFlaw{
			operation: faulty{id: method + " " + path, method: method, path: path, who: who},
			flaw:      flaw{name: name, body: body, want: status, code: code, field: field, fault: fault},
		})
	}
	const day = 24 * time.Hour

	item := map[string]any{"id": r.ids.next(), "method": "gps", "position": somewhere, "captured_at": at(0)}
	checkIn := func(name string, status int, field string, fault models.FieldCode, changes map[string]any) {
		body := map[string]any{"items": []any{change(item, changes)}}
		add(r.Officer, http.MethodPost, "/v1/check-ins", name, body, status, "items[0]."+field, fault)
	}
	checkIn("in the far future", 400, "captured_at", models.FieldInFuture, map[string]any{"captured_at": at(day + time.Second)})
	checkIn("in the year 9999", 400, "captured_at", models.FieldInFuture, map[string]any{"captured_at": "9999-12-31T23:59:59.999Z"})
	checkIn("in the year 1", 400, "captured_at", models.FieldFormat, map[string]any{"captured_at": "0001-01-01T00:00:00Z"})
	checkIn("at the epoch", 400, "captured_at", models.FieldTooOld, map[string]any{"captured_at": "1970-01-01T00:00:00Z"})
	checkIn("north of the pole", 400, "position.lat", models.FieldTooLarge,
		map[string]any{"position": change(somewhere, map[string]any{"lat": 90.001})})
	checkIn("unknown checkpoint", 422, "checkpoint_id", models.FieldNoSuch, map[string]any{"checkpoint_id": nowhere})
	add(r.Officer, http.MethodPost, "/v1/check-ins", "neither place nor position", map[string]any{"items": []any{
		map[string]any{"id": r.ids.next(), "method": "gps", "captured_at": at(0)},
	}}, 400, "items[0].checkpoint_id", models.FieldRequired)

	tip := map[string]any{"id": r.ids.next(), "category": "theft", "description": "有人撬锁"}
	tipFlaw := func(name, field string, fault models.FieldCode, changes map[string]any) {
		add(r.Volunteer, http.MethodPost, "/v1/tips", name, change(tip, changes), 422, field, fault)
	}
	tipFlaw("in the future", "occurred_at", models.FieldInFuture, map[string]any{"occurred_at": at(models.MaxClockAhead + time.Second)})
	tipFlaw("in the year 9999", "occurred_at", models.FieldInFuture, map[string]any{"occurred_at": "9999-12-31T23:59:59.999Z"})
	tipFlaw("at the epoch", "occurred_at", models.FieldTooOld, map[string]any{"occurred_at": "1970-01-01T00:00:00Z"})
	tipFlaw("unknown photo", "media_ids[0]", models.FieldNoSuch, map[string]any{"media_ids": []any{nowhere}})

	pass := map[string]any{"visitor_name": "王师傅", "starts_at": at(0), "ends_at": at(time.Hour)}
	passFlaw := func(name, field string, fault models.FieldCode, changes map[string]any) {
		add(r.Resident, http.MethodPost, "/v1/visitor-passes", name, change(pass, changes), 422, field, fault)
	}
	passFlaw("ends before it begins", "ends_at", models.FieldTooSmall, map[string]any{"ends_at": at(-time.Second)})
	passFlaw("ends as it begins", "ends_at", models.FieldTooSmall, map[string]any{"ends_at": at(0)})
	passFlaw("over already", "ends_at", models.FieldTooSmall, map[string]any{"starts_at": at(-2 * time.Hour), "ends_at": at(-time.Hour)})
	passFlaw("too long", "ends_at", models.FieldTooLarge, map[string]any{"ends_at": at(models.MaxPassLength + time.Second)})
	passFlaw("for ever", "ends_at", models.FieldTooLarge, map[string]any{"ends_at": "9999-12-31T23:59:59.999Z"})
	passFlaw("from 1970 on", "ends_at", models.FieldTooLarge, map[string]any{"starts_at": "1970-01-01T00:00:00Z"})
	passFlaw("far ahead", "starts_at", models.FieldInFuture, map[string]any{
		"starts_at": at(models.MaxPassAhead + time.Hour), "ends_at": at(models.MaxPassAhead + 2*time.Hour),
	})
	passFlaw("unknown home", "home_id", models.FieldNoSuch, map[string]any{"home_id": nowhere})
	passFlaw("unknown door", "door_ids[0]", models.FieldNoSuch, map[string]any{"door_ids": []any{nowhere}})

	roles := "/v1/people/" + string(r.Flatmate.ID) + "/roles"
	role := map[string]any{"role": "volunteer", "scope": map[string]any{"kind": "compound", "id": r.One.ID()}}
	roleFlaw := func(name, field string, fault models.FieldCode, changes map[string]any) {
		add(r.Admin, http.MethodPost, roles, name, change(role, changes), 422, field, fault)
	}
	roleFlaw("ends before it begins", "ends_at", models.FieldTooSmall, map[string]any{"ends_at": at(-time.Hour)})
	roleFlaw("ended in 1970", "ends_at", models.FieldTooSmall, map[string]any{"ends_at": "1970-01-01T00:00:00Z"})
	roleFlaw("resident of a station", "scope.kind", models.FieldNotAllowed, map[string]any{
		"role": "resident", "scope": map[string]any{"kind": "station", "id": r.A},
	})
	roleFlaw("unknown scope", "scope.id", models.FieldNoSuch, map[string]any{"scope": map[string]any{"kind": "building", "id": nowhere}})
	roleFlaw("scope of another kind", "scope.id", models.FieldNoSuch, map[string]any{"scope": map[string]any{"kind": "building", "id": r.One.ID()}})

	add(r.Admin, http.MethodPost, "/v1/people", "password without account", map[string]any{"name": "王芳", "password": testPassword}, 422, "account", models.FieldRequired)
	add(r.Admin, http.MethodPost, "/v1/doors", "unit door without unit",
		map[string]any{"name": "门", "kind": "unit", "compound_id": r.One.ID()}, 422, "unit_id", models.FieldRequired)
	add(r.Admin, http.MethodPost, "/v1/doors", "unknown building",
		map[string]any{"name": "门", "kind": "building", "compound_id": r.One.ID(), "building_id": nowhere}, 422, "building_id", models.FieldNoSuch)
	add(r.Admin, http.MethodPost, "/v1/homes", "unknown compound",
		map[string]any{"compound_id": nowhere, "building": "1栋", "unit": "1单元", "label": "1"}, 422, "compound_id", models.FieldNoSuch)
	add(r.Commander, http.MethodPost, "/v1/routes", "unknown checkpoint",
		map[string]any{"name": "路线", "direction": "other", "checkpoint_ids": []any{r.Street, nowhere}}, 422, "checkpoint_ids[1]", models.FieldNoSuch)
	add(r.Commander, http.MethodPost, "/v1/alerts", "unknown scope", map[string]any{
		"kind": "notice", "severity": "high", "title": "通知", "body": "",
		"audience": map[string]any{"roles": []string{"guard"}, "scope": map[string]any{"kind": "home", "id": nowhere}},
	}, 422, "audience.scope.id", models.FieldNoSuch)
	return flaws
}

// Times at the edges of what can be written are answered, whatever the answer: never a 500.
func timesAtTheEdges(t *testing.T, rig *rig) {
	for _, at := range []string{
		"0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1582-10-15T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z",
		"2262-04-12T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-23:59", "2026-11-24T02:00:00.123456789012Z", "2026-12-31T23:59:60Z",
	} {
		for _, path := range []string{"/v1/check-ins", "/v1/tracks", "/v1/tips", "/v1/access-events", "/v1/audit-entries"} {
			got := rig.call(rig.Commander, http.MethodGet, path+"?from="+at+"&to="+at, nil)
			if got.Status != http.StatusOK && got.Status != http.StatusBadRequest {
				t.Errorf("%s at %s: %d %s", path, at, got.Status, got.Text)
			}
		}
		for _, one := range rig.timed(at) {
			if got := rig.call(one.who, one.method, one.path, one.body); got.Status >= 500 || got.Status == 0 {
				t.Errorf("%s %s at %s: %d %s", one.method, one.path, at, got.Status, got.Text)
			}
		}
	}
}

func (r *rig) timed(at string) []scenario {
	return []scenario{
		{who: r.Officer, method: http.MethodPost, path: "/v1/check-ins", body: map[string]any{"items": []any{
			map[string]any{"id": r.ids.next(), "method": "gps", "position": somewhere, "captured_at": at},
		}}},
		{who: r.Officer, method: http.MethodPost, path: "/v1/tracks", body: map[string]any{
			"items": []any{map[string]any{"at": at, "position": somewhere, "boot_id": "b", "monotonic_ms": 0}},
			"clock": map[string]any{"boot_id": "b", "monotonic_ms": 1000000000000, "wall_at": at},
		}},
		{who: r.Officer, method: http.MethodPost, path: "/v1/tips", body: map[string]any{
			"id": r.ids.next(), "category": "theft", "description": "有人撬锁", "occurred_at": at,
		}},
		{who: r.Resident, method: http.MethodPost, path: "/v1/visitor-passes", body: map[string]any{
			"visitor_name": "王师傅", "starts_at": at, "ends_at": at,
		}},
		{who: r.Admin, method: http.MethodPost, path: "/v1/people/" + string(r.Flatmate.ID) + "/roles", body: map[string]any{
			"role": "volunteer", "scope": map[string]any{"kind": "compound", "id": r.One.ID()}, "starts_at": at,
		}},
	}
}

// A role ends now or later, for good, and is held once.
func roleEnds(t *testing.T, rig *rig) {
	guard := rig.addPerson(models.RoleGuard, rig.One.Place)
	all := "/v1/people/" + string(guard.ID) + "/roles"
	path := fmt.Sprintf("%s/%s", all, rig.call(rig.Admin, http.MethodGet, all, nil).must(http.StatusOK).text("items.0.id"))
	for _, end := range []string{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", instant(rig.clock.Now().Add(-time.Hour))} {
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"ends_at": end}).must(http.StatusUnprocessableEntity)
		rig.call(guard, http.MethodGet, "/v1/doors", nil).must(http.StatusOK)
	}
	again := map[string]any{"role": "guard", "scope": map[string]any{"kind": "compound", "id": rig.One.ID()}}
	rig.call(rig.Admin, http.MethodPost, all, again).must(http.StatusConflict)
	rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"ends_at": instant(rig.clock.Now())}).must(http.StatusOK)
	rig.call(guard, http.MethodGet, "/v1/doors", nil).must(http.StatusForbidden)
	for _, revival := range []map[string]any{{}, {"ends_at": instant(rig.clock.Now().AddDate(1, 0, 0))}} {
		rig.call(rig.Admin, http.MethodPatch, path, revival).must(http.StatusConflict)
	}
	rig.call(rig.Admin, http.MethodPost, all, again).must(http.StatusCreated) // held no more, so it may be given
}

// Photos that are none, and forms that are none.
func badPhotos(t *testing.T, rig *rig) {
	upload := faulty{method: http.MethodPost, path: "/v1/media", who: rig.Volunteer}
	form := matrixPhoto(tinyPNG())
	before := rig.rows()
	for _, one := range []flaw{
		{name: "text", body: matrixPhoto([]byte("not a picture")), want: 422, code: models.CodeNotAPicture},
		{name: "half a picture", body: matrixPhoto(tinyPNG()[:40]), want: 422, code: models.CodeNotAPicture},
		{name: "empty", body: matrixPhoto(nil), field: "photo", fault: models.FieldRequired},
		{name: "other name", body: formOf("picture"), field: "picture", fault: models.FieldUnknown},
		{name: "two photos", body: formOf("photo", "photo"), field: "photo", fault: models.FieldDuplicate},
		{name: "photo and more", body: formOf("photo", "note"), field: "note", fault: models.FieldUnknown},
		{name: "no part", body: formOf(), field: "photo", fault: models.FieldRequired},
		{name: "cut off", body: rawBody{Type: form.Type, Text: form.Text[:len(form.Text)-30]}, field: "body", fault: models.FieldFormat},
		{name: "wrong boundary", body: rawBody{Type: "multipart/form-data; boundary=other", Text: form.Text}, field: "photo", fault: models.FieldRequired},
		{name: "JSON", body: map[string]any{"photo": "x"}, want: 415, code: models.CodeUnsupportedMedia, field: "Content-Type", fault: models.FieldEnum},
		{name: "no boundary", body: rawBody{Type: "multipart/form-data", Text: form.Text}, want: 415, code: models.CodeUnsupportedMedia, field: "Content-Type", fault: models.FieldEnum},
		{name: "more than 10 MiB", body: matrixPhoto(bytes.Repeat([]byte{0xff}, 10<<20+1)), want: 413, code: models.CodeTooLarge, field: "photo", fault: models.FieldTooLong},
		{name: "more than the body may be", body: matrixPhoto(bytes.Repeat([]byte{0xff}, 11010048)), want: 413, code: models.CodeTooLarge, field: "body", fault: models.FieldTooLarge},
	} {
		if said := rig.sendFlaw(upload, one); said != "" {
			t.Errorf("%s: %s", one.name, said)
		}
	}
	if after := rig.rows(); !maps.Equal(before, after) {
		t.Errorf("something was written: %v, before %v", after, before)
	}
}

func formOf(names ...string) rawBody {
	var data bytes.Buffer
	form := multipart.NewWriter(&data)
	for _, name := range names {
		part, _ := form.CreateFormFile(name, "photo.png") // a buffer takes everything
		_, _ = part.Write(tinyPNG())
	}
	_ = form.Close()
	return rawBody{Type: form.FormDataContentType(), Text: data.Bytes()}
}

// A malformed id in a path is a thing that does not exist: the same answer as a missing one.
func malformedIDs(t *testing.T, rig *rig) {
	count := 0
	for _, operation := range faultyOperations(t, rig) {
		last := ""
		for _, parameter := range operation.described.Parameters {
			if parameter.Value.In == "path" && parameter.Value.Schema.Value.Format == "uuid" {
				last = parameter.Value.Name
			}
		}
		if last == "" {
			continue
		}
		parts := strings.Split(operation.path, "/")
		for at, part := range parts {
			if _, err := models.ParseID(part); err != nil {
				continue
			}
			for _, id := range []string{"1", "null", "%00", "%ff", "..%2f..%2fetc", strings.Repeat("a", 300), part + "0", "2%20OR%201=1"} {
				count++
				parts[at] = id
				got := rig.call(operation.who, operation.method, strings.Join(parts, "/"), operation.anyBody())
				told := operation.method == http.MethodHead || got.code() == models.CodeNotFound // an answer to HEAD has no body
				if got.Status != http.StatusNotFound || !told {
					t.Errorf("%s with %s: %d %s", operation.id, id, got.Status, got.Text)
				}
			}
			parts[at] = part
		}
	}
	if count == 0 {
		t.Error("no path of the contract has an id")
	}
}
