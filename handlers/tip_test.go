package handlers_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"xunfang/models"
)

// photo uploads a small picture and gives its id.
func (r *rig) photo(who *caller) models.ID {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/media", photoForm(r.t, picture(r.t))).must(201).id("id")
}

func picture(t *testing.T) []byte {
	t.Helper()
	canvas, out := image.NewRGBA(image.Rect(0, 0, 64, 48)), bytes.Buffer{}
	for x := range 64 {
		for y := range 48 {
			canvas.Set(x, y, color.RGBA{R: uint8(x * 4), G: uint8(y * 5), B: 90, A: 255})
		}
	}
	if err := jpeg.Encode(&out, canvas, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func photoForm(t *testing.T, data []byte) rawBody {
	t.Helper()
	out := bytes.Buffer{}
	form := multipart.NewWriter(&out)
	part, err := form.CreateFormFile("photo", "名字.jpg")
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return rawBody{Type: form.FormDataContentType(), Text: out.Bytes()}
}

// seen is a tip near compound One; change may be nil.
func (r *rig) seen(change map[string]any) map[string]any {
	tip := map[string]any{
		"id": r.ids.next(), "category": "theft", "description": "售楼部门口有两人在撬自行车锁。", "position": spot(r.One.At, nil),
	}
	if change["hide_me"] == true {
		tip["id"] = r.untimedID()
	}
	for field, value := range change {
		tip[field] = value
	}
	return tip
}

func (r *rig) tip(who *caller, change map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/tips", r.seen(change))
}

func (r *rig) advanceTip(who *caller, tip string, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/tips/"+tip+"/transitions", body)
}

func TestTipGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		move := func(want int, code models.Code, body map[string]any) {
			t.Helper()
			if got := rig.advanceTip(rig.Officer, id, body); got.Status != want || got.code() != code {
				t.Errorf("%v: %d %s, want %d %s", body, got.Status, got.Text, want, code)
			}
		}
		move(409, models.CodeWrongState, map[string]any{"state": "resolved"})
		move(200, "", map[string]any{"state": "acknowledged", "note": "正在赶往现场"})
		move(409, models.CodeWrongState, map[string]any{"state": "acknowledged"})
		move(422, models.CodeUnprocessable, map[string]any{"state": "closed"})
		move(422, models.CodeUnprocessable, map[string]any{"state": "investigating", "reason": "unfounded"})
		move(200, "", map[string]any{"state": "investigating"})
		move(200, "", map[string]any{"state": "closed", "reason": "referred", "note": "已转交刑警"})
		move(409, models.CodeWrongState, map[string]any{"state": "resolved"})

		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+id, nil).must(200)
		if got.text("state") != "closed" || got.text("closed_reason") != "referred" || got.text("steps.3.note") != "已转交刑警" {
			t.Errorf("in the end: %s", got.Text)
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 3 || inbox.text("items.0.body") != "已转交刑警" || inbox.text("items.0.about") != id ||
			inbox.text("items.0.kind") != "tip_update" {
			t.Errorf("the reporter was told: %s", inbox.Text)
		}
		if count := len(rig.call(rig.VolunteerTwo, http.MethodGet, "/v1/me/inbox", nil).must(200).items()); count != 0 {
			t.Errorf("somebody else was told %d times", count)
		}
	})
}

// A reporter who cannot be told leaves the tip where it was: both are one transaction.
func TestTransitionAndMessageAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.breakTable("inbox_items")
		before := rig.rows()
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(500)
		sameRows(t, before, rig.rows())
		if records := rig.audit(rig.A, models.OpCreateTransition); len(records) != 0 {
			t.Errorf("%d decisions are recorded that never happened", len(records))
		}
		rig.mendTable("inbox_items")
		if got := rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200); got.at("steps.2") != nil {
			t.Errorf("a step stayed behind: %s", got.Text)
		}
	})
}

// breakTable makes every insert into a table fail from now on.
func (r *rig) breakTable(table string) {
	r.t.Helper()
	statement := "CREATE TRIGGER broken_" + table + " BEFORE INSERT ON " + table
	if strings.HasPrefix(r.store.Config().DSN, "sqlite:") {
		statement += " BEGIN SELECT RAISE(ABORT, 'broken for a test'); END"
	} else {
		statement += " FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'broken for a test'"
	}
	if _, err := r.sql.Exec(statement); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) mendTable(table string) {
	r.t.Helper()
	if _, err := r.sql.Exec("DROP TRIGGER broken_" + table); err != nil {
		r.t.Fatal(err)
	}
}

func TestTipMovesOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, token, moved := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.token(rig.Officer), 0
		for _, got := range atOnce(16, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/transitions", map[string]any{"state": "acknowledged"})
		}) {
			if got.Status == 200 {
				moved++
			}
		}
		if told := rig.rows()["inbox_items"]; moved != 1 || told != 2 { // the officer of the new tip, and the reporter of its step
			t.Errorf("%d of 16 moved the tip, the reporter was told %d times", moved, told)
		}
	})
}

