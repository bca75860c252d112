package models_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

var asking = models.TipCategory{
	Code: "noise", Version: 7, Public: true,
	Questions: []models.TipQuestion{
		{Key: "what", Type: models.QuestionText, Required: true},
		{Key: "how_loud", Type: models.QuestionNumber},
		{Key: "still", Type: models.QuestionBoolean},
		{Key: "source", Type: models.QuestionChoice, Values: []models.TipChoice{{Code: "dog"}, {Code: "drill"}}},
		{Key: "when", Type: models.QuestionMultiChoice, Values: []models.TipChoice{{Code: "day"}, {Code: "night"}}},
		{Key: "since", Type: models.QuestionDateTime},
	},
}

func TestTipAnswers(t *testing.T) {
	longest := strings.Repeat("吵", models.MaxTipAnswerText)
	for name, one := range map[string]struct {
		key   string
		value any
		want  string
	}{
		"text":                {"what", "电钻", ""},
		"the longest text":    {"what", longest, ""},
		"one more":            {"what", longest + "吵", "what too_long"},
		"an empty text":       {"what", " \n", "what too_short"},
		"a bell":              {"what", "a\x07", "what wrong_format"},
		"a number for a text": {"what", 1.0, "what wrong_type"},
		"nothing":             {"what", nil, "what wrong_type"},
		"a number":            {"how_loud", -0.5, ""},
		"the largest":         {"how_loud", float64(models.MaxTipAnswerNumber), ""},
		"beyond it":           {"how_loud", float64(models.MaxTipAnswerNumber) + 1, "how_loud too_large"},
		"the smallest":        {"how_loud", float64(-models.MaxTipAnswerNumber), ""},
		"below it":            {"how_loud", float64(-models.MaxTipAnswerNumber) - 1, "how_loud too_small"},
		"no number":           {"how_loud", math.NaN(), "how_loud wrong_type"},
		"words for a number":  {"how_loud", "80", "how_loud wrong_type"},
		"yes":                 {"still", true, ""},
		"a word for yes":      {"still", "true", "still wrong_type"},
		"a choice":            {"source", "dog", ""},
		"another":             {"source", "cat", "source not_one_of"},
		"two at once":         {"source", []any{"dog"}, "source wrong_type"},
		"several":             {"when", []any{"night", "day"}, ""},
		"none of them":        {"when", []any{}, "when too_few_items"},
		"one twice":           {"when", []any{"day", "day"}, "when not_unique"},
		"one that is not":     {"when", []any{"day", "noon"}, "when not_one_of"},
		"one that is no text": {"when", []any{1.0}, "when wrong_type"},
		"not a list":          {"when", "day", "when wrong_type"},
		"a time":              {"since", "2026-11-24T10:00:00.123+08:00", ""},
		"no time":             {"since", "yesterday", "since wrong_format"},
		"a time without end":  {"since", "2026-11-24T10:00:00." + strings.Repeat("0", 40) + "Z", "since wrong_format"},
		"a time as a number":  {"since", 1795485600.0, "since wrong_type"},
		"not asked":           {"why", "x", "why unknown_field"},
		"not even a key":      {"Why?\n" + longest, "x", "? unknown_field"},
	} {
		answers := models.TipAnswers{"what": "电钻", one.key: one.value}
		want := one.want
		if want != "" {
			want = "unprocessable: answers." + want
		}
		tip, err := asking.Take(models.Tip{Category: "noise", Answers: answers})
		if got := wrongFields(err); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if err == nil && (tip.CategoryVersion != 7 || !tip.Public || tip.Category != "noise") {
			t.Errorf("%s: the tip is of %+v", name, tip)
		}
	}
}

