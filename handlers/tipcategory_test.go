package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"xunfang/models"
)

func (r *rig) categories(station models.ID) response {
	r.t.Helper()
	return r.call(nil, http.MethodGet, "/v1/tip-categories?station_id="+string(station), nil).must(200)
}

func (r *rig) putCategory(who *caller, code string, change map[string]any) response {
	r.t.Helper()
	body := map[string]any{
		"version": 0, "name_zh": "噪声", "name_en": "Noise", "order": 5, "public": false, "questions": []any{
			map[string]any{"key": "what", "text_zh": "是什么声音？", "text_en": "What noise?", "type": "text", "required": true, "values": []any{}},
			map[string]any{"key": "loud", "text_zh": "多少分贝？", "text_en": "How loud?", "type": "number", "required": false, "values": []any{}},
			map[string]any{
				"key": "when", "text_zh": "什么时候？", "text_en": "When?", "type": "multi_choice", "required": false, "values": []any{
					map[string]any{"code": "day", "text_zh": "白天", "text_en": "By day"}, map[string]any{"code": "night", "text_zh": "夜间", "text_en": "By night"},
				},
			},
		},
	}
	for field, value := range change {
		body[field] = value
	}
	return r.call(who, http.MethodPut, "/v1/tip-categories/"+code, body)
}

// A station's category goes its way: made, answered, changed, withdrawn, taken up again; its tips keep what they were asked.
func TestTipCategoryGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if got := rig.categories(rig.A); len(got.items()) != len(models.DefaultTipCategories()) || got.text("items.0.code") != "crime_in_progress" ||
			got.at("items.0.urgent") != true || got.at("items.0.updated_at") != nil {
			t.Errorf("at first: %s", got.Text)
		}
		made := rig.putCategory(rig.Commander, "noise", nil).must(200)
		if made.at("version") != 1.0 || made.text("questions.2.values.1.code") != "night" || made.at("updated_at") == nil {
			t.Errorf("made: %s", made.Text)
		}
		if got := rig.categories(rig.A); got.text("items.0.code") != "noise" {
			t.Errorf("in its order: %s", got.Text)
		}
		if got := rig.categories(rig.B); strings.Contains(got.Text, "Noise") {
			t.Errorf("another station has it: %s", got.Text)
		}
		answers := map[string]any{"what": "电钻", "loud": 85.5, "when": []any{"night", "day"}}
		sent := rig.seen(map[string]any{"category": "noise", "answers": answers})
		first := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", sent).must(201)
		id := first.text("id")
		for language, name := range map[string]string{"zh": "噪声", "en": "Noise"} { // the station's own, in its own words
			inbox := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil, "Accept-Language", language).must(200)
			if inbox.text("items.0.body") != name {
				t.Errorf("the officer is told in %s: %s", language, inbox.Text)
			}
		}

		changed := rig.putCategory(rig.Commander, "noise", map[string]any{"version": 1, "questions": []any{}}).must(200)
		if changed.at("version") != 2.0 {
			t.Errorf("changed: %s", changed.Text)
		}
		if got := rig.tip(rig.Volunteer, map[string]any{"category": "noise", "answers": answers}).must(422); strings.Join(got.fields(), ", ") !=
			"answers.loud unknown_field, answers.what unknown_field, answers.when unknown_field" {
			t.Errorf("answers to what is asked no more: %s", got.Text)
		}
		rig.call(rig.Commander, http.MethodDelete, "/v1/tip-categories/noise", nil).must(204)
		rig.call(rig.Commander, http.MethodDelete, "/v1/tip-categories/noise", nil).must(404)
		if got := rig.categories(rig.A); strings.Contains(got.Text, "Noise") {
			t.Errorf("withdrawn, but listed: %s", got.Text)
		}
		if got := rig.tip(rig.Volunteer, map[string]any{"category": "noise"}).must(422); strings.Join(got.fields(), "") != "category no_such" {
			t.Errorf("a tip of what is withdrawn: %s", got.Text)
		}
		// What was sent before stays, and so does its repeat.
		if again := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", sent).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		for _, who := range []*caller{rig.Volunteer, rig.Officer} {
			got := rig.call(who, http.MethodGet, "/v1/tips/"+id, nil).must(200)
			if got.text("answers.what") != "电钻" || got.at("answers.loud") != 85.5 || got.text("answers.when.1") != "day" || got.at("category_version") != 1.0 {
				t.Errorf("%s sees %s", who.Name, got.Text)
			}
		}
		if listed := rig.call(rig.Officer, http.MethodGet, "/v1/tips?category=noise", nil).must(200); len(listed.items()) != 1 {
			t.Errorf("by its category: %s", listed.Text)
		}
		path := "/v1/tip-categories/noise?station_id=" + string(rig.A)
		if got := rig.call(nil, http.MethodGet, path+"&version=1", nil).must(200); got.text("questions.0.key") != "what" {
			t.Errorf("the questions that were answered: %s", got.Text)
		}
		if got := rig.call(nil, http.MethodGet, path, nil).must(200); got.at("withdrawn") != true || got.at("version") != 3.0 {
			t.Errorf("as it is now: %s", got.Text)
		}
		rig.call(nil, http.MethodGet, path+"&version=4", nil).must(404)
		rig.putCategory(rig.Commander, "noise", map[string]any{"version": 3}).must(200)
		rig.tip(rig.Volunteer, map[string]any{"category": "noise", "answers": map[string]any{"what": "狗"}}).must(201)

		records := rig.audit(rig.A, models.OpPutTipCategory)
		if len(records) != 3 || records[0].Facts["category"] != "noise" || records[0].Facts["version"] != "4" {
			t.Errorf("the audit: %+v", records)
		}
		for place, text := range rig.everythingKept() {
			if strings.Contains(text, "电钻") {
				t.Errorf("%s holds an answer", place)
			}
		}
	})
}

