package api

import "testing"

func TestWhichPathsCoverOthers(t *testing.T) {
	for _, one := range []struct {
		path, other string
		want        bool
	}{
		{"/v1/tips/:tip_id", "/v1/tips/nearby", true},
		{"/v1/tips/nearby", "/v1/tips/:tip_id", false},
		{"/v1/tips/:tip_id", "/v1/tips/:tip_id/merges", false},
		{"/v1/tips/:tip_id/merges", "/v1/tips/nearby/merges", true},
		{"/v1/tips", "/v1/doors", false},
		{"/v1/:noun/mine", "/v1/tips/:id", false},
	} {
		if got := covers(one.path, one.other); got != one.want {
			t.Errorf("%s covers %s: %v", one.path, one.other, got)
		}
	}
}