func TestWhoTakesATip(t *testing.T) {
	withdrawn := asking
	withdrawn.Withdrawn = true
	for name, one := range map[string]struct {
		category models.TipCategory
		answers  models.TipAnswers
		want     string
	}{
		"one that the station does not have": {models.TipCategory{}, nil, "unprocessable: category no_such"},
		"one that is withdrawn":              {withdrawn, models.TipAnswers{"what": "x"}, "unprocessable: category no_such"},
		"nothing answered":                   {asking, nil, "unprocessable: answers.what required"},
		"all that must be":                   {asking, models.TipAnswers{"what": "x"}, ""},
		"everything wrong":                   {asking, models.TipAnswers{"b": 1, "a": 1, "still": 0}, "unprocessable: answers.what required, answers.still wrong_type, answers.a unknown_field, answers.b unknown_field"},
	} {
		if _, err := one.category.Take(models.Tip{Answers: one.answers}); wrongFields(err) != one.want {
			t.Errorf("%s: %q, want %q", name, wrongFields(err), one.want)
		}
	}
	many := models.TipAnswers{"what": "x"}
	for at := range 500 {
		many[fmt.Sprintf("key_%d", at)] = at
	}
	if fields := asking.CheckAnswers(many, func(key string) string { return key }); len(fields) != models.MaxTipQuestions {
		t.Errorf("%d fields are named", len(fields))
	}
}

// Answers are as private as the words of a tip.
func TestTipAnswersAreNotPrinted(t *testing.T) {
	answers := models.TipAnswers{"what": "canary"}
	if text := fmt.Sprintf("%v %+v %#v %s %s", answers, models.Tip{Answers: answers}, answers, answers, answers.LogValue()); strings.Contains(text, "canary") {
		t.Error(text)
	}
}

// The longest content that can be sent is sealed and believed when it is opened.
func TestTheLongestSealedTip(t *testing.T) {
	answers := models.TipAnswers{}
	for at := range models.MaxTipQuestions {
		answers[fmt.Sprintf("key_%026d", at)] = strings.Repeat("<", models.MaxTipAnswerText) // six bytes each in JSON
	}
	plain, err := models.SealTip(models.Secret(strings.Repeat("<", 4000)), answers, nil, time.Unix(1795485600, 0))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := (models.Tip{}).Opened(plain); err != nil || len(opened.Answers) != models.MaxTipQuestions {
		t.Errorf("%d bytes: %d answers, %v", len(plain), len(opened.Answers), err)
	}
}

func TestOpen311Answers(t *testing.T) {
	for name, one := range map[string]struct {
		given map[string][]string
		want  string // the answers, or the error
	}{
		"each type": {
			map[string][]string{
				"attribute[what]": {"电钻"}, "attribute[how_loud]": {"80.5"}, "attribute[still]": {"true"}, "attribute[source]": {"dog"},
				"attribute[when]": {"day"}, "attribute[when][]": {"night"}, "attribute[since]": {"2026-11-24T10:00:00 08:00"},
			},
			"map[how_loud:80.5 since:2026-11-24T10:00:00+08:00 source:dog still:true what:电钻 when:[day night]]",
		},
		"an empty field":            {map[string][]string{"attribute[what]": {"x"}, "attribute[how_loud]": {" "}}, "map[what:x]"},
		"what nobody asked":         {map[string][]string{"attribute[what]": {"x"}, "attribute[X]": {"1"}, "what": {"y"}}, "map[what:x]"},
		"without what must be":      {nil, "invalid_request: attribute[what] required"},
		"words for a number":        {map[string][]string{"attribute[what]": {"x"}, "attribute[how_loud]": {"loud"}}, "invalid_request: attribute[how_loud] wrong_type"},
		"no number":                 {map[string][]string{"attribute[what]": {"x"}, "attribute[how_loud]": {"NaN"}}, "invalid_request: attribute[how_loud] wrong_type"},
		"perhaps":                   {map[string][]string{"attribute[what]": {"x"}, "attribute[still]": {"perhaps"}}, "invalid_request: attribute[still] wrong_type"},
		"two where one is asked":    {map[string][]string{"attribute[what]": {"x", "y"}}, "invalid_request: attribute[what] wrong_type"},
		"one that cannot be chosen": {map[string][]string{"attribute[what]": {"x"}, "attribute[when]": {"noon"}}, "invalid_request: attribute[when] not_one_of"},
	} {
		answers, err := asking.Open311Answers(one.given)
		got := fmt.Sprint(map[string]any(answers))
		if err != nil {
			got = wrongFields(err)
		}
		if got != one.want {
			t.Errorf("%s: %s, want %s", name, got, one.want)
		}
	}
}
