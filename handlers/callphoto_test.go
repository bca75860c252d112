package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// The panel's photo is the home's alone, lies sealed, and every look at it is recorded; it goes after a week, the call after a month.
func TestCallPhotoIsTheHomes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.callHome(rig.Device, nil).must(201).text("id")
		send := func() response {
			return rig.call(rig.Device, http.MethodPost, "/v1/calls/"+id+"/photo", matrixPhoto(tinyPNG()))
		}
		photo := send().must(201).id("id")
		send().must(409)
		shown := rig.call(rig.Flatmate, http.MethodGet, "/v1/calls/"+id, nil).must(200)
		if shown.id("photo_id") != photo || rig.call(rig.Guard, http.MethodGet, "/v1/calls/"+id, nil).must(200).at("photo_id") != nil {
			t.Errorf("the photo: %s", shown.Text)
		}
		for _, who := range []*caller{rig.Guard, rig.Officer, rig.Commander, rig.Property, rig.Neighbour, rig.Admin} {
			rig.call(who, http.MethodGet, "/v1/media/"+string(photo), nil).must(404)
		}
		got := rig.call(rig.Resident, http.MethodGet, "/v1/media/"+string(photo), nil).must(200)
		if !strings.HasPrefix(got.Header.Get("Content-Type"), "image/") || !strings.Contains(got.Text[:8], "PNG") {
			t.Errorf("the photo came as %s", got.Header.Get("Content-Type"))
		}
		looks := 0
		for _, record := range rig.audit(rig.A, models.OpGetMedia) {
			if record.Outcome == models.AuditAllowed && record.ActorID == rig.Resident.ID && record.ObjectID == photo {
				looks++
			}
		}
		if sealed := rig.blobs(".sealed"); looks != 1 || len(sealed) != 1 || len(rig.blobs(".png")) != 0 {
			t.Errorf("%d looks are recorded, %d blobs lie sealed", looks, len(sealed))
		}
		rig.advance(models.CallLife)
		late := rig.call(rig.Device, http.MethodPost, "/v1/calls/"+id+"/photo", matrixPhoto(tinyPNG())).must(409)
		if late.code() != models.CodeWrongState {
			t.Errorf("a late photo: %s", late.Text)
		}
		rig.stepCalls()
		for _, step := range []struct {
			after        time.Duration
			calls, blobs int
		}{{models.CallPhotoKept - 2*time.Minute, 1, 1}, {2 * time.Minute, 1, 0}, {models.CallKept - models.CallPhotoKept, 0, 0}} {
			rig.advance(step.after)
			if err := rig.server.ForgetCalls(context.Background()); err != nil {
				t.Fatal(err)
			}
			if calls, blobs := rig.rows()["calls"], len(rig.blobs(".sealed")); calls != step.calls || blobs != step.blobs || rig.rows()["alerts"] != calls {
				t.Errorf("%s later: %d calls, %d photos, %d alerts", step.after, calls, blobs, rig.rows()["alerts"])
			}
		}
	})
}