func TestTipRepeats(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.seen(nil)
		send := func(who *caller, tip map[string]any) response { return rig.call(who, http.MethodPost, "/v1/tips", tip) }
		first := send(rig.Volunteer, tip).must(201)
		if again := send(rig.Volunteer, tip).must(200); again.Text != first.Text {
			t.Errorf("the repeat got\n%s\n%s", first.Text, again.Text)
		}
		if foreign := send(rig.Resident, tip).must(409); strings.Contains(foreign.Text, "售楼部") {
			t.Errorf("somebody else's tip: %s", foreign.Text)
		}
		tip["description"] = "另一件事"
		if other := send(rig.Volunteer, tip).must(409); other.code() != models.CodeAlreadyExists {
			t.Errorf("another tip under the same id: %s", other.Text)
		}
		if count := rig.rows()["tips"]; count != 1 {
			t.Errorf("%d tips", count)
		}
	})
}

func TestPhotosOfTips(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo, foreign := rig.photo(rig.Volunteer), rig.photo(rig.Resident)
		withPhotos := func(ids ...models.ID) map[string]any { return map[string]any{"media_ids": ids} }
		for name, ids := range map[string][]models.ID{"foreign": {foreign}, "missing": {rig.ids.next()}} {
			if got := rig.tip(rig.Volunteer, withPhotos(ids...)).must(422); strings.Join(got.fields(), "") != "media_ids[0] no_such" {
				t.Errorf("a %s photo: %s", name, got.Text)
			}
		}
		tip := rig.tip(rig.Volunteer, withPhotos(photo)).must(201)
		if !sameIDs(tip.at("media_ids"), photo) {
			t.Errorf("the tip has %v", tip.at("media_ids"))
		}
		if got := rig.tip(rig.Volunteer, withPhotos(photo)).must(422); strings.Join(got.fields(), "") != "media_ids not_unique" {
			t.Errorf("the same photo again: %s", got.Text)
		}
		path := "/v1/media/" + string(photo)
		for who, want := range map[*caller]int{
			rig.Volunteer: 200, rig.Officer: 200, rig.Commander: 200, rig.Resident: 404, rig.OfficerTwo: 404, rig.OfficerB: 404,
			rig.Admin: 404,
		} {
			if got := rig.call(who, http.MethodGet, path, nil); got.Status != want {
				t.Errorf("%s reads the photo: %d, want %d", who.Name, got.Status, want)
			}
		}
		if records := rig.audit(rig.A, models.OpGetMedia); len(records) != 5 { // two looks and three refusals within A
			t.Errorf("%d looks at the photo are recorded", len(records))
		}
	})
}

func TestWhoReadsTips(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		path := "/v1/tips/" + id
		for _, try := range []struct {
			who      *caller
			want     int
			reporter any
		}{
			{rig.Volunteer, 200, nil},
			{rig.Officer, 200, string(rig.Volunteer.ID)},
			{rig.Commander, 200, string(rig.Volunteer.ID)},
			{rig.OfficerTwo, 404, nil},
			{rig.OfficerB, 404, nil},
			{rig.CommanderB, 404, nil},
			{rig.Resident, 404, nil},
			{rig.Admin, 404, nil},
		} {
			got := rig.call(try.who, http.MethodGet, path, nil)
			if got.Status != try.want || got.at("reporter_id") != try.reporter {
				t.Errorf("%s: %d, reporter %v, want %d, %v", try.who.Name, got.Status, got.at("reporter_id"), try.want, try.reporter)
			}
			listed := rig.call(try.who, http.MethodGet, "/v1/tips", nil).must(200)
			if has := len(listed.items()) == 1; has != (try.want == 200) || listed.at("items.0.reporter_id") != try.reporter {
				t.Errorf("%s lists %s", try.who.Name, listed.Text)
			}
		}
		if got := rig.advanceTip(rig.OfficerTwo, id, map[string]any{"state": "acknowledged"}); got.Status != 404 {
			t.Errorf("an officer of another compound moves it: %d", got.Status)
		}
		looks := map[models.ID]int{}
		for _, record := range rig.audit(rig.A, models.OpGetTip) {
			if record.Outcome == models.AuditAllowed && record.ObjectID == models.ID(id) {
				looks[record.ActorID]++
			}
		}
		if looks[rig.Officer.ID] != 1 || looks[rig.Commander.ID] != 1 || looks[rig.Volunteer.ID] != 0 {
			t.Errorf("the looks that are recorded: %v", looks)
		}
		if lists := rig.audit(rig.A, models.OpListTips); len(lists) != 2 {
			t.Errorf("%d lists with other people's tips are recorded, want 2", len(lists))
		}
	})
}

func TestTipWithoutPlaceIsTheReportersCompounds(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		without := rig.seen(nil)
		delete(without, "position")
		tip := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", without).must(201)
		if tip.id("compound_id") != rig.One.ID() {
			t.Errorf("without a position it is %v's", tip.at("compound_id"))
		}
		near := rig.tip(rig.Volunteer, map[string]any{"position": spot(rig.Two.At, nil)}).must(201)
		if near.id("compound_id") != rig.Two.ID() {
			t.Errorf("near Two it is %v's", near.at("compound_id"))
		}
		rig.call(rig.OfficerTwo, http.MethodGet, "/v1/tips/"+near.text("id"), nil).must(200)
		rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+near.text("id"), nil).must(404)
		far := rig.tip(rig.Volunteer, map[string]any{"position": spot(models.Position{Lat: 30.4, Lng: 105.4}, nil)}).must(201)
		if far.at("compound_id") != nil {
			t.Errorf("far from all it is %v's", far.at("compound_id"))
		}
		rig.call(rig.Commander, http.MethodGet, "/v1/tips/"+far.text("id"), nil).must(200)
	})
}
