package api

import (
	"context"
	"encoding/json"
	"testing"
	"time"
)

func TestTimeOnTheWire(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-24T02:00:00Z":                "2026-11-24T02:00:00.000Z",
		"2026-11-24T10:00:00.1239+08:00":      "2026-11-24T02:00:00.123Z",
		"2024-02-29T23:59:59.999999999-00:30": "2024-03-01T00:29:59.999Z",
		"2026-11-24T02:00:00,5Z":              "", "2026-11-24T2:00:00Z": "", "2026-11-24t02:00:00z": "",
		"2026-11-24T02:00:00": "", "2026-11-24": "", "2026-11-24T24:00:00Z": "", "2026-11-24T02:00:60Z": "",
		"2026-11-24T02:00:00+24:00": "", "2026-11-24T02:00:00+08:60": "", "2026-11-24T02:00:00+0800": "",
		"2026-11-24T02:00:00.Z": "", "2026-11-24T02:00:00.1234567890Z": "", "0000-01-01T00:00:00Z": "",
		"9999-12-31T23:59:59-01:00": "", "": "", " 2026-11-24T02:00:00Z": "",
	} {
		var at Time
		err := json.Unmarshal([]byte(`"`+text+`"`), &at)
		if (err == nil) != (want != "") {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if written, _ := json.Marshal(at); want != "" && string(written) != `"`+want+`"` {
			t.Errorf("%q: %s", text, written)
		}
	}
	if AtOrNil(time.Time{}) != nil || !AtOrNil(testNow).Equal(testNow) || !(*Time)(nil).Or(testNow).Equal(testNow) {
		t.Error("nullable times")
	}
}

func TestTimeBindsFromAQuery(t *testing.T) {
	b := newBench(t, nil)
	var got ListCheckInsParams
	b.fake.list = func(_ context.Context, r ListCheckInsRequestObject) (ListCheckInsResponseObject, error) {
		got = r.Params
		return ListCheckIns200JSONResponse{Items: []CheckIn{}}, nil
	}
	answer := b.do(t, "GET", "/v1/check-ins?limit=7&route_id="+someID+"&from=2026-11-24T10:00:00%2B08:00&to=2026-11-25T00:00:00.5Z", "", as("officer"))
	if answer.status != 200 || got.From == nil || got.To == nil || got.RouteId == nil || got.Limit == nil {
		t.Fatalf("%d %s %+v", answer.status, answer.body, got)
	}
	if got.From.String() != "2026-11-24T02:00:00.000Z" || got.To.String() != "2026-11-25T00:00:00.500Z" || *got.RouteId != someID || *got.Limit != 7 {
		t.Errorf("%v %v %v %v", got.From, got.To, *got.RouteId, *got.Limit)
	}
}
