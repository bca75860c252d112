package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// civicApp is a key of station A.
func (r *rig) civicApp() string {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/open311-keys", map[string]any{"name": "市民随手拍"}).must(201).text("api_key")
}

func (r *rig) civicPost(form url.Values) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/open311/v2/requests.json",
		rawBody{Type: "application/x-www-form-urlencoded", Text: []byte(form.Encode())})
}

func (r *rig) civicGet(query string) response {
	r.t.Helper()
	return r.call(nil, http.MethodGet, "/open311/v2/"+query, nil)
}

func TestOpen311(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		key, station := rig.civicApp(), "jurisdiction_id="+string(rig.A)
		services := rig.civicGet("services.json?" + station).must(200)
		if services.text("0.service_code") != "hazard" || services.text("0.type") != "realtime" {
			t.Errorf("services: %s", services.Text)
		}
		form := url.Values{
			"api_key": {key}, "jurisdiction_id": {string(rig.A)}, "service_code": {"hazard"}, "lat": {"30.52034"}, "long": {"105.60089"},
			"description": {strings.Repeat("路灯杆倾斜，", 200)}, "email": {"canary@example.org"}, "first_name": {"Canary"}, "attribute[X]": {"1"},
		}
		sent := rig.civicPost(form).must(201)
		id := sent.text("0.service_request_id")
		rig.tip(rig.Volunteer, map[string]any{"category": "hazard", "description": "不公开的话", "position": spot(rig.One.At, nil)}).must(201)
		rig.tip(rig.Volunteer, nil).must(201) // theft is not public

		list := rig.civicGet("requests.json?" + station).must(200)
		if strings.Contains(list.Text, "不公开") || strings.Contains(list.Text, "canary") || strings.Contains(list.Text, "Canary") ||
			strings.Contains(list.Text, "theft") || strings.Contains(list.Text, string(rig.Volunteer.ID)) {
			t.Errorf("what is not public is told: %s", list.Text)
		}
		if list.at("2") != nil || list.at("1.lat") != 30.52034 || list.at("1.service_request_id") != id || list.at("0.description") != nil {
			t.Errorf("the list: %s", list.Text)
		}
		rig.advanceTip(rig.Commander, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.advanceTip(rig.Commander, id, map[string]any{"state": "resolved", "note": "已扶正"}).must(200)
		one := rig.civicGet("requests/" + id + ".json?" + station).must(200)
		if one.text("0.status") != "closed" || one.text("0.status_notes") != "已扶正" || !strings.HasPrefix(one.text("0.description"), "路灯杆倾斜") {
			t.Errorf("the request in the end: %s", one.Text)
		}
		if open := rig.civicGet("requests.json?status=open&" + station).must(200); strings.Contains(open.Text, id) {
			t.Errorf("open ones: %s", open.Text)
		}
		for query, count := range map[string]int{
			"status=closed": 1, "status=open,closed": 2, "service_code=theft": 0, "service_request_id=" + id + ",x": 1, "service_request_id=x": 0,
			"start_date=" + url.QueryEscape(rig.clock.Now().Add(time.Hour).Format(time.RFC3339)): 0,
			"end_date=" + url.QueryEscape(rig.clock.Now().Add(time.Hour).Format(time.RFC3339)):   2,
		} {
			if got := strings.Count(rig.civicGet("requests.json?"+query+"&"+station).must(200).Text, `"service_request_id"`); got != count {
				t.Errorf("%s: %d requests, want %d", query, got, count)
			}
		}
	})
}

// GeoReport has its own form of errors.
func TestOpen311Errors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		key, station := rig.civicApp(), "jurisdiction_id="+string(rig.A)
		right := func(change url.Values) url.Values {
			form := url.Values{"api_key": {key}, "service_code": {"hazard"}, "lat": {"30.5"}, "long": {"105.6"}, "description": {"路灯"}}
			for name, values := range change {
				form[name] = values
			}
			return form
		}
		before := rig.rows()
		for name, one := range map[string]struct {
			got    response
			status int
			words  string
		}{
			"no key":           {rig.civicPost(right(url.Values{"api_key": nil})), 403, "api_key"},
			"a wrong key":      {rig.civicPost(right(url.Values{"api_key": {"x"}})), 403, "api_key"},
			"no service":       {rig.civicPost(right(url.Values{"service_code": nil})), 400, "service_code was not provided"},
			"another service":  {rig.civicPost(right(url.Values{"service_code": {"theft"}})), 404, ""},
			"no place":         {rig.civicPost(right(url.Values{"lat": nil, "long": nil})), 400, "lat was not provided"},
			"half a place":     {rig.civicPost(right(url.Values{"lat": nil})), 400, "lat was not provided"},
			"a wrong place":    {rig.civicPost(right(url.Values{"lat": {"200"}})), 400, "lat"},
			"no words":         {rig.civicPost(right(url.Values{"description": {" "}})), 400, "description was not provided"},
			"another station":  {rig.civicPost(right(url.Values{"jurisdiction_id": {string(rig.B)}})), 404, ""},
			"no jurisdiction":  {rig.civicGet("services.json"), 400, "jurisdiction_id was not provided"},
			"none of that id":  {rig.civicGet("requests/" + string(rig.ids.next()) + ".json?" + station), 404, ""},
			"a wrong state":    {rig.civicGet("requests.json?status=lost&" + station), 400, "status"},
			"a wrong time":     {rig.civicGet("requests.json?start_date=yesterday&" + station), 400, "start_date"},
			"a wrong id":       {rig.civicGet("requests/x.json?" + station), 404, ""},
			"no such document": {rig.civicGet("nothing.json"), 404, ""},
		} {
			if one.got.Status != one.status || one.got.at("0.code") != float64(one.status) || !strings.Contains(one.got.text("0.description"), one.words) ||
				one.got.text("0.description") == "" || !strings.HasPrefix(one.got.Header.Get("Content-Type"), "application/json") {
				t.Errorf("%s: %d %s", name, one.got.Status, one.got.Text)
			}
		}
		sameRows(t, before, rig.rows())
	})
}

func TestOpen311Keys(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.call(rig.Commander, http.MethodPost, "/v1/open311-keys", map[string]any{"name": "市民随手拍"}).must(201)
		list := rig.call(rig.Commander, http.MethodGet, "/v1/open311-keys", nil).must(200)
		if len(list.items()) != 1 || strings.Contains(list.Text, made.text("api_key")) {
			t.Errorf("the list: %s", list.Text)
		}
		rig.call(rig.Commander, http.MethodDelete, "/v1/open311-keys/"+made.text("id"), nil).must(204)
		got := rig.civicPost(url.Values{"api_key": {made.text("api_key")}, "service_code": {"hazard"}, "description": {"x"}, "address_string": {"东门"}})
		if got.Status != 403 {
			t.Errorf("a revoked key: %d %s", got.Status, got.Text)
		}
		for range models.MaxOpen311Keys {
			rig.call(rig.Commander, http.MethodPost, "/v1/open311-keys", map[string]any{"name": "又一个"}).must(201)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/open311-keys", map[string]any{"name": "太多"}).must(409)
	})
}
