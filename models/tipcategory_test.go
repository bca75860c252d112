package models_test

import (
	"fmt"
	"strings"
	"testing"

	"xunfang/models"
)

// wrongFields is the code of an error with the fields that it names: "unprocessable: answers.people wrong_type".
func wrongFields(err error) string {
	if err == nil {
		return ""
	}
	said := []string{}
	for _, field := range err.(*models.Error).Fields { //nolint:errorlint,forcetypeassert // the rules give no other
		said = append(said, field.Field+" "+string(field.Code))
	}
	return strings.TrimSuffix(string(models.CodeOf(err))+": "+strings.Join(said, ", "), ": ")
}

// Every code that apps knew stands, and what comes with the program could have been put by a station.
func TestDefaultTipCategories(t *testing.T) {
	all := models.TipCategoriesOf(nil)
	for _, code := range []string{
		"crime_in_progress", "suspicious_activity", "theft", "dispute", "hazard", "street_lamp", "other",
	} {
		category, there := models.TipCategoryIn(all, code)
		if !there || category.Version != 1 || category.Withdrawn || category.Check() != nil || !category.UpdatedAt.IsZero() ||
			category.Public != (code == "hazard" || code == "street_lamp") || category.Urgent() != (code == models.CategoryCrime) {
			t.Errorf("%s: %+v, %v", code, category, category.Check())
		}
		if _, err := category.Take(models.Tip{}); err != nil {
			t.Errorf("a tip without answers is not taken: %v", err) // apps that know no questions go on working
		}
	}
	if len(all) != 7 || all[0].Code != models.CategoryCrime || all[6].Code != "other" {
		t.Errorf("the order: %+v", all)
	}
}

func TestTipCategoryCheck(t *testing.T) {
	choice := []models.TipChoice{{Code: "a"}, {Code: "b"}}
	ask := func(questions ...models.TipQuestion) models.TipCategory {
		return models.TipCategory{Code: "noise", Questions: questions}
	}
	for name, one := range map[string]struct {
		category models.TipCategory
		want     string
	}{
		"no questions":       {ask(), ""},
		"plain ones":         {ask(models.TipQuestion{Key: "x", Type: models.QuestionText}, models.TipQuestion{Key: "y", Type: models.QuestionChoice, Values: choice}), ""},
		"one key twice":      {ask(models.TipQuestion{Key: "x", Type: models.QuestionText}, models.TipQuestion{Key: "x", Type: models.QuestionNumber}), "unprocessable: questions[1].key not_unique"},
		"nothing to choose":  {ask(models.TipQuestion{Key: "x", Type: models.QuestionMultiChoice}), "unprocessable: questions[0].values too_few_items"},
		"values of a number": {ask(models.TipQuestion{Key: "x", Type: models.QuestionNumber, Values: choice}), "unprocessable: questions[0].values not_allowed"},
		"one value twice": {
			ask(models.TipQuestion{Key: "x", Type: models.QuestionChoice, Values: append(choice, choice[0])}), "unprocessable: questions[0].values[2].code not_unique",
		},
		"a public list of crimes in progress": {models.TipCategory{Code: models.CategoryCrime, Public: true}, "unprocessable: public not_allowed"},
	} {
		if got := wrongFields(one.category.Check()); got != one.want {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
	}
}

func TestNextTipCategory(t *testing.T) {
	full := models.TipCategoriesOf(nil)
	for at := len(full); at < models.MaxTipCategories; at++ {
		full = append(full, models.TipCategory{Code: fmt.Sprintf("own_%d", at), Version: 3})
	}
	own := models.TipCategory{Code: "own_7", Version: 3, NameZH: "新名"}
	for name, one := range map[string]struct {
		put     models.TipCategory
		have    []models.TipCategory
		version int
		changed bool
		want    string
	}{
		"a change":             {own, full, 4, true, ""},
		"of an older version":  {models.TipCategory{Code: "own_7", Version: 2, NameZH: "新名"}, full, 0, false, "conflict: version not_allowed"},
		"of one to come":       {models.TipCategory{Code: "own_7", Version: 4, NameZH: "新名"}, full, 0, false, "conflict: version not_allowed"},
		"new, but there":       {models.TipCategory{Code: "own_7", Version: 0, NameZH: "新名"}, full, 0, false, "conflict: version not_allowed"},
		"sent twice":           {models.TipCategory{Code: "own_7", Version: 2}, full, 3, false, ""},
		"a new one":            {models.TipCategory{Code: "new"}, full[1:], 1, true, ""},
		"one too many":         {models.TipCategory{Code: "new"}, full, 0, false, "conflict"},
		"a change of none":     {models.TipCategory{Code: "new", Version: 1}, full[1:], 0, false, "conflict: version not_allowed"},
		"taken up again":       {models.TipCategory{Code: "x", Version: 5}, []models.TipCategory{{Code: "x", Version: 5, Withdrawn: true}}, 6, true, ""},
		"its questions change": {models.TipCategory{Code: "own_7", Version: 3, Questions: []models.TipQuestion{{Key: "x"}}}, full, 4, true, ""},
	} {
		next, changed, err := models.NextTipCategory(one.put, one.have)
		if wrongFields(err) != one.want || changed != one.changed || err == nil && next.Version != one.version {
			t.Errorf("%s: version %d, %v, %v", name, next.Version, changed, err)
		}
	}
}

func TestWithdrawnTipCategory(t *testing.T) {
	have := models.TipCategoriesOf([]models.TipCategory{{Code: "hazard", Version: 4, Withdrawn: true}})
	for code, want := range map[string]models.Code{
		"theft": "", "hazard": models.CodeNotFound, "no_such": models.CodeNotFound, models.CategoryCrime: models.CodeConflict,
	} {
		next, err := models.WithdrawnTipCategory(code, have)
		if models.CodeOf(err) != want || want == "" && (!next.Withdrawn || next.Version != 2 || len(next.Questions) == 0) {
			t.Errorf("%s: %+v, %v", code, next, err)
		}
	}
}
