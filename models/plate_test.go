package models

import (
	"slices"
	"testing"
)

func TestPlatesOfGA36(t *testing.T) {
	for plate, right := range map[Secret]bool{
		"川J12345": true, "川JA1234": true, "川J1234A": true, "川JAB123": true, "川J1234学": true, "粤Z1234港": true, "川J1234挂": true,
		"川O12345": true, "川JD12345": true, "川JF12345": true, "川J12345D": true, "川JDA2345": true, "京AK0001": true,
		"": false, "川J1234": false, "川J123456": false, "J123456": false, "X川12345": false, "川112345": false, "川I12345": false,
		"川JI2345": false, "川J1234O": false, "川JABC12": false, "川学12345": false, "川J学1234": false, "川J123学5": false,
		"川JL12345": false, "川JDI2345": false, "川JDAB345": false, "川J12345L": false, "川J1234SD": false, "川J123456789": false,
	} {
		if err := CheckPlate(plate); (err == nil) != right {
			t.Errorf("%s: %v", plate.Reveal(), err)
		}
	}
}

func TestPlatesAreWrittenInOneForm(t *testing.T) {
	for typed, want := range map[string]Secret{
		"川j·12345": "川J12345", " 川 J-12 345 ": "川J12345", "川Ｊ１２３４５": "川J12345", "•·- ": "", "川JD12345": "川JD12345",
	} {
		if got := NormalPlate(typed); got != want {
			t.Errorf("%q becomes %q", typed, got.Reveal())
		}
	}
	if PlateTail("川J12345") != "2345" || PlateTail("12") != "12" || PlateTail("") != "" {
		t.Error("tails")
	}
}

// What a plate may be taken for is mutual, and differs in one character.
func TestPlateVariants(t *testing.T) {
	const plate = Secret("川J10852")
	variants := PlateVariants(plate)
	for _, near := range []Secret{"渝J10852", "川JI0852", "川J1O852", "川J1D852", "川J10B52", "川J108S2", "川J1085Z"} {
		if !slices.Contains(variants, near) || !slices.Contains(PlateVariants(near), plate) {
			t.Errorf("%s is not taken for %s", near.Reveal(), plate.Reveal())
		}
	}
	for _, far := range []Secret{plate, "川J1O8S2", "川J90852", "J10852", "川J1085", "川J108525"} {
		if slices.Contains(variants, far) {
			t.Errorf("%s is taken for %s", far.Reveal(), plate.Reveal())
		}
	}
	if len(variants) > 120 {
		t.Errorf("%d variants", len(variants))
	}
	if got := PlateVariants(""); len(got) != 0 {
		t.Error(got)
	}
}
