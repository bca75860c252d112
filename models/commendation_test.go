package models

import "testing"

func TestWhoDecidesACommendation(t *testing.T) {
	commendation := Commendation{PersonID: "p", ProposerID: "o", State: CommendationProposed}
	for decider, want := range map[ID]Code{"c": "", "p": CodeSecondPerson, "o": CodeSecondPerson} {
		if got := CodeOf(commendation.CheckDecider(decider)); got != want {
			t.Errorf("%s decides: %q, want %q", decider, got, want)
		}
	}
	for _, state := range []CommendationState{CommendationGranted, CommendationDeclined} {
		commendation.State = state
		if got := CodeOf(commendation.CheckDecider("c")); got != CodeWrongState {
			t.Errorf("%s is decided again: %q", state, got)
		}
	}
	if CodeOf(Commendation{PersonID: "o", ProposerID: "o"}.CheckProposer()) != CodeUnprocessable {
		t.Error("somebody proposes themself")
	}
}

func TestChineseDates(t *testing.T) {
	for want, day := range map[string]Date{
		"二〇二六年十一月二十四日": {2026, 11, 24}, "二〇三〇年一月一日": {2030, 1, 1}, "二〇〇九年十月十日": {2009, 10, 10},
		"二〇二七年十二月二十日": {2027, 12, 20}, "二〇二七年二月三十一日": {2027, 2, 31}, "一九九八年三月十九日": {1998, 3, 19},
	} {
		if got := ChineseDate(day); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func TestMaskedNames(t *testing.T) {
	for name, want := range map[Secret]string{"王芳": "王*", "王小明": "王**", "欧阳震华": "欧***", "买买提·艾力江": "买***", "王": "王*", "": "*", " 王芳 ": "王*"} {
		if got := MaskName(name); got != want {
			t.Errorf("%q: %s, want %s", name.Reveal(), got, want)
		}
	}
}

func TestCheckCodesAsTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]string{"7k2m-9qxa-4t8w": "7K2M9QXA4T8W", "7K2M9QXA4T8W": "7K2M9QXA4T8W", "oil0-0000-0000": "011000000000"} {
		if got := NormalCheckCode(typed); got != want {
			t.Errorf("%s: %s, want %s", typed, got, want)
		}
	}
	if got := SpacedCheckCode("7K2M9QXA4T8W"); got != "7K2M-9QXA-4T8W" || NormalCheckCode(got) != "7K2M9QXA4T8W" {
		t.Error(got)
	}
}
