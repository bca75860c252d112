package handlers_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Key places that lie close together keep names that can be read, and those where nobody was look unlike the others.
func TestPictureOfCoverage(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		const count, seen = 12, 3
		items := []map[string]any{}
		for number := range count {
			made := rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
				"name":     fmt.Sprintf("重点部位第%02d号", number),
				"position": spot(models.Position{Lat: rig.One.At.Lat + 0.0004*float64(number%4), Lng: rig.One.At.Lng + 0.0008*float64(number/4)}, nil),
				"radius_m": 20, "methods": []string{"gps"}, "key_place": true,
			}).must(201)
			if number < seen {
				items = append(items, rig.here(map[string]any{
					"checkpoint_id": made.id("id"), "position": map[string]any{
						"lat": made.at("position.lat"), "lng": made.at("position.lng"), "crs": "WGS84", "accuracy_m": 8,
					},
				}))
			}
		}
		rig.checkIn(rig.Officer, items...).must(200)
		for minute := range 90 { // somewhere else for long, so that there are steps
			rig.checkIn(rig.Volunteer, rig.here(map[string]any{"captured_at": at(rig.clock.Now().Add(-time.Duration(minute) * time.Minute))})).must(200)
		}
		rig.count()
		picture := rig.cover(rig.Commander, "", "Accept", "image/svg+xml").must(200).Text
		if want := fmt.Sprintf("重点部位 %d 处，%d 处无人到过。", count, count-seen); !strings.Contains(picture, want) {
			t.Errorf("the picture has no %q", want)
		}
		if empty := strings.Count(picture, "号：0 分钟有人"); empty != count-seen {
			t.Errorf("%d key places are hollow", empty)
		}
		for _, step := range []string{">1–4<", ">5–15<", ">16–33<", ">34–58<", ">59–90<", ">香林路<", " 米<"} {
			if !strings.Contains(picture, step) {
				t.Errorf("the picture has no %q", step)
			}
		}
		if err := xml.Unmarshal([]byte(picture), &struct{}{}); err != nil {
			t.Error(err)
		}
		written := regexp.MustCompile(`<text x="([\d.]+)" y="([\d.]+)" font-size="12" text-anchor="start" fill="[^"]*">(重点部位第\d\d号)<`)
		found := written.FindAllStringSubmatch(picture, -1)
		if len(found) < count-2 {
			t.Errorf("only %d names are written", len(found))
		}
		const width, height = 6*12 + 2*7, 12
		for at, one := range found {
			for _, other := range found[:at] {
				if apart(one[1], other[1]) < width && apart(one[2], other[2]) < height {
					t.Errorf("%s stands on %s", one[3], other[3])
				}
			}
		}
	})
}

func apart(one, other string) float64 {
	left, _ := strconv.ParseFloat(one, 64)
	right, _ := strconv.ParseFloat(other, 64)
	return max(left-right, right-left)
}
