package station_test

import (
	"os"
	"strings"
	"testing"

	"xunfang/models"
	"xunfang/station"
)

// The reference's example is a file that can be read, and its table of roles is the one of the rules.
func TestTheReferenceHolds(t *testing.T) {
	page, err := os.ReadFile("../docs/station-file.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(page), "```yaml\n")
	example, _, closed := strings.Cut(example, "```")
	if !found || !closed {
		t.Fatal("the reference has no example")
	}
	got := read(t, example, station.Options{})
	if len(got.Compounds) != 2 || len(got.Homes) != 25 || len(got.Checkpoints) != 2 || len(got.Routes) != 1 ||
		len(got.Doors) != 2 || len(got.Devices) != 1 || len(got.People) != 4 || len(got.StreetPosts) != 1 ||
		len(got.Squads) != 1 || len(got.Shifts) != 2 || len(got.RoundPlans) != 2 {
		t.Errorf("the example means %d compounds, %d homes, %d people", len(got.Compounds), len(got.Homes), len(got.People))
	}
	held := map[string][]models.Level{
		"the station": {models.LevelStation}, "the station, a compound or a building": {models.LevelStation, models.LevelCompound, models.LevelBuilding},
		"a compound or a building": {models.LevelCompound, models.LevelBuilding}, "a home": {models.LevelHome},
	}
	told := map[models.Role]bool{}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || held[strings.TrimSpace(cells[2])] == nil {
			continue
		}
		for _, name := range strings.Split(cells[1], ",") {
			role := models.Role(strings.Trim(name, " `"))
			told[role] = true
			may := 0
			for _, level := range held[strings.TrimSpace(cells[2])] {
				if !role.MayHoldAt(level) {
					t.Errorf("%s cannot be held at a %s", role, level)
				}
			}
			for _, level := range []models.Level{models.LevelStation, models.LevelCompound, models.LevelBuilding, models.LevelUnit, models.LevelHome} {
				if role.MayHoldAt(level) {
					may++
				}
			}
			if may != len(held[strings.TrimSpace(cells[2])]) {
				t.Errorf("%s can be held elsewhere too", role)
			}
		}
	}
	if len(told) != len(models.PersonRoles) {
		t.Errorf("the reference tells of %d roles, there are %d", len(told), len(models.PersonRoles))
	}
}
