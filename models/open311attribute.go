package models

import (
	"slices"
	"strconv"
	"strings"
)

// Open311DataType is what GeoReport v2 calls the type of a question, which knows no yes or no.
func (q TipQuestion) Open311DataType() string {
	return map[QuestionType]string{
		QuestionText: "text", QuestionNumber: "number", QuestionDateTime: "datetime", QuestionBoolean: "singlevaluelist",
		QuestionChoice: "singlevaluelist", QuestionMultiChoice: "multivaluelist",
	}[q.Type]
}

// Open311Values are the values to choose from, as GeoReport v2 has them.
func (q TipQuestion) Open311Values() []TipChoice {
	if q.Type == QuestionBoolean {
		return []TipChoice{{Code: "true", TextZH: "是", TextEN: "Yes"}, {Code: "false", TextZH: "否", TextEN: "No"}}
	}
	return q.Values
}

// open311Attribute is how a request calls the answer to a question; a list may come with [] behind it.
func open311Attribute(key string) string { return "attribute[" + key + "]" }

// Open311Answers reads the answers out of a request's parameters. What is asked in no question is left alone, as any
// parameter that nobody knows; what does not answer one is CodeInvalidRequest, naming attribute[key].
func (c TipCategory) Open311Answers(given map[string][]string) (TipAnswers, error) {
	answers := TipAnswers{}
	for _, question := range c.Questions {
		name := open311Attribute(question.Key)
		texts := slices.Concat(given[name], given[name+"[]"])
		texts = slices.DeleteFunc(texts, func(text string) bool { return strings.TrimSpace(text) == "" }) // a form's empty field
		if len(texts) > 0 {
			answers[question.Key] = question.open311Answer(texts)
		}
	}
	if fields := c.CheckAnswers(answers, open311Attribute); len(fields) > 0 {
		return nil, Fail(CodeInvalidRequest).WithFields(fields...)
	}
	return answers, nil
}

// open311Answer makes of texts the value that the question takes; what cannot be made one stays as it is, and is refused as that.
func (q TipQuestion) open311Answer(texts []string) any {
	if q.Type == QuestionMultiChoice {
		chosen := make([]any, 0, len(texts))
		for _, text := range texts {
			chosen = append(chosen, text)
		}
		return chosen
	}
	if len(texts) > 1 {
		return texts
	}
	text := strings.TrimSpace(texts[0])
	switch q.Type {
	case QuestionNumber:
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	case QuestionBoolean:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case QuestionDateTime:
		return strings.ReplaceAll(text, " ", "+") // a + that a query turned into a space
	case QuestionText, QuestionChoice, QuestionMultiChoice:
	}
	return text
}
