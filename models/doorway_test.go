package models

import (
	"slices"
	"testing"
)

func TestFaceIsNeverTheOnlyWayIn(t *testing.T) {
	for _, c := range []struct {
		ways []string
		want Code
	}{
		{[]string{WayFace}, CodeFaceOnly},
		{[]string{WayFace, WayButton}, CodeFaceOnly}, // the button is for leaving
		{[]string{WayFace, WayCode}, ""},
		{[]string{WayRemote, WayFace}, ""},
		{[]string{WayCard, WayFace}, ""},
		{[]string{WayFace, WayKey}, ""},
		{[]string{WayButton}, ""},
		{[]string{WayCode}, ""},
	} {
		if got := CodeOf(CheckWays(c.ways)); got != c.want {
			t.Errorf("%v: %q, want %q", c.ways, got, c.want)
		}
	}
	if got := WaysOrDefault(nil); CheckWays(got) != nil || slices.Contains(got, WayFace) || len(got) == 0 {
		t.Errorf("by default %v", got)
	}
	if got := WaysOrDefault([]string{WayFace, WayCode, WayCode}); !slices.Equal(got, []string{WayCode, WayFace}) {
		t.Errorf("in order, each once: %v", got)
	}
}
