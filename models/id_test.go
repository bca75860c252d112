package models_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
)

func TestParseID(t *testing.T) {
	const good = "01939c1e-8a00-7000-8000-000000000601"
	for text, want := range map[string]models.ID{
		good: good, strings.ToUpper(good): good, "": "", good[:35]: "", good + "0": "", strings.Replace(good, "-", "0", 1): "",
		strings.Replace(good, "a", "g", 1): "", "{" + good[1:35] + "}": "",
	} {
		if got, err := models.ParseID(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}

func TestOrderIDsSortByTheirInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := rapid.Int64Range(0, 1<<41).Draw(t, "first"), rapid.Int64Range(0, 1<<41).Draw(t, "second")
		a := models.OrderID(time.UnixMilli(first), models.ID(rapid.StringN(0, 40, 40).Draw(t, "a")))
		b := models.OrderID(time.UnixMilli(second), models.ID(rapid.StringN(0, 40, 40).Draw(t, "b")))
		if _, err := models.ParseID(string(a)); err != nil || a[14] != '7' || !strings.ContainsRune("89ab", rune(a[19])) {
			t.Fatalf("%s is no UUID of version 7", a)
		}
		if first < second && a >= b {
			t.Fatalf("%s and %s are not in the order of their instants", a, b)
		}
		if got := a.Time().UnixMilli(); got != first {
			t.Fatalf("%s tells %d, not %d", a, got, first)
		}
		if edge := models.FirstIDAt(time.UnixMilli(first)); edge > a || first > 0 && models.FirstIDAt(time.UnixMilli(first+1)) <= a {
			t.Fatalf("%s is not the first of its millisecond for %s", edge, a)
		}
	})
}

func TestOrderIDsOfOneInstantTellAlikeIDsApart(t *testing.T) {
	// Phones choose ids; these differ only in the part that a plain join would drop.
	a := models.OrderID(noon, "11111111-1111-7000-8000-000000000601")
	b := models.OrderID(noon, "22222222-2222-7000-8000-000000000601")
	if a == b {
		t.Error("two check-ins share one place in every list")
	}
	if a != models.OrderID(noon, "11111111-1111-7000-8000-000000000601") {
		t.Error("the same id gives another place")
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	const text = "13800000000"
	secret := models.Secret(text)
	out := strings.Builder{}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", secret, "held", struct{ Held models.Secret }{secret})
	encoded, err := json.Marshal(map[string]any{"held": []models.Secret{secret}, "in": struct{ S *models.Secret }{&secret}})
	if err != nil {
		t.Fatal(err)
	}
	printed := out.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		printed += fmt.Sprintf(verb, secret) + fmt.Sprintf(verb, struct{ S models.Secret }{secret}) + fmt.Sprintf(verb, &struct{ S models.Secret }{secret})
	}
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
		if strings.Contains(printed, form) {
			t.Errorf("%q was printed: %s", form, printed)
		}
	}
	if secret.Reveal() != text {
		t.Error("Reveal does not give the text")
	}
}

func TestContains(t *testing.T) {
	places := []models.Place{station, garden, tower, stairs, home}
	for outer, place := range places {
		for inner, other := range places {
			if got := place.Contains(other); got != (outer <= inner) {
				t.Errorf("%v contains %v: %t", place, other, got)
			}
		}
		if place.Contains(abroad) || (models.Place{}).Contains(place) || place.Contains(models.Place{}) {
			t.Errorf("%v: another station, or nowhere, is inside", place)
		}
	}
	if garden.Contains(lake) || home.Contains(nextDoor) || tower.Contains(annex) {
		t.Error("neighbours are inside each other")
	}
}

func TestDistance(t *testing.T) {
	// A degree of latitude on a sphere of the mean radius is 111,195 m.
	degree := models.Position{Lat: 30, Lng: 105}.DistanceM(models.Position{Lat: 31, Lng: 105})
	if degree < 111_194 || degree > 111_196 {
		t.Errorf("a degree of latitude is %f m", degree)
	}
	if half := (models.Position{Lat: 0, Lng: 0}).DistanceM(models.Position{Lat: 0, Lng: 180}); half < 20_015_100 || half > 20_015_120 {
		t.Errorf("half the equator is %f m", half)
	}
}

func TestEveryCodeHasWordsAndAKind(t *testing.T) {
	seen := map[models.Code]bool{}
	for _, info := range models.Codes {
		if seen[info.Code] || info.TitleZH == "" || info.TitleEN == "" || info.AdviceZH == "" || info.AdviceEN == "" {
			t.Errorf("%s: twice, or without words", info.Code)
		}
		if info.Kind == 0 && info.Code != models.CodeInternal {
			t.Errorf("%s has no kind", info.Code)
		}
		seen[info.Code] = true
	}
}