// Nothing is written of what a category does not take, and the fields are named.
func TestTipAnswersAreHeldToTheQuestions(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.putCategory(rig.Commander, "noise", nil).must(200)
		rig.putCategory(rig.CommanderB, "noise_b", nil).must(200)
		before := rig.rows()
		for name, one := range map[string]struct {
			category string
			answers  map[string]any
			want     string
		}{
			"no such category":   {"no_such", nil, "category no_such"},
			"no answer":          {"noise", nil, "answers.what required"},
			"another type":       {"noise", map[string]any{"what": true}, "answers.what wrong_type"},
			"not to be chosen":   {"noise", map[string]any{"what": "x", "when": []any{"noon"}}, "answers.when not_one_of"},
			"nothing":            {"noise", map[string]any{"what": nil}, "answers.what wrong_type"},
			"an object":          {"noise", map[string]any{"what": map[string]any{"a": 1}}, "answers.what wrong_type"},
			"what nobody asked":  {"theft", map[string]any{"what": "x"}, "answers.what unknown_field"},
			"of another station": {"noise_b", nil, "category no_such"},
		} {
			change := map[string]any{"category": one.category}
			if one.answers != nil {
				change["answers"] = one.answers
			}
			for way, got := range map[string]response{
				"named": rig.tip(rig.Volunteer, change), "anonymous": rig.call(nil, http.MethodPost, "/v1/anonymous-tips", rig.untold(change)),
				"hidden": rig.tip(rig.Volunteer, map[string]any{"category": one.category, "answers": one.answers, "hide_me": true}),
			} {
				if one.answers == nil && way == "hidden" {
					continue // null is no object
				}
				if got.Status != 422 || strings.Join(got.fields(), "") != one.want {
					t.Errorf("%s, %s: %d %s", name, way, got.Status, got.Text)
				}
			}
		}
		huge := rawBody{Type: "application/json", Text: []byte(`{"id":"` + string(rig.ids.next()) +
			`","category":"noise","description":"x","answers":{"what":"x","loud":1e999}}`)}
		if got := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", huge); got.Status != 400 && got.Status != 422 {
			t.Errorf("a number without bound: %d %s", got.Status, got.Text)
		}
		sameRows(t, before, rig.rows())
	})
}

// Answers without a name are in the sealed content alone; those of somebody hidden are sealed as their words are.
func TestUnknownReportersAnswer(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.categories(rig.A)
		answers := map[string]any{"stolen": "battery", "looks": "canary-answer-7f3a"}
		_, anonymous := rig.anonymousTip(map[string]any{"answers": answers})
		hidden := rig.tip(rig.Volunteer, map[string]any{"answers": answers, "hide_me": true}).must(201).id("id")
		for _, id := range []models.ID{anonymous, hidden} {
			got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+string(id), nil).must(200)
			if got.text("answers.looks") != "canary-answer-7f3a" || got.at("category_version") != 1.0 {
				t.Errorf("the officer sees %s", got.Text)
			}
		}
		sealed := rig.column("SELECT COALESCE(HEX(answers_sealed), '') FROM tips WHERE id = '" + string(anonymous) + "'")
		if len(sealed) != 1 || sealed[0] != "" {
			t.Errorf("answers stand outside of the sealed content: %v", sealed)
		}
		for place, text := range rig.everythingKept() {
			if strings.Contains(text, "canary-answer-7f3a") || place == "log" && strings.Contains(text, "listTipCategories") {
				t.Errorf("%s tells", place)
			}
		}
	})
}

