package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"xunfang/models"
)

// auditTime is how long the sealer may take to link what the day wrote.
const auditTime = 10 * time.Second

const checkIns = "POST /v1/check-ins"

type verdict struct {
	ID        models.ID `json:"id"`
	Status    string    `json:"status"`
	Reasons   []string  `json:"reasons"`
	Duplicate bool      `json:"duplicate"`
}

// patrol walks the first route with a phone, then brings a batch that was recorded offline, twice.
func (d *day) patrol(ctx context.Context) {
	got := d.call(ctx, d.officer, http.MethodGet, "/v1/routes", nil)
	d.prove(d.officer, "GET /v1/routes", got, http.StatusOK, len(into[page[struct{}]](got).Items) == len(d.config.Station.Routes),
		words{"三纵十横，共十三条路线", "three routes north to south and ten east to west"})

	now := time.Now()
	got = d.call(ctx, d.officer, http.MethodPost, "/v1/check-ins", d.walk(now.Add(-90*time.Minute), 0))
	d.prove(d.officer, checkIns, got, http.StatusOK, all(got, len(d.route.Checkpoints), "accepted", false),
		words{"沿“" + d.route.Name + "”打卡，全部有效", "the whole of one route, every check-in accepted"})

	far := d.walk(now, 1)
	far["items"][0]["position"] = position(models.Position{Lat: 30.3, Lng: 105.3})
	got = d.call(ctx, d.officer, http.MethodPost, "/v1/check-ins", far)
	d.prove(d.officer, checkIns, got, http.StatusOK, all(got, 1, "rejected", false),
		words{"人不在点位：不予认可，注明原因", "far from the checkpoint: rejected, with the reason"})

	offline := d.walk(now.Add(-20*time.Hour), 3)
	got = d.call(ctx, d.auxiliary, http.MethodPost, "/v1/check-ins", offline)
	first := d.prove(d.auxiliary, checkIns, got, http.StatusOK, all(got, 3, "accepted", false),
		words{"地下室里离线记录的一批，补传", "a batch recorded offline in a basement arrives"})
	got = d.call(ctx, d.auxiliary, http.MethodPost, "/v1/check-ins", offline)
	d.prove(d.auxiliary, checkIns, got, http.StatusOK, first && all(got, 3, "accepted", true),
		words{"同一批再次上传：沿用首次结论，只计一次", "the same batch again: the first verdicts, counted once"})

	got = d.call(ctx, d.auxiliary, http.MethodGet, "/v1/check-ins?limit=100", nil)
	listed := map[models.ID]int{}
	for _, item := range into[page[verdict]](got).Items {
		listed[item.ID]++
	}
	once := true
	for _, item := range offline["items"] {
		id, _ := item["id"].(models.ID)
		once = once && listed[id] == 1
	}
	d.prove(d.auxiliary, "GET /v1/check-ins", got, http.StatusOK, once,
		words{"列表里确实各只有一条", "the list has each of them once"})
}

// walkMps is how fast somebody walks a route who looks around, in metres a second.
const walkMps = 1.3

// walk is a batch along the route on foot; most bounds it, 0 does not.
func (d *day) walk(from time.Time, most int) map[string][]map[string]any {
	items := []map[string]any{}
	for at, id := range d.route.Checkpoints {
		if most > 0 && at == most {
			break
		}
		if at > 0 {
			metres := d.points[id].At.DistanceM(d.points[d.route.Checkpoints[at-1]].At)
			from = from.Add(time.Duration(metres / walkMps * float64(time.Second)))
		}
		items = append(items, map[string]any{
			"id": d.newID(), "checkpoint_id": id, "method": models.MethodGPS, "position": position(d.points[id].At),
			"captured_at": wireTime(from),
		})
	}
	return map[string][]map[string]any{"items": items}
}

func wireTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func position(at models.Position) map[string]any {
	return map[string]any{"lat": at.Lat, "lng": at.Lng, "crs": models.WGS84, "accuracy_m": 8}
}

// all says whether an answer has so many verdicts, all of them alike.
func all(got answer, count int, status string, duplicate bool) bool {
	items := into[page[verdict]](got).Items
	for _, item := range items {
		if item.Status != status || item.Duplicate != duplicate {
			return false
		}
	}
	return len(items) == count && count > 0
}

// bracket writes a number of things for a line.
func bracket(name string, count int) string { return fmt.Sprintf("%s (%d)", name, count) }
