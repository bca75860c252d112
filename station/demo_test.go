package station_test

import (
	"os"
	"testing"

	"xunfang/station"
)

func TestX(t *testing.T) {
	text, _ := os.ReadFile("../demo/station.yaml")
	d, err := station.Read(text, station.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(d.Compounds), len(d.Homes), len(d.Doors), len(d.Devices), len(d.Routes), len(d.Checkpoints), len(d.People))
	min := 1e9
	for i, a := range d.Compounds {
		for _, b := range d.Compounds[:i] {
			if m := a.Centre.DistanceM(b.Centre); m < min {
				min = m
			}
		}
	}
	t.Log(min, d.Station.ID, d.Doors[0].ID)
}
