package models

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How much a station may ask.
const (
	MaxTipCategories = 50 // of one station, withdrawn ones too
	MaxTipQuestions  = 20 // of one category
	MaxTipChoices    = 30 // of one question
)

// QuestionType is what kind of answer a question takes.
type QuestionType string

// The types.
const (
	QuestionText        QuestionType = "text"
	QuestionNumber      QuestionType = "number"
	QuestionBoolean     QuestionType = "boolean"
	QuestionChoice      QuestionType = "choice"
	QuestionMultiChoice QuestionType = "multi_choice"
	QuestionDateTime    QuestionType = "date_time"
)

// TipCategory is one kind of tip, with what the station asks about it. Every change is a new version, so that what was
// answered before can be read beside the question it was an answer to.
type TipCategory struct {
	Code      string
	Version   int // from 1
	NameZH    string
	NameEN    string
	Order     int
	Public    bool // Open311 shows its tips and takes them
	Withdrawn bool // takes no tips any more; those it has stay
	Questions []TipQuestion
	UpdatedAt time.Time // zero: as it came with the program
}

// TipQuestion is one question; its place in the list is the order in which it is asked.
type TipQuestion struct {
	Key      string       `json:"key"`
	TextZH   string       `json:"text_zh"`
	TextEN   string       `json:"text_en"`
	Type     QuestionType `json:"type"`
	Required bool         `json:"required,omitempty"`
	Values   []TipChoice  `json:"values,omitempty"` // of choices only, in order
}

// TipChoice is one answer to choose.
type TipChoice struct {
	Code   string `json:"code"`
	TextZH string `json:"text_zh"`
	TextEN string `json:"text_en"`
}

// Urgent says whether it is about what happens right now: apps say to call 110 first, and people nearby are asked to help.
func (c TipCategory) Urgent() bool { return c.Code == CategoryCrime }

// tipCode is how codes of categories and choices, and keys of questions, look.
var tipCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// Check says what is wrong with a category that a station wrote, beside what the contract holds it to.
func (c TipCategory) Check() error {
	fields, asked := []FieldError{}, map[string]bool{}
	if c.Urgent() && c.Public { // a list that anybody reads would lead to whoever is calling the police right now
		fields = append(fields, FieldError{Field: "public", Code: FieldNotAllowed, Want: "false"})
	}
	for at, question := range c.Questions {
		field := Indexed("questions", at)
		if asked[question.Key] {
			fields = append(fields, FieldError{Field: field + ".key", Code: FieldNotUnique})
		}
		asked[question.Key] = true
		fields = append(fields, question.check(field)...)
	}
	if len(fields) > 0 {
		return Fail(CodeUnprocessable).WithFields(fields...)
	}
	return nil
}

func (q TipQuestion) check(field string) []FieldError {
	fields, codes := []FieldError{}, map[string]bool{}
	chooses := q.Type == QuestionChoice || q.Type == QuestionMultiChoice
	if chooses && len(q.Values) == 0 {
		fields = append(fields, FieldError{Field: field + ".values", Code: FieldTooFew, Want: ">= 1"})
	}
	if !chooses && len(q.Values) > 0 {
		fields = append(fields, FieldError{Field: field + ".values", Code: FieldNotAllowed, Want: "choice | multi_choice"})
	}
	for at, choice := range q.Values {
		if codes[choice.Code] {
			fields = append(fields, FieldError{Field: Indexed(field+".values", at) + ".code", Code: FieldNotUnique})
		}
		codes[choice.Code] = true
	}
	return fields
}

// same says whether two versions of a category are and ask the same.
func (c TipCategory) same(other TipCategory) bool {
	return c.Code == other.Code && c.NameZH == other.NameZH && c.NameEN == other.NameEN && c.Order == other.Order &&
		c.Public == other.Public && c.Withdrawn == other.Withdrawn && slices.EqualFunc(c.Questions, other.Questions, TipQuestion.same)
}

func (q TipQuestion) same(other TipQuestion) bool {
	return q.Key == other.Key && q.TextZH == other.TextZH && q.TextEN == other.TextEN && q.Type == other.Type &&
		q.Required == other.Required && slices.Equal(q.Values, other.Values)
}

// TipCategoriesOf are a station's categories in order, withdrawn ones too: what came with the program, but where the
// station has its own of that code, and what it added.
func TipCategoriesOf(own []TipCategory) []TipCategory {
	byCode := map[string]TipCategory{}
	for _, category := range append(DefaultTipCategories(), own...) {
		byCode[category.Code] = category
	}
	categories := make([]TipCategory, 0, len(byCode))
	for _, category := range byCode {
		categories = append(categories, category)
	}
	slices.SortFunc(categories, func(left, right TipCategory) int {
		if left.Order != right.Order {
			return left.Order - right.Order
		}
		return strings.Compare(left.Code, right.Code)
	})
	return categories
}

// TipCategoryIn finds a category by its code.
func TipCategoryIn(categories []TipCategory, code string) (TipCategory, bool) {
	at := slices.IndexFunc(categories, func(category TipCategory) bool { return category.Code == code })
	if at < 0 {
		return TipCategory{}, false
	}
	return categories[at], true
}

// NextTipCategory is what a category becomes that was put beside what the station has; put.Version is the version that
// was changed, 0 for a new one. changed is false where nothing is to be written: the same was sent twice. CodeConflict when
// it was changed meanwhile, or is one too many.
func NextTipCategory(put TipCategory, have []TipCategory) (next TipCategory, changed bool, err error) {
	before, known := TipCategoryIn(have, put.Code)
	switch {
	case known && before.same(put):
		return before, false, nil
	case put.Version != before.Version:
		return put, false, versionConflict(before.Version)
	case !known && len(have) >= MaxTipCategories:
		return put, false, Fail(CodeConflict)
	}
	put.Version++
	return put, true, nil
}

func versionConflict(current int) error {
	return Fail(CodeConflict).WithFields(FieldError{Field: "version", Code: FieldNotAllowed, Want: strconv.Itoa(current)})
}

// WithdrawnTipCategory is the version of a category that takes no tips any more. CodeNotFound when there is none that
// does; CodeConflict for the urgent one, by which people are sent to help: so a station always has one.
func WithdrawnTipCategory(code string, have []TipCategory) (TipCategory, error) {
	category, known := TipCategoryIn(have, code)
	switch {
	case !known || category.Withdrawn:
		return category, Fail(CodeNotFound)
	case category.Urgent():
		return category, Fail(CodeConflict)
	}
	category.Version++
	category.Withdrawn = true
	return category, nil
}