func TestTipCategoryRefusals(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.putCategory(rig.Commander, "noise", nil).must(200)
		before := rig.rows()
		if again := rig.putCategory(rig.Commander, "noise", nil).must(200); again.Text != made.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		for name, one := range map[string]struct {
			code   string
			change map[string]any
			status int
			want   string
		}{
			"a version that is not": {"noise", map[string]any{"version": 2, "order": 6}, 409, "version not_allowed"},
			"new, but there":        {"noise", map[string]any{"order": 6}, 409, "version not_allowed"},
			"one of the program's":  {"theft", nil, 409, "version not_allowed"},
			"a public crime":        {"crime_in_progress", map[string]any{"version": 1, "public": true}, 422, "public not_allowed"},
			"not a code":            {"Noise", nil, 400, "category_code wrong_format"},
		} {
			if got := rig.putCategory(rig.Commander, one.code, one.change); got.Status != one.status || strings.Join(got.fields(), "") != one.want {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		rig.call(rig.Commander, http.MethodDelete, "/v1/tip-categories/crime_in_progress", nil).must(409)
		rig.putCategory(rig.Officer, "noise", map[string]any{"version": 1, "order": 6}).must(403)
		sameRows(t, before, rig.rows())
	})
}

// Of two who change the same version one is told so, and so is one of two who make the same category.
func TestTipCategoryIsChangedOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for version, change := range []map[string]any{{"version": 0}, {"version": 1}} {
			answers := atOnce(6, func(at int) response {
				body := map[string]any{"order": 100*version + at}
				for field, value := range change {
					body[field] = value
				}
				return rig.putCategory(rig.Commander, "noise", body)
			})
			won := 0
			for _, got := range answers {
				switch {
				case got.Status == 200:
					won++
				case got.Status != 409:
					t.Errorf("%d %s", got.Status, got.Text)
				}
			}
			if won != 1 || rig.rows()["tip_categories"] != version+1 {
				t.Errorf("%d changed version %d, of which there are %d", won, version, rig.rows()["tip_categories"])
			}
		}
	})
}

// Open311 has what is public, with its questions; what was not public when it was sent never becomes so.
func TestOpen311Categories(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		key, station := rig.civicApp(), "jurisdiction_id="+string(rig.A)
		secret := rig.putCategory(rig.Commander, "noise", nil).must(200)
		rig.tip(rig.Volunteer, map[string]any{"category": "noise", "answers": map[string]any{"what": "狗"}}).must(201)
		for _, path := range []string{"services/noise.json?", "services/no_such.json?"} {
			if got := rig.civicGet(path + station); got.Status != 404 || got.at("0.code") != 404.0 {
				t.Errorf("%s: %d %s", path, got.Status, got.Text)
			}
		}
		rig.putCategory(rig.Commander, "noise", map[string]any{"version": secret.at("version"), "public": true}).must(200)

		services := rig.civicGet("services.json?" + station).must(200)
		if services.text("0.service_code") != "noise" || services.at("0.metadata") != true || services.text("2.service_code") != "street_lamp" ||
			services.at("3") != nil {
			t.Errorf("the services: %s", services.Text)
		}
		definition := rig.civicGet("services/noise.json?" + station).must(200)
		for name, want := range map[string]any{
			"service_code": "noise", "attributes.0.code": "what", "attributes.0.datatype": "text", "attributes.0.required": true,
			"attributes.1.datatype": "number", "attributes.1.order": 2.0, "attributes.2.datatype": "multivaluelist",
			"attributes.2.values.1.key": "night", "attributes.2.values.1.name": "夜间 / By night", "attributes.2.variable": true,
		} {
			if got := definition.at(name); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		form := func(change url.Values) url.Values {
			made := url.Values{
				"api_key": {key}, "service_code": {"noise"}, "lat": {"30.52"}, "long": {"105.6"}, "description": {"太吵"},
				"attribute[what]": {"电钻"}, "attribute[loud]": {"80"}, "attribute[when][]": {"day", "night"}, "attribute[x]": {"y"},
			}
			for name, values := range change {
				made[name] = values
			}
			return made
		}
		before := rig.rows()
		for want, change := range map[string]url.Values{
			"attribute[what] was not provided": {"attribute[what]": nil}, "attribute[loud]: wrong_type": {"attribute[loud]": {"loud"}},
			"attribute[when]: not_one_of": {"attribute[when][]": {"noon"}},
		} {
			if got := rig.civicPost(form(change)); got.Status != 400 || got.text("0.description") != want {
				t.Errorf("%s: %d %s", want, got.Status, got.Text)
			}
		}
		sameRows(t, before, rig.rows())
		id := rig.civicPost(form(nil)).must(201).text("0.service_request_id")
		got := rig.call(rig.Commander, http.MethodGet, "/v1/tips/"+id, nil).must(200)
		if got.text("answers.what") != "电钻" || got.at("answers.loud") != 80.0 || got.text("answers.when.1") != "night" || got.at("answers.x") != nil {
			t.Errorf("the answers: %s", got.Text)
		}
		list := rig.civicGet("requests.json?" + station).must(200)
		if list.at("1") != nil || list.text("0.service_request_id") != id || strings.Contains(list.Text, "电钻") {
			t.Errorf("the list: %s", list.Text)
		}
		rig.call(rig.Commander, http.MethodDelete, "/v1/tip-categories/noise", nil).must(204)
		if list := rig.civicGet("requests.json?" + station).must(200); list.at("0") != nil {
			t.Errorf("of a withdrawn category: %s", list.Text)
		}
	})
}
