package models

import (
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of one answer.
const (
	MaxTipAnswerText   = 500           // characters
	MaxTipAnswerNumber = 1_000_000_000 // to either side of 0
	maxTipAnswerTime   = 40            // characters, with any fraction of a second
)

// TipAnswers are a reporter's answers to a category's questions: key → value as JSON has it. They are as private as the
// tip's words, and nothing prints them.
type TipAnswers map[string]any

// String masks the answers.
func (a TipAnswers) String() string { return masked }

// GoString masks the answers for %#v.
func (a TipAnswers) GoString() string { return masked }

// LogValue masks the answers for slog.
func (a TipAnswers) LogValue() slog.Value { return slog.StringValue(masked) }

// Take makes the tip one of the category: CodeUnprocessable naming category when that takes none (the zero one is one that
// the station does not have), or answers.<key> for what does not answer its questions.
func (c TipCategory) Take(tip Tip) (Tip, error) {
	if c.Version == 0 || c.Withdrawn {
		return tip, Unfit("category", FieldNoSuch, "GET /v1/tip-categories")
	}
	if fields := c.CheckAnswers(tip.Answers, func(key string) string { return "answers." + key }); len(fields) > 0 {
		return tip, Fail(CodeUnprocessable).WithFields(fields...)
	}
	tip.Category, tip.CategoryVersion, tip.Public = c.Code, c.Version, c.Public
	return tip, nil
}

// CheckAnswers says what is wrong with the answers to the category's questions; named is how the request calls one.
func (c TipCategory) CheckAnswers(answers TipAnswers, named func(key string) string) []FieldError {
	fields, asked := []FieldError{}, map[string]bool{}
	for _, question := range c.Questions {
		asked[question.Key] = true
		value, given := answers[question.Key]
		code, want := FieldCode(""), ""
		switch {
		case given:
			code, want = question.checkAnswer(value)
		case question.Required:
			code = FieldRequired
		}
		if code != "" {
			fields = append(fields, FieldError{Field: named(question.Key), Code: code, Want: want})
		}
	}
	unknown := []string{}
	for key := range answers {
		if !asked[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown[:min(len(unknown), MaxTipQuestions)] {
		if !tipCode.MatchString(key) {
			key = "?" // the caller's own text, of any length, is not sent back
		}
		fields = append(fields, FieldError{Field: named(key), Code: FieldUnknown})
	}
	return fields
}

// checkAnswer says what is wrong with one answer; "" is nothing.
func (q TipQuestion) checkAnswer(value any) (FieldCode, string) {
	switch q.Type {
	case QuestionText:
		return checkAnswerText(value)
	case QuestionNumber:
		return checkAnswerNumber(value)
	case QuestionBoolean:
		if _, is := value.(bool); !is {
			return FieldType, "boolean"
		}
		return "", ""
	case QuestionDateTime:
		text, is := value.(string)
		if !is {
			return FieldType, "string"
		}
		if _, err := time.Parse(time.RFC3339, text); err != nil || len(text) > maxTipAnswerTime {
			return FieldFormat, "RFC 3339"
		}
		return "", ""
	case QuestionChoice:
		text, is := value.(string)
		if !is {
			return FieldType, "string"
		}
		return q.checkChoice(text)
	case QuestionMultiChoice:
		return q.checkChoices(value)
	default:
		return FieldNotAllowed, ""
	}
}

func checkAnswerText(value any) (FieldCode, string) {
	text, is := value.(string)
	switch {
	case !is:
		return FieldType, "string"
	case strings.TrimSpace(text) == "":
		return FieldTooShort, ">= 1"
	case utf8.RuneCountInString(text) > MaxTipAnswerText:
		return FieldTooLong, "<= " + strconv.Itoa(MaxTipAnswerText)
	case strings.ContainsFunc(text, func(char rune) bool { return char < ' ' && char != '\n' && char != '\t' || char == 0x7f }):
		return FieldFormat, "no control characters"
	default:
		return "", ""
	}
}

func checkAnswerNumber(value any) (FieldCode, string) {
	number, is := value.(float64)
	switch {
	case !is || math.IsNaN(number):
		return FieldType, "number"
	case number < -MaxTipAnswerNumber:
		return FieldTooSmall, ">= " + strconv.Itoa(-MaxTipAnswerNumber)
	case number > MaxTipAnswerNumber:
		return FieldTooLarge, "<= " + strconv.Itoa(MaxTipAnswerNumber)
	default:
		return "", ""
	}
}

func (q TipQuestion) checkChoice(code string) (FieldCode, string) {
	codes := make([]string, 0, len(q.Values))
	for _, choice := range q.Values {
		if choice.Code == code {
			return "", ""
		}
		codes = append(codes, choice.Code)
	}
	return FieldEnum, strings.Join(codes, " | ")
}

func (q TipQuestion) checkChoices(value any) (FieldCode, string) {
	chosen, is := value.([]any)
	if !is {
		return FieldType, "array"
	}
	if len(chosen) == 0 {
		return FieldTooFew, ">= 1"
	}
	seen := map[string]bool{}
	for _, one := range chosen {
		code, is := one.(string)
		if !is {
			return FieldType, "array of strings"
		}
		if wrong, want := q.checkChoice(code); wrong != "" {
			return wrong, want
		}
		if seen[code] {
			return FieldNotUnique, ""
		}
		seen[code] = true
	}
	return "", ""
}
