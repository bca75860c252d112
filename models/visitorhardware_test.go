package models_test

import (
	"testing"

	"xunfang/models"
)

func TestAPassAtADoorOfOtherHardware(t *testing.T) {
	issued, failed := models.PassDoor{State: models.PassIssued}, models.PassDoor{State: models.PassFailed, Reason: "full"}
	cannot := models.PassDoor{State: models.PassFailed, Reason: models.PassHardwareCannot}
	waiting, gone := models.PassDoor{State: models.PassPending}, models.PassDoor{State: models.PassPending, Removed: true}
	for name, test := range map[string]struct {
		door   models.PassDoor
		driver models.DriverKind
		want   models.PassDoor
	}{
		"our own":                   {issued, "", issued},
		"our own, by name":          {issued, models.DriverMQTT, issued},
		"a webhook":                 {issued, models.DriverWebhook, issued},
		"a board":                   {issued, models.DriverUHPPOTE, cannot},
		"a terminal":                {issued, models.DriverISAPI, cannot},
		"fitted to our own again":   {cannot, models.DriverMQTT, issued},
		"refused by its controller": {failed, models.DriverMQTT, failed},
		"waiting":                   {waiting, models.DriverUHPPOTE, waiting},
		"removed":                   {gone, models.DriverUHPPOTE, gone},
	} {
		if got := test.door.With(test.driver); got != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	board := models.Door{Driver: models.DeviceDriver{Kind: models.DriverUHPPOTE}}
	if got := models.PassDoorAt(board, 1, noon); got.State != models.PassFailed || board.TakesCodes() {
		t.Errorf("a new pass at a board: %+v", got)
	}
	if board.HoldsCodes = true; models.PassDoorAt(board, 1, noon).State != models.PassPending || !board.TakesCodes() {
		t.Error("a controller that holds codes waits")
	}
}
