package api

import (
	"strings"

	"golang.org/x/text/language"

	"xunfang/models"
)

// The languages of answers. Chinese is what a caller gets who asks for neither.
const (
	Chinese = "zh-CN"
	English = "en"
)

// words are one text in both languages.
type words struct{ zh, en string }

func (w words) in(language string) string {
	if language == English {
		return w.en
	}
	return w.zh
}

// fieldWords says each field code in words; errors[].want carries the bound.
var fieldWords = map[models.FieldCode]words{
	models.FieldRequired:   {"必须填写", "It is required"},
	models.FieldUnknown:    {"没有这个字段", "There is no such field"},
	models.FieldDuplicate:  {"出现了不止一次", "It is there more than once"},
	models.FieldType:       {"类型不对", "It is of the wrong type"},
	models.FieldFormat:     {"格式不对", "It is in the wrong format"},
	models.FieldEnum:       {"不在可选值之内", "It is not one of the values offered"},
	models.FieldTooShort:   {"太短", "It is too short"},
	models.FieldTooLong:    {"太长", "It is too long"},
	models.FieldTooSmall:   {"数值太小", "It is too small"},
	models.FieldTooLarge:   {"数值太大", "It is too large"},
	models.FieldTooFew:     {"项数太少", "There are too few items"},
	models.FieldTooMany:    {"项数太多", "There are too many items"},
	models.FieldNotUnique:  {"有重复的项", "It is there twice"},
	models.FieldTooDeep:    {"嵌套太深", "It is nested too deeply"},
	models.FieldEncoding:   {"编码不对", "It is not properly encoded"},
	models.FieldNoSuch:     {"没有找到", "It does not exist"},
	models.FieldInFuture:   {"时间在未来", "It lies in the future"},
	models.FieldTooOld:     {"时间太早", "It lies too far back"},
	models.FieldNotAllowed: {"这里不能有", "It is not allowed here"},
}

// codeWords is models.Codes by code; filled once, read only.
var codeWords = func() map[models.Code]models.CodeInfo {
	byCode := make(map[models.Code]models.CodeInfo, len(models.Codes))
	for _, info := range models.Codes {
		byCode[info.Code] = info
	}
	return byCode
}()

var languages = language.NewMatcher([]language.Tag{
	language.MustParse(Chinese), language.MustParse(English), language.Chinese,
})

// languageOf picks the language for an Accept-Language header (RFC 9110).
func languageOf(accepted string) string {
	switch {
	case accepted == "", strings.HasPrefix(accepted, Chinese):
		return Chinese
	case accepted == English, accepted == "en-US", strings.HasPrefix(accepted, "en-US,en;"):
		return English
	case len(accepted) > 200: // nobody prefers that many languages
		return Chinese
	}
	wanted, _, err := language.ParseAcceptLanguage(accepted)
	if err != nil || len(wanted) == 0 {
		return Chinese
	}
	if _, index, confidence := languages.Match(wanted...); index == 1 && confidence != language.No {
		return English
	}
	return Chinese
}

// FieldMessage is the words for a field code, for verdicts that list field errors
// of single items.
func FieldMessage(code models.FieldCode, language string) string {
	return fieldWords[code].in(language)
}

// FieldProblems turns field errors into their wire form, with words.
func FieldProblems(wrong []models.FieldError, language string) []FieldProblem {
	problems := make([]FieldProblem, len(wrong))
	for at, one := range wrong {
		problems[at] = FieldProblem{Field: fieldOrBody(one.Field), Code: string(one.Code), Message: FieldMessage(one.Code, language)}
		if want := one.Want; want != "" {
			problems[at].Want = &want
		}
	}
	return problems
}

// fieldOrBody names the whole body where the path in it is empty.
func fieldOrBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}
